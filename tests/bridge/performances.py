"""Performances in folders: made by `hexachord perform`, edited as a user does."""

from pathlib import Path

from bridge.cli import main
from plugin_core.score.midi import write_midi
from plugin_core.types import Note, Part

MELODY = (Note(0.2, 0.8, 69, 80), Note(0.8, 1.4, 71, 90), Note(1.4, 2.2, 72, 70))
RATE = 16000


def score(path: Path, *notes: Note) -> Path:
    write_midi(path, [Part("Melody", notes)])
    return path


def perform(*words: object) -> int:
    return main(["perform", *map(str, words)])


def edit(perf: Path, row: int, **cells: object) -> None:
    lines = (perf / "notes.csv").read_text().splitlines()
    names, values = lines[0].split(","), lines[row + 1].split(",")
    for name, value in cells.items():
        values[names.index(name)] = str(value)
    lines[row + 1] = ",".join(values)
    (perf / "notes.csv").write_text("\n".join(lines) + "\n")
