"""Transposed frames: the pitch moves, the envelope of the spectrum does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.expression.transposition import envelope_kept, transpose
from tests.expression.performances import performance


def resonance_db(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """A body with a wide resonance at 1.2 kHz that falls off above and below."""
    return -6 * np.abs(np.log2(np.maximum(hz, 1) / 1200))


def distribution(f0_hz: float, count: int = 100) -> NDArray[np.float32]:
    shares = 10 ** (resonance_db(f0_hz * np.arange(1, count + 1)) / 20)
    return (shares / shares.sum())[None].astype(np.float32)


@pytest.mark.parametrize("semitones", [-12, -5, 3, 12, 0.5])
def test_the_pitch_moves_and_all_else_but_the_harmonics_stays(semitones: float) -> None:
    frames = performance().frames
    moved = transpose(frames, semitones)
    np.testing.assert_allclose(12 * np.log2(moved.f0_hz / frames.f0_hz), semitones, atol=1e-4)
    for name in ("amplitude", "noise", "loudness_db", "confidence"):
        np.testing.assert_array_equal(getattr(moved, name), getattr(frames, name))
    np.testing.assert_allclose(moved.harmonics.sum(axis=1), 1, atol=1e-5)


def test_no_semitones_no_change() -> None:
    frames = performance().frames
    assert transpose(frames, 0) is frames


@pytest.mark.parametrize("semitones", [-7, -3, 4, 9])
def test_a_resonance_stays_at_its_frequency(semitones: int) -> None:
    ratio = 2 ** (semitones / 12)
    moved_db = 20 * np.log10(envelope_kept(distribution(150), ratio)[0])
    wanted_db = 20 * np.log10(distribution(150 * ratio)[0])
    heard = slice(0, int(60 / max(ratio, 1)))
    # The envelope is known at the harmonics alone, and smooth over two of them.
    np.testing.assert_allclose(moved_db[heard], wanted_db[heard], atol=3.5)


def test_weak_even_harmonics_stay_weak() -> None:
    harmonics = distribution(150)
    harmonics[:, 1::2] *= 0.1
    moved = envelope_kept(harmonics, 2 ** (4 / 12))[0]
    ratio_db = 20 * np.log10(moved[1:30:2] / np.sqrt(moved[0:30:2] * moved[2:32:2]))
    np.testing.assert_allclose(ratio_db, -20, atol=2)


def test_silent_harmonics_stay_silent() -> None:
    harmonics = np.zeros((3, 100), np.float32)
    harmonics[:2, 0] = 1
    np.testing.assert_array_equal(envelope_kept(harmonics, 1.5), harmonics)


def test_infinitely_far_is_refused() -> None:
    with pytest.raises(ValueError, match="inf"):
        transpose(performance().frames, np.inf)
