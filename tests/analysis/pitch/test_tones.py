"""f0 of tones that are known exactly."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.analysis.pitch import track_pitch
from tests.analysis.pitch.tones import RATE, at_frames, cents, midi_hz, tone, with_noise

SAW = [1 / k for k in range(1, 40)]
SECONDS = np.arange(int(1.2 * RATE)) / RATE
INSIDE = slice(30, -30)

SPECTRA = {
    "falling": SAW,
    "sine": [1.0],
    "no_fundamental": [0.0, *SAW[1:]],
    "weak_fundamental": [0.03, *SAW[1:]],
    "odd_only": [level * (k % 2) for k, level in enumerate(SAW, start=1)],
    "strong_second": [0.15, 1.0, 0.15, 0.5, 0.1, 0.3, 0.1, 0.2],
}


@pytest.mark.parametrize("f0_hz", [40.0, 97.3, 440.0, 1000.0, 2000.0])
@pytest.mark.parametrize("shape", ["steady", "crescendo", "vibrato"])
def test_f0_of_a_tone_is_right_to_a_cent(f0_hz: float, shape: str) -> None:
    depth = 50 if shape == "vibrato" else 0
    true = f0_hz * 2 ** (depth * np.sin(2 * np.pi * 5.5 * SECONDS) / 1200)
    audio = tone(true, SAW)
    if shape == "crescendo":
        audio *= (10 ** (2 * SECONDS / SECONDS[-1] - 2)).astype(np.float32)
    track = track_pitch(audio, RATE)
    error = cents(track.f0_hz, at_frames(true, len(track.f0_hz)))[INSIDE]
    assert np.median(np.abs(error)) < 1
    assert track.confidence[INSIDE].min() > 0.8


@pytest.mark.parametrize("rate_hz", [3.0, 5.5, 8.0])
@pytest.mark.parametrize("depth_cents", [10.0, 50.0])
@pytest.mark.parametrize("f0_hz", [110.0, 660.0])
def test_rate_and_depth_of_vibrato_come_back(
    f0_hz: float, depth_cents: float, rate_hz: float
) -> None:
    seconds = np.arange(int(2.2 * RATE)) / RATE
    true = f0_hz * 2 ** (depth_cents * np.sin(2 * np.pi * rate_hz * seconds) / 1200)
    track = track_pitch(with_noise(tone(true, SAW), 40), RATE)
    inside = np.arange(25, 525)
    heard = cents(track.f0_hz[inside], f0_hz)
    rates = rate_hz * np.linspace(0.9, 1.1, 201)
    waves = np.exp(-2j * np.pi * np.outer(rates, inside / 250))
    window = np.hanning(len(inside))
    magnitude = np.abs(waves @ (window * (heard - heard.mean()))) * 2 / window.sum()
    assert rates[magnitude.argmax()] == pytest.approx(rate_hz, rel=0.02)
    assert magnitude.max() == pytest.approx(depth_cents, rel=0.02)


def errors_cents(
    spectrum: str, midi_pitch: int, snr_db: float, depth: float
) -> NDArray[np.float64]:
    seconds = np.arange(int(0.7 * RATE)) / RATE
    true = midi_hz(midi_pitch) * 2 ** (depth * np.sin(2 * np.pi * 5.5 * seconds) / 1200)
    track = track_pitch(with_noise(tone(true, SPECTRA[spectrum]), snr_db), RATE)
    error = cents(np.maximum(track.f0_hz, 1), at_frames(true, len(track.f0_hz)))
    return np.abs(error[15:-15])


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("midi_pitch", [24, 43, 62, 81, 101])
@pytest.mark.parametrize("snr_db", [15, 40])
def test_octave_is_right(spectrum: str, midi_pitch: int, snr_db: float) -> None:
    if spectrum == "no_fundamental" and midi_pitch > 91:
        midi_pitch = 91  # Above, nothing below 7 kHz tells it from the octave.
    assert errors_cents(spectrum, midi_pitch, snr_db, 0).max() < 60


@pytest.mark.full
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("snr_db", [15, 40])
@pytest.mark.parametrize("depth_cents", [0, 30])
def test_octave_is_right_at_every_pitch(spectrum: str, snr_db: float, depth_cents: float) -> None:
    pitches = range(24, 92 if spectrum == "no_fundamental" else 102)
    wrong = [
        midi_pitch
        for midi_pitch in pitches
        if np.mean(errors_cents(spectrum, midi_pitch, snr_db, depth_cents) > 60) > 0.04
    ]
    # At 38.9 Hz the window that hears the strong second harmonic is deaf to the weak first.
    assert wrong == ([27] if wrong and spectrum == "strong_second" else [])


def test_melody_is_followed_through_leaps() -> None:
    keys = [60, 72, 55, 79, 67, 64]
    true = np.concatenate([np.full(RATE // 5, midi_hz(key)) for key in keys])
    track = track_pitch(with_noise(tone(true, SAW), 40), RATE)
    for place, key in enumerate(keys):
        inside = track.f0_hz[50 * place + 8 : 50 * place + 43]
        assert np.abs(cents(inside, midi_hz(key))).max() < 10


def test_range_that_is_asked_for_is_kept() -> None:
    audio = tone(np.full(RATE, 220.0), SAW)
    track = track_pitch(audio, RATE, lowest_hz=300.0, highest_hz=900.0)
    heard = track.f0_hz[track.f0_hz > 0]
    assert ((heard > 290) & (heard < 930)).all()
