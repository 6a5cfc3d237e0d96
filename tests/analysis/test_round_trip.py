"""Known parameters, made audible, heard again: the figures for analysis without learning."""

import numpy as np
import pytest

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import track_pitch
from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.expression.extraction import expression, reference_gain_db
from plugin_core.types import HARMONICS, NOISE_BANDS, Frames
from tests.analysis.additive import vibrato

FRAMES = 501
NOTE = slice(100, 400)


def known(f0_hz: float, kind: str) -> Frames:
    """Return a note in the middle of silence, with noise 60 dB below its amplitude."""
    pitch = vibrato(f0_hz, FRAMES) if kind == "vibrato" else np.full(FRAMES, f0_hz)
    level_db = np.linspace(-40, -20, FRAMES) if kind == "crescendo" else np.full(FRAMES, -25.0)
    amplitude, noise = 10 ** (level_db / 20), np.full((FRAMES, NOISE_BANDS), 10 ** (-85 / 20))
    amplitude[: NOTE.start] = amplitude[NOTE.stop :] = 0
    noise[: NOTE.start] = noise[NOTE.stop :] = 0
    count = min(HARMONICS, int(0.42 * 48000 / f0_hz))
    shares = np.zeros((FRAMES, HARMONICS))
    shares[:, :count] = np.exp(-np.arange(count) / 5)
    shares /= shares.sum(axis=1, keepdims=True)
    fields = (pitch, amplitude > 0, np.zeros(FRAMES), amplitude, shares, noise)
    return Frames(*(np.asarray(field, np.float32) for field in fields))


@pytest.mark.parametrize("kind", ["steady", "vibrato", "crescendo"])
@pytest.mark.parametrize(
    "f0_hz",
    [
        pytest.param(41.2, marks=pytest.mark.full),
        82.4,
        pytest.param(261.6, marks=pytest.mark.full),
        440.0,
        1760.0,
    ],
)
def test_pitch_harmonics_and_controls_come_back(f0_hz: float, kind: str) -> None:
    wanted = known(f0_hz, kind)
    samples = (FRAMES - 1) * 192
    audio = synthesize(
        wanted.f0_hz, wanted.amplitude, wanted.harmonics, wanted.noise, 48000, samples
    )
    pitch = track_pitch(audio, 48000)
    found = measure_frames(audio, 48000, pitch)

    inside = slice(NOTE.start + 25, NOTE.stop - 25)
    cents = 1200 * np.log2(found.f0_hz[inside] / wanted.f0_hz[inside])
    assert np.median(np.abs(cents)) < 1
    range_db = 60 if f0_hz >= 100 else 40
    there = wanted.harmonics[0] > wanted.harmonics[0].max() * 10 ** (-range_db / 20)
    # Noise stands in the window of a harmonic; no measurement tells what is 10 dB above it.
    audible = wanted.amplitude[inside, None] * wanted.harmonics[inside] > 10 ** (-85 / 20)
    ratio = (found.amplitude[:, None] * found.harmonics)[inside] / np.maximum(
        wanted.amplitude[inside, None] * wanted.harmonics[inside], 1e-9
    )
    errors_db = 20 * np.log10(np.maximum(ratio[audible & there], 1e-9))
    assert np.median(np.abs(errors_db)) < 0.1

    gain_db = reference_gain_db(wanted)
    controls = zip(expression(found, NOTE, gain_db), expression(wanted, NOTE, gain_db), strict=True)
    differences = [there - here for here, there in controls]
    tolerances = np.full(6, 0.02)
    # Where an even tone is loudest is no question; else it is known to half a window, two periods.
    periods = 250 * 2 / f0_hz / (NOTE.stop - NOTE.start)
    tolerances[2] = max(0.02, periods) if kind == "crescendo" else 1
    assert (np.abs(differences) < tolerances).all(), differences
