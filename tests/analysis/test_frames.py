from typing import NamedTuple

import numpy as np
import pytest

from plugin_core.analysis.frames import measure_frame_blocks, measure_frames
from plugin_core.analysis.loudness import frame_count
from plugin_core.types import FRAME_RATE, HARMONICS, Frames
from tests.analysis.additive import Curve, harmonic_tone, vibrato

FIELDS = tuple(Frames.__dataclass_fields__)
FRAMES = 201


class Known(NamedTuple):
    f0_hz: Curve
    confidence: Curve

    @classmethod
    def steady(cls, f0_hz: float, frames: int, confidence: float = 1.0) -> "Known":
        return cls(np.full(frames, f0_hz), np.full(frames, confidence))


def amplitudes_of(f0_hz: float, frames: int, sample_rate: int, lowest_db: float) -> Curve:
    """Harmonics up to 0.44 of the rate, `lowest_db` to 0 dB under -20 dB in a shuffled order."""
    count = min(HARMONICS, int(0.44 * sample_rate / f0_hz / 1.03))
    levels = np.linspace(0, lowest_db, count) - 20
    np.random.default_rng(5).shuffle(levels[1:])
    result = np.zeros((frames, HARMONICS))
    result[:, :count] = 10 ** (levels / 20)
    return result


def worst_db(measured: Frames, wanted: Curve, edge: int = 30) -> float:
    there = wanted[edge:-edge] > 0
    found = (measured.amplitude[:, None] * measured.harmonics)[edge:-edge]
    ratio = np.maximum(found, 1e-9)[there] / wanted[edge:-edge][there]
    return float(np.abs(20 * np.log10(ratio)).max())


def check_round_trip(f0_hz: float, kind: str, sample_rate: int) -> None:
    pitch = vibrato(f0_hz, FRAMES) if kind == "vibrato" else np.full(FRAMES, f0_hz)
    wanted = amplitudes_of(f0_hz, FRAMES, sample_rate, -60 if f0_hz >= 100 else -40)
    if kind == "crescendo":
        wanted *= 10 ** (np.linspace(-30, 0, FRAMES) / 20)[:, None]
    audio = harmonic_tone(pitch, wanted, sample_rate)
    measured = measure_frames(audio, sample_rate, Known(pitch, np.ones(FRAMES)))
    assert worst_db(measured, wanted) < 0.2


@pytest.mark.parametrize("kind", ["steady", "vibrato", "crescendo"])
@pytest.mark.parametrize("f0_hz", [40, 100, 440, 2000])
def test_harmonics_down_to_60_db_below_the_strongest(f0_hz: float, kind: str) -> None:
    # The issue asks for 0.5 dB, and for 40 dB of range below 100 Hz.
    check_round_trip(f0_hz, kind, 48000)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["steady", "vibrato", "crescendo"])
@pytest.mark.parametrize("f0_hz", [45, 55, 65, 82, 131, 220, 311, 660, 880, 1200, 1500])
@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000, 96000])
def test_harmonics_at_many_pitches_and_rates(f0_hz: float, kind: str, sample_rate: int) -> None:
    check_round_trip(f0_hz, kind, sample_rate)


@pytest.mark.parametrize("sample_rate", [8000, 16000, 44100, 96000])
def test_harmonics_at_other_rates(sample_rate: int) -> None:
    check_round_trip(311, "vibrato", sample_rate)


@pytest.mark.parametrize("f0_hz", [100, 440, 1000])
def test_loud_harmonics_raise_no_noise(f0_hz: float) -> None:
    pitch = vibrato(f0_hz, FRAMES)
    audio = harmonic_tone(pitch, amplitudes_of(f0_hz, FRAMES, 48000, -60), 48000)
    noise = measure_frames(audio, 48000, Known(pitch, np.ones(FRAMES))).noise[30:-30]
    # Uniform noise of magnitude 1 has a standard deviation of 1 / sqrt(3).
    relative = noise / np.sqrt(3) / audio.std()
    assert 20 * np.log10(relative.max()) < -60


