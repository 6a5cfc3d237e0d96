"""Keys of pitch contours: what is one note and what are two."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.analysis.pitch_steps import REST, sounding_keys, tuning_semitones


def keys_of(
    midi: NDArray[np.float64], confidence: NDArray[np.float64] | float = 1.0, tuning: float = 0.0
) -> NDArray[np.int16]:
    f0 = (440 * 2 ** ((midi - 69) / 12)).astype(np.float32)
    return sounding_keys(f0, np.broadcast_to(np.float32(confidence), len(f0)), tuning)


@pytest.mark.parametrize("key", [24, 60, 101])
def test_a_steady_tone_is_its_key(key: int) -> None:
    assert set(keys_of(np.full(100, key + 0.2)).tolist()) == {key}


def test_vibrato_of_half_a_semitone_is_one_key() -> None:
    midi = 60 + 0.5 * np.sin(2 * np.pi * 5.5 * np.arange(500) / 250)
    assert set(keys_of(midi).tolist()) == {60}


def test_octave_glitches_are_bridged() -> None:
    midi = np.full(200, 60.0)
    midi[100:105] = 72
    assert set(keys_of(midi).tolist()) == {60}


def test_a_step_is_where_the_pitch_passes_the_middle() -> None:
    midi = np.concatenate([np.full(100, 60.0), np.linspace(60, 62, 11), np.full(100, 62.0)])
    keys = keys_of(midi)
    assert set(keys[:95].tolist()) == {60}
    assert set(keys[116:].tolist()) == {62}


def test_notes_of_60_ms_are_kept_apart() -> None:
    midi = np.repeat([60.0, 62, 64, 65, 67], 15)
    assert keys_of(midi).tolist() == np.repeat([60, 62, 64, 65, 67], 15).tolist()


def test_without_confidence_there_is_a_rest() -> None:
    confidence = np.where((np.arange(300) >= 100) & (np.arange(300) < 200), 0.05, 0.95)
    keys = keys_of(np.full(300, 64.0), confidence)
    assert set(keys[:95].tolist()) == {64}
    assert set(keys[105:195].tolist()) == {REST}


def test_without_f0_there_is_a_rest() -> None:
    keys = sounding_keys(np.zeros(50, np.float32), np.ones(50, np.float32), 0.0)
    assert set(keys.tolist()) == {REST}


@pytest.mark.parametrize("offset", [-0.2, 0.0, 0.15])
def test_tuning_is_the_offset_that_all_notes_share(offset: float) -> None:
    midi = np.repeat([60.0, 64, 67, 71], 100) + offset
    f0 = (440 * 2 ** ((midi - 69) / 12)).astype(np.float32)
    assert tuning_semitones(f0, np.ones(400, np.float32)) == pytest.approx(offset, abs=1e-3)


def test_tuning_is_not_believed_beyond_a_quarter_semitone() -> None:
    f0 = np.full(100, 440 * 2 ** (-0.45 / 12), np.float32)
    assert tuning_semitones(f0, np.ones(100, np.float32)) == -0.25


def test_a_glide_has_no_tuning() -> None:
    f0 = (440 * 2 ** (np.linspace(0, 5, 500) / 12)).astype(np.float32)
    assert tuning_semitones(f0, np.ones(500, np.float32)) == 0.0
