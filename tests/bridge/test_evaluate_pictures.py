"""`hexachord evaluate synthesis --pictures`: held-out phrases beside how they are played."""

import numpy as np
import pytest
from PIL import Image

from bridge.cli import evaluate_pictures, main
from plugin_core.training.performed import Performed
from plugin_core.types import Expression, ExpressiveNote, Frames, Note
from tests.performing.untrained import write_untrained

PLAYED = Expression(0.8, 0.1, 0.3, 0.5, 0.4, 0.3)


def performed(instrument: str, origin: str, seconds: int, *, held_out: bool = True) -> Performed:
    count = seconds * 250
    curve = np.full(count, 440, np.float32)
    shares = np.zeros((count, 100), np.float32)
    shares[:, 0] = 1
    frames = Frames(
        curve, curve / 440, curve, curve / 44000, shares, np.full((count, 65), 1e-4, np.float32)
    )
    notes = tuple(ExpressiveNote(Note(t, t + 0.9, 69, 64), PLAYED) for t in range(seconds - 1))
    audio = np.sin(np.arange(count * 64) / 6).astype(np.float32)
    return Performed(
        f"{instrument}-{origin}", instrument, "made", "none", origin, held_out, frames, notes,
        0.1, None if origin == "assembled" else audio, 0.0, 44100,
    )  # fmt: skip


def test_every_instrument_that_was_recorded_has_a_page(tmp_path, monkeypatch, capsys):
    write_untrained(tmp_path)
    corpus = (
        performed("violin", "performance", 4),
        performed("violin", "note", 2),
        performed("tuba", "note", 2),
        performed("horn", "assembled", 5),
    )
    monkeypatch.setattr(evaluate_pictures, "read_performed", lambda *_, **__: corpus)
    monkeypatch.setattr(evaluate_pictures, "PHRASES", 1)
    words = ["evaluate", "synthesis", "--models", str(tmp_path), "--pictures"]
    assert main([*words, str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["tuba.png", "violin.png"]
    with Image.open(tmp_path / "out" / "violin.png") as image:
        assert image.size[0] > 1500


def test_a_corpus_without_held_out_recordings_is_one_line(tmp_path, monkeypatch, capsys):
    write_untrained(tmp_path)
    monkeypatch.setattr(evaluate_pictures, "read_performed", lambda *_, **__: ())
    words = ["evaluate", "synthesis", "--models", str(tmp_path), "--pictures"]
    assert main([*words, str(tmp_path / "out")]) == 2
    assert "expected held-out recordings, found none" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_excerpts_of_one_recording_are_of_different_places():
    recording = performed("violin", "performance", 60)
    excerpts = evaluate_pictures.excerpts_of([recording])
    assert len({each.first for each in excerpts}) == evaluate_pictures.PHRASES
    assert all(each.first % 4 == 0 and each.last <= 60 * 250 for each in excerpts)
    assert all(each.last - each.first == pytest.approx(7 * 250, abs=300) for each in excerpts)
