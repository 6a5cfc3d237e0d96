"""The harmonic part against sums of sines worked out in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.audio.harmonic_plus_noise import synthesize

RATES = (8000, 16000, 22050, 44100, 48000, 96000, 192000)


def tone(f0_hz, amplitude, harmonics, sample_rate, samples=None) -> np.ndarray:
    silence = np.zeros((len(f0_hz), 65))
    return synthesize(f0_hz, amplitude, harmonics, silence, sample_rate, samples)


def theory(f0_hz, amplitude, harmonics, sample_rate, samples) -> np.ndarray:
    """The sum of sines whose f0 and amplitudes are linear between frames, for f0 > 0."""
    f0_hz, amplitude, harmonics = (
        np.asarray(np.float32(values), float) for values in (f0_hz, amplitude, harmonics)
    )
    time = np.arange(samples) * 250 / sample_rate
    frames = np.arange(len(f0_hz))
    here = np.minimum(time.astype(int), frames[-1])
    begun = np.concatenate(([0], np.cumsum((f0_hz[1:] + f0_hz[:-1]) / 2)))[here]
    slope = np.append(np.diff(f0_hz), 0)[here]
    since = time - here
    cycles = (begun + since * (f0_hz[here] + slope * since / 2)) / 250
    out = np.zeros(samples)
    for number in range(1, harmonics.shape[1] + 1):
        gain = np.clip((0.5 - number * f0_hz / sample_rate) / 0.05, 0, 1)
        level = np.interp(time, frames, amplitude * harmonics[:, number - 1] * gain)
        out += level * np.sin(2 * np.pi * (number * cycles % 1))
    return out


def error_db(found: np.ndarray, expected: np.ndarray) -> float:
    return 10 * np.log10(np.mean((found - expected) ** 2) / np.mean(expected**2))


@pytest.mark.parametrize("sample_rate", RATES)
def test_every_partial_has_its_amplitude_and_starts_as_a_sine(sample_rate):
    """In one second of 50 Hz, bin 50 k of the spectrum is harmonic k: -0.5j * amplitude."""
    count = min(100, int(0.45 * sample_rate / 50))
    shares = np.random.default_rng(0).dirichlet(np.ones(count))
    audio = tone(np.full(251, 50.0), np.full(251, 0.7), np.tile(shares, (251, 1)), sample_rate)
    assert len(audio) == sample_rate
    spectrum = np.fft.rfft(audio.astype(float)) / sample_rate
    partials = spectrum[50 : 50 * count + 1 : 50].copy()
    np.testing.assert_allclose(partials, -0.35j * shares, atol=3e-7)
    spectrum[50 : 50 * count + 1 : 50] = 0
    assert np.abs(spectrum).max() < 3e-7


@pytest.mark.parametrize("sample_rate", RATES)
def test_a_moving_f0_keeps_the_phase(sample_rate):
    rng = np.random.default_rng(1)
    f0 = 300 + 200 * np.sin(np.arange(120) / 7) + rng.normal(size=120)
    amplitude = rng.random(120)
    harmonics = rng.dirichlet(np.ones(60), size=120)
    samples = int(0.5 * sample_rate) + 13
    found = tone(f0, amplitude, harmonics, sample_rate, samples)
    assert error_db(found, theory(f0, amplitude, harmonics, sample_rate, samples)) < -90


def test_a_glide_is_a_chirp():
    """f = 200 + 1000 t: phase 2 pi (200 t + 500 t^2), over all the frames' seams."""
    seconds = np.arange(48000) / 48000
    f0 = 200 + 1000 * np.arange(251) / 250
    audio = tone(f0, np.ones(251), np.ones((251, 1)), 48000)
    chirp = np.sin(2 * np.pi * (200 * seconds + 500 * seconds**2))
    np.testing.assert_allclose(audio, chirp, atol=2e-5)


@given(
    f0=st.floats(20, 5000),
    count=st.integers(1, 100),
    sample_rate=st.sampled_from(RATES),
    seed=st.integers(0, 100),
)
def test_hundred_harmonics_are_exact_to_80_db(f0, count, sample_rate, seed):
    rng = np.random.default_rng(seed)
    frames = rng.uniform(0.97, 1.03, 6) * min(f0, 0.4 * sample_rate)
    harmonics = rng.dirichlet(np.ones(count), size=6)
    samples = sample_rate * 5 // 250
    found = tone(frames, np.ones(6), harmonics, sample_rate, samples)
    expected = theory(frames, np.ones(6), harmonics, sample_rate, samples)
    assert error_db(found, expected) < -90
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("sample_rate", [8000, 44100, 192000])
@pytest.mark.parametrize(("place", "gain"), [(0.44, 1), (0.46, 0.8), (0.49, 0.2), (0.51, 0)])
def test_harmonics_fade_out_near_half_the_sample_rate(sample_rate, place, gain):
    """The second harmonic is at `place`; the first one gets nothing of what the second loses."""
    shares = np.tile([0.25, 0.75], (251, 1))
    audio = tone(np.full(251, place / 2 * sample_rate), np.ones(251), shares, sample_rate)
    window = np.hanning(len(audio))
    time = np.arange(len(audio))
    for number, level in ((1, 0.25), (2, 0.75 * gain)):
        wave = np.exp(-1j * np.pi * number * place * time)
        found = 2 * abs((audio * window * wave).sum()) / window.sum()
        assert found == pytest.approx(level, abs=2e-3)


def test_without_f0_it_is_silent():
    audio = tone(np.zeros(20), np.ones(20), np.ones((20, 100)), 48000)
    assert not audio.any()


def test_next_to_silence_the_pitch_of_the_neighbour_holds():
    """Frames 10..14 have no f0: the tone fades within a frame, at 440 Hz all the time."""
    f0 = np.full(30, 440.0)
    f0[10:15] = 0
    audio = tone(f0, np.ones(30), np.ones((30, 1)), 48000)
    time = np.arange(len(audio)) / 192
    gate = np.interp(time, np.arange(30), f0 > 0)
    # No time passes for the phase between two silent frames.
    cycles = 440 / 250 * (np.minimum(time, 10) + np.clip(time - 14, 0, None))
    assert not audio[10 * 192 : 14 * 192 + 1].any()
    np.testing.assert_allclose(audio, gate * np.sin(2 * np.pi * cycles), atol=2e-5)


def test_the_last_frame_stays():
    audio = tone([100, 200], [0, 0.5], np.ones((2, 1)), 16000, 400)
    cycles = 0.6 + 200 * np.arange(336) / 16000
    np.testing.assert_allclose(audio[64:], 0.5 * np.sin(2 * np.pi * cycles), atol=1e-5)
