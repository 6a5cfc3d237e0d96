"""Where a piece is divided, and that it does not show."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.performing.passages import (
    BLEND_FRAMES,
    LEAD_FRAMES,
    RELEASE_FRAMES,
    blended,
    passages,
)
from plugin_core.types import ExpressiveNote, Note
from tests.performing.conftest import TYPICAL, Organ

THREE_MINUTES = 45_000


def line(*spans: tuple[float, float]) -> list[ExpressiveNote]:
    return [
        ExpressiveNote(Note(on, off, 60 + n % 12, 80), TYPICAL) for n, (on, off) in enumerate(spans)
    ]


def steady(count: int, length_s: float = 0.5) -> list[ExpressiveNote]:
    return line(*((n * length_s, (n + 0.98) * length_s) for n in range(count)))


def test_a_phrase_is_one_passage_from_before_its_first_note_until_it_has_died():
    (passage,) = passages(line((1.0, 2.0), (2.0, 3.0)), 2000)
    assert (passage.first, passage.last) == (250 - LEAD_FRAMES, 750 + RELEASE_FRAMES)
    assert passage.start == passage.first
    assert passage.shifted[0].note.onset_s == pytest.approx(LEAD_FRAMES / 250)


def test_a_piece_that_begins_at_once_has_no_lead():
    (passage,) = passages(line((0.0, 1.0)), 2000)
    assert (passage.start, passage.first) == (0, 0)


def test_a_long_rest_divides_and_a_short_one_does_not():
    assert len(passages(line((0, 1), (1.9, 3)), 2000)) == 1
    first, second = passages(line((0, 1), (2.3, 3)), 2000)
    assert first.last <= second.first
    assert not first.is_joined_after
    assert not second.is_joined_before
    assert len(second.notes) == 1


def test_a_long_phrase_is_divided_at_an_onset_with_notes_around_it():
    notes = steady(300)
    found = passages(notes, THREE_MINUTES)
    assert len(found) > 4
    onsets = {round(each.note.onset_s * 250) for each in notes}
    for before, after in pairwise(found):
        assert before.last == after.first
        assert after.first in onsets
        assert before.is_joined_after
        assert after.is_joined_before
        assert after.start <= after.first - 400
        assert before.stop == before.last + BLEND_FRAMES
    assert max(passage.stop - passage.start for passage in found) < 9000


def test_it_is_divided_where_the_silence_is_longest():
    notes = steady(100)
    notes[40] = replace(notes[40], note=replace(notes[40].note, offset_s=20.2))
    first, *_ = passages(notes, THREE_MINUTES)
    assert first.last == round(20.5 * 250)


def test_a_note_that_is_held_for_very_long_is_not_cut():
    (passage,) = passages(line((0, 100)), 30_000)
    assert passage.last == 25_250


def test_what_comes_later_does_not_change_what_was_cut_before():
    early = passages(steady(100), THREE_MINUTES)
    late = passages(steady(100) + line((120, 121)), THREE_MINUTES)
    assert late[: len(early)] == early


def test_passages_beyond_the_end_are_left_out():
    assert len(passages(line((0, 1), (10, 11)), 1000)) == 1
    assert passages([], 1000) == ()


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 900)), min_size=1, max_size=60))
def test_passages_follow_each_other_and_every_note_is_in_one(gaps):
    spans, now = [], 0
    for gap, length in gaps:
        spans.append(((now + gap) / 50, (now + gap + length) / 50))
        now += gap + length
    notes = line(*spans)
    found = passages(notes, 10**9)
    assert all(a.last <= b.first for a, b in pairwise(found))
    for each in notes:
        at = round(each.note.onset_s * 250)
        owner = [passage for passage in found if passage.first <= at < passage.last]
        assert len(owner) == 1
        assert each in owner[0].notes


def test_a_blend_begins_as_the_one_and_ends_as_the_other():
    organ = Organ()
    a = organ.perform(line((0.0, 1.0)), "violin", frames=100)
    b = organ.perform(
        [ExpressiveNote(Note(0.0, 1.0, 72, 80), TYPICAL._replace(volume=0.5))], "violin", frames=100
    )
    out = blended(a, b)
    assert out.f0_hz[0] == pytest.approx(a.f0_hz[0], rel=0.01)
    assert out.f0_hz[-1] == pytest.approx(b.f0_hz[-1], rel=0.01)
    assert (np.diff(np.log(out.f0_hz[5:95])) > -2e-3).all()
    np.testing.assert_allclose(out.harmonics.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(
        out.amplitude,
        np.interp((np.arange(100) + 0.5) / 100, [0, 1], [a.amplitude[0], b.amplitude[0]]),
        rtol=1e-4,
    )