def test_weak_noise_between_loud_harmonics_is_measured() -> None:
    pitch = np.full(FRAMES, 220.0)
    wanted = amplitudes_of(220, FRAMES, 48000, -20)
    audio = harmonic_tone(pitch, wanted, 48000)
    noise = 10 ** (-60 / 20) * np.random.default_rng(0).uniform(-1, 1, len(audio))
    measured = measure_frames(audio + noise.astype(np.float32), 48000, Known(pitch, pitch > 0))
    power = np.square(measured.noise[30:-30], dtype=np.float64).mean()
    assert 10 * np.log10(power) == pytest.approx(-60, abs=1)
    assert worst_db(measured, wanted) < 0.5


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
@pytest.mark.parametrize("f0_hz", [0, 60, 440, 2000])
def test_white_noise_measures_its_magnitude(f0_hz: float, sample_rate: int) -> None:
    # Its density per Hz is the same at every rate, by definition of the unit.
    draw = np.random.default_rng(2)
    audio = 0.1 * np.sqrt(sample_rate / 48000) * draw.uniform(-1, 1, 4 * sample_rate)
    pitch = Known.steady(f0_hz, frame_count(len(audio), sample_rate), 0.0)
    measured = measure_frames(audio.astype(np.float32), sample_rate, pitch)
    bands = min(65, int(sample_rate / 2 / 375) + 1)
    level = 10 * np.log10(np.square(measured.noise[:, :bands], dtype=np.float64).mean(axis=0))
    assert level.mean() == pytest.approx(-20, abs=0.7)
    assert np.abs(level[1:-1] + 20).max() < 1.8
    assert not measured.noise[:, bands:].any()
    harmonic = np.square(measured.amplitude[:, None] * measured.harmonics).sum(axis=1) / 2
    assert harmonic.mean() < 0.05 * np.square(audio).mean()


def test_a_note_begins_and_ends_where_it_does() -> None:
    frames, first, last = 301, 100, 200
    wanted = amplitudes_of(300, frames, 48000, -30)
    wanted[:first] = wanted[last:] = 0
    pitch = np.full(frames, 300.0)
    audio = harmonic_tone(pitch, wanted, 48000)
    noise = 10 ** (-60 / 20) * np.random.default_rng(0).uniform(-1, 1, len(audio))
    noise[: first * 192] = noise[last * 192 :] = 0
    measured = measure_frames((audio + noise).astype(np.float32), 48000, Known(pitch, pitch > 0))
    total = wanted[150].sum()
    assert measured.amplitude[first + 1 : last - 1] == pytest.approx(total, rel=0.03)
    assert (measured.amplitude[: first - 2] < 1e-3 * total).all()
    assert (measured.amplitude[last + 2 :] < 1e-3 * total).all()
    # A tone that is switched on splashes over all frequencies; its first 40 ms must not show it.
    attack_db = 20 * np.log10(measured.noise[first + 1 : first + 11]).mean()
    assert attack_db == pytest.approx(-60, abs=1.5)


def test_blocks_of_any_length_give_the_same_frames() -> None:
    draw = np.random.default_rng(4)
    audio = draw.normal(0, 0.1, 44100 * 9).astype(np.float32)
    frames = frame_count(len(audio), 44100)
    pitch = Known(200 * 2 ** np.sin(np.arange(frames) / 100), np.ones(frames))
    whole = measure_frames(audio, 44100, pitch)
    pieces = np.split(audio, np.sort(draw.integers(0, len(audio), 40)))
    blocks = list(measure_frame_blocks(pieces, 44100, pitch))
    assert len(blocks) > 1
    for name in FIELDS:
        joined = np.concatenate([getattr(block, name) for block in blocks])
        assert np.array_equal(joined, getattr(whole, name)), name


def test_frames_do_not_depend_on_what_is_far_away() -> None:
    audio = np.random.default_rng(4).normal(0, 0.1, 48000 * 6).astype(np.float32)
    pitch = Known.steady(150, frame_count(len(audio), 48000))
    whole = measure_frames(audio, 48000, pitch)
    late = measure_frames(
        audio[48000:], 48000, Known(pitch.f0_hz[FRAME_RATE:], pitch.confidence[FRAME_RATE:])
    )
    found, wanted = (
        frames.amplitude[:, None] * frames.harmonics
        for frames in (late, Frames(*(getattr(whole, name)[FRAME_RATE:] for name in FIELDS)))
    )
    assert np.abs(found - wanted)[100:].max() < 1e-3 * wanted.max()


@pytest.mark.parametrize("sample_rate", [8000, 44100, 192000])
@pytest.mark.parametrize("samples", [0, 1, 5000])
@pytest.mark.parametrize("f0_hz", [0.0, 25.0, 2800.0])
def test_anything_gives_finite_frames(sample_rate: int, samples: int, f0_hz: float) -> None:
    frames = frame_count(samples, sample_rate)
    noise = np.random.default_rng(1).uniform(-1, 1, samples).astype(np.float32)
    for audio in (noise, np.zeros_like(noise)):
        measured = measure_frames(audio, sample_rate, Known.steady(f0_hz, frames))
        for name in FIELDS:
            value = getattr(measured, name)
            assert len(value) == frames
            assert value.dtype == np.float32
            assert np.isfinite(value).all()
        assert measured.harmonics.sum(axis=1) == pytest.approx(1)
        if f0_hz == 0 or not audio.any():
            assert not measured.amplitude.any()
        if not audio.any():
            assert not measured.noise.any()


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_pitch_track_of_another_length_is_refused(difference: int) -> None:
    with pytest.raises(ValueError, match="has 251 frames, found"):
        measure_frames(np.zeros(48000, np.float32), 48000, Known.steady(100, 251 + difference))
