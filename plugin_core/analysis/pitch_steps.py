"""A pitch contour as steps: which key sounds in every frame, or none.

In: f0 and its confidence, 250 frames a second. Out: a key per frame, by the Viterbi algorithm over
a rest and the 128 keys. Every change has a price, and no frame can speak against a key more than
`_FARTHEST`, so that vibrato stays on its key and a few frames an octave off are bridged.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point

REST = -1

_KEYS = 128
_FARTHEST_TUNING = 0.25
_SPREAD_SEMITONES = 0.35
_FARTHEST = 6.0
_CHANGE = 20.0
_ENTER, _LEAVE = 12.0, 12.0
_PER_CONFIDENCE = 8.0
"""How much a frame of full confidence speaks for any key and against a rest, one of none for it."""


def tuning_semitones(f0_hz: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    """Return how far the recording is tuned above A = 440 Hz, -0.25..0.25 semitones.

    The circular mean of the pitches' distance to the next key; 0 where they agree on none. More
    than a quarter tone's half is not believed: nearly half a semitone up could be as much down.
    """
    sounding = (f0_hz > 0) & (weights > 0)
    if not sounding.any():
        return 0.0
    turns = np.exp(2j * np.pi * midi_of(f0_hz[sounding]))
    mean = np.average(turns, weights=weights[sounding])
    tuning = float(np.angle(mean) / (2 * np.pi))
    return min(max(tuning, -_FARTHEST_TUNING), _FARTHEST_TUNING) if np.abs(mean) > 0.5 else 0.0


def midi_of(f0_hz: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return pitches in semitones, 69 at 440 Hz; `f0_hz` > 0, shape as given."""
    semitones: NDArray[np.float64] = 69.0 + 12.0 * np.log2(f0_hz.astype(np.float64) / 440.0)
    return semitones


def sounding_keys(
    f0_hz: NDArray[np.float32], confidence: NDArray[np.float32], tuning: float
) -> NDArray[np.int16]:
    """Return the key of every frame, 0..127, or REST, shape (frames,).

    `tuning` is what `tuning_semitones` found. A frame without f0 counts as one of no confidence.
    """
    known = f0_hz > 0
    pitch = np.where(known, midi_of(np.where(known, f0_hz, 440.0)) - tuning, 0.0)
    return _decode(pitch, np.where(known, confidence, 0.0).astype(np.float64))


@entry_point
def _decode(pitch: NDArray[np.float64], confidence: NDArray[np.float64]) -> NDArray[np.int16]:
    frames = len(pitch)
    states = _KEYS + 1
    came_from = np.empty((frames, states), np.uint8)
    score = np.zeros(states)
    score[:_KEYS] = -_ENTER
    following = np.empty(states)
    for frame in range(frames):
        best = 0
        for key in range(1, _KEYS):
            if score[key] > score[best]:
                best = key
        changed, entered = score[best] - _CHANGE, score[_KEYS] - _ENTER
        other, other_from = changed, best
        if entered > changed:
            other, other_from = entered, _KEYS
        trust = confidence[frame]
        for key in range(_KEYS):
            stayed = score[key]
            came_from[frame, key] = key if stayed >= other else other_from
            away = (pitch[frame] - key) / _SPREAD_SEMITONES
            against = min(0.5 * away * away, _FARTHEST)
            following[key] = max(stayed, other) - trust * against
        left = score[best] - _LEAVE
        came_from[frame, _KEYS] = _KEYS if score[_KEYS] >= left else best
        following[_KEYS] = max(score[_KEYS], left) + _PER_CONFIDENCE * (0.5 - trust)
        highest = following.max()
        for state in range(states):
            score[state] = following[state] - highest
    path = np.empty(frames, np.int16)
    state = int(np.argmax(score))
    for frame in range(frames - 1, -1, -1):
        path[frame] = state if state < _KEYS else REST
        state = came_from[frame, state]
    return path
