"""The vibrato of a generated note made to read what was asked.

A vibrato that is there is scaled; where there is none, or too little, one is added as players make
it: it begins late, grows, and is never quite regular nor twice the same. The reading is linear in
the spectrum, so its depth is found without transforming anything again.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.extraction import strongest_movement, tukey, vibrato
from plugin_core.expression.level_fitting import TOLERANCE
from plugin_core.expression.vibrato_edits import ADDED_RATE_HZ, vibrato_movement
from plugin_core.types import FRAME_RATE

Curve = NDArray[np.float64]

_LEAST = 0.1
"""A reading below this is chance: a new vibrato takes its place."""
_KEPT = 0.05
"""What moves so little is the unsteadiness of every player: it stays where no vibrato is asked."""
_FAINT_HOLDS = 2
"""How far a contour is held for a vibrato below `_LEAST`, which is not worth a straight line."""
_MOST_SCALED = 3.0
_SLOWEST_HZ, _FASTEST_HZ = 4.2, 7.2
_DEEPEST = 3.0
"""Semitones: no vibrato is deeper."""
_ACCURACY = 0.002
_ROUNDS = 20
_HOLDS = ((0.2, 0.0), (0.2, 0.5), (0.2, 0.8), (0.2, 0.95), (0.05, 0.98), (0.001, 1.0))
"""Flanks in which the rest of the contour moves on, and how much of it is held between them."""
_JITTER_HZ = 30.0
_EDGE_FRAMES = 12
_IRREGULAR_RADIANS = 0.35
_IRREGULAR_DEPTH = 0.12


def fitted_f0(f0_hz: NDArray[np.float32], reading: float, seed: int) -> NDArray[np.float32]:
    """Return a note's f0 such that its vibrato reads `reading`, shape (frames,) as given.

    `seed` decides how a vibrato that is added differs from others. A reading up to 0.05 is that of
    no vibrato: nothing is added for less, and of what is there so much stays. NaN, notes that are
    too short to have a vibrato (`extraction.vibrato`) and frames without f0 leave all as it is.
    """
    count = len(f0_hz)
    is_long = count > max(scales.VIBRATO_MINIMUM_FRAMES, FRAME_RATE / ADDED_RATE_HZ)
    if not np.isfinite(reading) or not is_long or not (f0_hz > 0).all():
        return f0_hz
    reading, now = max(reading, _KEPT), vibrato(f0_hz)
    if abs(now - reading) <= TOLERANCE or max(now, reading) <= _KEPT:
        return f0_hz
    semitones = 12.0 * np.log2(f0_hz.astype(np.float64))
    middle = float(np.median(semitones))
    own = vibrato_movement(semitones)
    movements = [new_movement(count, seed)]
    rate = strongest_movement(f0_hz).rate_hz
    is_played = now >= _LEAST and _SLOWEST_HZ <= rate <= _FASTEST_HZ
    if reading < now or (is_played and reading <= _MOST_SCALED * now):
        movements.insert(0, own)
    best, least_error = semitones, abs(now - reading)
    holds = _HOLDS if reading >= _LEAST else _HOLDS[:_FAINT_HOLDS]
    for (flank, share), movement in itertools.product(holds, movements):
        moving = 1.0 - share * _flanked(count, flank)
        still = middle + moving * (semitones - own - middle)
        found = still + _depth(still, movement, reading) * movement
        error = vibrato(2 ** (found / 12)) - reading
        error = max(error, 0.0) if reading <= _KEPT else abs(error)
        if error < least_error:
            best, least_error = found, error
        if error <= TOLERANCE:
            break
    return np.asarray(2 ** (best / 12), dtype=np.float32)


class _Spectrum(NamedTuple):
    values: NDArray[np.complex128]
    band: slice


def _spectrum(movement: Curve) -> _Spectrum:
    count = len(movement)
    points = 1 << (scales.VIBRATO_OVERSAMPLING * count - 1).bit_length()
    values = np.fft.rfft((movement - movement.mean()) * tukey(count), points) / count
    last = int(_JITTER_HZ * points / FRAME_RATE)
    slowest_hz = max(scales.VIBRATO_LOWEST_HZ, FRAME_RATE / count)
    first, end = (
        int(rate * points / FRAME_RATE) for rate in (slowest_hz, scales.VIBRATO_HIGHEST_HZ)
    )
    return _Spectrum(values[:last], slice(first + 1, end + 1))


def _depth(still: Curve, movement: Curve, reading: float) -> float:
    """Return how much of the movement makes its band read so, by the secant rule within bounds."""
    rest, wave = _spectrum(still), _spectrum(movement)
    rest_band, wave_band = rest.values[rest.band], wave.values[wave.band]

    def read(depth: float) -> float:
        return scales.VIBRATO_SCALE * float(np.abs(rest_band + depth * wave_band).max())

    low, high = 0.0, _DEEPEST / max(float(np.abs(movement).max()), 1e-6)
    low_reading, high_reading = read(low), read(high)
    if low_reading >= reading:
        return low
    if high_reading <= reading:
        return high
    depth = low
    for _ in range(_ROUNDS):
        share = (reading - low_reading) / (high_reading - low_reading)
        depth = low + min(max(share, 0.02), 0.98) * (high - low)
        found = read(depth)
        if abs(found - reading) <= _ACCURACY / 2:
            break
        if found < reading:
            low, low_reading = depth, found
        else:
            high, high_reading = depth, found
    return depth


def new_movement(count: int, seed: int) -> Curve:
    """Return a vibrato of depth 1 for a note of `count` frames, shape (count,)."""
    chance = _chances(seed, 8)
    seconds = np.arange(count) / FRAME_RATE
    length_s = count / FRAME_RATE
    rate_hz = ADDED_RATE_HZ * (1.0 + 0.07 * (2.0 * chance[0] - 1.0))
    # Slow wandering of rate and depth; bounded, so that long notes keep one clear rate.
    slow_hz, slower_hz = 0.9 + 0.5 * chance[1], 0.35 + 0.2 * chance[2]
    wander = np.sin(2 * np.pi * (slow_hz * seconds + chance[3]))
    drift = np.sin(2 * np.pi * (slower_hz * seconds + chance[4]))
    phase = 2 * np.pi * (rate_hz * seconds + chance[5]) + _IRREGULAR_RADIANS * (wander + drift)
    depth = 1.0 + _IRREGULAR_DEPTH * (np.sin(2 * np.pi * (0.7 * seconds + chance[6])) + drift)
    delay_s = min(0.06 + 0.12 * chance[7], length_s / 6)
    fade_s = min(0.25, length_s / 4)
    rise = np.clip((seconds - delay_s) / fade_s, 0.0, 1.0)
    fall = np.clip((count - 1 - np.arange(count)) / _EDGE_FRAMES, 0.0, 1.0)
    fade = (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))
    return np.asarray(fade * depth * np.sin(phase))


def _chances(seed: int, count: int) -> list[float]:
    """Return `count` numbers of 0..1: SplitMix64 (Steele et al. 2014)."""
    state = seed
    values = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = state
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = ((mixed ^ (mixed >> shift)) * factor) & 0xFFFFFFFFFFFFFFFF
        values.append((mixed ^ (mixed >> 31)) / 2**64)
    return values


def _flanked(count: int, flank: float) -> Curve:
    """Return 1 with a linear flank on each side, `flank` of the whole long, shape (count,)."""
    position = (np.arange(count) + 0.5) / count
    to_edge = np.minimum(position, 1.0 - position)
    return np.asarray(np.clip(to_edge / flank, 0.0, 1.0))
