"""Composing a solo piece: the pitch network sings, the other two say how long and how loud.

Each network draws from a generator of its own, so another temperature of one leaves the luck of the
others as it was. A piece fills its bars: its last notes are drawn again, knowing that they are the
last, until one of them lies in the last bar.
"""

from collections import deque
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.composing.solo import NOTE_VALUES, Sequences
from plugin_core.composing.solo_drawing import DurationPlayer, PitchPlayer, draw
from plugin_core.composing.solo_features import SOONEST_END, TABLES, features, offsets
from plugin_core.composing.solo_inference import SoloModel

BEATS_PER_BAR = 4.0
_ENDINGS = 12
_KEPT = 4
_VALUES = np.array(NOTE_VALUES)


@dataclass(frozen=True, slots=True)
class Temperatures:
    """How freely each network draws: 1 as it learnt, less is more likely."""

    pitch: float = 1.0
    velocity: float = 1.0
    duration: float = 1.0


AS_LEARNT = Temperatures()


def empty() -> Sequences:
    """Return no notes."""
    return Sequences(*(np.zeros(0, np.int64) for _ in Sequences.__dataclass_fields__))


def compose(
    model: SoloModel,
    bars: int,
    seed: int,
    texture: int,
    temperatures: Temperatures = AS_LEARNT,
    *,
    prime: Sequences | None = None,
    start: float = 0.0,
) -> Sequences:
    """Return a piece of so many bars of four beats, that begins with the `prime` at beat `start`.

    Raises ValueError for a prime that fills the bars.
    """
    prime = empty() if prime is None else prime
    end = bars * BEATS_PER_BAR - start
    best: Sequences | None = None
    fits = -1.0
    writer = _Writer(model, prime, seed, texture, temperatures, start)
    longest, beginnings = _longest(writer, end)
    if longest <= len(prime):
        raise ValueError(f"a prime shorter than {bars} bars")
    for count in range(longest, max(longest - _ENDINGS, len(prime)), -1):
        # What is far from its end is the same in all of them.
        early = [each for each in beginnings if each.index < count - SOONEST_END]
        begun = (
            early[-1].copied()
            if early
            else _Writer(model, prime, seed, texture, temperatures, start)
        )
        while begun.index < count:
            begun.add(count)
        piece = begun.written()
        fit = _fit(piece, end, start)
        if fit > fits:
            best, fits = piece, fit
        if fits >= 1.0:
            break
    assert best is not None
    closed = _closed(best, end, len(prime))
    played = play(model, closed, seed, texture, temperatures, known=len(prime), start=start)
    return replace(
        closed, timing=played.timing, articulation=played.articulation, velocity=played.velocity
    )


def _onset_of_last(notes: Sequences) -> float:
    heads = notes.together == 0
    return float(_VALUES[notes.step[heads]][:-1].sum())


def _fit(piece: Sequences, end: float, start: float) -> float:
    """Return how well a piece ends: 1 with a note on a strong beat of its last bar.

    `end` counts from the first note, which is at beat `start`.
    """
    onset = _onset_of_last(piece)
    if not end - BEATS_PER_BAR <= onset < end:
        return -abs(onset - (end - 2.0)) / 1000.0 if onset < end else -1.0
    place = onset + start
    return 1.0 if place % 2.0 == 0 else 0.6 if place % 1.0 == 0 else 0.3


def _closed(piece: Sequences, end: float, known: int) -> Sequences:
    """Let what begins last sound as near to the end of the last bar as there is a note value."""
    last = len(piece) - 1
    while last > known and piece.together[last]:
        last -= 1
    left = max(end - _onset_of_last(piece), NOTE_VALUES[0])
    fitting = int(np.searchsorted(_VALUES, left + 1e-9) - 1)
    step, value = piece.step.copy(), piece.value.copy()
    step[max(last, known) :] = value[max(last, known) :] = max(fitting, 0)
    return replace(piece, step=step, value=value)


class _Writer:
    """Pitches and what is written of them, note by note.

    Timing and articulation are drawn along, as the network sees those before.
    """

    def __init__(
        self,
        model: SoloModel,
        prime: Sequences,
        seed: int,
        texture: int,
        temperatures: Temperatures,
        start: float,
    ) -> None:
        self._prime, self._texture = prime, texture
        self._pitches = PitchPlayer(model, prime, seed, texture, temperatures.pitch)
        self._durations = DurationPlayer(model, seed, temperatures.duration)
        self._start, self._onset, self._head_step = start, 0.0, 0.0
        self.index = 0

    def copied(self) -> "_Writer":
        """Return a writer that goes on from here by itself."""
        other = copy(self)
        other._pitches, other._durations = self._pitches.copied(), self._durations.copied()
        return other

    def next_onset(self) -> float:
        """Return where the next note begins, in beats."""
        self._pitches.reach(self.index + 1, None)
        together = self._pitches.together(self.index)
        return self._onset + (0.0 if together else self._head_step)

    def add(self, count: int | None) -> None:
        """Write a note of a piece of `count` notes, if that is known."""
        index = self.index
        self._pitches.reach(index + 2 if count is None else min(index + 2, count), count)
        if not self._pitches.together(index):
            self._onset += self._head_step
        place = self._start + self._onset
        known = self._pitches.surroundings(index, self._texture, place, count)
        given = self._prime.part(index, index + 1) if index < len(self._prime) else None
        self._durations.add(known, given)
        self._head_step = float(_VALUES[self._durations.columns["step"][-1]])
        self.index += 1

    def written(self) -> Sequences:
        """Return the notes so far."""
        return self._pitches.notes(self.index, self._durations.columns)


def _longest(writer: _Writer, end: float) -> tuple[int, list[_Writer]]:
    """Return how many notes begin before `end`, and the writer as it was at some of the last."""
    kept: deque[_Writer] = deque(maxlen=_KEPT)
    while writer.index == 0 or writer.next_onset() < end:
        if writer.index % SOONEST_END == 0:
            kept.append(writer.copied())
        writer.add(None)
    return writer.index, list(kept)


def play(
    model: SoloModel,
    written: Sequences,
    seed: int,
    texture: int,
    temperatures: Temperatures = AS_LEARNT,
    *,
    known: int = 0,
    start: float = 0.0,
) -> Sequences:
    """Return how written notes are played; of the first `known` it is known already.

    The first note begins at beat `start`.
    """
    seen = features("duration", written, texture, start) - offsets("duration")
    durations = DurationPlayer(model, seed, temperatures.duration)
    names = list(TABLES["duration"])
    for index in range(len(written)):
        around = dict(zip(names, seen[index].tolist(), strict=True))
        durations.add(around, written.part(index, index + 1), only_written=index >= known)
    columns = {name: np.array(column) for name, column in durations.columns.items()}
    played = replace(written, **columns)
    seen = features("velocity", played, texture, start)
    return replace(
        played, velocity=_velocities(model, played, seen, seed, temperatures.velocity, known)
    )


def _velocities(
    model: SoloModel,
    notes: Sequences,
    seen: NDArray[np.int64],
    seed: int,
    temperature: float,
    known: int,
) -> NDArray[np.int64]:
    random = np.random.default_rng((seed, 2))
    column = list(TABLES["velocity"]).index("velocity_before")
    offset = int(offsets("velocity")[column])
    state, drawn = model.velocity.start, list[int]()
    for index, row in enumerate(seen):
        if drawn:
            row[column] = offset + drawn[-1]
        state = model.velocity.step(state, row)
        new = draw(model.velocity_out(state.hidden), temperature, random)
        drawn.append(int(notes.velocity[index]) if index < known else new)
    return np.array(drawn, np.int64)
