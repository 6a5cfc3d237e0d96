"""The counter-based noise: uniform, white, and a function of its counter alone."""

import numpy as np
import pytest
from numba import njit
from scipy import stats

from plugin_core.audio.noise import white

SAMPLES = 1 << 16


@njit
def whites(seed, note, first, out):
    for i in range(len(out)):
        out[i] = white(np.uint64(seed), np.uint64(note), np.uint64(first + i))


def noise(seed: int, note: int = 1, first: int = 0, samples: int = SAMPLES) -> np.ndarray:
    out = np.empty(samples)
    whites(seed, note, first, out)
    return out


@pytest.mark.parametrize(("seed", "note"), [(0, 0), (0, 1), (1, 1), (65535, 100_000)])
def test_the_noise_is_uniform_in_minus_one_to_one(seed, note):
    values = noise(seed, note)
    assert values.min() >= -1
    assert values.max() < 1
    assert stats.kstest(values, "uniform", args=(-1, 2)).pvalue > 1e-3


@pytest.mark.parametrize(("seed", "note"), [(0, 1), (7, 3)])
def test_the_noise_is_white(seed, note):
    """The power in each of 64 bands is that of the whole; sqrt(1 / 512) is the spread of a band."""
    power = np.abs(np.fft.rfft(noise(seed, note))[1:-1]) ** 2
    bands = power[: len(power) // 64 * 64].reshape(64, -1).mean(axis=1) / power.mean()
    assert np.abs(bands - 1).max() < 5 / np.sqrt(512)
    values = noise(seed, note)
    correlation = [np.corrcoef(values[:-lag], values[lag:])[0, 1] for lag in range(1, 20)]
    assert np.abs(correlation).max() < 5 / np.sqrt(SAMPLES)


def test_the_noise_depends_on_its_counter_alone():
    whole = noise(3, 9)
    np.testing.assert_array_equal(noise(3, 9, first=1000, samples=50), whole[1000:1050])


@pytest.mark.parametrize("other", [(4, 9), (3, 10), (9, 3)])
def test_other_seeds_and_notes_are_other_noise(other):
    assert abs(np.corrcoef(noise(3, 9), noise(*other))[0, 1]) < 5 / np.sqrt(SAMPLES)
