"""Annotated notes put where they sound: every onset at the rise of its level or the turn of its
pitch.

In: notes whose onsets are right to some 0.12 s (the corpus' are estimated), and frames. Out: the
same notes with onsets right to a few frames.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from plugin_core.expression.extraction import level_db, note_frames
from plugin_core.expression.scales import VOICED_CONFIDENCE
from plugin_core.types import FRAME_RATE, Frames, Note

ONSET_BELOW_PEAK_DB = 26.0
"""A detached note begins where its level first comes this near to its loudest 0.3 s, as in
`phrases`."""
LOUD_DB = 30.0
"""What is further below the loud passages tells nothing of pitch."""

_REACH_FRAMES = 30
_REACH_SHARE = 0.4
"""Of the time to the neighbouring onset."""
_PEAK_FRAMES = 75
_MISPLACED_FRAMES = 3
_SMOOTH_FRAMES = 3
_SAME_KEY = 0.8


def aligned_notes(frames: Frames, notes: Sequence[Note]) -> list[Note]:
    """Return the notes by onset, each at most 0.12 s from where it was and none overlapping.

    They may go on for 0.12 s after their annotated end: `played_notes` finds where they are over.
    """
    ordered = sorted(notes, key=lambda note: note.onset_s)
    count = len(frames)
    onsets = [round(note.onset_s * FRAME_RATE) for note in ordered]
    ends = [*onsets[1:], count]
    levels = uniform_filter1d(level_db(frames.amplitude), _SMOOTH_FRAMES, mode="nearest")
    keys = sure_keys(frames)
    found: list[int] = []
    for index, (note, onset) in enumerate(zip(ordered, onsets, strict=True)):
        before = ordered[index - 1].midi_pitch if index else None
        room = onset - onsets[index - 1] if index else onset
        first = onset - min(_REACH_FRAMES, round(_REACH_SHARE * max(room, 0)))
        room = ends[index] - onset
        last = min(onset + min(_REACH_FRAMES, round(_REACH_SHARE * max(room, 0))), count - 1)
        first = min(max(first, found[-1] + 1 if found else 0), last)
        end = min(ends[index] + _REACH_FRAMES, count)
        found.append(_onset(levels, keys, (first, last, end), before, note.midi_pitch))
    moved = []
    for note, onset, following in zip(ordered, found, [*found[1:], count], strict=True):
        end = min(round(note.offset_s * FRAME_RATE) + _REACH_FRAMES, following)
        if end > onset:
            moved.append(replace(note, onset_s=onset / FRAME_RATE, offset_s=end / FRAME_RATE))
    return moved


def _onset(
    levels: NDArray[np.float64],
    keys: NDArray[np.float64],
    where: tuple[int, int, int],
    before: int | None,
    key: int,
) -> int:
    """Return the frame, of `first` .. `last`, at which the note of this key begins."""
    first, last, end = where
    inside = keys[first : last + 1]
    # What is of the last note shall lie before, what is of this one after.
    of_last = np.abs(inside - (key if before is None else before)) < _SAME_KEY
    of_this = np.abs(inside - key) < _SAME_KEY
    kept = np.concatenate(([0], np.cumsum(of_last.astype(int) - of_this.astype(int))))[:-1]
    dip = first + int(np.argmin(levels[first : last + 1]))
    peak = dip + int(np.argmax(levels[dip : min(dip + _PEAK_FRAMES, end)]))
    low = np.flatnonzero(levels[dip : peak + 1] < levels[peak] - ONSET_BELOW_PEAK_DB)
    if len(low):
        rise = min(dip + int(low[-1]) + 1, last)
        if kept[rise - first] >= kept.max() - _MISPLACED_FRAMES:
            return rise
    if before is None or before == key:
        return dip
    best = np.flatnonzero(kept == kept.max())
    return first + int(best[len(best) // 2])


def sure_keys(frames: Frames) -> NDArray[np.float64]:
    """Return the pitch of every frame in keys, NaN where it is not sure or hardly sounds."""
    levels = level_db(frames.amplitude)
    sure = (frames.confidence > VOICED_CONFIDENCE) & (frames.f0_hz > 0)
    if not sure.any():
        return np.full(len(frames), np.nan)
    loud = sure & (levels > np.percentile(levels[sure], 95) - LOUD_DB)
    f0_hz = np.where(loud, frames.f0_hz, np.nan).astype(np.float64)
    return np.asarray(69 + 12 * np.log2(f0_hz / 440))


def pitch_agreement(frames: Frames, notes: Sequence[Note]) -> float:
    """Return the share of what surely sounds that is a note of the same pitch, 0..1."""
    keys = sure_keys(frames)
    sounding = np.isfinite(keys)
    explained = np.zeros(len(frames), np.bool_)
    for note in notes:
        where = note_frames(note, len(frames))
        explained[where] = np.abs(keys[where] - note.midi_pitch) < _SAME_KEY
    return float((explained & sounding).sum() / max(int(sounding.sum()), 1))
