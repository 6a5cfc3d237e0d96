"""Frames at another tempo: a note stretched, or all of a performance.

Vibrato keeps its rate: it is taken out, its strength is stretched, its phase runs on at the old
speed. Everything else moves along.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import hilbert

from plugin_core.expression.excerpts import read_at
from plugin_core.expression.extraction import note_frames, vibrato
from plugin_core.expression.vibrato_edits import vibrato_movement
from plugin_core.types import Frames, Note

ATTACK_FRAMES = 25
RELEASE_FRAMES = 15


def retime_note(frames: Frames, count: int) -> Frames:
    """Return a note's frames in `count` frames: attack (100 ms) and release (60 ms) as they were.

    Only the middle is stretched or compressed; of a short note, attack and release are at most a
    third each. `frames` and `count`: at least 1.
    """
    if count == len(frames):
        return frames
    return _retimed(frames, note_positions(len(frames), count))


def note_positions(before: int, after: int) -> NDArray[np.float64]:
    """Return where each of `after` frames is read from in a note of `before`, shape (after,)."""
    shorter = min(before, after)
    attack, release = min(ATTACK_FRAMES, shorter // 3), min(RELEASE_FRAMES, shorter // 3)
    return np.interp(
        np.arange(after),
        [0, attack, max(after - 1 - release, attack + 1e-9), max(after - 1, attack + 2e-9)],
        [0, attack, before - 1 - release, before - 1],
    )


def stretch(frames: Frames, factor: float, notes: Iterable[Note] = ()) -> Frames:
    """Return all frames, `factor` times as long: round((frames - 1) * factor) + 1.

    `notes`, at their times in `frames`, keep the rate of their vibrato; without them vibrato slows
    down with the rest. Raises ValueError unless `factor` is positive and finite.
    """
    if not 0 < factor < np.inf:
        raise ValueError(f"the stretch factor must be positive and finite, found {factor:g}")
    if factor == 1 or not len(frames):
        return frames
    positions = np.arange(round((len(frames) - 1) * factor) + 1) / factor
    slow = read_at(frames, positions)
    f0_hz = slow.f0_hz.copy()
    for note in notes:
        place = note_frames(note, len(frames))
        inside = slice(*np.searchsorted(positions, [place.start, place.stop]))
        f0_hz[inside] = _retimed_f0(frames.f0_hz[place], positions[inside] - place.start)
    return replace(slow, f0_hz=f0_hz)


def _retimed(frames: Frames, positions: NDArray[np.float64]) -> Frames:
    slow = read_at(frames, positions)
    return replace(slow, f0_hz=_retimed_f0(frames.f0_hz, positions))


def _retimed_f0(f0_hz: NDArray[np.float32], positions: NDArray[np.float64]) -> NDArray[np.float32]:
    frames = np.arange(len(f0_hz))
    if vibrato(f0_hz) == 0:
        if not (f0_hz > 0).all():
            return f0_hz[np.clip(np.round(positions).astype(np.int64), 0, len(f0_hz) - 1)]
        return np.exp(np.interp(positions, frames, np.log(f0_hz))).astype(np.float32)
    semitones = 12.0 * np.log2(f0_hz.astype(np.float64))
    movement = vibrato_movement(semitones)
    # Reflected at both ends: a transform that wraps around would bend the phase there.
    analytic = hilbert(np.pad(movement, len(movement), mode="reflect", reflect_type="odd"))
    analytic = analytic[len(movement) : 2 * len(movement)]
    phase = np.unwrap(np.angle(analytic))
    speed = np.interp(positions, frames, np.gradient(phase))
    running = phase[0] + np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)])
    depth = np.interp(positions, frames, np.abs(analytic))
    still = np.interp(positions, frames, semitones - movement)
    return np.asarray(2 ** ((still + depth * np.cos(running)) / 12), dtype=np.float32)
