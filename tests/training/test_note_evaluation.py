"""Agreements of notes, counted by hand."""

import numpy as np
import pytest

from plugin_core.training.note_evaluation import Agreement, note_agreement, total
from plugin_core.types import Note


def notes(*onsets_s: float, pitch: int = 60) -> list[Note]:
    return [Note(onset, onset + 0.1, pitch, 64) for onset in onsets_s]


def test_f_measure_is_the_harmonic_mean_of_precision_and_recall() -> None:
    agreement = Agreement(matched=6, true=10, found=8)
    assert (agreement.precision, agreement.recall) == (0.75, 0.6)
    assert agreement.f_measure == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))


def test_onsets_match_within_the_tolerance() -> None:
    found = note_agreement(notes(0, 1, 2, 3), notes(0.05, 1.051, 1.96, 3.2))
    assert found == Agreement(2, 4, 4)


def test_a_note_is_matched_once() -> None:
    assert note_agreement(notes(1), notes(0.98, 1.0, 1.02)) == Agreement(1, 1, 3)


def test_as_many_as_possible_are_matched() -> None:
    # The nearest pair first, 1.00 and 1.03, would leave the other two alone.
    assert note_agreement(notes(1.0, 1.07), notes(0.96, 1.03)) == Agreement(2, 2, 2)


def test_pitch_counts_where_it_is_asked() -> None:
    wrong = notes(1, 2, pitch=72)
    assert note_agreement(notes(1, 2), wrong).matched == 2
    assert note_agreement(notes(1, 2), wrong, with_pitch=True).matched == 0


@pytest.mark.parametrize(("true", "found", "f"), [(0, 0, 1.0), (0, 3, 0.0), (3, 0, 0.0)])
def test_without_notes(true: int, found: int, f: float) -> None:
    rows = note_agreement(notes(*range(true)), notes(*range(found)))
    assert rows == Agreement(0, true, found)
    assert rows.f_measure == f


def test_totals_are_of_the_counts() -> None:
    assert total([Agreement(1, 2, 3), Agreement(4, 5, 6)]) == Agreement(5, 7, 9)
    assert total([]) == Agreement(0, 0, 0)


def test_a_large_performance_is_counted() -> None:
    onsets = np.cumsum(np.random.default_rng(0).uniform(0.11, 0.4, 3000))
    moved = onsets + np.random.default_rng(1).uniform(-0.05, 0.05, 3000)
    assert note_agreement(notes(*onsets), notes(*moved)) == Agreement(3000, 3000, 3000)


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        note_agreement([], [], tolerance_s=-1)
