"""The noise part: its density at every rate, its filters, its crossfade."""

import numpy as np
import pytest
from scipy import signal

from plugin_core.audio.filtered_noise import fill_white, noise_filters
from plugin_core.audio.harmonic_plus_noise import synthesize

RATES = (8000, 16000, 22050, 44100, 48000, 96000, 192000)
BANDS_HZ = np.arange(65) * 375.0
DENSITY = (1 / 3) / 24000
"""Power per Hz of noise uniform in +-1 at 48 kHz."""


def noise(magnitudes, sample_rate, samples=None, **source) -> np.ndarray:
    frames = len(magnitudes)
    nothing = np.zeros(frames), np.zeros(frames), np.zeros((frames, 1))
    return synthesize(*nothing, magnitudes, sample_rate, samples, **source)


def white(sample_rate, samples, seed=0, note=0) -> np.ndarray:
    out = np.empty(samples, dtype=np.float32)
    fill_white(out, seed, note, 0, np.sqrt(sample_rate / 48000))
    return out


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize(
    "curve",
    [np.ones(65), 0.5 + np.sin(np.pi * np.arange(65) / 16) ** 2, np.linspace(1, 0.05, 65)],
    ids=["flat", "hills", "slope"],
)
def test_the_power_density_is_the_curve_at_every_rate(sample_rate, curve):
    """Bands of 750 Hz, 6 s: the mean of 4500 bins or more spreads by less than 2 %."""
    audio = noise(np.tile(curve, (1501, 1)), sample_rate)
    frequency, power = signal.welch(audio, sample_rate, nperseg=sample_rate // 50)
    top = min(sample_rate / 2, 24000)
    for low in np.arange(375, top - 1500, 750):
        bins = (frequency >= low) & (frequency < low + 750)
        expected = DENSITY * np.mean(np.interp(frequency[bins], BANDS_HZ, curve) ** 2)
        assert 10 * np.log10(power[bins].mean() / expected) == pytest.approx(0, abs=0.6)


@pytest.mark.parametrize("sample_rate", [96000, 192000])
def test_there_is_nothing_above_24_khz(sample_rate):
    audio = noise(np.ones((251, 65)), sample_rate)
    frequency, power = signal.welch(audio, sample_rate, nperseg=2048)
    assert power[frequency > 25200].max() < 1e-4 * DENSITY


@pytest.mark.parametrize("sample_rate", [r for r in RATES if r <= 48000])
def test_magnitude_one_is_the_white_noise_itself(sample_rate):
    audio = noise(np.ones((51, 65)), sample_rate, seed=5, note=3)
    np.testing.assert_allclose(audio, white(sample_rate, len(audio), 5, 3), atol=2e-6)


def test_a_line_of_the_curve_spreads_as_the_hann_window_does():
    """Hann weighs neighbouring bins by 1/4, 1/2, 1/4 (and 0 beyond them)."""
    filters = noise_filters(48000)
    assert filters.shape == (65, 127)
    np.testing.assert_allclose(filters, filters[:, ::-1], atol=1e-15)
    line = np.fft.rfft(np.fft.ifftshift(np.pad(filters[20], (1, 0)))).real
    expected = np.zeros(65)
    expected[19:22] = 0.25, 0.5, 0.25
    np.testing.assert_allclose(line, expected, atol=1e-12)


@pytest.mark.parametrize("sample_rate", RATES)
def test_filters_last_a_375th_of_a_second(sample_rate):
    taps = noise_filters(sample_rate).shape[1]
    assert taps % 2 == 1
    assert abs((taps + 1) / sample_rate - 1 / 375) <= 1 / sample_rate


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
def test_filters_crossfade_by_a_hann_window(sample_rate):
    """From magnitude 1 to 0 the same noise fades by cos^2 between two frames."""
    magnitudes = np.zeros((5, 65))
    magnitudes[2] = 1
    audio = noise(magnitudes, sample_rate)
    way = np.arange(len(audio)) * 250 / sample_rate - 2
    window = np.where(np.abs(way) < 1, np.cos(np.pi * way / 2) ** 2, 0)
    np.testing.assert_allclose(audio, window * white(sample_rate, len(audio)), atol=2e-6)


def test_steady_noise_does_not_pulse_with_the_frames():
    """The power at every place between two frames is the same, over 2500 frames, within 10 %."""
    audio = noise(np.tile(np.linspace(1, 0, 65), (2501, 1)), 16000)
    power = np.mean(audio.reshape(-1, 64) ** 2, axis=0)
    assert np.abs(power / power.mean() - 1).max() < 0.15


def test_seed_and_note_name_the_noise():
    magnitudes = np.full((26, 65), 0.1)
    once = noise(magnitudes, 48000, seed=1, note=2)
    np.testing.assert_array_equal(once, noise(magnitudes, 48000, seed=1, note=2))
    for other in ({"seed": 2, "note": 2}, {"seed": 1, "note": 1}):
        assert abs(np.corrcoef(once, noise(magnitudes, 48000, **other))[0, 1]) < 0.1
