"""Stretched frames and notes."""

import numpy as np
import pytest

from plugin_core.expression.extraction import note_frames, vibrato, vibrato_rate_hz
from plugin_core.expression.retiming import note_positions, retime_note, stretch
from plugin_core.types import Note
from tests.expression.performances import NOTES, performance


def stretched(note: Note, factor: float) -> Note:
    return Note(note.onset_s * factor, note.offset_s * factor, note.midi_pitch, note.velocity)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_everything_comes_factor_times_as_late(factor: float) -> None:
    frames = performance().frames
    slow = stretch(frames, factor)
    assert len(slow) == round(1000 * factor) + 1
    for at in (0, 100, 500, 1000):
        there = round(at * factor)
        assert slow.f0_hz[there] == pytest.approx(frames.f0_hz[at], rel=1e-3)
    np.testing.assert_allclose(slow.harmonics.sum(axis=1), 1, atol=1e-5)


def test_factor_one_changes_nothing() -> None:
    frames = performance().frames
    assert stretch(frames, 1.0, NOTES) is frames


@pytest.mark.parametrize("factor", [0.6, 1.5, 2.5])
def test_vibrato_keeps_its_rate_and_depth_in_notes(factor: float) -> None:
    before = performance()
    slow = stretch(before.frames, factor, NOTES)
    f0_hz = slow.f0_hz[note_frames(stretched(NOTES[2], factor), len(slow))]
    assert vibrato_rate_hz(f0_hz) == pytest.approx(5.3, rel=0.03)
    assert vibrato(f0_hz) == pytest.approx(before.notes[2].expression.vibrato, abs=0.03)


def test_without_notes_vibrato_slows_down() -> None:
    slow = stretch(performance().frames, 1.5)
    where = note_frames(stretched(NOTES[2], 1.5), len(slow))
    assert vibrato_rate_hz(slow.f0_hz[where]) == pytest.approx(5.3 / 1.5, rel=0.03)


@pytest.mark.parametrize("factor", [0.0, -1.0, np.inf, np.nan])
def test_other_factors_are_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        stretch(performance().frames, factor)


@pytest.mark.parametrize("before", [1, 2, 5, 40, 300])
@pytest.mark.parametrize("after", [1, 2, 7, 60, 900])
def test_a_note_begins_and_ends_as_it_did(before: int, after: int) -> None:
    positions = note_positions(before, after)
    assert len(positions) == after
    assert positions[0] == 0
    assert (np.diff(positions) >= 0).all()
    assert positions[-1] == pytest.approx(before - 1 if after > 1 else 0)
    if min(before, after) >= 75:
        np.testing.assert_allclose(positions[:26], np.arange(26))
        np.testing.assert_allclose(positions[-16:], np.arange(before - 16, before))


def test_a_note_of_the_same_length_is_the_same() -> None:
    frames = performance().frames
    assert retime_note(frames, len(frames)) is frames
