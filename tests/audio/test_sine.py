"""The sine kernel against the exact sine."""

import numpy as np
import pytest
from numba import njit

from plugin_core.audio.sine import sine


@njit
def sines(phases, out):
    for i in range(len(phases)):
        out[i] = sine(phases[i])


def sine_of(phases: np.ndarray) -> np.ndarray:
    out = np.empty(len(phases), np.float32)
    sines(phases.astype(np.uint32), out)
    return out


def test_the_sine_is_exact_to_float32():
    phases = np.arange(0, 2**32, 4093, dtype=np.uint64)
    exact = np.sin(2 * np.pi * phases.astype(np.float64) / 2**32)
    assert np.abs(sine_of(phases) - exact).max() < 2.5e-7


@pytest.mark.parametrize(
    ("phase", "value"), [(0, 0.0), (2**30, 1.0), (2**31, 0.0), (3 * 2**30, -1.0)]
)
def test_quarter_points(phase, value):
    assert sine_of(np.array([phase]))[0] == pytest.approx(value, abs=6e-8)


def test_the_half_waves_are_mirror_images_to_the_bit():
    phases = np.arange(1, 2**31, 1_000_003, dtype=np.uint64)
    up = sine_of(phases)
    np.testing.assert_array_equal(sine_of(2**32 - phases), -up)
    np.testing.assert_array_equal(sine_of(2**31 - phases), up)


def test_no_step_at_the_seams_of_the_quarters():
    for seam in (0, 2**30, 2**31, 3 * 2**30):
        phases = (seam + np.arange(-2000, 2000) * 64) % 2**32
        assert np.abs(np.diff(sine_of(phases.astype(np.uint64)))).max() < 4e-7
