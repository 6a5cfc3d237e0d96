"""What frames know of the notes, from the definitions in `note_conditioning`."""

import numpy as np
import pytest

from plugin_core.synthesis.note_conditioning import WIDTH, condition
from plugin_core.types import Expression, ExpressiveNote, InputError, Note

PLAIN = Expression(0.7, 0.1, 0.3, 0.2, 0.2, 0.5)


def played(*notes, expression=PLAIN):
    return [ExpressiveNote(Note(on, off, pitch, 64), expression) for on, off, pitch in notes]


def test_a_frame_belongs_to_the_note_that_sounds_or_sounded_last():
    known = condition(played((0.1, 0.5, 60), (0.6, 1.0, 64)), "violin", 300)
    assert known.features.shape == (300, WIDTH)
    assert list(known.note[[0, 25, 124, 149, 150, 299]]) == [0, 0, 0, 0, 1, 1]
    assert list(known.pitch[[0, 149, 150]]) == [60, 60, 64]
    assert np.flatnonzero(known.is_on).tolist() == [*range(25, 125), *range(150, 250)]


def test_a_later_note_takes_over():
    known = condition(played((0.0, 1.0, 60), (0.4, 0.8, 64)), "flute", 250)
    assert known.note[99] == 0
    assert known.note[100] == 1
    assert known.is_on[100:200].all()
    assert not known.is_on[200:].any()


@pytest.mark.parametrize(("gap_s", "is_silent"), [(0.016, False), (0.024, True)])
def test_the_shortest_gaps_are_no_rests(gap_s, is_silent):
    known = condition(played((0.0, 0.4, 60), (0.4 + gap_s, 0.8, 64)), "horn", 200)
    assert (not known.is_on[:200].all()) == is_silent


def test_controls_are_unpooled_over_the_note():
    known = condition(played((0.0, 0.2, 60)), "tuba", 100)
    np.testing.assert_allclose(known.controls, np.tile(PLAIN, (100, 1)), rtol=1e-6)


def test_an_excerpt_knows_what_the_whole_knows():
    notes = played((0.1, 0.5, 60), (0.5, 0.9, 67), (1.2, 1.9, 55))
    whole = condition(notes, "oboe", 600)
    excerpt = condition(notes, "oboe", 250, first=130)
    np.testing.assert_array_equal(excerpt.features, whole.features[130:380])
    np.testing.assert_array_equal(excerpt.note, whole.note[130:380])


def test_more_frames_change_nothing_before_them():
    notes = played((0.1, 0.5, 60), (0.5, 0.9, 67))
    np.testing.assert_array_equal(
        condition(notes, "oboe", 300).features, condition(notes, "oboe", 900).features[:300]
    )


def test_features_are_scaled_for_a_network():
    loud = Expression(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    notes = played((0.0, 0.02, 24), (0.02, 30.0, 103), expression=loud)
    known = condition(notes, "violin", 7750)
    assert np.isfinite(known.features).all()
    assert np.abs(known.features).max() < 6.0


@pytest.mark.parametrize("notes", [[], played((1.0, 2.0, 60), (0.0, 0.5, 62))])
def test_no_notes_and_unsorted_notes_are_refused(notes):
    with pytest.raises(ValueError, match="note"):
        condition(notes, "violin", 100)


def test_an_unknown_instrument_is_refused():
    with pytest.raises(InputError, match="kazoo"):
        condition(played((0.0, 1.0, 60)), "kazoo", 100)
