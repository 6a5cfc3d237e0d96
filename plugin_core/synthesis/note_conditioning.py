"""What every frame knows of the notes: the conditioning sequence of the Synthesis Generator.

In: expressive notes of one player. Out: for every frame its note, how far it is from that note's
beginning, end and peak and from the neighbours, the pitch, and the six controls (MIDI-DDSP, section
3.3: notes and expression unpooled over the frames). Between two notes a frame belongs to the one
before; it knows the one to come by its distance, its interval and its volume.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.extraction import note_frames
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.types import CONTROLS, FRAME_RATE, ExpressiveNote, InputError

LEGATO_FRAMES = 5
"""Notes nearer than this (20 ms) are played in one breath or bow."""

PITCHES = 24
LOWEST_KEY, HIGHEST_KEY = 21.0, 105.0

_DECAYS = np.array([2.0, 6.0, 18.0, 54.0, 160.0])
"""Frames in which the measures of nearness to a note's beginning or end fall to 1/e."""
_FAR = 1e6
_PEAK_WIDTHS = (0.05, 0.2)
_WIDEST_INTERVAL = 24.0
_CONTROL_RANGE = (-0.5, 1.5)
"""What networks see of a raw control: where a recording's pitch jumps, its vibrato reads 5."""

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What frames know of the notes; T frames."""

    features: Table = field(repr=False)
    """All of it, scaled for a network, shape (T, WIDTH)."""
    note: NDArray[np.int32] = field(repr=False)
    """Which note a frame belongs to: that which sounds or sounded last, else the first, (T,)."""
    is_on: NDArray[np.bool_] = field(repr=False)
    """Whether the note's key is down, shape (T,)."""
    pitch: Table = field(repr=False)
    """MIDI pitch of the note, shape (T,)."""
    controls: Table = field(repr=False)
    """The six controls of the note, raw scale, shape (T, 6)."""
    instrument: int
    """Index in INSTRUMENTS."""

    def __len__(self) -> int:
        return len(self.note)


def condition(
    notes: Sequence[ExpressiveNote],
    instrument: str,
    frames: int,
    *,
    first: int = 0,
) -> Conditioning:
    """Return what the frames `first` .. `first + frames` know of `notes`, sorted by onset.

    Where notes overlap, the later one takes over. Raises ValueError for no notes and for notes that
    are not sorted, InputError for an unknown instrument.
    """
    if not notes:
        raise ValueError("conditioning needs at least one note, found none")
    onsets = [each.note.onset_s for each in notes]
    if any(later < earlier for earlier, later in itertools.pairwise(onsets)):
        raise ValueError("notes must be sorted by onset")
    if instrument not in INSTRUMENTS:
        raise InputError("instrument", "", f"one of {', '.join(INSTRUMENTS)}", instrument)
    at = np.arange(first, first + frames)
    spans = _spans(notes)
    index = np.maximum(np.searchsorted(spans[:, 0], at, side="right") - 1, 0)
    start, end = spans[index].T
    pitches = np.array([each.note.midi_pitch for each in notes], np.float64)
    controls = np.array([each.expression for each in notes], np.float64).reshape(-1, len(CONTROLS))
    is_on = (at >= start) & (at < end)
    features = np.concatenate(
        (
            _times(at, spans, index),
            _neighbours(spans, pitches, controls[:, 0])[index],
            pitch_features(pitches)[index],
            2.0 * np.clip(controls[index], *_CONTROL_RANGE) - 1.0,
            _peak(at, start, end, controls[index, 2]),
        ),
        axis=1,
    )
    return Conditioning(
        features=features.astype(np.float32),
        note=index.astype(np.int32),
        is_on=is_on,
        pitch=pitches[index].astype(np.float32),
        controls=controls[index].astype(np.float32),
        instrument=INSTRUMENTS.index(instrument),
    )


