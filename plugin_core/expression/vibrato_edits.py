"""The vibrato of a note made stronger, weaker, or put where there was none."""

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plugin_core.expression.extraction import vibrato
from plugin_core.expression.scales import VIBRATO_LOWEST_HZ, VIBRATO_MINIMUM_FRAMES
from plugin_core.types import FRAME_RATE

ADDED_RATE_HZ = 5.5
FADE_S = 0.2

_SLOW_S = 0.085
_FAST_S = 0.01
_EDGE_FRAMES = 10
_ACCURACY = 0.005
_ROUNDS = 24
_DEEPEST = 3.0
"""Semitones: no vibrato is deeper."""
_WIDEST = 1.0
"""Semitones from a note's middle: what is further away is a glide from its neighbours."""
_HOLDS = ((0.2, 0.0), (0.2, 0.4), (0.2, 0.7), (0.2, 0.9), (0.2, 1.0), (0.05, 1.0), (0.001, 1.0))
"""Flanks in which the rest of the contour moves on, and how much of it is held between them."""
_LEAST = 0.1
"""A reading below this is chance: a new vibrato takes its place."""


def vibrato_movement(semitones: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what of a note's pitch moves at the rates of a vibrato, semitones, shape as given.

    Neither its drift (below some 2 Hz) nor its jitter (above some 20 Hz), nor how it glides in from
    the note before and out to the next.
    """
    count = len(semitones)
    middle = np.median(semitones)
    rest = np.clip(semitones, middle - _WIDEST, middle + _WIDEST)
    movement = np.zeros(count)
    for _ in range(2):  # The second time, what the filters took from it.
        padded = np.pad(rest - movement, count // 2 + 1, mode="symmetric")
        smooth = gaussian_filter1d(padded, _FAST_S * FRAME_RATE)
        drift = gaussian_filter1d(padded, _SLOW_S * FRAME_RATE)
        movement += (smooth - drift)[count // 2 + 1 : -(count // 2 + 1)]
    return movement * _flanked(count, _EDGE_FRAMES / count)


def with_vibrato(f0_hz: NDArray[np.float32], reading: float) -> NDArray[np.float32]:
    """Return a note's f0 such that its vibrato reads `reading`, at least 0, shape as given.

    A vibrato that is there is scaled; where there is none, one of 5.5 Hz is added, faded in over
    0.2 s. What else moves the pitch is held back, as far as it would outweigh the vibrato, first
    between the note's flanks, so that glides into it stay. Notes that are too short to have a
    vibrato (`extraction.vibrato`) or have frames without f0 stay as they are.
    """
    count = len(f0_hz)
    slowest = max(VIBRATO_LOWEST_HZ, FRAME_RATE / max(count, 1))
    if count <= VIBRATO_MINIMUM_FRAMES or not (f0_hz > 0).all() or slowest > ADDED_RATE_HZ:
        return f0_hz
    semitones = 12.0 * np.log2(f0_hz.astype(np.float64))
    middle = float(np.median(semitones))
    own = vibrato_movement(semitones)
    movements = [_new_movement(count)]
    if vibrato(f0_hz) >= _LEAST:
        movements.insert(0, own)
    best, least_error = semitones, abs(vibrato(f0_hz) - reading)
    for movement, (flank, share) in itertools.product(movements, _HOLDS):
        moving = 1.0 - share * _flanked(count, flank)
        found = _solved(middle + moving * (semitones - own - middle), movement, reading)
        error = abs(vibrato(_hz(found)) - reading)
        if error < least_error:
            best, least_error = found, error
        if error < _ACCURACY:
            break
    return _hz(best)


def _solved(
    still: NDArray[np.float64], movement: NDArray[np.float64], reading: float
) -> NDArray[np.float64]:
    """Return `still` plus as much of `movement` as reads `reading`, as near as bisection comes."""
    highest = _DEEPEST / max(float(np.abs(movement).max()), 1e-6)
    low, high = 0.0, highest
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if vibrato(_hz(still + middle * movement)) < reading:
            low = middle
        else:
            high = middle
    return still + high * movement if high < highest and reading > 0 else still


def _new_movement(count: int) -> NDArray[np.float64]:
    seconds = np.arange(count) / FRAME_RATE
    fade_s = min(FADE_S, count / FRAME_RATE / 3)
    rise = np.clip(seconds / fade_s, 0.0, 1.0)
    fade = 0.5 - 0.5 * np.cos(np.pi * rise)
    return np.asarray(fade * np.sin(2 * np.pi * ADDED_RATE_HZ * seconds))


def _flanked(count: int, flank: float) -> NDArray[np.float64]:
    """Return 1 with a linear flank on each side, `flank` of the whole long, shape (count,)."""
    position = (np.arange(count) + 0.5) / count
    to_edge = np.minimum(position, 1.0 - position)
    return np.asarray(np.clip(to_edge / flank, 0.0, 1.0))


def _hz(semitones: NDArray[np.float64]) -> NDArray[np.float32]:
    return (2 ** (semitones / 12)).astype(np.float32)
