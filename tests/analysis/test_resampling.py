import numpy as np
import pytest

from plugin_core.analysis.resampling import resample


@pytest.mark.parametrize(("there", "back"), [(44100, 16000), (48000, 16000), (16000, 48000)])
def test_a_sine_keeps_amplitude_frequency_and_time(there: int, back: int) -> None:
    audio = np.sin(2 * np.pi * 1000 * np.arange(there) / there).astype(np.float32)
    resampled = resample(audio, there, back)
    wanted = np.sin(2 * np.pi * 1000 * np.arange(back) / back)
    assert resampled.dtype == np.float32
    assert len(resampled) == back
    middle = slice(back // 10, -back // 10)
    # scipy's default filter ripples by 0.2 %.
    assert np.max(np.abs(resampled[middle] - wanted[middle])) < 5e-3


def test_equal_rates_and_silence_of_no_length_pass() -> None:
    audio = np.array([0.5, -1.0], np.float32)
    assert np.array_equal(resample(audio, 44100, 44100), audio)
    assert len(resample(audio[:0], 44100, 16000)) == 0


def test_two_channels_and_odd_rates_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(samples,\)"):
        resample(np.zeros((2, 100), np.float32), 44100, 16000)
    with pytest.raises(ValueError, match="positive whole"):
        resample(np.zeros(100, np.float32), 0, 16000)
