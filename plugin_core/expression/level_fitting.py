"""The level of generated notes made to read the volume, fluctuation and peak that were asked.

In: the levels of a phrase in dB and the frames of its notes. Out: a gain in dB for every frame,
without steps: where one note goes over into the next, the louder one leads over within 16 ms, and
what that takes from its reading is made up for inside. What a note's level did by itself stays as
far as the asked values let it (`level_shapes`).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.level_shapes import LevelShape

Curve = NDArray[np.float64]

TOLERANCE = 0.005
"""What reads within so much of the asked control is left alone."""

LEAD_FRAMES = 4
"""Within which one note leads over to another."""

_SHORTEST_LEAD = 2
_LEAST_STEP_DB = 0.02
_BELOW_PEAK_DB = 2.0
_ACCURACY = 0.0005
_ROUNDS = 12
_LARGEST_STEP = 2.0
HIGHEST_DB = 0.0
"""No level is higher: volume 1 is 30 dB less. What is asked for beyond cannot be."""


@dataclass(frozen=True, slots=True)
class AskedLevel:
    """The frames of a note, and its level as asked, on the raw scale; NaN: as it is."""

    where: slice
    volume: float
    fluctuation: float
    peak_position: float


def fitted_gains(levels_db: Curve, notes: Sequence[AskedLevel]) -> Curve:
    """Return a gain in dB for every frame, shape (frames,); 0 outside all notes.

    `levels_db`: shape (frames,), at least FLOOR_DB. The notes come in order, each with a frame of
    its own at least, and do not overlap.
    """
    fitted = [_FittedNote(levels_db[note.where], note) for note in notes]
    neighbours = [
        (before, after)
        for before, after in itertools.pairwise(fitted)
        if before.asked.where.stop == after.asked.where.start
    ]
    for _ in range(_ROUNDS):
        for before, after in neighbours:
            _lead_over(before, after)
        improved = [note.improve() for note in fitted]
        if not any(improved):
            break
    gains = np.zeros(len(levels_db))
    for note in fitted:
        gains[note.asked.where] = note.gains
    return gains


class _FittedNote:
    """A note, its own course as found so far, and the gains that lead to its neighbours."""

    def __init__(self, levels_db: Curve, asked: AskedLevel) -> None:
        self.asked = asked
        self.levels = levels_db
        mean, spread, last = levels_db.mean(), levels_db.std(), len(levels_db) - 1
        self.mean, self.spread, self.peak = float(mean), float(spread), int(np.argmax(levels_db))
        self.accuracy = TOLERANCE
        volume_db = scales.VOLUME_ZERO_DB + asked.volume * scales.VOLUME_SPAN_DB
        spread_db = max(asked.fluctuation, 0.0) * scales.FLUCTUATION_SPAN_DB
        position = np.clip(asked.peak_position, 0.0, 1.0) * last
        read = self.peak if spread >= scales.STEADY_DB else 0
        is_other = False
        if abs(volume_db - mean) > TOLERANCE * scales.VOLUME_SPAN_DB:
            self.mean, is_other = volume_db, True
        if abs(spread_db - spread) > TOLERANCE * scales.FLUCTUATION_SPAN_DB:
            self.spread, is_other = spread_db, True
        if self.spread >= scales.STEADY_DB and abs(position - read) > max(TOLERANCE * last, 0.5):
            self.peak, is_other = round(position), True
        self.gains = np.zeros(len(levels_db))
        self.own = self.gains
        self._shape: LevelShape | None = None
        self._is_crested = False
        self._leads: dict[str, tuple[int, float]] = {}
        self._offset, self._breadth = self.mean, self.spread
        if is_other:
            self.accuracy = _ACCURACY
            self._take_shape()

    def lead(self, side: str, meeting_db: float) -> None:
        """Come from (`left`) or go over to (`right`) this gain, as the neighbour does."""
        count = len(self.levels)
        to_peak, edge = (self.peak, 0) if side == "left" else (count - 1 - self.peak, -1)
        step_db = meeting_db - float(self.own[edge])
        room = 3.0 * (self.spread / max(abs(step_db), 1e-9)) ** 2 * count
        frames = _SHORTEST_LEAD if to_peak < LEAD_FRAMES or room < LEAD_FRAMES else LEAD_FRAMES
        self._leads[side] = (min(frames, count // 3), step_db)

    def no_lead(self, side: str) -> None:
        """Have no neighbour of less gain there."""
        self._leads.pop(side, None)

    def improve(self) -> bool:
        """Measure the note with its leads and correct its own course; False if it was right."""
        self.gains = self._led()
        final = np.maximum(self.levels + self.gains, scales.FLOOR_DB)
        mean_error = self.mean - float(final.mean())
        measured = float(final.std())
        is_right = (
            abs(mean_error) <= self.accuracy * scales.VOLUME_SPAN_DB
            and abs(measured - self.spread) <= self.accuracy * scales.FLUCTUATION_SPAN_DB
        )
        if self._has_lost_peak(final):
            self._shape = LevelShape(self.levels, self.peak, self.spread, is_crested=True)
            self._is_crested = True
        elif is_right or (len(final) == 1 and abs(mean_error) < 1e-9):
            return False
        self.accuracy = _ACCURACY
        ratio = self.spread / max(measured, 1e-9)
        self._breadth *= min(max(ratio, 1.0 / _LARGEST_STEP), _LARGEST_STEP)
        self._offset += mean_error
        self._take_shape()
        return True

    def _has_lost_peak(self, final: Curve) -> bool:
        """Return whether a lead took so much of a narrow peak that the note has another now."""
        is_asked = bool(np.isfinite(self.asked.peak_position)) and self.spread >= scales.STEADY_DB
        can_be = is_asked and bool(self._leads) and not self._is_crested
        return can_be and abs(int(np.argmax(final)) - self.peak) > LEAD_FRAMES

    def _take_shape(self) -> None:
        if self._shape is None:
            self._shape = LevelShape(self.levels, self.peak, self.spread)
            self._breadth = max(self._breadth, 1e-6)
        course = self._offset + self._shape.of(self._breadth)
        self.own = np.minimum(course, HIGHEST_DB) - self.levels

    def _led(self) -> Curve:
        if not self._leads:
            return self.own
        gains = self.own.copy()
        below_peak = float((self.levels + self.own).max()) - _BELOW_PEAK_DB / 2 - self.levels
        for side, (frames, step_db) in self._leads.items():
            fall = _fall(frames)
            where, steps = slice(0, frames), step_db * fall
            if side == "right":
                where, steps = slice(len(gains) - frames, len(gains)), step_db * fall[::-1]
            led = gains[where] + steps
            gains[where] = np.minimum(led, np.maximum(gains[where], below_peak[where]))
        return gains


def _lead_over(before: _FittedNote, after: _FittedNote) -> None:
    """Let two notes meet at one gain: the louder comes down, the softer up, not over its peak."""
    step_db = float(after.own[0] - before.own[-1])
    if abs(step_db) <= _LEAST_STEP_DB:
        before.no_lead("right")
        after.no_lead("left")
        return
    softer, edge = (before, -1) if step_db > 0 else (after, 0)
    course = softer.levels + softer.own
    headroom_db = max(float(course.max() - course[edge]) - _BELOW_PEAK_DB, 0.0)
    meeting_db = float(softer.own[edge]) + min(abs(step_db) / 2, headroom_db)
    before.lead("right", meeting_db)
    after.lead("left", meeting_db)


def _fall(count: int) -> Curve:
    """Return a soft fall from just below 1 to just above 0, shape (count,)."""
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * (np.arange(count) + 1) / (count + 1)))
