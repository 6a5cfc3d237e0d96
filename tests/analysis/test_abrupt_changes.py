import numpy as np

from plugin_core.analysis.abrupt_changes import steadier_frames


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
