"""`hexachord train composer|chorale` on a folder of one's own, and its interruption."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bridge.cli import main
from plugin_core.composing.chorale import RANGES
from plugin_core.score import read_midi, write_midi
from plugin_core.synthesis.archive_members import read_description
from plugin_core.types import Note, Part

LINES = 8


def write_lines(folder: Path) -> None:
    """Write lines of 40 notes."""
    folder.mkdir()
    for number in range(LINES):
        random = np.random.default_rng(number)
        pitches, velocities = random.integers(60, 72, 40), random.integers(50, 90, 40)
        notes = [
            Note(0.5 * i, 0.5 * i + 0.4, int(pitch), int(velocity))
            for i, (pitch, velocity) in enumerate(zip(pitches, velocities, strict=True))
        ]
        write_midi(folder / f"{number}.mid", [Part("line", tuple(notes))])


def write_quartets(folder: Path) -> None:
    """Write pieces of four parts, eight bars each."""
    folder.mkdir()
    for number in range(LINES):
        parts = [
            Part(
                f"{v}", tuple(Note(0.5 * i, 0.5 * i + 0.5, low + 5 + i % 3, 80) for i in range(32))
            )
            for v, (low, _) in enumerate(RANGES)
        ]
        write_midi(folder / f"{number}.mid", parts)


def test_lines_of_ones_own(tmp_path: Path):
    write_lines(tmp_path / "mine")
    words = ["--corpus", tmp_path / "mine", "--out", tmp_path, "--work", tmp_path, "--steps", 2]
    assert main(["train", "composer", *map(str, words)]) == 0
    card = read_description(tmp_path / "mine.ts")
    assert (card["pieces"], card["upper_lines"], card["held_out_pieces"]) == (7, 0, 1)
    assert card["licence"] == "those of the files"
    told = (tmp_path / "mine.md").read_text()
    assert "trigram" in told
    assert card["made_by"] in told
    out = tmp_path / "piece.mid"
    words = ["--model", tmp_path / "mine.ts", "--bars", 2, "--no-picture", "--out", out]
    assert main(["compose", "solo", *map(str, words)]) == 0
    assert read_midi(out).parts[0].part.notes


def test_another_corpus_is_another_run(tmp_path: Path):
    for name in ("mine", "yours"):
        write_lines(tmp_path / name)
    (tmp_path / "yours" / "0.mid").unlink()
    for name in ("mine", "mine", "yours"):
        words = ["--corpus", tmp_path / name, "--out", tmp_path, "--work", tmp_path, "--steps", 1]
        assert main(["train", "composer", *map(str, words)]) == 0
    assert len(list(tmp_path.glob("composer-*"))) == 2


def test_quartets_of_ones_own(tmp_path: Path):
    write_quartets(tmp_path / "mine")
    words = ["--corpus", tmp_path / "mine", "--out", tmp_path, "--work", tmp_path, "--steps", 1]
    assert main(["train", "chorale", *map(str, words)]) == 0
    assert read_description(tmp_path / "chorale.ts")["pieces"] == 7
    out = tmp_path / "piece.mid"
    words = ["--model", tmp_path / "chorale.ts", "--bars", 1, "--no-picture", "--out", out]
    assert main(["compose", "chorale", *map(str, words)]) == 0
    assert len(read_midi(out).parts) == 4


@pytest.mark.parametrize("what", ["composer", "chorale"])
def test_an_interrupted_training_leaves_no_model(what: str, tmp_path: Path):
    (write_lines if what == "composer" else write_quartets)(tmp_path / "mine")
    words = ["--corpus", tmp_path / "mine", "--out", tmp_path, "--work", tmp_path]
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from bridge.cli import main; sys.exit(main())",
         "train", what, *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while not list(tmp_path.glob("*/*.csv")):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told
    assert not list(tmp_path.glob("*.ts"))
