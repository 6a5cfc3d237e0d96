"""FM by operator levels: Bessel spectra, the DX7 voices' own FM, straight lines between frames."""

import math

import numpy as np
import pytest
from scipy.special import jv

from plugin_core.audio.operators import FULL_CYCLES, loop_strength, turn_operators
from tests.audio.fm_of_levels import (
    Phrase,
    by_engine,
    by_kernel,
    error_db,
    moving_levels,
    render_interval,
)

RATIOS = (1.0, 2.0, 3.2, 1.5, 0.5, 8.5)
ONES = (1.0,) * 6
RATE = 48000
F0 = 100.0


def steady(levels: list[float], ratios: tuple[float, ...], algorithm: int, **more) -> Phrase:
    frames = 26
    row = np.array(levels, np.float32)
    return Phrase(
        np.full(frames, F0, np.float32), np.tile(row, (frames, 1)), ratios, algorithm, **more
    )


def lines(sound: np.ndarray, sample_rate: int = RATE) -> np.ndarray:
    """Amplitudes at 0, 10, 20 .. Hz of the last tenth of a second's sound."""
    last = sound[-sample_rate // 10 :].astype(np.float64)
    return 2 * np.abs(np.fft.rfft(last)) / len(last)


@pytest.mark.parametrize("feedback", [0.0, 5.0, 6.0])
@pytest.mark.parametrize("algorithm", range(1, 33))
def test_it_is_the_fm_of_the_dx7_voices(algorithm, feedback):
    f0 = np.full(21, 220.0, np.float32)
    phrase = Phrase(f0, moving_levels(algorithm, seed=algorithm), RATIOS, algorithm, feedback)
    assert error_db(by_kernel(phrase, 16000), by_engine(phrase, 16000)) < -95


@pytest.mark.parametrize("index", [0.3, 2.0, 2 * math.pi, 4 * math.pi])
@pytest.mark.parametrize(
    ("carrier", "modulator"), [(5.0, 1.0), (3.2, 1.0), (1.0, 3.0), (1.0, 14.0)]
)
def test_a_modulated_sine_has_bessel_sidebands(index, carrier, modulator):
    ratios = (carrier, modulator, 1, 1, 1, 1)
    found = lines(by_kernel(steady([0.5, index, 0, 0, 0, 0], ratios, 1), RATE))
    expected = np.zeros(len(found), dtype=complex)
    for n in range(-60, 61):
        # J_n(I) sin((c + n m) x): a negative frequency comes back with the other sign, one above
        # half the sample rate too.
        line = round(10 * (carrier + n * modulator))
        sign = np.sign(line)
        line = abs(line) % (RATE // 10)
        if line > RATE // 20:
            line, sign = RATE // 10 - line, -sign
        expected[line] += 0.5 * jv(n, index) * sign
    np.testing.assert_allclose(found[1:-1], np.abs(expected)[1:-1], atol=5e-6)


def test_feedback_makes_the_series_of_keplers_equation():
    # y = sin(x + b y) has harmonics 2 J_n(n b) / (n b); delays of one and two samples hardly tell.
    beta = 0.5
    setting = 8 + math.log2(beta / (2 * math.pi * FULL_CYCLES))
    found = lines(by_kernel(steady([0, 0, 0, 0, 0, 1], ONES, 32, feedback=setting), 192000), 192000)
    for n in range(1, 8):
        assert found[10 * n] == pytest.approx(2 * jv(n, n * beta) / (n * beta), abs=4e-3 / n)


@pytest.mark.parametrize("algorithm", range(1, 33))
def test_feedback_doubles_with_every_step_of_its_setting(algorithm):
    """Facts sheet of the reference renders, section 4: 2^(setting - 8) of the mean of two."""
    part = 0.25 if algorithm in (4, 6) else 1.0
    for setting in range(1, 8):
        assert loop_strength(setting, algorithm) == part * 2.0 ** (setting - 8) / 2
    assert loop_strength(0.0, algorithm) == 0.0
    assert loop_strength(0.5, algorithm) == loop_strength(1.0, algorithm) / 2


def test_feedback_that_comes_up_begins_where_the_sound_is():
    levels = np.array([0, 0, 0, 0, 0, 0.7])
    first, memory = render_interval(levels, levels, 32, 0.0)
    assert memory == pytest.approx(FULL_CYCLES * first[[-1, -2]], abs=1e-6)
    _, silent = render_interval(0 * levels, 0 * levels, 32, 7.0, memory)
    assert not silent.any()


def test_levels_move_in_straight_lines():
    start = np.array([0.2, 0, 0, 0, 0, 0])
    sound, _ = render_interval(start, 5 * start, 1, 0.0, f0_hz=1000.0)
    x = np.arange(192)
    expected = (0.2 + 0.8 * x / 192) * np.sin(2 * np.pi * x * 1000 / RATE)
    np.testing.assert_allclose(sound, expected, atol=1e-6)


def test_f0_and_ratios_glide_with_exact_phases():
    frames = 26
    f0 = np.linspace(100, 300, frames).astype(np.float32)
    levels = np.zeros((frames, 6), np.float32)
    levels[:, 0] = 1
    sound = by_kernel(Phrase(f0, levels, (3.2, 1, 1, 1, 1, 1), 1), 44100)
    t = np.arange(len(sound)) / 44100
    # 2000 Hz per second up from 100 Hz.
    expected = np.sin(2 * np.pi * 3.2 * (100 * t + 1000 * t**2))
    np.testing.assert_allclose(sound, expected, atol=2e-5)
    level = np.array([1.0, 0, 0, 0, 0, 0])
    glide, _ = render_interval(
        level, level, 1, 0.0, f0_hz=1000.0, ratios=(np.ones(6), 3 * np.ones(6))
    )
    way = np.arange(192) / 192
    np.testing.assert_allclose(glide, np.sin(2 * np.pi * 4 * (way + way**2)), atol=5e-6)


def test_a_fixed_frequency_stays_whatever_the_pitch():
    level = np.array([1.0, 0, 0, 0, 0, 0])
    sound, _ = render_interval(level, level, 1, 0.0, f0_hz=0.0, fixed_hz=np.full(6, 500.0))
    np.testing.assert_allclose(sound, np.sin(2 * np.pi * 500 * np.arange(192) / RATE), atol=2e-6)


def test_phases_can_be_moved_part_of_the_way():
    ratios, later, fixed = (
        np.arange(1.0, 7.0),
        2 * np.arange(1.0, 7.0),
        np.array([0, 0, 0, 70.0, 0, 0]),
    )
    whole = np.zeros(6)
    turn_operators(whole, 200.0, 300.0, ratios, later, fixed, 1.0)
    # The mean of 200 and 600 Hz times the ratio over 4 ms.
    expected = np.where(fixed > 0, fixed, 400 * ratios) / 250
    np.testing.assert_allclose(whole, expected % 1, atol=1e-12)
    part = np.zeros(6)
    turn_operators(part, 200.0, 300.0, ratios, later, fixed, 0.5)
    expected = np.where(fixed > 0, fixed, 300 * ratios) / 500
    np.testing.assert_allclose(part, expected % 1, atol=1e-12)


def test_any_index_stays_within_the_carriers_level():
    for index in (1e3, 1e6):
        sound, _ = render_interval(
            np.array([0.5, *[index] * 5]), np.array([0.5, *[index] * 5]), 16, 7.0
        )
        assert np.isfinite(sound).all()
        assert 0.4 < np.abs(sound).max() <= 0.5 + 1e-6
