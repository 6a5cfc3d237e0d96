"""Some frames of a part played again, as they would come out of the whole, given the pitch around.

What `playing.generate` does for a part, for any stretch of it: the same chance, the same silence in
rests, the same level, and what moves in the notes laid over it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.scales import FLOOR_DB
from plugin_core.performing.models import SynthesisPlayer
from plugin_core.performing.movements import Movements, moved
from plugin_core.performing.passages import (
    FALL_FRAMES,
    FIRST_RISE_FRAMES,
    RELEASE_FRAMES,
    RISE_FRAMES,
    Passage,
    passages,
)
from plugin_core.performing.playing import lifted, seed_of
from plugin_core.types import FRAME_RATE, ExpressiveNote, Frames

__all__ = ["RELEASE_FRAMES", "replay"]

_GRID = 4
"""Pitch is found for so many frames at once."""


def replay(
    synthesis: SynthesisPlayer,
    notes: Sequence[ExpressiveNote],
    instrument: str,
    seed: int,
    moving: Movements,
    first: int,
    f0_hz: NDArray[np.float32],
) -> Frames:
    """Return the frames from `first` on of notes, monophonic and by onset.

    `f0_hz`, shape (frames,), is the pitch where it is there already, NaN where it is to be found,
    at least once; `moving` is of these frames.
    """
    end = first + len(f0_hz)
    found = passages(notes, end)
    touched = first + int(np.argmax(np.isnan(f0_hz)))
    passage = max((each for each in found if each.first <= touched), default=found[0], key=_first)
    start = max(first, passage.start)
    start -= (start - passage.start) % _GRID
    bend = np.ones(len(f0_hz)) if moving.semitones is None else 2 ** (moving.semitones / 12)
    known = np.full(end - start, np.nan, np.float32)
    # A user may have written 0 where nothing is voiced.
    voiced = np.where(f0_hz > 0, f0_hz / bend, np.nan)
    known[max(first - start, 0) :] = voiced[max(start - first, 0) :]
    made = synthesis.perform(
        _in_time_of(passage, notes, end),
        instrument,
        seed=seed_of(seed, passage),
        first=start - passage.start,
        frames=end - start,
        f0_hz=known,
    )
    # What is before the passage is a rest.
    rows = np.maximum(np.arange(first, end) - start, 0)
    made = Frames(
        f0_hz=made.f0_hz[rows],
        confidence=made.confidence[rows],
        loudness_db=made.loudness_db[rows],
        amplitude=made.amplitude[rows],
        harmonics=made.harmonics[rows],
        noise=made.noise[rows],
    )
    made = _with_rests(made, _sounding(found, first, end))
    played = moved(lifted(made), [each.note for each in notes], first, moving)
    # Setting the controls right may have changed the pitch of a neighbour that is there already.
    return replace(played, f0_hz=np.where(np.isnan(f0_hz), played.f0_hz, f0_hz))


def _first(passage: Passage) -> int:
    return passage.first


def _in_time_of(
    passage: Passage, notes: Sequence[ExpressiveNote], end: int
) -> tuple[ExpressiveNote, ...]:
    """Return the notes of a passage, and what follows it before `end`, in the passage's time."""
    last_s = passage.notes[-1].note.onset_s
    back_s = passage.start / FRAME_RATE
    following = (
        replace(
            each,
            note=replace(
                each.note,
                onset_s=each.note.onset_s - back_s,
                offset_s=each.note.offset_s - back_s,
            ),
        )
        for each in notes
        if each.note.onset_s > last_s and each.note.onset_s * FRAME_RATE < end
    )
    return (*passage.shifted, *following)


def _sounding(found: Sequence[Passage], first: int, end: int) -> NDArray[np.float32]:
    """Return 1 in the frames `first` .. `end` that belong to a passage, 0 in rests, with fades."""
    at = np.arange(first, end)
    gain = np.zeros(len(at))
    for each in found:
        inside = np.ones(len(at))
        if not each.is_joined_before:
            rise = RISE_FRAMES if each.first > 0 else FIRST_RISE_FRAMES
            inside = np.clip((at - each.first) / rise, 0.0, 1.0)
        if not each.is_joined_after:
            inside = np.minimum(inside, np.clip((each.last - 1 - at) / FALL_FRAMES, 0.0, 1.0))
        inside[(at < each.first) | (at >= each.last)] = 0.0
        gain = np.maximum(gain, inside)
    return (0.5 - 0.5 * np.cos(np.pi * gain)).astype(np.float32)


def _with_rests(frames: Frames, gain: NDArray[np.float32]) -> Frames:
    down_db = 20 * np.log10(np.maximum(gain, 1e-6))
    return replace(
        frames,
        loudness_db=np.maximum(frames.loudness_db + down_db, FLOOR_DB).astype(np.float32),
        amplitude=frames.amplitude * gain,
        noise=frames.noise * gain[:, None],
    )
