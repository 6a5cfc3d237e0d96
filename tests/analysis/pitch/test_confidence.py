"""Confidence is high for one steady pitch and low for everything else."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from plugin_core.analysis.pitch import track_pitch
from plugin_core.analysis.pitch.confidence import chord_evidence
from tests.analysis.pitch.tones import RATE, midi_hz, noise, tone, with_noise

SAW = [1 / k for k in range(1, 20)]


def steady(midi_pitch: float) -> NDArray[np.float32]:
    return tone(np.full(RATE, midi_hz(midi_pitch)), SAW)


@pytest.mark.parametrize("midi_pitch", [28, 45, 62, 79, 96])
def test_steady_tone_is_sure(midi_pitch: int) -> None:
    track = track_pitch(with_noise(steady(midi_pitch), 30), RATE)
    assert track.confidence[25:-25].min() > 0.9


def test_silence_has_no_pitch() -> None:
    track = track_pitch(np.zeros(RATE, np.float32), RATE)
    assert (track.f0_hz == 0).all()
    assert (track.confidence == 0).all()


def test_white_noise_is_not_taken_for_a_tone() -> None:
    track = track_pitch(0.2 * noise(3 * RATE), RATE)
    assert np.mean(track.confidence > 0.5) < 0.01


def test_pink_noise_is_not_taken_for_a_tone() -> None:
    spectrum = np.fft.rfft(noise(3 * RATE))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    track = track_pitch(np.fft.irfft(spectrum).astype(np.float32), RATE)
    assert np.mean(track.confidence > 0.5) < 0.01


@pytest.mark.parametrize(
    "keys", [(60, 64, 67), (48, 52, 55), (72, 77, 81), (60, 67), (60, 66), (57, 60, 64, 67)]
)
def test_chord_has_no_single_pitch(keys: tuple[int, ...]) -> None:
    chord = sum((steady(key) for key in keys), np.zeros(RATE, np.float32))
    track = track_pitch(chord, RATE)
    assert np.median(track.confidence) < 0.5


def test_speech_is_less_sure_than_an_instrument() -> None:
    """Short syllables, half of them voiced, whose pitch glides by up to an octave."""
    random = np.random.default_rng(2)
    syllables = []
    for place in range(16):
        samples = int(random.uniform(0.07, 0.2) * RATE)
        glide = np.linspace(0, random.uniform(-1, 1), samples)
        phase = np.cumsum(random.uniform(90, 220) * 2**glide) / RATE
        pulses = np.diff(np.floor(phase), prepend=0) + 0.02 * random.standard_normal(samples)
        sound = pulses if place % 2 else 0.3 * random.standard_normal(samples)
        for formant_hz, width_hz in ((500, 80), (1500, 110), (2500, 160)):
            radius = np.exp(-np.pi * width_hz / RATE)
            angle = 2 * np.pi * formant_hz * random.uniform(0.7, 1.3) / RATE
            sound = lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], sound)
        syllables.append(np.hanning(samples) * sound / np.abs(sound).max())
    track = track_pitch(np.concatenate(syllables).astype(np.float32), RATE)
    assert np.mean(track.confidence > 0.8) < 0.2
    assert np.median(track.confidence) < 0.5


def test_confidence_falls_with_noise() -> None:
    clean = steady(57)
    levels = [
        np.median(track_pitch(with_noise(clean, snr_db), RATE).confidence)
        for snr_db in (30, 5, 0, -20)
    ]
    assert levels[0] > 0.95
    assert all(sure > unsure for sure, unsure in pairwise(levels))
    assert levels[-1] < 0.05


def test_gaps_of_a_chord_count_and_those_of_a_clarinet_do_not() -> None:
    full = np.ones(8)
    clarinet = np.array([1, 0, 1, 0, 1, 0, 1, 0.0])
    no_fundamental = np.array([0, 1, 1, 1, 1, 1, 1, 1.0])
    triad = np.array([0, 0, 0, 1, 1, 1, 0, 1.0])
    evidence = chord_evidence(np.stack([full, clarinet, no_fundamental, triad]).astype(np.float32))
    assert evidence.tolist() == [0, 0, 1, 3]