def pitch_features(keys: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return pitches as 24 bells over the keys 21 to 105 and their height, shape (..., 25)."""
    centres = np.linspace(LOWEST_KEY, HIGHEST_KEY, PITCHES)
    bells = np.exp(-0.5 * ((keys[..., None] - centres) / 3.0) ** 2)
    return np.concatenate((bells, (keys[..., None] - 63.0) / 24.0), axis=-1)


def _spans(notes: Sequence[ExpressiveNote]) -> NDArray[np.int64]:
    """Return the first frame of every note and the frame after its last, shape (notes, 2).

    A note lasts until the next where that is played in the same breath or bow.
    """
    latest = max(each.note.offset_s for each in notes)
    count = max(round(latest * FRAME_RATE), 1) + 1
    slices = [note_frames(each.note, count) for each in notes]
    spans = np.array([(each.start, each.stop) for each in slices])
    following = np.maximum(spans[1:, 0], spans[:-1, 0])
    is_legato = following - spans[:-1, 1] < LEGATO_FRAMES
    spans[:-1, 1] = np.where(is_legato, following, spans[:-1, 1])
    return spans


def _times(
    at: NDArray[np.int64], spans: NDArray[np.int64], index: NDArray[np.int64]
) -> NDArray[np.float64]:
    start, end = spans[index].T
    following = np.append(spans[1:, 0], _FAR)
    coming = np.where(at < start, start, following[index])
    is_on = (at >= start) & (at < end)
    length = np.maximum(end - start, 1)
    position = np.clip((at - start + 0.5) / length, 0.0, 1.0)
    return np.concatenate(
        (
            _nearness(at - start, at >= start),
            _nearness(end - at, is_on),
            _nearness(at - end, at >= end),
            _nearness(coming - at, coming > at),
            np.stack((is_on, at >= end, position, np.log(length / 50.0)), axis=1),
        ),
        axis=1,
    )


def _nearness(distance: NDArray[np.float64], counts: NDArray[np.bool_]) -> NDArray[np.float64]:
    near = np.exp(-np.maximum(distance, 0)[:, None] / _DECAYS)
    return np.asarray(near * counts[:, None])


def _neighbours(
    spans: NDArray[np.int64], pitches: NDArray[np.float64], volumes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what every note knows of the one before and the one after, shape (notes, 12)."""
    gaps = np.concatenate(([_FAR], spans[1:, 0] - spans[:-1, 1], [_FAR]))
    intervals = _steps(pitches) / 12.0
    intervals = np.clip(intervals, -_WIDEST_INTERVAL / 12.0, _WIDEST_INTERVAL / 12.0)
    louder = 4.0 * _steps(volumes)
    is_legato = gaps < LEGATO_FRAMES
    columns = []
    for shift, sign in ((0, 1.0), (1, -1.0)):
        side = slice(shift, len(pitches) + shift)
        columns += [
            np.exp(-gaps[side] / 10.0),
            np.exp(-gaps[side] / 60.0),
            is_legato[side],
            (intervals[side] == 0) & (gaps[side] < _FAR),
            sign * intervals[side],
            sign * louder[side] * (gaps[side] < 250),
        ]
    return np.stack(columns, axis=1).astype(np.float64)


def _steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the steps into every value, and out of the last: 0 at both ends, (n + 1,)."""
    return np.concatenate(([0.0], np.diff(values), [0.0]))


def _peak(
    at: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    peak_position: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how a frame stands to where its note shall be loudest, shape (T, 4)."""
    position = np.clip((at - start) / np.maximum(end - start - 1, 1), 0.0, 1.0)
    away = position - np.clip(peak_position, 0.0, 1.0)
    bells = [np.exp(-0.5 * (away / width) ** 2) for width in _PEAK_WIDTHS]
    return np.stack((away, np.abs(away), *bells), axis=1)


WIDTH = 4 * len(_DECAYS) + 4 + 12 + PITCHES + 1 + len(CONTROLS) + 2 + len(_PEAK_WIDTHS)
"""Features a frame."""
