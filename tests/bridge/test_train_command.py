"""`hexachord train` and `hexachord evaluate inference` on a corpus of four files."""

import json
from pathlib import Path

import pytest

from bridge.cli import main
from plugin_core.expression.performer import load_performer
from plugin_core.synthesis.hearing_model import load_model
from plugin_core.training.performed import Performed
from tests.training.conftest import small_corpus as _small_corpus
from tests.training.performances import ruled

small_corpus = _small_corpus


@pytest.fixture
def trained(small_corpus: Path, tmp_path: Path) -> Path:
    """Return the folder of both models, each after two steps."""
    folder = tmp_path / "models"
    folder.mkdir()
    for kind in ("inference", "autoencoder"):
        words = ["train", kind, "--corpus", str(small_corpus), "--out", str(folder)]
        words += ["--work", str(tmp_path / "work"), "--steps", "2", "--jobs", "1"]
        assert main(words) == 0
    return folder


def test_training_writes_models_with_cards_that_evaluate_can_measure(
    trained: Path, small_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sorted(path.name for path in trained.iterdir()) == [
        "autoencoder.md",
        "autoencoder.ts",
        "inference.md",
        "inference.ts",
    ]
    model = load_model(trained / "inference.ts")
    assert model.description["steps"] == 2
    assert [each["source"] for each in model.description["sources"]] == ["made"]
    assert "| made | CC0 | flute, violin | 3 | 2 |" in (trained / "inference.md").read_text()
    capsys.readouterr()
    words = ["evaluate", "inference", "--corpus", str(small_corpus), "--models", str(trained)]
    assert main([*words, "--jobs", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == ["c3.wav"]
    # After two steps the inference is hardly more than what was measured.
    distances = rows[0]["distances"]
    assert abs(distances["inference"] - distances["measured"]) < 0.6
    assert distances["autoencoder"] > distances["inference"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (["--corpus", "nowhere"], "nowhere: expected a corpus with a manifest.csv"),
        (["--out", "nowhere"], "nowhere: expected a folder for the model"),
        (["--device", "toaster"], "--device: expected a device that torch has"),
        (["--without", "made"], "expected recordings of"),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    small_corpus: Path,
    tmp_path: Path,
    change: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = {"--corpus": str(small_corpus), "--out": str(tmp_path), "--work": str(tmp_path / "w")}
    options.update({change[0]: change[1]})
    words = [word for pair in options.items() for word in pair]
    assert main(["train", "inference", *words]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.count("\n") == 1


def test_evaluating_without_models_says_which_is_missing(
    small_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "inference", "--corpus", str(small_corpus), "--models", str(tmp_path)]
    assert main(words) == 2
    assert "inference.ts: expected a trained model" in capsys.readouterr().err


def test_evaluating_pitch_counts_the_notes_that_are_where_their_labels_are(
    small_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The fixture's manifest leaves the measured f0 blank; here E5 is labelled a semitone too low.
    manifest = small_corpus / "manifest.csv"
    table = manifest.read_text()
    for pitch, hz in ((69, 440.0), (76, 622.25), (48, 130.81)):
        table = table.replace(f"note,{pitch},mf,normal,,", f"note,{pitch},mf,normal,{hz},")
    manifest.write_text(table)
    assert main(["evaluate", "pitch", "--corpus", str(small_corpus), "--json"]) == 0
    errors = json.loads(capsys.readouterr().out)
    assert [round(error["cents"] / 100) for error in errors] == [0, 1, 0]
    assert main(["evaluate", "pitch", "--corpus", str(small_corpus)]) == 0
    assert "66.67%" in capsys.readouterr().out


@pytest.mark.full
def test_a_model_of_performing_is_trained_from_recordings(
    small_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "expression", "--corpus", str(small_corpus), "--out", str(tmp_path)]
    words += ["--work", str(tmp_path / "work"), "--steps", "20", "--jobs", "1"]
    assert main(words) == 0
    performer = load_performer(tmp_path / "expression.ts")
    assert performer.description["steps"] == 20
    assert performer.description["hours"].keys() >= {"performance", "note"}
    card = (tmp_path / "expression.md").read_text()
    assert "hexachord" in card
    assert "| made | CC0 | flute, violin | note, performance | 3 |" in card
    capsys.readouterr()
    words = ["evaluate", "expression", "--corpus", str(small_corpus), "--models", str(tmp_path)]
    words += ["--work", str(tmp_path / "work"), "--jobs", "1"]
    assert main(words) == 2
    assert "expected held-out performances, found none" in capsys.readouterr().err


def test_a_training_goes_on_where_it_was_and_begins_anew_with_other_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = [ruled(seed, is_held_out=seed > 4) for seed in range(6)]
    asked = []

    def read(corpus: Path, **options: object) -> tuple[Performed, ...]:
        asked.append((corpus, options))
        return tuple(heard)

    monkeypatch.setattr("plugin_core.training.performed.read_performed", read)
    words = ["train", "expression", "--corpus", "one", "--corpus", "two", "--out", str(tmp_path)]
    words += ["--work", str(tmp_path / "work"), "--steps", "20", "--instrument", "viola"]
    log = tmp_path / "work" / "expression.csv"
    for _ in range(2):
        assert main(words) == 0
        assert log.read_text().count("\n") == 1
    heard.append(ruled(9))
    assert main(words) == 0
    assert log.read_text().count("\n") == 2
    assert [corpus.name for corpus, _ in asked[:2]] == ["one", "two"]
    assert asked[0][1]["instrument"] == "viola"
    assert asked[0][1]["without_sources"] == ("fcaspe_web",)
    card = (tmp_path / "expression.md").read_text()
    assert "held out performances: notes" in card
    assert "| made | CC0 | violin | performance | 12 |" in card
    assert load_performer(tmp_path / "expression.ts").description["hours"].keys() == {"performance"}
    heard.clear()
    capsys.readouterr()
    assert main(words) == 2
    assert "one: expected performances of several notes, found none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (["--corpus", "nowhere"], "nowhere"),
        (["--contours", "nowhere"], "nowhere"),
        (["--out", "nowhere"], "nowhere: expected a folder for the model"),
        (["--device", "toaster"], "--device: expected a device that torch has"),
    ],
)
def test_what_cannot_be_performed_is_one_line(
    small_corpus: Path,
    tmp_path: Path,
    change: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["train", "expression", "--out", str(tmp_path), "--work", str(tmp_path / "work")]
    if change[0] != "--corpus":
        words += ["--corpus", str(small_corpus)]
    assert main([*words, "--steps", "1", "--jobs", "1", *change]) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.rstrip().splitlines()[-1].startswith("hexachord: ")
    assert "Traceback" not in said


def test_hearing_is_trained_on_one_corpus(
    small_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "inference", "--out", str(tmp_path), "--work", str(tmp_path / "work")]
    assert main([*words, "--corpus", str(small_corpus), "--corpus", str(small_corpus)]) == 2
    assert "--corpus: expected one folder for inference, found 2" in capsys.readouterr().err


def test_evaluating_performing_without_a_model_says_which_is_missing(
    small_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "expression", "--corpus", str(small_corpus), "--models", str(tmp_path)]
    assert main(words) == 2
    assert "expression.ts: expected a trained model" in capsys.readouterr().err
