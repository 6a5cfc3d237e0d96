"""The level of a recording, and how far spectra are apart."""

import numpy as np
import pytest

from plugin_core.analysis.log_spectral_distance import log_spectral_distance_db
from plugin_core.analysis.loudness import loudness_db
from plugin_core.analysis.sounding import LEAST_DB, loud_level_db, silence_gate

RATE = 16000


def tone(amplitude, seconds=2.0):
    time_s = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 1000 * time_s)).astype(np.float32)


def test_the_level_of_a_tone_is_its_own_whatever_silence_is_around():
    # The A curve is 0 dB at 1 kHz.
    alone = loud_level_db(loudness_db(tone(0.1), RATE))
    among = loud_level_db(loudness_db(np.pad(tone(0.1), 6 * RATE), RATE))
    assert alone == pytest.approx(-20, abs=0.1)
    assert among == pytest.approx(-20, abs=0.1)


def test_silence_is_not_raised():
    assert loud_level_db(np.full(100, -120, np.float32)) == LEAST_DB


def test_no_frames_are_refused():
    with pytest.raises(ValueError, match="no frames"):
        loud_level_db(np.zeros(0, np.float32))


def test_the_gate_shuts_for_digital_silence_alone():
    noise = np.random.default_rng(0).integers(-1, 2, RATE) / 32768
    audio = np.concatenate((noise, np.zeros(RATE))).astype(np.float32)
    gate = silence_gate(loudness_db(audio, RATE))
    assert (gate[10:240] == 1).all()
    assert (gate[260:] == 0).all()


def test_twice_as_loud_is_6_db_apart():
    audio = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    assert log_spectral_distance_db(2 * audio, audio) == pytest.approx(6.0206, abs=1e-3)
    assert log_spectral_distance_db(audio, audio) == 0


def test_nothing_is_softer_than_the_floor():
    silence = np.zeros(RATE, np.float32)
    assert log_spectral_distance_db(silence, silence + np.float32(1e-9)) == pytest.approx(0)


def test_signals_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="one length"):
        log_spectral_distance_db(np.zeros(10, np.float32), np.zeros(11, np.float32))
