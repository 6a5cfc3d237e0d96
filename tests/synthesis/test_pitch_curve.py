"""Bins, courses and curves of the pitch generator: expected values from their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.synthesis.note_conditioning import Conditioning, condition
from plugin_core.synthesis.pitch_curve import (
    BINS,
    BREATH_FRAMES,
    LOOK_AHEAD,
    STEP_FRAMES,
    TAIL_FRAMES,
    bin_edges,
    bin_of,
    course,
    curve_through,
    joined,
)
from plugin_core.types import FRAME_RATE, Expression, ExpressiveNote, Note


def phrase(*spans: tuple[int, int, int], vibrato: float = 0.0) -> list[ExpressiveNote]:
    """Notes from (first frame, end frame, key)."""
    return [
        ExpressiveNote(
            Note(first / FRAME_RATE, end / FRAME_RATE, key, 64),
            Expression(0.8, 0.1, 0.4, vibrato, 0.3, 0.4),
        )
        for first, end, key in spans
    ]


def conditioned(notes: list[ExpressiveNote], frames: int = 1000) -> Conditioning:
    return condition(notes, "violin", frames)


def test_bins_are_fine_near_the_note_and_reach_an_octave() -> None:
    edges = bin_edges()
    widths = np.diff(edges)
    assert edges[0] == pytest.approx(-12.0)
    assert edges[-1] == pytest.approx(12.0)
    assert widths[BINS // 2] < 0.02
    assert widths.max() < 0.7
    np.testing.assert_allclose(edges, -edges[::-1], atol=1e-12)


@given(st.floats(-12.0, 11.999))
def test_a_bin_holds_its_deviation(deviation: float) -> None:
    at = int(bin_of(np.array([deviation]))[0])
    assert bin_edges()[at] - 1e-9 <= deviation <= bin_edges()[at + 1]


def test_what_is_further_away_is_in_the_outermost_bin() -> None:
    np.testing.assert_array_equal(bin_of(np.array([-40.0, 40.0])), [0, BINS - 1])


def test_a_note_is_played_until_its_tail_is_over() -> None:
    steps = course(conditioned(phrase((100, 300, 60))))
    at = np.arange(0, 1000, STEP_FRAMES)
    np.testing.assert_array_equal(steps.is_played, (at >= 100) & (at < 300 + TAIL_FRAMES))


@pytest.mark.parametrize(
    ("gap", "starts"), [(0, 1), (BREATH_FRAMES - 1, 1), (BREATH_FRAMES, 2), (200, 2)]
)
def test_a_phrase_begins_anew_after_a_breath(gap: int, starts: int) -> None:
    notes = phrase((40, 200, 60), (200 + gap, 400 + gap, 62))
    assert course(conditioned(notes)).is_start.sum() == starts


def test_the_shortest_note_has_a_step() -> None:
    for onset in range(50, 58):
        steps = course(conditioned(phrase((onset, onset + 1, 60), (500, 600, 72))))
        assert (steps.is_played & (steps.reference == 60)).sum() >= 1
        assert steps.is_start.sum() == 2


def test_a_glide_may_come_from_the_note_before_and_a_long_note_stays() -> None:
    steps = course(conditioned(phrase((0, 400, 60), (400, 900, 67))))
    edges = bin_edges()
    at_onset, late = 400 // STEP_FRAMES, 700 // STEP_FRAMES
    assert edges[steps.lowest[at_onset]] <= -7.0
    assert edges[steps.highest[at_onset]] < 2.0
    assert -0.7 < edges[steps.lowest[late]] < edges[steps.highest[late] + 1] < 0.7


def test_limits_leave_room_for_the_vibrato_asked() -> None:
    steps = course(conditioned(phrase((0, 900, 60), vibrato=1.0)))
    # A vibrato of 1 is 27 cents to either side.
    assert bin_edges()[steps.lowest[100]] < -2 * 0.27


def test_a_curve_keeps_the_depth_of_a_fast_vibrato() -> None:
    known = conditioned(phrase((0, 1000, 60)))
    at = np.arange(0, 1000, STEP_FRAMES) / FRAME_RATE
    pitches = (60 + 0.5 * np.sin(2 * np.pi * 7.5 * at)).astype(np.float32)
    frames = curve_through(pitches, course(known), known)
    exact = 60 + 0.5 * np.sin(2 * np.pi * 7.5 * np.arange(len(frames)) / FRAME_RATE)
    inner = slice(8, 980)
    assert np.abs(frames - exact)[inner].max() < 0.02


def test_a_leap_does_not_overshoot() -> None:
    known = conditioned(phrase((0, 500, 60), (500, 1000, 72)))
    pitches = np.where(np.arange(0, 1000, STEP_FRAMES) < 500, 60, 72).astype(np.float32)
    frames = curve_through(pitches, course(known), known)
    assert frames.min() == 60.0
    assert frames.max() == 72.0
    assert (np.diff(frames) >= 0).all()


def test_silence_holds_the_last_pitch_until_just_before_the_next_onset() -> None:
    known = conditioned(phrase((0, 200, 60), (601, 900, 72)))
    frames = curve_through(course(known).reference, course(known), known)
    np.testing.assert_array_equal(frames[:590], 60)
    np.testing.assert_array_equal(frames[601:], 72)


def test_notes_further_ahead_do_not_change_a_curve() -> None:
    notes = phrase((30, 200, 60), (200, 260, 64), (300, 420, 62), (600, 900, 70))
    random = np.random.default_rng(0)
    whole = conditioned(notes)
    pitches = (course(whole).reference + random.normal(0, 0.2, 250)).astype(np.float32)
    complete = curve_through(pitches, course(whole), whole)
    for end in range(200, 900, 37):
        part = conditioned(notes, end)
        steps = course(part)
        cut = curve_through(pitches[: len(steps.reference)], steps, part)
        same = end - LOOK_AHEAD
        np.testing.assert_array_equal(cut[:same], complete[:same])
        whole_steps = course(whole)
        until = same // STEP_FRAMES
        for name in ("lowest", "highest", "is_played", "is_start"):
            np.testing.assert_array_equal(
                getattr(steps, name)[:until], getattr(whole_steps, name)[:until]
            )


def test_what_is_joined_has_no_step() -> None:
    keys = np.full(100, 60.0)
    given_keys = np.full(100, np.nan)
    given_keys[:30], given_keys[60:] = 61.0, 59.0
    result = joined(keys, given_keys)
    np.testing.assert_array_equal(result[:30], 61.0)
    np.testing.assert_array_equal(result[60:], 59.0)
    assert np.abs(np.diff(result)).max() < 0.1
    assert result[45] == 60.0
