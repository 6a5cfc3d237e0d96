"""The values that pass between the levels of Hexachord: notes, controllers, lanes, audio.

Plain immutable data that a person can print, edit and save. Units are those of DESIGN.md,
section 5: seconds, MIDI keys 0..127, controls 0..1, audio float32 with full scale +-1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
"""Audio of one channel, shape (samples,)."""

Audio = NDArray[np.float32]
"""Audio, shape (channels, samples)."""

CONTROLS = (
    "volume",
    "volume_fluctuation",
    "volume_peak_position",
    "vibrato",
    "brightness",
    "attack_noise",
)
"""The six expression controls, in the order of every table, lane and column."""


FRAME_RATE = 250
"""Neural control frames per second, at every sample rate; frame i is at i / 250 s."""

NOISE_BANDS = 65
"""Noise magnitudes of a frame: at 0, 375, 750 .. 24000 Hz, linear between."""

HARMONICS = 100
"""Harmonics of a full-band frame; models at 16 kHz use the first 60."""


class InputError(ValueError):
    """What a user gave cannot be used; `str(error)` is the one line that tells why.

    The line names the file, the place in it, what was expected and what was found.
    """

    def __init__(self, source: str | Path, place: str, expected: str, found: object) -> None:
        where = f"{source}: {place}" if place else f"{source}"
        super().__init__(" ".join(f"{where}: expected {expected}, found {found}".split()))

    def __reduce__(self) -> tuple[object, ...]:
        # By way of the line: pickle would hand it to __init__, which makes it of four parts.
        return type(self).__new__, (type(self), str(self))


@dataclass(frozen=True, slots=True)
class Note:
    """One note: the key goes down at `onset_s` and comes up at `offset_s`."""

    onset_s: float
    offset_s: float
    midi_pitch: int
    velocity: int
    channel: int = 0


class ControllerKind(StrEnum):
    """The channel messages of MIDI that shape notes."""

    CONTROL = "control"
    PITCH_BEND = "pitch_bend"
    PRESSURE = "pressure"
    KEY_PRESSURE = "key_pressure"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Controller:
    """One controller movement.

    `index` is the controller number (CONTROL) or the key (KEY_PRESSURE), else 0.
    `value` is 0..127, for PITCH_BEND 0..16383 with 8192 in the centre.
    """

    time_s: float
    kind: ControllerKind
    index: int
    value: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one player plays: notes by onset and controllers by time."""

    name: str
    notes: tuple[Note, ...] = ()
    controllers: tuple[Controller, ...] = ()
    program: int | None = None
    """The first General MIDI program, 0..127, if the score names one."""
    end_s: float = 0.0
    """Where the score itself ends, which may be after the last note."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Breakpoints of one control: linear between them, constant before and after."""

    times_s: NDArray[np.float64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)

    @classmethod
    def constant(cls, value: float) -> "Lane":
        """Return the lane that always has this value."""
        return cls.of([(0.0, value)])

    @classmethod
    def of(cls, points: Iterable[tuple[float, float]]) -> "Lane":
        """Return the lane through (time in seconds, value) points.

        Two points at one time make a step. Raises ValueError for no points, for values that are
        not finite, and for times that go back.
        """
        table = np.array(list(points), dtype=np.float64).reshape(-1, 2)
        if len(table) == 0:
            raise ValueError("a lane needs at least one breakpoint, found none")
        if not np.isfinite(table).all():
            raise ValueError("lane times and values must be finite numbers")
        back = np.flatnonzero(np.diff(table[:, 0]) < 0)
        if len(back):
            index = int(back[0]) + 1
            raise ValueError(
                f"lane times must not go back: breakpoint {index + 1} is at {table[index, 0]:g} s "
                f"after {table[index - 1, 0]:g} s"
            )
        return cls(table[:, 0].copy(), table[:, 1].copy())

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values at `times_s`, shape as given; at a step, the value after it."""
        right = np.searchsorted(self.times_s, times_s, side="right")
        before = np.clip(right - 1, 0, len(self.times_s) - 1)
        after = np.clip(right, 0, len(self.times_s) - 1)
        span = self.times_s[after] - self.times_s[before]
        position = np.where(
            span > 0, (times_s - self.times_s[before]) / np.where(span > 0, span, 1), 0
        )
        position = np.clip(position, 0.0, 1.0)
        return self.values[before] + position * (self.values[after] - self.values[before])


class Expression(NamedTuple):
    """The six controls of one note on the raw scale: 0..1 is the usual range, not a bound."""

    volume: float
    volume_fluctuation: float
    volume_peak_position: float
    vibrato: float
    brightness: float
    attack_noise: float


@dataclass(frozen=True, slots=True)
class ExpressiveNote:
    """A note and how it is played."""

    note: Note
    expression: Expression


@dataclass(frozen=True, slots=True)
class Frames:
    """Synthesis parameters, 250 frames a second; frame i is at i / 250 s."""

    f0_hz: NDArray[np.float32] = field(repr=False)
    """Fundamental frequency, shape (frames,); carried on where unvoiced, 0 if nothing is voiced."""
    confidence: NDArray[np.float32] = field(repr=False)
    """How sure it is that a frame is voiced, 0..1, shape (frames,)."""
    loudness_db: NDArray[np.float32] = field(repr=False)
    """A-weighted loudness, dB relative to full scale, shape (frames,)."""
    amplitude: NDArray[np.float32] = field(repr=False)
    """Sum of the peak amplitudes of all harmonics, linear, shape (frames,)."""
    harmonics: NDArray[np.float32] = field(repr=False)
    """Share of every harmonic in the amplitude, shape (frames, harmonics), rows sum to 1."""
    noise: NDArray[np.float32] = field(repr=False)
    """Noise magnitudes at 0, 375 .. 24000 Hz, linear, shape (frames, 65).

    1 is the density of white noise uniform in +-1 at 48 kHz, at every sample rate.
    """

    def __len__(self) -> int:
        return len(self.f0_hz)


@dataclass(frozen=True, slots=True)
class Performance:
    """A recording understood: its synthesis parameters, its notes and how they are played."""

    frames: Frames
    notes: tuple[ExpressiveNote, ...]
    gain_db: float = 0.0
    """Added to amplitude and noise (not stored in `frames`) before the controls were measured."""
