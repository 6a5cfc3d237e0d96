"""What the Expression Generator reads of every note of a phrase (MIDI-DDSP, section 3.4).

In: the notes of one player by onset. Out: for every note its pitch, length and velocity, how it
joins its neighbours, where it is in its phrase, and how the whole is played: fast or slow, detached
or legato. All of it is there in a score; nothing of the sound is.
"""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Note

Column = NDArray[np.float64]

REST_S = 0.35
"""A silence longer than this ends a phrase."""
LEGATO_S = 0.02
"""Notes nearer than this are played in one breath or bow."""
VIBRATO_S = 0.2
"""Shorter notes have no vibrato, by its definition."""
MIDDLE_VELOCITY = 64
"""The velocity of an instrument's mean volume; unknown velocities read so too."""

_LOWEST_KEY, _HIGHEST_KEY, _BELLS = 21.0, 105.0, 8
_BELL_WIDTH = 8.0
_WIDEST_INTERVAL = 24.0
_SHORTEST_S, _LONGEST_S = 0.02, 8.0
_USUAL_S = 0.3
_DECAYS_S = (0.06, 0.2, 0.7)
_VELOCITY_SPAN = 25.0


def note_features(notes: Sequence[Note], *, is_velocity_known: bool) -> NDArray[np.float32]:
    """Return what is known of every note, scaled for a network, shape (notes, WIDTH).

    Without `is_velocity_known` all velocities read as unknown. Raises ValueError for notes that are
    not sorted by onset.
    """
    onset = np.array([note.onset_s for note in notes], np.float64)
    offset = np.array([note.offset_s for note in notes], np.float64)
    key = np.array([note.midi_pitch for note in notes], np.float64)
    velocity = np.array([note.velocity for note in notes], np.float64)
    if any(later < earlier for earlier, later in itertools.pairwise(onset)):
        raise ValueError("notes must be sorted by onset")
    if not len(notes):
        return np.zeros((0, WIDTH), np.float32)
    columns = [
        *_pitch(key),
        *_lengths(onset, offset),
        *_joints(onset, offset, key),
        *_phrase(onset, offset),
        *_whole(onset, offset, key),
        *_velocity(velocity, is_known=is_velocity_known),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def has_velocities(notes: Sequence[Note]) -> bool:
    """Return whether the velocities say anything: equal ones are those of no player."""
    return len({note.velocity for note in notes}) > 1


def _pitch(key: Column) -> list[Column]:
    centres = np.linspace(_LOWEST_KEY, _HIGHEST_KEY, _BELLS)
    bells = [np.exp(-0.5 * ((key - centre) / _BELL_WIDTH) ** 2) for centre in centres]
    return [*bells, (key - 63.0) / 24.0, np.clip((key - _around(key)) / 12.0, -2.0, 2.0)]


def _around(key: Column) -> Column:
    """Return the mean pitch of every note and up to four on either side."""
    sums = np.concatenate(([0.0], np.cumsum(key)))
    at = np.arange(len(key))
    first, end = np.maximum(at - 4, 0), np.minimum(at + 5, len(key))
    around: Column = (sums[end] - sums[first]) / (end - first)
    return around


def _lengths(onset: Column, offset: Column) -> list[Column]:
    length = np.maximum(offset - onset, _SHORTEST_S)
    usual = np.median(length)
    return [
        _scaled(length),
        np.clip(np.log2(length / usual), -3.0, 3.0) / 1.5,
        *(np.exp(-length / decay) for decay in _DECAYS_S),
        (length > VIBRATO_S).astype(np.float64),
        _scaled(np.append(length[1:], _USUAL_S)),
        _scaled(np.append(_USUAL_S, length[:-1])),
    ]


def _joints(onset: Column, offset: Column, key: Column) -> list[Column]:
    """Return how every note meets the one before and the one after it."""
    far = _LONGEST_S
    gap = np.maximum(onset[1:] - offset[:-1], 0.0)
    step = np.clip(np.diff(key), -_WIDEST_INTERVAL, _WIDEST_INTERVAL) / 12.0
    between = np.diff(onset)
    joints: list[Column] = []
    for pad in ((1, 0), (0, 1)):
        silence = np.pad(gap, pad, constant_values=far)
        interval = np.where(silence > REST_S, 0.0, np.pad(step, pad))
        is_near = silence <= REST_S
        joints += [
            *(np.exp(-silence / decay) for decay in _DECAYS_S),
            (silence <= LEGATO_S).astype(np.float64),
            is_near.astype(np.float64),
            interval,
            np.abs(interval),
            (is_near & (interval == 0.0)).astype(np.float64),
            _scaled(np.pad(between, pad, constant_values=_USUAL_S)),
        ]
    share = (offset - onset)[:-1] / np.maximum(between, _SHORTEST_S)
    joints.append(np.pad(np.clip(share, 0.0, 1.5), (0, 1), constant_values=0.8))
    return joints


def _phrase(onset: Column, offset: Column) -> list[Column]:
    """Return where every note is between two rests."""
    starts = np.concatenate(([True], onset[1:] - offset[:-1] > REST_S))
    phrase = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    last = np.concatenate((first[1:], [len(onset)])) - 1
    index = np.arange(len(onset))
    begin, end = first[phrase], last[phrase]
    count = end - begin + 1
    return [
        (index - begin + 0.5) / count - 0.5,
        np.log2(count) / 4.0,
        (index == begin).astype(np.float64),
        (index == end).astype(np.float64),
        _scaled(onset - onset[begin]),
        _scaled(offset[end] - offset),
    ]


def _whole(onset: Column, offset: Column, key: Column) -> list[Column]:
    """Return what all notes have in common: tempo, detached or not, register."""
    count = len(onset)
    length = np.maximum(offset - onset, _SHORTEST_S)
    usual = np.median(length)
    gap, between = np.maximum(onset[1:] - offset[:-1], 0.0), np.diff(onset)
    is_near = gap <= REST_S
    share = np.clip(length[:-1] / np.maximum(between, _SHORTEST_S), 0.0, 1.5)[is_near]
    values = [
        float(_scaled(np.array(usual))),
        float(share.mean()) if len(share) else 0.8,
        float((gap[is_near] <= LEGATO_S).mean()) if is_near.any() else 0.0,
        min(float(np.log2(length).std()), 2.0),
        (float(key.mean()) - 63.0) / 24.0,
        float(key.std()) / 12.0,
        min(np.log2(count), 6.0) / 4.0,
        float(count == 1),
    ]
    return [np.full(count, value) for value in values]


def _velocity(velocity: Column, *, is_known: bool) -> list[Column]:
    told = (velocity - MIDDLE_VELOCITY) / _VELOCITY_SPAN
    return [told * is_known, np.full(len(told), float(is_known))]


def _scaled(seconds: Column) -> Column:
    """Return lengths of time on a scale for networks: 0 is usual, 1 four times as long."""
    octaves: Column = np.log2(np.clip(seconds, _SHORTEST_S, _LONGEST_S) / _USUAL_S)
    return octaves / 2.0


WIDTH = 8 + 2 + 8 + 2 * 9 + 1 + 6 + 8 + 2
"""Features of a note."""
VELOCITY = slice(WIDTH - 2, WIDTH)
"""Those that tell the velocity; zeros where it is unknown."""
