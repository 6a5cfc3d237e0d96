"""Two operators in theory: the sidebands of sin(c + I sin m) are Bessel functions of I.

Chowning 1973: sin(wc t + I sin(wm t)) = sum over n of J_n(I) sin((wc + n wm) t). Sampling that sum
folds lines below zero and above half the rate back as it must, with their signs.
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal.windows import blackmanharris
from scipy.special import jv

from plugin_core.dx7.tables import LEVEL
from plugin_core.dx7.voice import Voice
from tests.engine.playing import CARRIER_PEAK, RATE, on, play

SECOND = np.arange(RATE, 2 * RATE) / RATE
"""What is analysed: the second after the first, when all is steady."""


def index_rad(output_level: int) -> float:
    """Facts sheet, section 3: g = 2^(L / 256 - 14) swings its target by +-g cycles."""
    units = 64 * (int(LEVEL[99]) // 2) + 32 * int(LEVEL[output_level]) - 4256
    return 2 * np.pi * 2 ** (units / 256 - 14)


def counted_hz(frequency_hz: float) -> float:
    """Facts sheet, section 2: 2^24 counts to the cycle, truncated; 0.0026 Hz at most.

    Below 46 Hz that would be more than 0.1 cent, which the issue does not allow: there it is 2^32.
    """
    counts = 2**32 if frequency_hz < 45 else 2**24
    return np.floor(frequency_hz / RATE * counts) / counts * RATE


def bessel_series(carrier_hz: float, modulator_hz: float, index: float) -> NDArray:
    reach = int(index + 60)
    wave = np.zeros(len(SECOND))
    for n in range(-reach, reach + 1):
        line_hz = counted_hz(carrier_hz) + n * counted_hz(modulator_hz)
        wave += jv(n, index) * np.sin(2 * np.pi * line_hz * SECOND)
    return wave * CARRIER_PEAK


def spectrum(wave: NDArray) -> NDArray[np.float64]:
    """Amplitudes by the window with the lowest side lobes (-92 dB)."""
    window = blackmanharris(len(wave))
    return np.abs(np.fft.rfft(wave * window)) * 2 / window.sum()


def pair(level: int, carrier: int, modulator: int) -> Voice:
    """A carrier and a modulator, both fixed at 10^coarse Hz, without detune."""
    return Voice.initial().edited(
        op1_mode=1,
        op1_coarse=carrier,
        op2_mode=1,
        op2_coarse=modulator,
        op2_level=level,
    )


def second_of(voice: Voice) -> NDArray[np.float64]:
    return play(voice, on(0, 60), samples=2 * RATE)[RATE:].astype(np.float64)


@pytest.mark.parametrize("level", [40, 55, 65, 70, 75, 80, 86, 92, 99])
@pytest.mark.parametrize(("carrier", "modulator"), [(3, 2), (3, 3), (2, 3), (2, 1)])
def test_sidebands_are_bessel_functions(level, carrier, modulator):
    """Within 0.1 dB of theory for every line down to 80 dB under the loudest one."""
    lines = spectrum(bessel_series(10**carrier, 10**modulator, index_rad(level)))
    found = spectrum(second_of(pair(level, carrier, modulator)))
    audible = lines > lines.max() * 1e-4
    difference_db = 20 * np.log10(found[audible] / lines[audible])
    assert np.abs(difference_db).max() < 0.1
    assert found[~audible].max() < lines.max() * 1.02e-4


@pytest.mark.parametrize("index", [0.5, 2.0, 6.0])
def test_the_series_is_the_formula(index):
    carrier, modulator = (2 * np.pi * counted_hz(f) * SECOND for f in (1000, 3000))
    wave = np.sin(carrier + index * np.sin(modulator)) * CARRIER_PEAK
    np.testing.assert_allclose(bessel_series(1000, 3000, index), wave, atol=1e-9)


def test_several_modulators_add_up():
    """Facts sheet, section 3: a plain sum; the lines are products of Bessel functions."""
    voice = Voice.initial().edited(
        algorithm=7, op1_level=0, op3_mode=1, op3_coarse=3, op3_level=99,
        op4_mode=1, op4_coarse=2, op4_level=65, op5_mode=1, op5_coarse=1, op5_level=60,
    )  # fmt: skip
    found = spectrum(second_of(voice))
    slow, fast = index_rad(60), index_rad(65)
    for n, m in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (2, -1)]:
        line = abs(jv(n, fast) * jv(m, slow)) * CARRIER_PEAK
        assert 20 * np.log10(found[1000 + 100 * n + 10 * m] / line) == pytest.approx(0, abs=0.1)


def test_full_level_swings_a_target_by_two_cycles():
    """Facts sheet, section 3: index 4 pi = 12.57 rad."""
    assert index_rad(99) == pytest.approx(4 * np.pi)
    expected = np.argmax(spectrum(bessel_series(1000, 100, 4 * np.pi)))
    assert np.argmax(spectrum(second_of(pair(99, 3, 2)))) == expected


def test_one_level_step_is_three_quarters_of_a_decibel():
    """Facts sheet, section 3: 32 u = 0.753 dB; levels under 20 follow their table."""
    peaks = [
        np.abs(play(Voice.initial().edited(op1_level=level), on(0), samples=4096)).max()
        for level in (99, 98, 60, 59)
    ]
    for louder, quieter in (peaks[:2], peaks[2:]):
        assert 20 * np.log10(louder / quieter) == pytest.approx(32 * 6.0206 / 256, abs=0.01)
    assert peaks[0] == pytest.approx(CARRIER_PEAK, rel=1e-4)
