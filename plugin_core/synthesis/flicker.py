"""The small movements of a tone: what no network that learns the likeliest frame brings along.

In: frames as a generator made them, with spectra that nearly stand still. Out: the same with every
harmonic's share, and the level, moving by themselves, as deep and as fast as in recordings of the
instrument (`training.flicker_measurement`); of strings also with what a vibrato does to them: their
harmonics sweep over the resonances of the body. What is added has no mean in dB, so the long-term
spectrum stays. Chance is by seed and absolute frame alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Frames

SHARES_DB = (-45.0, -35.0, -25.0, -15.0, -5.0)
"""Shares in dB at which depths are given: the weaker a harmonic, the more it moves."""
FAST_FRAMES, SLOW_FRAMES = 4, 32
"""Between two draws: in recordings, too, a share has forgotten itself after 4 frames (16 ms), but
for a slower drift below that."""
MOVING_HARMONICS = 40
"""The others move with the sum of these."""

_BLOCK = 64
_EVENED = 1.5**0.5
"""What straight lines between draws take from their deviation."""
_NEPER_PER_DB = float(np.log(10) / 20)
_LEAST = 1e-7

_RESONANCES_PER_OCTAVE, _OCTAVES = 24, 12
_LOWEST_HZ = 16.0

Table = NDArray[np.float32]


def flickering(
    frames: Frames,
    flicker: Mapping[str, Any] | None,
    *,
    pitch: NDArray[np.float32],
    seed: int,
    first: int = 0,
) -> Frames:
    """Return frames that move by themselves, or as they are where `flicker` is None.

    `flicker` is what was measured of the instrument: `fast_db` and `slow_db`, deviations at
    SHARES_DB; `level_db`, that of the level; `resonance_db`, that of the body's resonances, and
    `body`, which body. `pitch`, shape (frames,), is the MIDI pitch of the notes, `first` the number
    of the first frame.
    """
    if flicker is None or not len(frames):
        return frames
    count = len(frames)
    moving = min(MOVING_HARMONICS, frames.harmonics.shape[1])
    shares = np.array(frames.harmonics)
    logs = np.log(np.maximum(shares[:, :moving], _LEAST))
    moved = _depths(logs, flicker["fast_db"]) * _drift(seed, 1, first, count, moving, FAST_FRAMES)
    moved += _depths(logs, flicker["slow_db"]) * _drift(seed, 2, first, count, moving, SLOW_FRAMES)
    if flicker["resonance_db"] > 0:
        note_hz = (440 * 2 ** ((pitch - 69) / 12)).astype(np.float32)
        body = int(flicker["body"])
        depth = np.float32(flicker["resonance_db"] * _NEPER_PER_DB)
        moved += depth * _resonances(frames.f0_hz, body, moving)
        moved -= depth * _resonances(note_hz, body, moving)
    before = shares.sum(axis=1)
    shares[:, :moving] *= np.exp(moved)
    shares *= (before / np.maximum(shares.sum(axis=1), _LEAST))[:, None]
    level = _drift(seed, 3, first, count, 1, FAST_FRAMES)[:, 0]
    gain = np.exp(np.float32(flicker["level_db"] * _NEPER_PER_DB) * level)
    return replace(frames, harmonics=shares, amplitude=frames.amplitude * gain)


def _depths(logs: Table, depths_db: Sequence[float]) -> Table:
    """Return the deviation, in nepers, of harmonics of these logarithmic shares, shape as given."""
    table = np.array([*depths_db, depths_db[-1]], np.float32) * np.float32(_NEPER_PER_DB)
    step = (SHARES_DB[1] - SHARES_DB[0]) * _NEPER_PER_DB
    start = SHARES_DB[0] * _NEPER_PER_DB
    place = np.clip((logs - np.float32(start)) * np.float32(1 / step), 0, len(SHARES_DB) - 1)
    below = place.astype(np.int32)
    here = table[below]
    depths: Table = here + (place - below) * (table[below + 1] - here)
    return depths


def _drift(seed: int, kind: int, first: int, count: int, width: int, apart: int) -> Table:
    """Return curves of mean 0 and deviation 1, straight between draws that are `apart` frames."""
    begin, end = first // apart, (first + count) // apart + 2
    blocks = [
        np.random.default_rng((seed, kind, block)).standard_normal((_BLOCK, width), np.float32)
        for block in range(begin // _BLOCK, (end - 1) // _BLOCK + 1)
    ]
    drawn = np.concatenate(blocks)[begin % _BLOCK :] * np.float32(_EVENED)
    place = np.arange(first, first + count)
    before = place // apart - begin
    part = ((place % apart) / apart).astype(np.float32)[:, None]
    curves: Table = drawn[before] + part * (drawn[before + 1] - drawn[before])
    return curves


def _resonances(f0_hz: NDArray[np.float32], body: int, harmonics: int) -> Table:
    """Return how far a body lifts every harmonic, in deviations, shape (frames, harmonics).

    Its resonances are drawn, 24 an octave: nobody knows those of the instruments in the recordings.
    """
    drawn = np.random.default_rng(body).standard_normal(_RESONANCES_PER_OCTAVE * _OCTAVES)
    curve = (_EVENED * drawn).astype(np.float32)
    octaves = np.log2(np.maximum(f0_hz, _LOWEST_HZ) / np.float32(_LOWEST_HZ))
    numbers = np.log2(np.arange(1, harmonics + 1, dtype=np.float32))
    places = (octaves[:, None] + numbers) * np.float32(_RESONANCES_PER_OCTAVE)
    places = np.clip(places, 0, len(curve) - 1.001).astype(np.float32)
    below = places.astype(np.int32)
    lifted: Table = curve[below] + (places - below) * (curve[below + 1] - curve[below])
    return lifted
