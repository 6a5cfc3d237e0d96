import numpy as np
import pytest

from bridge.spectrogram import HIGHEST_HZ, LOWEST_HZ, Spectrogram


def picture(audio: np.ndarray, rate: int, *, piece: int = 9999, **others) -> np.ndarray:
    spectrogram = Spectrogram(audio.shape[1], rate, **others)
    for start in range(0, audio.shape[1], piece):
        spectrogram.feed(audio[:, start : start + piece].astype(np.float32))
    return spectrogram.levels_db()


def sine(hz: float, rate: int, seconds: float = 4.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)[np.newaxis]


@pytest.mark.parametrize("rate", [22050, 48000, 192000])
@pytest.mark.parametrize("hz", [220.0, 1000.0, 9000.0])
def test_a_sine_shows_at_its_frequency_and_level(hz, rate):
    levels = picture(0.1 * sine(hz, rate), rate, columns=50)
    row = int(levels[:, 25].argmax())
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, levels.shape[0] + 1)
    assert edges[row] * 0.97 < hz < edges[row + 1] * 1.03
    assert levels.max() == pytest.approx(-20, abs=1.5)


def test_time_runs_along_the_columns():
    audio = np.zeros((1, 48000))
    audio[:, 36000:] = sine(1000, 48000)[:, :12000]
    levels = picture(audio, 48000, columns=40)
    assert levels[:, :26].max() < -100
    assert levels[:, 34:].max() > -2


def test_channels_are_averaged():
    stereo = np.concatenate([sine(1000, 48000), 0 * sine(1000, 48000)])
    assert picture(stereo, 48000).max() == pytest.approx(20 * np.log10(0.5), abs=1.0)


def test_the_size_of_the_pieces_does_not_matter():
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 30000))
    assert np.allclose(
        picture(noise, 48000, piece=500), picture(noise, 48000, piece=30000), atol=0.1
    )


@pytest.mark.parametrize("samples", [1, 100, 5000])
def test_short_audio_has_a_picture_too(samples):
    levels = picture(np.ones((2, samples)), 22050)
    assert levels.shape == (180, 900)
    assert np.isfinite(levels).all()


def test_above_half_the_sample_rate_there_is_nothing():
    noise = np.random.default_rng(0).normal(0, 0.3, (1, 44100))
    levels = picture(noise, 22050, columns=20)
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, levels.shape[0] + 1)
    assert levels[edges[:-1] > 11025].max() < -100
    assert levels[edges[1:] < 10000].min() > -100


def test_a_short_sound_between_columns_of_a_long_piece_is_seen():
    audio = np.zeros((1, 48000 * 120))
    audio[:, 2000000:2004800] = sine(1000, 48000)[:, :4800]
    assert picture(audio, 48000, columns=300).max() > -10
