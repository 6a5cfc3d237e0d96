"""A recording that begins in the middle of sound is led in."""

import numpy as np
import pytest

from plugin_core.hearing.lead_in import LEAD_IN, lead_in_frames, with_lead_in


def test_what_begins_sounding_is_led_in_for_room_and_network() -> None:
    loudness_db = np.full(1000, -20, np.float32)
    assert lead_in_frames(loudness_db) == LEAD_IN
    assert LEAD_IN >= 250 + 125  # a second of room, the network's receptive field


@pytest.mark.parametrize("first_db", [-61.0, -120.0])
def test_what_begins_in_silence_is_not(first_db: float) -> None:
    loudness_db = np.full(1000, -20, np.float32)
    loudness_db[:30] = first_db
    assert lead_in_frames(loudness_db) == 0


def test_silence_and_single_frames_have_no_lead_in() -> None:
    assert lead_in_frames(np.full(100, -120, np.float32)) == 0
    assert lead_in_frames(np.zeros(1, np.float32)) == 0
    assert lead_in_frames(np.zeros(0, np.float32)) == 0


def test_a_curve_goes_back_the_way_that_it_comes() -> None:
    curve = np.arange(6, dtype=np.float32)
    assert with_lead_in(curve, 3).tolist() == [3, 2, 1, 0, 1, 2, 3, 4, 5]
    assert with_lead_in(curve, 0).tolist() == curve.tolist()
    # A triangle wave, where the curve is shorter than the lead-in.
    assert with_lead_in(curve[:3], 6).tolist() == [2, 1, 0, 1, 2, 1, 0, 1, 2]


def test_rows_stay_whole() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert with_lead_in(rows, 2).tolist() == [[6, 7, 8], [3, 4, 5], *rows.tolist()]


def test_one_frame_has_nothing_to_mirror() -> None:
    with pytest.raises(ValueError, match="two frames or more, found 1"):
        with_lead_in(np.zeros(1, np.float32), 3)
