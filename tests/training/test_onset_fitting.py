"""Note detection on recordings: the floors of issue 4, on a sample that is never trained on."""

from pathlib import Path

import pytest

from plugin_core.training.corpus import read_corpus
from plugin_core.training.note_evaluation import total
from plugin_core.training.onset_fitting import (
    agreement,
    performance_examples,
    phrase_examples,
    read_annotation,
)


def test_annotations_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.notes.csv"
    path.write_text("onset_s,offset_s,midi_pitch,confidence\n0.145,0.495,41,0.7\n0.53,0.76,53,1\n")
    notes = read_annotation(path)
    assert [(n.onset_s, n.offset_s, n.midi_pitch) for n in notes] == [
        (0.145, 0.495, 41),
        (0.53, 0.76, 53),
    ]


def test_held_out_phrases_are_found(shared: Path) -> None:
    chosen = ("clarinet", "trombone")
    recordings = [r for r in read_corpus(shared / "corpus", instruments=chosen) if r.is_held_out]
    rows = agreement(phrase_examples(recordings, each=1), 0.05)
    assert len(rows) == 4
    assert total(rows.values()).f_measure >= 0.93


@pytest.mark.full
def test_all_held_out_phrases_are_found(shared: Path) -> None:
    recordings = [r for r in read_corpus(shared / "corpus") if r.is_held_out]
    assert total(agreement(phrase_examples(recordings, each=2), 0.05).values()).f_measure >= 0.93


@pytest.mark.full
def test_held_out_performances_agree_with_their_annotations(shared: Path) -> None:
    recordings = [r for r in read_corpus(shared / "corpus") if r.is_held_out]
    assert total(agreement(performance_examples(recordings), 0.1).values()).f_measure >= 0.85
