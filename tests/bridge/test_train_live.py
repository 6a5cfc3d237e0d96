"""`hexachord train live` on a user's own folder: a model that the engine takes."""

from pathlib import Path

import pytest

from bridge.cli import main
from plugin_core.engine.live_model import read_live_model
from plugin_core.training import live_performer
from tests.training.test_own_recordings import write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with five recordings of a nose flute; performers learn for a moment."""
    usual = live_performer.PerformerSettings
    monkeypatch.setattr(live_performer, "PerformerSettings", lambda: usual(steps=20, warm_up=1))
    for name in "abcde":
        write(tmp_path / "Nose Flute" / f"{name}.wav", styles=(0,) if name < "c" else (127,))
    return tmp_path / "Nose Flute"


def words(folder: Path, *more: str) -> list[str]:
    out = folder.parent
    told = ["train", "live", "--corpus", str(folder), "--out", str(out), "--jobs", "1"]
    return [*told, "--work", str(out / "work"), "--steps", "1", *more]


def test_a_folder_of_ones_own_becomes_an_instrument(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(folder)) == 0
    assert "nose_flute.ts: nose_flute" in capsys.readouterr().err.replace("\n", "")
    model = read_live_model(folder.parent / "nose_flute.ts")
    assert list(model.instruments) == ["nose_flute"]
    told = model.description
    assert told["styles"]["nose_flute"]["low"] == "CC55 0"
    assert told["styles"]["nose_flute"]["high"] == "CC55 127"
    assert told["ranges"] == {"nose_flute": [69, 76]}
    assert told["steps"] == 1
    # Six tones alike: what is typical of them is what the analysis reads of each.
    assert told["typical"]["nose_flute"][0] == pytest.approx(0.88, abs=0.06)
    assert told["figures"]["performer_on_held_out_performances"]["notes"] == 6
    assert told["figures"]["held_out_level_distance"] > 0
    card = (folder.parent / "nose_flute.md").read_text()
    assert "| user | your own | nose_flute | performance | 4 | 24 |" in card


def test_a_training_goes_on_where_it_was_and_begins_anew_for_another_name(folder: Path) -> None:
    work = folder.parent / "work"
    assert main(words(folder)) == 0
    checkpoint = next(work.glob("live-*/live.checkpoint"))
    made = checkpoint.stat().st_mtime_ns
    assert main(words(folder)) == 0
    assert checkpoint.stat().st_mtime_ns == made
    assert main(words(folder, "--instruments", "Kazoo")) == 0
    assert len(list(work.glob("live-*/live.checkpoint"))) == 2
    assert list(read_live_model(folder.parent / "kazoo.ts").instruments) == ["kazoo"]


def test_what_cannot_be_trained_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "kazoo" / "one.wav")
    for name, expected in (
        (
            "flute,kazoo",
            "--instruments: expected instruments that are recorded (kazoo, nose_flute)",
        ),
        ("violin,kazoo", "found violin"),
    ):
        assert main(words(folder, "--instruments", name)) == 2
        said = capsys.readouterr().err
        assert expected in said
        assert said.rstrip().splitlines()[-1].startswith("hexachord: ")
    assert main(words(folder.parent / "nowhere")) == 2
    assert "nowhere: expected" in capsys.readouterr().err
    assert not list(folder.parent.glob("*.ts"))
