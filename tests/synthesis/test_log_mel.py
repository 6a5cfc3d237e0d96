import numpy as np
import pytest

from plugin_core.synthesis.log_mel import FLOOR, MELS, log_mel

RATES = (8000, 16000, 22050, 44100, 48000, 96000)


def sine(hz: float, sample_rate: int, amplitude: float = 1.0, seconds: float = 0.5) -> np.ndarray:
    times = np.arange(round(seconds * sample_rate)) / sample_rate
    return (amplitude * np.sin(2 * np.pi * hz * times)).astype(np.float32)


@pytest.mark.parametrize("sample_rate", RATES)
def test_a_sine_reads_its_amplitude_in_the_band_of_its_frequency(sample_rate: int) -> None:
    features = log_mel(sine(1000.0, sample_rate, 0.1), sample_rate, 100)
    band = int(np.argmax(features[50]))
    # 128 bands evenly in mel from 30 Hz to 24 kHz.
    edges = np.linspace(1127 * np.log1p(30 / 700), 1127 * np.log1p(24000 / 700), MELS + 2)
    nearest = int(np.argmin(np.abs(edges[1:-1] - 1127 * np.log1p(1000 / 700))))
    assert abs(band - nearest) <= 1
    assert features[50, band] == pytest.approx(np.log(0.1), abs=0.7)


def test_features_of_one_sound_are_alike_at_every_rate() -> None:
    features = [log_mel(sine(440.0, rate), rate, 100)[50] for rate in RATES[2:]]
    for other in features[1:]:
        audible = features[0] > -2.1
        assert np.abs(other - features[0])[audible].max() < 0.15


def test_gain_adds_its_logarithm() -> None:
    quiet = log_mel(sine(500.0, 16000, 0.01), 16000, 100)
    loud = log_mel(sine(500.0, 16000, 0.01), 16000, 100, gain=10.0)
    heard = quiet > np.log(FLOOR) + 1
    np.testing.assert_allclose((loud - quiet)[heard], np.log(10), atol=1e-4)


def test_silence_and_bands_above_nyquist_are_the_floor() -> None:
    assert np.all(log_mel(np.zeros(4800, np.float32), 48000, 26) == np.float32(np.log(FLOOR)))
    assert np.all(log_mel(sine(440.0, 8000), 8000, 50)[:, -30:] == np.float32(np.log(FLOOR)))


@pytest.mark.parametrize("samples", [0, 1, 100])
def test_short_audio_has_the_frames_asked_for(samples: int) -> None:
    assert log_mel(np.ones(samples, np.float32), 44100, 7).shape == (7, MELS)


def test_stereo_is_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        log_mel(np.zeros((2, 100), np.float32), 44100, 1)
