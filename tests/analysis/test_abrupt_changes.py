import numpy as np

from plugin_core.analysis.abrupt_changes import steadier_frames
from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch import PitchTrack


def test_frames_about_an_edge_look_to_their_own_side() -> None:
    level_db = np.where(np.arange(60) < 30, -100.0, -20.0)
    looked_at = steadier_frames(level_db, np.full(60, 4), 20.0)
    assert np.array_equal(looked_at[26:30], np.arange(22, 26))
    assert np.array_equal(looked_at[30:34], np.arange(34, 38))
    untouched = np.r_[4:26, 34:56]
    assert np.array_equal(looked_at[untouched], untouched)


def test_a_sound_that_fills_the_recording_looks_inside_at_its_ends() -> None:
    looked_at = steadier_frames(np.full(40, -20.0), np.full(40, 3), 20.0)
    assert np.array_equal(looked_at[:3], [3, 4, 5])
    assert np.array_equal(looked_at[-3:], [34, 35, 36])


def test_gradual_changes_are_left_alone() -> None:
    level_db = np.linspace(-100, 0, 200)
    looked_at = steadier_frames(level_db, np.full(200, 5), 20.0)
    assert np.array_equal(looked_at[11:-11], np.arange(11, 189))


def test_of_a_leap_each_side_is_looked_at_from_that_side() -> None:
    pitch = np.where(np.arange(40) < 20, 48.0, 60.0)
    looked_at = steadier_frames(pitch, np.full(40, 5), 4.0, outside=None)
    assert np.array_equal(looked_at[15:20], np.arange(10, 15))
    assert np.array_equal(looked_at[20:25], np.arange(25, 30))
    assert np.array_equal(looked_at[:15], np.arange(15))
    assert np.array_equal(looked_at[25:], np.arange(25, 40))


def test_a_leap_makes_no_burst_of_noise() -> None:
    rate = 44100
    hz = np.where(np.arange(rate) < rate // 2, 330.0, 660.0)
    phase = 2 * np.pi * np.cumsum(hz) / rate
    audio = sum(0.1 / k * np.sin(k * phase) for k in range(1, 11)).astype(np.float32)
    f0_hz = np.where(np.arange(251) < 125, 330.0, 660.0).astype(np.float32)
    frames = measure_frames(audio, rate, PitchTrack(f0_hz, np.ones(251, np.float32)))
    noise_db = 20 * np.log10(np.sqrt((frames.noise**2).mean(axis=1)) + 1e-9)
    tone_db = 20 * np.log10(frames.amplitude.max())
    assert noise_db[110:140].max() < tone_db - 30
