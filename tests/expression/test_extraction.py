"""The six controls against DESIGN.md, section 5, with closed forms."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.expression import extraction
from plugin_core.types import Frames, Note

NOTE_LENGTHS = (200, 251, 333, 418, 500, 777, 1003)


def frames_of(
    count: int,
    *,
    f0_hz: float | NDArray[np.float64] = 440.0,
    amplitude_db: float | NDArray[np.float64] = -40.0,
    harmonic: int = 1,
    noise_db: float | NDArray[np.float64] = -80.0,
    confidence: float = 1.0,
) -> Frames:
    harmonics = np.zeros((count, 100), dtype=np.float32)
    harmonics[:, harmonic - 1] = 1.0
    levels = np.broadcast_to(amplitude_db, count)
    noise_levels = np.broadcast_to(np.reshape(noise_db, (-1, 1)), (count, 65))
    return Frames(
        f0_hz=np.broadcast_to(f0_hz, count).astype(np.float32),
        confidence=np.full(count, confidence, dtype=np.float32),
        loudness_db=levels.astype(np.float32),
        amplitude=(10 ** (levels / 20)).astype(np.float32),
        harmonics=harmonics,
        noise=(10 ** (noise_levels / 20)).astype(np.float32),
    )


def sinusoidal_f0(
    count: int, cents: float, rate_hz: float, phase: float = 0.0
) -> NDArray[np.float64]:
    seconds = np.arange(count) / 250
    return 440.0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * rate_hz * seconds + phase))


def whole(frames: Frames, gain_db: float = 0.0) -> extraction.Expression:
    return extraction.expression(frames, slice(0, len(frames)), gain_db)


@pytest.mark.parametrize(("level_db", "volume"), [(-90.0, 0.0), (-60.0, 0.5), (-30.0, 1.0)])
def test_volume_is_the_mean_level_from_minus_90_to_minus_30_db(
    level_db: float, volume: float
) -> None:
    assert whole(frames_of(300, amplitude_db=level_db)).volume == pytest.approx(volume, abs=1e-6)


def test_a_linear_crescendo_reads_its_theory() -> None:
    count = 501
    found = whole(frames_of(count, amplitude_db=np.linspace(-60, -36, count)))
    assert found.volume == pytest.approx((-48 + 90) / 60, abs=1e-6)
    # A uniform distribution of `count` points over 24 dB.
    assert found.volume_fluctuation == pytest.approx(
        np.sqrt((count + 1) / (count - 1) / 12), abs=1e-6
    )
    assert found.volume_peak_position == 1.0


def test_a_linear_decrescendo_peaks_at_its_onset() -> None:
    assert whole(frames_of(100, amplitude_db=np.linspace(-36, -60, 100))).volume_peak_position == 0


@pytest.mark.parametrize("position", [0.0, 0.25, 0.7, 1.0])
def test_peak_position_is_where_the_largest_amplitude_is(position: float) -> None:
    away = np.abs(np.linspace(0, 1, 401) - position)
    found = whole(frames_of(401, amplitude_db=-40 - 20 * away))
    assert found.volume_peak_position == pytest.approx(position, abs=1e-9)


def test_a_steady_note_peaks_at_its_onset_and_does_not_fluctuate() -> None:
    found = whole(frames_of(300))
    assert found.volume_peak_position == 0
    assert found.volume_fluctuation == pytest.approx(0, abs=1e-9)
    assert found.vibrato == 0


@pytest.mark.parametrize("count", NOTE_LENGTHS)
@pytest.mark.parametrize("rate_hz", [4.5, 5.5, 6.7])
@pytest.mark.parametrize("phase", [0.0, 1.1, 2.6])
def test_vibrato_of_80_thirds_cents_reads_one(count: int, rate_hz: float, phase: float) -> None:
    # The DFT peak of a sinusoid is amplitude / 2 x the window's mean, 3/4, times 10.
    f0 = sinusoidal_f0(count, 80 / 3, rate_hz, phase)
    assert extraction.vibrato(f0) == pytest.approx(1.0, abs=0.02)
    assert extraction.vibrato_rate_hz(f0) == pytest.approx(rate_hz, rel=0.02)


def test_vibrato_does_not_depend_on_how_the_length_falls_on_the_bins() -> None:
    readings = [extraction.vibrato(sinusoidal_f0(n, 20, 5.5)) for n in range(300, 420, 3)]
    assert max(readings) - min(readings) < 0.02 * 0.75


def test_vibrato_depth_and_reading_are_one_scale() -> None:
    assert extraction.vibrato_depth_semitones(1.0) == pytest.approx(0.8 / 3)


@pytest.mark.parametrize("rate_hz", [2.5, 9.7, 20.0])
def test_movement_outside_3_to_9_hz_is_no_vibrato(rate_hz: float) -> None:
    f0 = sinusoidal_f0(500, 30, rate_hz)
    assert extraction.vibrato(f0) == 0
    assert extraction.vibrato_rate_hz(f0) == 0


def test_no_vibrato_in_50_frames_but_in_51() -> None:
    assert extraction.vibrato(sinusoidal_f0(50, 30, 8)) == 0
    assert extraction.vibrato(sinusoidal_f0(51, 30, 8)) > 0


def test_vibrato_needs_one_whole_cycle() -> None:
    # 55 frames hold 0.9 of a cycle of 4 Hz.
    assert extraction.vibrato(sinusoidal_f0(55, 30, 4)) == 0


def test_no_f0_no_vibrato() -> None:
    assert extraction.vibrato(np.zeros(300)) == 0


def test_a_slow_glide_is_no_vibrato() -> None:
    assert extraction.vibrato(440 * 2 ** np.linspace(0, 1 / 12, 400)) == 0


@pytest.mark.parametrize("harmonic", [1, 3, 12, 60])
def test_brightness_of_a_single_harmonic_is_its_number_by_12(harmonic: int) -> None:
    found = whole(frames_of(100, harmonic=harmonic))
    assert found.brightness == pytest.approx(harmonic / 12, abs=1e-6)


def test_brightness_looks_at_60_harmonics() -> None:
    harmonics = np.full((10, 100), 0.01)
    assert extraction.brightness(harmonics) == pytest.approx(61 / 2 / 12)


@pytest.mark.parametrize(("noise_db", "reading"), [(-105.0, 0.0), (-85.0, 0.5), (-65.0, 1.0)])
def test_attack_noise_is_from_minus_105_to_minus_65_db(noise_db: float, reading: float) -> None:
    assert whole(frames_of(100, noise_db=noise_db)).attack_noise == pytest.approx(reading, abs=1e-6)


def test_attack_noise_is_that_of_the_first_10_frames() -> None:
    noise_db = np.where(np.arange(100) < 10, -85.0, -20.0)
    assert whole(frames_of(100, noise_db=noise_db)).attack_noise == pytest.approx(0.5, abs=1e-6)


def test_gain_moves_volume_and_attack_noise_only() -> None:
    before = whole(frames_of(300, f0_hz=sinusoidal_f0(300, 20, 6), harmonic=5))
    after = whole(frames_of(300, f0_hz=sinusoidal_f0(300, 20, 6), harmonic=5), gain_db=-6.0)
    assert after.volume - before.volume == pytest.approx(-0.1)
    assert after.attack_noise - before.attack_noise == pytest.approx(-0.15)
    assert after[1:5] == pytest.approx(before[1:5])


def test_reference_gain_puts_loud_frames_at_volume_0_9() -> None:
    levels = np.linspace(-70, -10, 1001)
    frames = frames_of(1001, amplitude_db=levels)
    gain = extraction.reference_gain_db(frames)
    assert np.percentile(levels, 95) + gain == pytest.approx(-36, abs=1e-3)
    assert (-36 + 90) / 60 == 0.9


def test_reference_gain_of_silence_is_none() -> None:
    assert extraction.reference_gain_db(frames_of(10, confidence=0.1)) == 0.0


def test_silence_reads_the_floor() -> None:
    frames = frames_of(100, f0_hz=0.0, amplitude_db=-np.inf, noise_db=-np.inf)
    found = whole(frames)
    assert found.volume == pytest.approx((-120 + 90) / 60)
    assert found.attack_noise == pytest.approx((-120 + 105) / 40)
    assert np.isfinite(found).all()


def test_a_note_has_the_frames_from_its_onset_to_its_offset() -> None:
    assert extraction.note_frames(Note(0.1, 0.5, 60, 64), 1000) == slice(25, 125)
    assert extraction.note_frames(Note(0.1019, 0.5021, 60, 64), 1000) == slice(25, 126)
    assert extraction.note_frames(Note(0.1, 0.1, 60, 64), 1000) == slice(25, 26)
    assert extraction.note_frames(Note(3.9, 9.0, 60, 64), 1000) == slice(975, 1000)
    assert extraction.note_frames(Note(9.0, 9.5, 60, 64), 1000) == slice(999, 1000)


def test_notes_keep_their_order() -> None:
    notes = [Note(0.5, 1.0, 69, 90), Note(0.0, 0.5, 69, 64)]
    frames = frames_of(250, amplitude_db=np.where(np.arange(250) < 125, -60.0, -30.0))
    found = extraction.extract(frames, notes, 0.0)
    assert [expressive.note for expressive in found] == notes
    assert [round(expressive.expression.volume, 6) for expressive in found] == [1.0, 0.5]


def test_chance_is_no_peak() -> None:
    levels = -40 + np.random.default_rng(0).normal(0, 0.05, 300)
    assert extraction.volume_peak_position(levels) == 0
    assert extraction.volume_peak_position(levels + np.linspace(0, 1, 300)) > 0.8
