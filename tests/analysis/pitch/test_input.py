"""Whatever finite audio comes, at whatever rate."""

import numpy as np
import pytest

from plugin_core.analysis.pitch import PitchTracker, track_pitch
from tests.analysis.pitch.tones import cents, tone

SAW = [1 / k for k in range(1, 30)]


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_every_rate_has_frames_of_4_ms_and_the_same_pitch(rate: int) -> None:
    samples = int(0.6 * rate) + 1
    track = track_pitch(tone(np.full(samples, 233.0), SAW, rate), rate)
    assert len(track.f0_hz) == len(track.confidence) == int(samples * 250 / rate) + 1
    assert np.abs(cents(track.f0_hz[20:-20], 233.0)).max() < 1


@pytest.mark.parametrize("samples", [0, 1, 2, 100, 1000])
def test_short_audio_has_its_frames(samples: int) -> None:
    track = track_pitch(np.full(samples, 0.5, np.float32), 48000)
    assert len(track.f0_hz) == int(samples * 250 / 48000) + 1
    assert np.isfinite(track.f0_hz).all()
    assert (track.confidence < 0.5).all()


def test_offset_and_clipping_are_tolerated() -> None:
    audio = np.clip(8 * tone(np.full(30000, 150.0), SAW), -0.4, 0.4) + np.float32(0.5)
    track = track_pitch(audio, 44100)
    assert np.abs(cents(track.f0_hz[25:-25], 150.0)).max() < 3
    assert track.confidence[25:-25].min() > 0.8


def test_rumble_below_the_range_is_no_pitch_and_hides_none() -> None:
    seconds = np.arange(60000) / 44100
    rumble = (0.3 * np.sin(2 * np.pi * 11 * seconds)).astype(np.float32)
    track = track_pitch(rumble + tone(np.full(60000, 196.0), SAW) / 10, 44100)
    assert np.abs(cents(track.f0_hz[25:-25], 196.0)).max() < 20


def test_bad_calls_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        track_pitch(np.zeros((2, 100), np.float32), 44100)
    with pytest.raises(ValueError, match="positive"):
        PitchTracker(0)
    with pytest.raises(ValueError, match="no pitch lies between"):
        PitchTracker(44100, lowest_hz=500, highest_hz=100)
