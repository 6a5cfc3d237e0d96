"""Gain from level units against 2^(units / 256 - 14)."""

import numpy as np
from numba import njit

from plugin_core.audio.gain import gain_of_level


@njit
def gains(units, out):
    for i in range(len(units)):
        out[i] = gain_of_level(units[i])


def gain_of(units: np.ndarray) -> np.ndarray:
    out = np.empty(len(units), np.float64)
    gains(units.astype(np.float64), out)
    return out


def test_the_gain_is_exact_to_a_billionth():
    units = np.concatenate([np.arange(0, 8192), np.linspace(0, 8191, 100_003)])
    exact = 2.0 ** (units / 256 - 14)
    assert np.abs(gain_of(units) / exact - 1).max() < 1e-9


def test_full_level_is_two():
    """Facts sheet, section 3: output level 99 and EG 99 make 3840 units, a gain of 2."""
    assert abs(gain_of(np.array([3840.0]))[0] - 2.0) < 1e-9


def test_more_units_are_never_less_gain():
    assert (np.diff(gain_of(np.arange(0, 8191, 0.25))) > 0).all()
