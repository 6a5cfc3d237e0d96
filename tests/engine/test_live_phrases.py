"""What the causal performer knows of a note: the notes before it, and nothing after it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.engine.live_layout import NOTE_FEATURES, PITCH_BELLS
from plugin_core.engine.live_phrases import (
    CHORD_S,
    HISTORY,
    MIDDLE_VELOCITY,
    begin_note,
    end_note,
)

(
    KEY_FROM_MEAN,
    IS_NEAR,
    IS_LEGATO,
    NEAR_60_MS,
    _NEAR_200_MS,
    _NEAR_700_MS,
    INTERVAL,
    INTERVAL_SIZE,
    IS_REPEATED,
    LAST_INTERVAL,
    BETWEEN,
    LENGTH,
    PHRASE,
    SHARE,
    MEAN_LENGTH,
    MEAN_BETWEEN,
    MEAN_LEGATO,
    COUNT,
    IS_VELOCITY_KNOWN,
    VELOCITY,
    MEAN_VELOCITY,
    LOUDER,
    STYLE,
) = range(PITCH_BELLS + 1, NOTE_FEATURES)

Note = tuple[float, float, float, float]
"""Onset and offset in seconds, pitch, velocity."""


def known(*notes: Note, style: float = 0.5) -> NDArray[np.float32]:
    """Return what is known of every note, shape (notes, NOTE_FEATURES), keys up when they come."""
    events = sorted(
        [(note[0], 1, index) for index, note in enumerate(notes)]
        + [(note[1], 0, index) for index, note in enumerate(notes)]
    )
    history = np.zeros(HISTORY)
    q = np.full((len(notes), NOTE_FEATURES), np.nan, np.float32)
    for at_s, is_on, index in events:
        _, _, pitch, velocity = notes[index]
        if is_on:
            begin_note(history, pitch, velocity, at_s, style, q[index])
        else:
            end_note(history, pitch, at_s)
    assert np.isfinite(q).all()
    assert np.isfinite(history).all()
    return q


def scaled(seconds: float) -> float:
    """Two octaves of 0.3 s are 1."""
    return float(np.log2(seconds / 0.3) / 2)


def test_a_first_note_has_nothing_before_it() -> None:
    (q,) = known((5.0, 6.0, 63.0, MIDDLE_VELOCITY))
    assert q[PITCH_BELLS] == 0.0
    for column in (KEY_FROM_MEAN, IS_NEAR, IS_LEGATO, INTERVAL, IS_REPEATED, LAST_INTERVAL, COUNT):
        assert q[column] == 0.0
    assert q[NEAR_60_MS] == pytest.approx(0.0, abs=1e-6)
    assert q[STYLE] == 0.0
    assert q[IS_VELOCITY_KNOWN] == q[VELOCITY] == 0.0


def test_intervals_gaps_and_lengths_are_those_of_the_notes_before() -> None:
    _, second, third = known((0.0, 0.5, 60, 64), (0.56, 0.86, 67, 64), (0.86, 2.0, 67, 64))
    assert second[INTERVAL] == second[INTERVAL_SIZE] == pytest.approx(7 / 12)
    assert second[NEAR_60_MS] == pytest.approx(np.exp(-1), rel=1e-5)
    assert (second[IS_NEAR], second[IS_LEGATO]) == (1.0, 0.0)
    assert second[BETWEEN] == second[PHRASE] == pytest.approx(scaled(0.56), rel=1e-5)
    assert second[LENGTH] == second[MEAN_LENGTH] == pytest.approx(scaled(0.5), rel=1e-5)
    assert second[SHARE] == pytest.approx(0.5 / 0.56)
    assert second[KEY_FROM_MEAN] == pytest.approx(7 / 12)
    assert (third[IS_LEGATO], third[IS_REPEATED], third[INTERVAL]) == (1.0, 1.0, 0.0)
    assert third[LAST_INTERVAL] == pytest.approx(7 / 12)
    assert third[MEAN_LENGTH] == pytest.approx((scaled(0.5) + scaled(0.3)) / 2, rel=1e-5)
    # The second note was not joined to the first: of one join, none and what was thought at first.
    assert third[MEAN_LEGATO] == pytest.approx(0.25)
    assert third[MEAN_BETWEEN] == pytest.approx(scaled(0.56) / 2, rel=1e-5)
    assert third[COUNT] == pytest.approx(2 / 8)


def test_nothing_of_the_note_itself_or_after_it_is_known() -> None:
    notes = [(0.0, 0.4, 60.0, 70.0), (0.5, 0.9, 62.0, 80.0), (1.0, 1.4, 64.0, 50.0)]
    whole = known(*notes)
    other = known(*notes[:2], (1.0, 9.0, 64.0, 50.0), (12.0, 13.0, 30.0, 1.0))
    np.testing.assert_array_equal(whole, other[:3])
    np.testing.assert_array_equal(whole[:2], known(*notes[:2]))


def test_a_key_that_is_still_down_is_legato() -> None:
    overlapping = known((0.0, 0.8, 60, 64), (0.5, 1.0, 62, 64))
    joined = known((0.0, 0.5, 60, 64), (0.5, 1.0, 62, 64))
    np.testing.assert_array_equal(overlapping, joined)
    assert joined[1, IS_LEGATO] == 1.0


def test_a_rest_begins_a_phrase() -> None:
    q = known((0.0, 0.4, 60, 64), (0.4, 0.8, 62, 64), (2.0, 2.4, 67, 64), (2.4, 2.8, 69, 64))
    assert q[2, IS_NEAR] == q[2, INTERVAL] == 0.0
    assert q[2, PHRASE] == pytest.approx(scaled(0.02))
    assert q[3, PHRASE] == pytest.approx(scaled(0.4), rel=1e-5)


def test_notes_of_a_chord_know_the_same_and_its_top_is_followed() -> None:
    before: Note = (0.0, 0.5, 60, 64)
    chord = [(0.5, 1.0, 64, 64), (0.5 + CHORD_S / 2, 1.0, 67, 64), (0.5 + CHORD_S / 2, 1.0, 62, 64)]
    after: Note = (1.0, 1.5, 69, 64)
    q = known(before, *chord, after)
    for row in q[1:4]:
        assert row[MEAN_LENGTH] == q[1, MEAN_LENGTH]
        assert row[COUNT] == pytest.approx(1 / 8)
    assert q[2, INTERVAL] == pytest.approx(7 / 12)
    assert q[4, INTERVAL] == pytest.approx(2 / 12)
    assert q[4, COUNT] == pytest.approx(2 / 8)


def test_velocities_say_something_from_the_first_that_is_not_the_middle_one() -> None:
    q = known((0.0, 0.5, 60, 64), (0.5, 1.0, 60, 64), (1.0, 1.5, 60, 114), (1.5, 2.0, 60, 64))
    np.testing.assert_array_equal(q[:, IS_VELOCITY_KNOWN], [0, 0, 1, 1])
    np.testing.assert_allclose(q[:, VELOCITY], [0, 0, 1, 0])
    np.testing.assert_allclose(q[:, MEAN_VELOCITY], [0, 0, 0, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(q[:, LOUDER], [0, 0, 1, -1 / 3], rtol=1e-6)
    loud = known((0.0, 0.5, 60, 127))
    assert loud[0, IS_VELOCITY_KNOWN] == 1.0


def test_the_style_is_told() -> None:
    for style in (0.0, 0.25, 1.0):
        assert known((0.0, 1.0, 60, 64), style=style)[0, STYLE] == 2 * style - 1


def test_the_numbers_stay_small_whatever_is_played() -> None:
    random = np.random.default_rng(0)
    onset, notes = 0.0, []
    for _ in range(300):
        onset += float(10 ** random.uniform(-3, 2))
        length = float(10 ** random.uniform(-3, 2))
        notes.append((onset, onset + length, float(random.integers(128)), random.integers(1, 128)))
    assert np.abs(known(*notes)).max() < 6.0
