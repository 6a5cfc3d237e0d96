"""The division into blocks never shows."""

import numpy as np
import pytest

from plugin_core.analysis.pitch import PitchTracker, track_pitch
from plugin_core.analysis.pitch.carrying import Carrying
from plugin_core.analysis.pitch.tracked_audio import TrackedAudio
from plugin_core.analysis.resampling import resample
from tests.analysis.pitch.tones import midi_hz, noise, tone


def in_blocks(audio: np.ndarray, rate: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    tracker = PitchTracker(rate)
    parts = [tracker.add(audio[start : start + size]) for start in range(0, len(audio), size)]
    parts.append(tracker.finish())
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


@pytest.mark.parametrize("size", [997, 30000, 200000])
def test_blocks_give_the_frames_of_the_whole(size: int) -> None:
    rate = 44100
    keys = [50, 57, 69, 53]
    notes = [tone(np.full(2 * rate, midi_hz(key)), [1.0, 0.5, 0.3], rate) for key in keys]
    notes.insert(2, np.zeros(2 * rate, np.float32))
    audio = np.concatenate(notes) + 1e-3 * noise(10 * rate)
    whole = track_pitch(audio, rate)
    f0_hz, confidence = in_blocks(audio, rate, size)
    assert np.array_equal(f0_hz, whole.f0_hz)
    assert np.array_equal(confidence, whole.confidence)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 96001])
def test_audio_in_blocks_is_resampled_as_the_whole_is(rate: int) -> None:
    audio = noise(3 * rate + 7)
    tracked = TrackedAudio(rate)
    for start in range(0, len(audio), 1234):
        tracked.add(audio[start : start + 1234])
    tracked.finish()
    whole = resample(audio, rate, 16000)
    assert np.allclose(tracked.samples(0, len(whole)), whole, atol=1e-5)


def test_f0_is_carried_straight_in_pitch_through_a_gap() -> None:
    carrying = Carrying()
    blocks = [[0, 0, 100, 100], [0], [0, 0], [200, 0]]
    parts = [carrying.add(np.array(block, float), np.zeros(len(block))) for block in blocks]
    parts.append(carrying.finish())
    f0_hz = np.concatenate(parts, axis=1)[0]
    assert f0_hz == pytest.approx(
        [100, 100, 100, 100, *(100 * 2 ** (np.arange(1, 4) / 4)), 200, 200]
    )


def test_nothing_voiced_is_0_everywhere() -> None:
    carrying = Carrying()
    assert carrying.add(np.zeros(3), np.zeros(3)).shape == (2, 0)
    assert carrying.finish()[0].tolist() == [0, 0, 0]
