"""Oscillators follow pitches that can be meant."""

import numpy as np

from plugin_core.hearing.believed_pitch import within_range, without_dips


def hz(*parts: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(count, value) for value, count in parts]).astype(np.float32)


def test_a_short_leap_down_is_bridged():
    heard = hz((590, 100), (340, 1), (196.5, 12), (786, 100))
    np.testing.assert_array_equal(without_dips(heard), hz((590, 113), (786, 100)))


def test_low_notes_that_last_stay():
    heard = hz((590, 100), (196.5, 40), (786, 100))
    np.testing.assert_array_equal(without_dips(heard), heard)


def test_melody_and_vibrato_stay():
    time = np.arange(1000) / 250
    heard = (440 * 2 ** (np.round(3 * np.sin(time)) / 12 + 0.04 * np.sin(35 * time) / 12)).astype(
        np.float32
    )
    np.testing.assert_array_equal(without_dips(heard), heard)


def test_outside_of_its_range_an_instrument_holds_its_pitch():
    """A violin's lowest string is G3, 196 Hz."""
    heard = hz((110, 5), (440, 500), (130, 30), (550, 500))
    sure = np.ones(len(heard), np.float32)
    found = within_range(heard, sure, -20 * sure, "violin")
    np.testing.assert_array_equal(found, hz((440, 535), (550, 500)))


def test_another_instrument_keeps_its_pitch():
    heard = hz((110, 500), (440, 500))
    sure = np.ones(len(heard), np.float32)
    np.testing.assert_array_equal(within_range(heard, sure, -20 * sure, "violin"), heard)
    np.testing.assert_array_equal(within_range(heard, sure, -20 * sure, "kazoo"), heard)


def test_no_frames_are_no_frames():
    nothing = np.zeros(0, np.float32)
    assert len(without_dips(nothing)) == 0
    assert len(within_range(nothing, nothing, nothing, "violin")) == 0
