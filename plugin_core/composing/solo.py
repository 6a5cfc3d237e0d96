"""A solo piece as three sequences: pitches, durations, velocities, a row per note.

Notes are ordered by onset, those that begin together from the highest to the lowest. What is
written (pitch, step, value) is told apart from how it is played (timing, articulation, velocity):
so a line of one's own keeps its rhythm, and the flat twin of a piece is what is written alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Note

LOWEST, PITCHES = 21, 88
"""The keys of a piano."""

NOTE_VALUES = (1 / 8, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Note values in beats, from the thirty-second on, with triplets and dots."""

TIMINGS, TIMINGS_PER_OCTAVE = 31, 12
"""Classes of timing: twelfths of an octave, the middle one as written."""

ARTICULATIONS, ARTICULATIONS_PER_OCTAVE = 21, 4
LONGEST_ARTICULATION = 1.5
"""Classes of articulation: quarters of an octave, up to 1.5 octaves longer than written."""

VELOCITIES, VELOCITY_STEP = 32, 4
FLAT_VELOCITY = 64

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sequences:
    """The classes of every note, each of shape (notes,)."""

    pitch: Column
    """MIDI pitch - 21."""
    together: Column
    """1 where a note begins with the one before."""
    step: Column
    """Note value up to the next onset, the same for notes that begin together."""
    value: Column
    """Note value that is written."""
    timing: Column
    """Octaves by which the time up to the next onset is longer than written."""
    articulation: Column
    """Octaves by which the note sounds longer than written."""
    velocity: Column

    def __len__(self) -> int:
        return len(self.pitch)

    def part(self, first: int, last: int) -> "Sequences":
        """Return some of the notes."""
        return Sequences(*(getattr(self, name)[first:last] for name in self.__dataclass_fields__))

    def moved(self, semitones: int) -> "Sequences":
        """Return the notes transposed; those beyond the keyboard come back an octave."""
        pitch = self.pitch + semitones
        pitch = np.where(pitch < 0, pitch + 12, np.where(pitch >= PITCHES, pitch - 12, pitch))
        return replace(self, pitch=pitch)


@dataclass(frozen=True, slots=True)
class Written:
    """One note as written, in beats."""

    onset: float
    value: float
    pitch: int


@dataclass(frozen=True, slots=True)
class Played:
    """How a written note is played: seconds, velocity."""

    onset_s: float
    length_s: float
    velocity: int


def value_classes(beats: NDArray[np.float64]) -> Column:
    """Return the classes of note values, shape (notes,): the nearest in their logarithms."""
    known = np.log2(np.array(NOTE_VALUES))
    apart = np.abs(np.log2(np.maximum(beats, 1e-3))[:, None] - known)
    classes: Column = np.argmin(apart, axis=1)
    return classes


def _timing_classes(octaves: NDArray[np.float64]) -> Column:
    middle = TIMINGS // 2
    classes = np.rint(octaves * TIMINGS_PER_OCTAVE).astype(np.int64) + middle
    return np.clip(classes, 0, TIMINGS - 1)


def _articulation_classes(octaves: NDArray[np.float64]) -> Column:
    place = (octaves - LONGEST_ARTICULATION) * ARTICULATIONS_PER_OCTAVE + ARTICULATIONS - 1
    return np.clip(np.rint(place).astype(np.int64), 0, ARTICULATIONS - 1)


