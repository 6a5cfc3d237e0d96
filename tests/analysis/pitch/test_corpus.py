"""The labels of the corpus, heard without knowing them."""

from pathlib import Path

import numpy as np
import pytest

from plugin_core.training.pitch_evaluation import labelled_notes, pitch_errors
from plugin_core.types import InputError


def test_highest_and_lowest_note_of_every_instrument_are_right(shared: Path) -> None:
    rows = sorted(labelled_notes(shared / "corpus"), key=lambda row: int(row["midi_pitch"]))
    ends = {row["instrument"]: row for row in rows} | {
        f"lowest {row['instrument']}": row for row in reversed(rows)
    }
    errors = list(pitch_errors(shared / "corpus", list(ends.values())))
    assert len(errors) == 28
    assert [error for error in errors if error.is_far] == []
    assert np.median([error.confidence for error in errors]) > 0.95


@pytest.mark.full
def test_labels_of_the_corpus_are_met(shared: Path) -> None:
    errors = list(pitch_errors(shared / "corpus"))
    assert np.mean([not error.is_far for error in errors]) >= 0.995


def test_folder_without_a_manifest_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        labelled_notes(tmp_path)
