"""Levels, bands and flux of known signals, in one piece and in several."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.analysis.onset_curves import WINDOW_S, onset_curves, spectral_flux


def sine(rate: int, hz: float, seconds: float = 1.0, amplitude: float = 1.0) -> NDArray[np.float32]:
    time_s = np.arange(int(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 192000])
@pytest.mark.parametrize("amplitude_db", [0.0, -40.0])
def test_a_sine_has_its_amplitude_as_level(rate: int, amplitude_db: float) -> None:
    curves = onset_curves(sine(rate, 1000, amplitude=10 ** (amplitude_db / 20)), rate)
    assert len(curves.level_db) == 251
    np.testing.assert_allclose(curves.level_db[10:-10], amplitude_db, atol=0.1)


def test_the_high_level_is_of_what_is_above_2_5_khz() -> None:
    curves = onset_curves(sine(44100, 500) + sine(44100, 5000, amplitude=0.1), 44100)
    np.testing.assert_allclose(curves.level_db[10:-10], 10 * np.log10(1.01), atol=0.1)
    np.testing.assert_allclose(curves.high_db[10:-10], -20, atol=0.1)


def test_flux_peaks_when_a_tone_begins_and_not_while_it_lasts() -> None:
    audio = np.concatenate([np.zeros(22050, np.float32), sine(44100, 440)])
    flux = spectral_flux(onset_curves(audio, 44100), 0.0)
    assert abs(int(np.argmax(flux)) - 125) <= 3
    assert flux[140:370].max() < 0.1 * flux.max()


def test_vibrato_is_no_flux() -> None:
    time_s = np.arange(44100 * 2) / 44100
    cents = 50 * np.sin(2 * np.pi * 6 * time_s)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** (cents / 1200)) / 44100
    audio = sum(np.sin(k * phase) / k for k in range(1, 20)).astype(np.float32) * 0.2
    audio[:22050] = 0
    flux = spectral_flux(onset_curves(audio, 44100), 0.0)
    assert flux[140:-10].max() < 0.1 * flux.max()


def test_pieces_give_what_the_whole_gives() -> None:
    rate = 44100
    audio = np.random.default_rng(0).normal(0, 0.1, rate).astype(np.float32)
    whole = onset_curves(audio, rate)
    begin = int((100 / 250 - WINDOW_S) * rate)
    end = int((150 / 250 + WINDOW_S) * rate)
    piece = onset_curves(audio[begin:end], rate, first_frame=100, frames=50, first_sample=begin)
    for part, all_of_it in zip(piece, whole, strict=True):
        np.testing.assert_array_equal(part, all_of_it[100:150])


@pytest.mark.parametrize("samples", [0, 1, 50])
def test_hardly_any_audio_has_frames_too(samples: int) -> None:
    curves = onset_curves(np.zeros(samples, np.float32), 44100)
    assert curves.level_db.tolist() == [-120.0]


def test_stereo_is_refused() -> None:
    with pytest.raises(ValueError, match="2, 100"):
        onset_curves(np.zeros((2, 100), np.float32), 44100)
