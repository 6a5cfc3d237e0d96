"""The comb prefers the pitch to its octaves, whatever the spectrum of the tone."""

import numpy as np
import pytest

from plugin_core.analysis.pitch.comb import fit_combs

BIN_HZ = 10.0


def fits(levels: list[float], candidates_hz: list[float]) -> list[float]:
    """Return the fits to lines of these powers at multiples of 200 Hz."""
    power = np.zeros((1, 801), np.float32)
    for k, level in enumerate(levels, start=1):
        power[0, int(k * 200 / BIN_HZ)] = level
    fit = np.zeros((2, len(candidates_hz)), np.float32)
    fit_combs(power, BIN_HZ, 2, np.tile(np.float32(candidates_hz), (2, 1)), fit)
    assert np.array_equal(fit[0], fit[1])
    return fit[0].tolist()


def test_sawtooth_fits_entirely() -> None:
    # Its magnitudes fall as 1 / k, their roots as the teeth do: the cosine is 1.
    assert fits([1 / k**2 for k in range(1, 11)], [200.0]) == pytest.approx([1], abs=1e-4)


@pytest.mark.parametrize(
    "levels",
    [
        [1.0],
        [1 / k**2 for k in range(1, 20)],
        [(k % 2) / k**2 for k in range(1, 20)],
        [0.0, *(1 / k**2 for k in range(2, 20))],
        [0.05, 1.0, 0.05, 0.3, 0.02, 0.1, 0.02, 0.05],
    ],
    ids=["sine", "sawtooth", "odd", "no_fundamental", "strong_even"],
)
def test_pitch_fits_better_than_its_octaves_and_parts(levels: list[float]) -> None:
    pitch, *others = fits(levels, [200.0, 100.0, 400.0, 200 / 3, 50.0])
    assert pitch > max(others) + 0.05


def test_no_candidate_has_no_fit() -> None:
    assert fits([1.0], [0.0]) == [0.0]