def timing_octaves(timing: Column) -> NDArray[np.float64]:
    """Return timings in octaves by class."""
    return (timing - TIMINGS // 2) / TIMINGS_PER_OCTAVE


def articulation_octaves(articulation: Column) -> NDArray[np.float64]:
    """Return articulations in octaves by class."""
    return (articulation - (ARTICULATIONS - 1)) / ARTICULATIONS_PER_OCTAVE + LONGEST_ARTICULATION


def as_written_order(onset: Sequence[float], pitch: Sequence[int]) -> list[int]:
    """Return the indices of notes in this module's order."""
    return sorted(range(len(onset)), key=lambda i: (onset[i], -pitch[i]))


def sequences_of(written: Sequence[Written], played: Sequence[Played]) -> Sequences:
    """Return the classes of notes and how they are played, both in this module's order.

    The beat is the median of the piece. Notes that begin together have the same `onset`.
    """
    onset = np.array([note.onset for note in written])
    together = np.concatenate(([0], (np.diff(onset) < 1e-6).astype(np.int64)))
    heads: list[int] = np.flatnonzero(together == 0).tolist()
    group = np.cumsum(together == 0) - 1
    last_value = max(note.value for note in written[heads[-1] :])
    beats = np.append(np.diff(onset[heads]), last_value)
    starts_s = np.array([played[head].onset_s for head in heads])
    own_s = played[heads[-1]].length_s * last_value / written[heads[-1]].value
    seconds = np.append(np.maximum(np.diff(starts_s), 1e-3), max(own_s, 1e-3))
    beat_s = float(np.median(seconds / beats))
    timings = np.log2(seconds / (beats * beat_s))
    local_s = (seconds / beats)[group]
    lengths = np.array([each.length_s for each in played])
    values = np.array([note.value for note in written])
    octaves = np.log2(np.maximum(lengths, 1e-3) / (values * local_s))
    return Sequences(
        pitch=np.array([note.pitch - LOWEST for note in written]),
        together=together,
        step=value_classes(beats)[group],
        value=value_classes(values),
        timing=_timing_classes(timings)[group],
        articulation=_articulation_classes(octaves),
        velocity=np.array([min(each.velocity // VELOCITY_STEP, VELOCITIES - 1) for each in played]),
    )


def written_of(notes: Sequences) -> list[Written]:
    """Return what is written, the first note at beat 0."""
    values = np.array(NOTE_VALUES)
    steps = np.where(notes.together == 0, values[notes.step], 0.0)
    # A note that begins with the one before shares its onset; steps are those of the heads.
    ends = np.cumsum(steps)
    head_end = np.maximum.accumulate(ends)
    onset = head_end - values[notes.step]
    return [
        Written(float(start), float(values[value]), int(pitch) + LOWEST)
        for start, value, pitch in zip(onset, notes.value, notes.pitch, strict=True)
    ]


def is_line(written: Sequence[Written]) -> bool:
    """Return whether one note is written at a time."""
    return all(one.onset + one.value <= two.onset + 1e-6 for one, two in pairwise(written))


def flat(written: Sequence[Written], beat_s: float) -> list[Note]:
    """Return the notes as written: an even beat, one velocity."""
    return [
        Note(
            note.onset * beat_s,
            (note.onset + note.value) * beat_s,
            note.pitch,
            FLAT_VELOCITY,
        )
        for note in written
    ]


def expressive(
    written: Sequence[Written],
    notes: Sequences,
    beat_s: float,
    random: np.random.Generator,
    *,
    with_durations: bool = True,
    with_velocities: bool = True,
) -> list[Note]:
    """Return the notes as played; within a class, timing and velocity fall where `random` says.

    `beat_s` is the median beat. What is not wanted is as in the flat twin. What is written one note
    at a time is played so.
    """
    count = len(written)
    spread = random.uniform(-0.5, 0.5, (3, count))
    timing = timing_octaves(notes.timing) + spread[0] / TIMINGS_PER_OCTAVE
    articulation = articulation_octaves(notes.articulation) + spread[1] / ARTICULATIONS_PER_OCTAVE
    if not with_durations:
        timing, articulation = np.zeros(count), np.zeros(count)
    velocity = notes.velocity * VELOCITY_STEP + (spread[2] + 0.5) * VELOCITY_STEP
    played = np.clip(velocity.astype(np.int64), 1, 127)
    result: list[Note] = []
    now_s = written[0].onset * beat_s
    local_s = beat_s
    for i, note in enumerate(written):
        if i and note.onset > written[i - 1].onset:
            now_s += (note.onset - written[i - 1].onset) * local_s
        if not i or note.onset > written[i - 1].onset:
            local_s = beat_s * 2.0 ** timing[i]
        length_s = max(note.value * local_s * 2.0 ** articulation[i], 0.02)
        strength = int(played[i]) if with_velocities else FLAT_VELOCITY
        result.append(Note(now_s, now_s + length_s, note.pitch, strength))
    return one_at_a_time(result) if is_line(written) else result


def one_at_a_time(notes: Sequence[Note]) -> list[Note]:
    """Return a line in which every note ends when the next begins, at the latest."""
    shortened = [
        replace(note, offset_s=min(note.offset_s, following.onset_s))
        for note, following in pairwise(notes)
    ]
    return [*shortened, *notes[-1:]]
