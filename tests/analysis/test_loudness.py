import numpy as np
import pytest

from plugin_core.analysis.loudness import FLOOR_DB, a_weighting, frame_count, loudness_db

A_WEIGHTS_DB = {31.62: -39.4, 100: -19.1, 1000: 0.0, 2512: 1.3, 10000: -2.5, 15849: -6.6}
"""IEC 61672-1, table 3, at the exact frequencies behind the nominal ones."""


def sine(frequency_hz: float, sample_rate: int, seconds: float = 0.5) -> np.ndarray:
    time = np.arange(int(sample_rate * seconds)) / sample_rate
    return np.sin(2 * np.pi * frequency_hz * time).astype(np.float32)


@pytest.mark.parametrize(("frequency_hz", "weight_db"), A_WEIGHTS_DB.items())
def test_the_weighting_is_the_standards(frequency_hz: float, weight_db: float) -> None:
    weight = a_weighting(np.array([frequency_hz]))[0]
    assert 10 * np.log10(weight) == pytest.approx(weight_db, abs=0.1)


@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100, 48000, 192000])
def test_a_full_scale_sine_at_1_khz_is_0_db_at_every_rate(sample_rate: int) -> None:
    loudness = loudness_db(sine(1000, sample_rate), sample_rate)
    assert len(loudness) == frame_count(sample_rate // 2, sample_rate) == 126
    assert loudness[20:-20] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("frequency_hz", "weight_db"), [(100, -19.1), (2500, 1.3), (10000, -2.5)])
def test_other_sines_measure_their_weight(frequency_hz: float, weight_db: float) -> None:
    loudness = loudness_db(0.1 * sine(frequency_hz, 48000), 48000)
    assert loudness[20:-20] == pytest.approx(weight_db - 20, abs=0.3)


def test_powers_add() -> None:
    both = 0.5 * (sine(1000, 48000) + sine(3000, 48000))
    one = loudness_db(0.5 * sine(1000, 48000), 48000)[50]
    assert loudness_db(both, 48000)[50] == pytest.approx(one + 10 * np.log10(1 + 10**0.12), abs=0.1)


@pytest.mark.parametrize("samples", [0, 1, 1000])
def test_silence_is_the_floor(samples: int) -> None:
    loudness = loudness_db(np.zeros(samples, np.float32), 44100)
    assert (loudness == FLOOR_DB).all()
    assert len(loudness) == samples * 250 // 44100 + 1


def test_a_piece_measures_what_the_whole_does() -> None:
    audio = np.random.default_rng(1).normal(0, 0.1, 40000).astype(np.float32)
    whole = loudness_db(audio, 44100)
    piece = loudness_db(audio[10000:30000], 44100, first_frame=80, frames=60, first_sample=10000)
    assert np.array_equal(piece, whole[80:140])
