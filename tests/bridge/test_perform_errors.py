"""`hexachord perform`: wrong words and damaged folders are one line, and nothing is lost."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.bridge.performances import edit, perform


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "perform: expected a MIDI file, a notes.csv, or --from a folder, found none"),
        (["song.mid"], "--out: expected a folder"),
        (["song.mid", "--out", "x", "--level", "expression"], "--level: expected no SOURCE"),
        (["song.mid", "--out", "x"], "--sound: expected an instrument"),
        (["song.mid", "--out", "x", "--sound", "kazoo"], "kazoo: expected an instrument"),
        (["song.mid", "--out", "x", "--sound", "dx7/hexachord-1.syx#1"], "expected an instrument"),
        (["song.mid", "--out", "x", "--sound", "V", "--lane", "pan=1"], "expected CONTROL=LANE"),
        (["song.mid", "--out", "x", "--sound", "V", "--lane", "vibrato=2"], "a value in 0..1"),
        (["song.mid", "--out", "x", "--sound", "V", "--track", "7"], "notes on track 7"),
        (["song.mid", "--out", "x", "--sound", "V", "--channel", "7"], "notes on channel 7"),
        (["none.mid", "--out", "x", "--sound", "V"], "none.mid: expected a MIDI file"),
        (["none.csv", "--out", "x", "--sound", "V"], "none.csv: expected a notes.csv"),
        (["late.csv", "--out", "x", "--sound", "V"], "line 2, offset_s: expected a time after"),
        (["--from", "none"], "none: expected the folder of a performance, found no such folder"),
        (["--from", "."], "perform.json: expected the record of a performance"),
        (["--from", "perf", "--track", "2"], "--track: expected a MIDI file"),
        (["--from", "perf", "--performer", "0"], "--performer: expected a --lane"),
        (["--from", "perf", "--level", "synthesis", "--lane", "vibrato=1"], "--lane: expected"),
        (["--from", "perf", "--sound", "V#oboe"], "--sound: expected"),
        (["--from", "perf", "--lane", "vibrato=beats.csv"], "times in seconds"),
    ],
)
def test_wrong_words_are_one_line(words, told, perf, made, violin, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copy(made.parent / "song.mid", "song.mid")
    Path("beats.csv").write_text("beat,value\n0,0.5\n")
    header = (perf / "notes.csv").read_text().splitlines()[0]
    Path("late.csv").write_text(f"{header}\n1,0.5,60,80,0,0,0,0,0,0\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    words = [word.replace("V#oboe", violin.replace("#violin", "#oboe")) for word in words]
    assert perform(*(violin if word == "V" else word for word in words)) == 2
    *others, line = capsys.readouterr().err.splitlines()
    assert all("compiling" in other for other in others)
    assert line.startswith("hexachord: ")
    assert told in line
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def _foreign(perf: Path) -> None:
    arrays = dict(np.load(perf / "frames.npz"))
    np.savez(perf / "frames.npz", **{**arrays, "gain_db": np.float64(9.5)})


def _shorter(perf: Path) -> None:
    arrays = dict(np.load(perf / "frames.npz"))
    arrays |= {name: rows[:400] for name, rows in arrays.items() if rows.shape[:1] == (800,)}
    np.savez(perf / "frames.npz", **arrays)


def _record(perf: Path, **values: object) -> None:
    record = json.loads((perf / "perform.json").read_text())
    (perf / "perform.json").write_text(json.dumps({**record, **values}))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda perf: edit(perf, 1, offset_s=0.5), "line 3, offset_s: expected a time after"),
        (lambda perf: edit(perf, 1, onset_s=0.2, offset_s=0.3), "one at a time, found two notes"),
        (lambda perf: edit(perf, 1, vibrato="much"), "line 3, vibrato: expected a number"),
        (lambda perf: (perf / "notes.csv").unlink(), "notes.csv: expected a notes.csv"),
        (lambda perf: (perf / "notes.csv").write_text("a,b\n"), "expected one column onset_s"),
        (lambda perf: (perf / "frames.npz").unlink(), "frames.npz: expected a frames.npz"),
        (lambda perf: (perf / "frames.npz").write_bytes(b"no"), "frames.npz: expected"),
        (_foreign, "frames.npz: gain_db: expected -24, as perform writes it, found 9.5"),
        (_shorter, "frames.npz: f0_hz: expected 800 frames"),
        (lambda perf: (perf / "perform.json").unlink(), "perform.json: expected the record"),
        (lambda perf: (perf / "perform.json").write_text("{"), "expected the record"),
        (lambda perf: _record(perf, schema=9), "perform.json: schema: expected"),
        (lambda perf: _record(perf, sound=3), "perform.json: sound: expected"),
        (lambda perf: _record(perf, notes=[]), "perform.json: notes: expected"),
        (lambda perf: _record(perf, notes=[{"onset_s": 1}]), "perform.json: notes 1.offset_s"),
        (lambda perf: _record(perf, lanes={"vibrato": 3}), "perform.json: lanes.vibrato"),
        (lambda perf: _record(perf, controllers=[[1]]), "perform.json: controllers"),
    ],
)
def test_what_is_damaged_is_one_line_and_nothing_is_lost(damage, told, perf, capsys):
    damage(perf)
    before = {path: path.read_bytes() for path in perf.rglob("*") if path.is_file()}
    assert perform("--from", perf) == 2
    *others, line = capsys.readouterr().err.splitlines()
    assert all("compiling" in other for other in others)
    assert told in line
    assert {path: path.read_bytes() for path in perf.rglob("*") if path.is_file()} == before
