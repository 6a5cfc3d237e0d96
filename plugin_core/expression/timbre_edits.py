"""The spectrum of a note: brighter or darker, with more or less noise in its attack."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.extraction import attack_noise, brightness

Table = NDArray[np.float32]

_STEEPEST = 24.0
_ROUNDS = 50
_TAPER_FRAMES = 10
_LOUDEST_CHANGE_DB = 120.0


def tilted(harmonics: Table, exponent: float) -> Table:
    """Return the distribution times harmonic number to the power of `exponent`, rows sum as before.

    6 dB per octave for 1. Shape (frames, K).
    """
    numbers = np.arange(1, harmonics.shape[1] + 1, dtype=np.float64)
    # Relative to the strongest that there is: a steep tilt must not underflow.
    leaning = np.log(np.maximum(harmonics.astype(np.float64), 1e-30)) + exponent * np.log(numbers)
    shares = np.exp(leaning - leaning.max(axis=1, keepdims=True)) * (harmonics > 0)
    total = shares.sum(axis=1, keepdims=True)
    sums = harmonics.sum(axis=1, keepdims=True)
    return np.asarray(shares * sums / np.where(total > 0, total, 1.0), dtype=np.float32)


def tilt_for(harmonics: Table, reading: float) -> float:
    """Return the exponent with which `tilted` gives the brightness `reading`, by bisection.

    -24..24: what no tilt can reach, such as a sine's brightness, gets the nearest.
    """
    low, high = -_STEEPEST, _STEEPEST
    if brightness(tilted(harmonics, low)) >= reading:
        return low
    if brightness(tilted(harmonics, high)) <= reading:
        return high if brightness(tilted(harmonics, high)) > brightness(harmonics) else 0.0
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if brightness(tilted(harmonics, middle)) < reading:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def with_attack_noise(noise: Table, reading: float, gain_db: float) -> Table:
    """Return a note's noise with its first 10 frames at `reading`, shape (frames, 65) as given.

    They are scaled in dB, the 10 after them less and less. Bands without noise stay without, unless
    all are: then the attack gets white noise.
    """
    frames = np.arange(len(noise)) - scales.ATTACK_FRAMES
    taper = 0.5 + 0.5 * np.cos(np.pi * np.clip((frames + 1) / (_TAPER_FRAMES + 1), 0.0, 1.0))
    attack = noise[: scales.ATTACK_FRAMES].astype(np.float64)
    if not attack.any():
        wanted_db = scales.ATTACK_NOISE_ZERO_DB + reading * scales.ATTACK_NOISE_SPAN_DB - gain_db
        white = np.where(frames < 0, 1.0, 0.0)[:, None] * 10 ** (wanted_db / 20)
        return np.maximum(noise, white).astype(np.float32)
    low, high = -_LOUDEST_CHANGE_DB, _LOUDEST_CHANGE_DB
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        # What is below the floor does not read any lower: bisection finds its way past it.
        if attack_noise(attack * 10 ** (middle / 20), gain_db) < reading:
            low = middle
        else:
            high = middle
    factor = 10 ** (taper * (low + high) / 40)
    return (noise * factor[:, None]).astype(np.float32)
