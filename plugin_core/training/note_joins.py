"""How players join notes: the dips, gaps and glides between the notes of performances.

In: `Performed` performances. Out: `Joins` of an instrument to draw from, those of all instruments
together where it has too few of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.extraction import level_db, note_frames
from plugin_core.training.performed_cache import Performed

LEGATO_GAP_FRAMES = 3
LEGATO_DIP_DB = 12.0
"""A join without a longer gap or a deeper dip is legato."""

_LONGEST_GAP_FRAMES = 125
_AROUND_FRAMES = 25
_FEWEST = 25
_EARLY, _LATE = 0.15, 0.85


@dataclass(frozen=True, slots=True)
class Join:
    """The step from one note to the next."""

    semitones: int
    gap_frames: int
    dip_db: float
    """How far the level falls below the softer of the two notes."""
    glide_frames: float
    """Time of the whole step, extrapolated from 15..85 % of it; 0 where there is none."""

    @property
    def is_legato(self) -> bool:
        """Whether nothing but the pitch tells the notes apart."""
        return (
            self.gap_frames <= LEGATO_GAP_FRAMES
            and self.dip_db < LEGATO_DIP_DB
            and self.semitones != 0
        )


@dataclass(frozen=True, slots=True)
class Joins:
    """The joins of an instrument, at least one of a kind."""

    legato: tuple[Join, ...]
    detached: tuple[Join, ...]


def joins_of(instrument: str, performances: Sequence[Performed]) -> Joins:
    """Return the joins in the performances of an instrument, or of all."""
    own = [row for each in performances if each.instrument == instrument for row in _joins(each)]
    everyone = [row for each in performances for row in _joins(each)]
    kinds = []
    for is_legato in (True, False):
        chosen = [row for row in own if row.is_legato == is_legato]
        if len(chosen) < _FEWEST:
            chosen = [row for row in everyone if row.is_legato == is_legato]
        if not chosen:
            # Of performances without any: notes that touch, without a dip.
            chosen = [Join(1, 0, 0.0, 3.0)] if is_legato else [Join(0, 5, 30.0, 0.0)]
        kinds.append(tuple(chosen))
    return Joins(*kinds)


def _joins(phrase: Performed) -> list[Join]:
    frames = phrase.frames
    levels = level_db(frames.amplitude)
    keys = 69 + 12 * np.log2(np.maximum(frames.f0_hz, 1.0).astype(np.float64) / 440)
    keys -= phrase.tuning_semitones
    found = []
    for row, after in pairwise(phrase.notes):
        one, two = (note_frames(each.note, len(frames)) for each in (row, after))
        gap = two.start - one.stop
        if not 0 <= gap <= _LONGEST_GAP_FRAMES:
            continue
        near = slice(max(one.start, two.start - 12), min(two.stop, two.start + 12))
        before = np.median(levels[max(one.start, one.stop - 40) : one.stop])
        later = np.median(levels[two.start : two.start + 40])
        dip = max(float(min(before, later) - levels[near].min()), 0.0)
        semitones = after.note.midi_pitch - row.note.midi_pitch
        glide = _glide(keys, one, two, row.note.midi_pitch, semitones) if gap <= 3 else 0.0
        found.append(Join(semitones, gap, dip, glide))
    return found


def _glide(keys: NDArray[np.float64], one: slice, two: slice, key: int, semitones: int) -> float:
    """Return how many frames the pitch takes from one note to the next."""
    if semitones == 0:
        return 0.0
    first = max(one.start, two.start - _AROUND_FRAMES)
    part = (keys[first : min(two.stop, two.start + _AROUND_FRAMES)] - key) / semitones
    below, above = np.flatnonzero(part < _EARLY), np.flatnonzero(part > _LATE)
    if not len(below) or not len(above):
        return 0.0
    late = above[above > below[0]]
    if not len(late):
        return 0.0
    early = below[below < late[0]]
    if not len(early):
        return 0.0
    return float((late[0] - early[-1]) / (_LATE - _EARLY))
