"""The pitch of a performance without the tracker's slips: between the notes it rests where it was.

In: frames and their notes. Out: f0 that is positive everywhere. What is sure and near its note (or
between it and its neighbours, in a glide) stays; other frames of a note go from sure to sure; what
lies between notes holds the pitch of the note before, so that releases do not glide away.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from plugin_core.expression.extraction import note_frames, vibrato
from plugin_core.expression.scales import VOICED_CONFIDENCE
from plugin_core.types import FRAME_RATE, Frames, Note

_MARGIN_KEYS = 1.5
_GLIDE_FRAMES = 30
"""How far into a note the pitch may still be on its way from the one before."""
_LEAST_SURE = 3
_DEEPEST = 1.5
"""A vibrato that reads more is none: slips look like glides there."""
_FAR_SEMITONES = 0.5


def settled(frames: Frames, notes: Sequence[Note]) -> Frames:
    """Return the frames with settled f0, and no confidence where it was replaced.

    `notes`: by onset, not overlapping. Without notes the frames stay as they are.
    """
    if not notes:
        return frames
    count = len(frames)
    keys = 69 + 12 * np.log2(np.maximum(frames.f0_hz.astype(np.float64), 1.0) / 440)
    sure = (frames.confidence > VOICED_CONFIDENCE) & (frames.f0_hz > 0)
    settled_keys = np.full(count, np.nan)
    for index, note in enumerate(notes):
        where = note_frames(note, count)
        glides = _near(keys[where], notes, index)
        stays = np.abs(keys[where] - note.midi_pitch) < _MARGIN_KEYS
        for near in (glides, stays):
            settled_keys[where] = _joined(keys[where], sure[where] & near, note.midi_pitch)
            if vibrato(_hz(settled_keys[where])) < _DEEPEST:
                break
    _hold(settled_keys, keys, sure)
    is_replaced = np.abs(settled_keys - keys) > 0.01
    f0_hz = np.where(is_replaced, _hz(settled_keys), frames.f0_hz)
    confidence = np.where(is_replaced & sure, 0.0, frames.confidence)
    return replace(frames, f0_hz=f0_hz.astype(np.float32), confidence=confidence.astype(np.float32))


def _joined(keys: np.ndarray, is_right: np.ndarray, key: int) -> np.ndarray:
    """Return the pitch of a note through the frames that are right, linear between them."""
    places = np.flatnonzero(is_right)
    if len(places) < _LEAST_SURE:
        return np.full(len(keys), float(key))
    return np.asarray(np.interp(np.arange(len(keys)), places, keys[places]))


def _hz(keys: np.ndarray) -> np.ndarray:
    return np.asarray(440 * 2 ** ((keys - 69) / 12), np.float32)


def _near(keys: np.ndarray, notes: Sequence[Note], index: int) -> np.ndarray:
    """Tell which frames of a note are at its pitch, or on the way from or to a neighbour's."""
    key = notes[index].midi_pitch
    low = np.full(len(keys), key - _MARGIN_KEYS)
    high = np.full(len(keys), key + _MARGIN_KEYS)
    if index:
        before = notes[index - 1].midi_pitch
        early = slice(0, _GLIDE_FRAMES)
        low[early] = min(before, key) - _MARGIN_KEYS
        high[early] = max(before, key) + _MARGIN_KEYS
    if index + 1 < len(notes):
        after = notes[index + 1].midi_pitch
        late = slice(max(len(keys) - _GLIDE_FRAMES // 3, 0), len(keys))
        low[late] = np.minimum(low[late], after - _MARGIN_KEYS)
        high[late] = np.maximum(high[late], after + _MARGIN_KEYS)
    near: np.ndarray = (keys > low) & (keys < high)
    return near


def _hold(settled_keys: np.ndarray, keys: np.ndarray, sure: np.ndarray) -> None:
    """Fill what lies between notes: sure frames near the held pitch as they are, else held."""
    missing = np.isnan(settled_keys)
    held = float(settled_keys[np.flatnonzero(~missing)[0]])
    for frame in range(len(settled_keys)):
        if missing[frame]:
            is_release = sure[frame] and abs(keys[frame] - held) < _MARGIN_KEYS
            settled_keys[frame] = keys[frame] if is_release else held
        held = float(settled_keys[frame])


def doubted(frames: Frames, times_s: np.ndarray, f0_hz: np.ndarray) -> Frames:
    """Return the frames without confidence where they are far from an annotated f0.

    `times_s` and `f0_hz` (0: unvoiced): shape (points,). Further than half a semitone is far.
    """
    if not len(times_s):
        return frames
    at = np.arange(len(frames)) / FRAME_RATE
    nearest = np.clip(np.searchsorted(times_s, at), 0, len(times_s) - 1)
    annotated = f0_hz[nearest]
    both = (annotated > 0) & (frames.f0_hz > 0)
    ratio = np.where(both, frames.f0_hz / np.where(both, annotated, 1.0), 1.0)
    agrees = both & (np.abs(12 * np.log2(ratio)) < _FAR_SEMITONES)
    confidence = np.where(agrees, frames.confidence, 0.0).astype(np.float32)
    return replace(frames, confidence=confidence)
