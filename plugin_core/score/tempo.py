"""Tempo: beats to seconds and back.

A beat is a quarter note. A map is a list of changes; between them time runs evenly, before the
first and after the last it goes on as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import overload

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Tempo changes as (beat, beats per minute), the first at beat 0, beats rising.

    Beat 0 is second 0. Raises ValueError for a map that is empty, starts elsewhere, does not rise,
    or holds a tempo that is not a positive number.
    """

    changes: tuple[tuple[float, float], ...] = ((0.0, 120.0),)
    _beats: Times = field(init=False, repr=False, compare=False)
    _seconds: Times = field(init=False, repr=False, compare=False)
    _seconds_per_beat: Times = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = np.array(self.changes, dtype=np.float64).reshape(-1, 2)
        beats, bpm = table[:, 0].copy(), table[:, 1]
        if len(beats) == 0 or beats[0] != 0:
            raise ValueError(f"a tempo map starts at beat 0, found {self.changes[:1]}")
        if not np.isfinite(table).all() or (bpm <= 0).any():
            raise ValueError("a tempo is a positive number of beats per minute")
        if (np.diff(beats) <= 0).any():
            raise ValueError("the beats of a tempo map must rise")
        seconds_per_beat = 60.0 / bpm
        spans = np.diff(beats) * seconds_per_beat[:-1]
        object.__setattr__(self, "_beats", beats)
        object.__setattr__(self, "_seconds", np.concatenate(([0.0], np.cumsum(spans))))
        object.__setattr__(self, "_seconds_per_beat", seconds_per_beat)

    @classmethod
    def constant(cls, bpm: float) -> "TempoMap":
        """Return the map of one tempo in beats per minute."""
        return cls(((0.0, float(bpm)),))

    @classmethod
    def of(cls, changes: Iterable[tuple[float, float]]) -> "TempoMap":
        """Return the map of (beat, bpm) changes in rising order; 120 until the first.

        Of several changes at one beat the last counts.
        """
        return cls(
            tuple(({0.0: 120.0} | {float(beat): float(bpm) for beat, bpm in changes}).items())
        )

    @classmethod
    def timed(cls, changes: Iterable[tuple[float, float]]) -> "TempoMap":
        """Return the map of (second, bpm) changes in rising order; 120 until the first."""
        by_second = {0.0: 120.0} | {float(second): float(bpm) for second, bpm in changes}
        beat, last_second, last_bpm = 0.0, 0.0, 120.0
        by_beat: dict[float, float] = {}
        for second, bpm in by_second.items():
            beat += (second - last_second) * last_bpm / 60.0
            by_beat[beat] = bpm
            last_second, last_bpm = second, bpm
        return cls(tuple(by_beat.items()))

    @overload
    def seconds(self, beats: float) -> float: ...
    @overload
    def seconds(self, beats: Times) -> Times: ...
    def seconds(self, beats: float | Times) -> float | Times:
        """Return the time in seconds of beats, shape as given."""
        beat = np.asarray(beats, dtype=np.float64)
        index = self._segment(self._beats, beat)
        time = self._seconds[index] + (beat - self._beats[index]) * self._seconds_per_beat[index]
        return time if time.ndim else float(time)

    @overload
    def beats(self, seconds: float) -> float: ...
    @overload
    def beats(self, seconds: Times) -> Times: ...
    def beats(self, seconds: float | Times) -> float | Times:
        """Return the beats at times in seconds, shape as given."""
        second = np.asarray(seconds, dtype=np.float64)
        index = self._segment(self._seconds, second)
        beat = self._beats[index] + (second - self._seconds[index]) / self._seconds_per_beat[index]
        return beat if beat.ndim else float(beat)

    def bpm(self, beat: float) -> float:
        """Return the tempo at a beat in beats per minute; at a change, the new one."""
        return self.changes[int(self._segment(self._beats, np.asarray(float(beat))))][1]

    @staticmethod
    def _segment(starts: Times, values: Times) -> NDArray[np.intp]:
        return np.maximum(np.searchsorted(starts, values, side="right") - 1, 0)
