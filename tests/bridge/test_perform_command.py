"""`hexachord perform`: a folder with every level, and from any of them on, with nothing lost."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from bridge.cli import main
from plugin_core.hearing.frames_file import read_frames
from plugin_core.score.midi import write_midi
from plugin_core.score.note_table import note_table, read_note_table
from plugin_core.types import Note, Part
from tests.performing.untrained import write_untrained

FILES = ["frames.npz", "notes.csv", "perf.png", "perf.wav", "perform.json"]
MELODY = (Note(0.2, 0.8, 69, 80), Note(0.8, 1.4, 71, 90), Note(1.4, 2.2, 72, 70))
RATE = 16000


@pytest.fixture(scope="module")
def violin(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"{write_untrained(tmp_path_factory.mktemp('models'))}#violin"


def score(path: Path, *notes: Note) -> Path:
    write_midi(path, [Part("Melody", notes)])
    return path


def perform(*words: object) -> int:
    return main(["perform", *map(str, words)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, violin: str) -> Path:
    folder = tmp_path_factory.mktemp("made")
    midi = score(folder / "song.mid", *MELODY)
    assert perform(midi, "--sound", violin, "--out", folder / "perf", "--rate", RATE) == 0
    return folder / "perf"


@pytest.fixture
def perf(made: Path, tmp_path: Path) -> Path:
    """A performance to be edited."""
    return Path(shutil.copytree(made, tmp_path / "perf"))


def edit(perf: Path, row: int, **cells: object) -> None:
    lines = (perf / "notes.csv").read_text().splitlines()
    names, values = lines[0].split(","), lines[row + 1].split(",")
    for name, value in cells.items():
        values[names.index(name)] = str(value)
    lines[row + 1] = ",".join(values)
    (perf / "notes.csv").write_text("\n".join(lines) + "\n")


def bend(perf: Path, first: int, last: int) -> np.ndarray:
    """Bend the pitch by hand, as a user does with NumPy alone; return it."""
    arrays = dict(np.load(perf / "frames.npz"))
    arrays["f0_hz"][first:last] *= np.linspace(1, 1.05, last - first, dtype=np.float32)
    np.savez(perf / "frames.npz", **arrays)
    return arrays["f0_hz"]


def sound(perf: Path) -> np.ndarray:
    return soundfile.read(perf / "perf.wav", dtype="float32")[0]


def test_a_performance_has_all_levels(made):
    assert sorted(path.name for path in made.iterdir()) == FILES
    notes = read_note_table(made / "notes.csv")
    assert [(each.note.midi_pitch, each.note.velocity) for each in notes] == [
        (note.midi_pitch, note.velocity) for note in MELODY
    ]
    onsets = [each.note.onset_s for each in notes]
    assert onsets == pytest.approx([note.onset_s for note in MELODY], abs=0.002)
    frames = read_frames(made / "frames.npz")
    assert frames.gain_db == -24.0
    assert len(frames.frames) == pytest.approx(3.2 * 250, abs=2)
    audio, rate = soundfile.read(made / "perf.wav")
    assert rate == RATE
    assert len(audio) == pytest.approx(4.2 * RATE, abs=RATE / 100)
    with Image.open(made / "perf.png") as image:
        assert image.size[0] > 1000
    record = json.loads((made / "perform.json").read_text())
    assert record["sound"].endswith("synthesis.ts#violin")
    assert len(record["notes"]) == 3
    assert set(record["files"]) == {"notes.csv", "frames.npz", "perf.wav"}
    assert sorted(record["models"]) == ["expression.ts", "synthesis.ts"]


def test_the_same_words_give_the_same_bytes(made, violin, tmp_path):
    words = ["--sound", violin, "--out", tmp_path / "again", "--rate", RATE, "--no-picture"]
    assert perform(made.parent / "song.mid", *words) == 0
    for name in ("notes.csv", "frames.npz", "perf.wav", "perform.json"):
        assert (tmp_path / "again" / name).read_bytes() == (made / name).read_bytes()


@pytest.mark.parametrize("level", ["expression", "synthesis"])
def test_unedited_it_is_the_same_to_the_last_byte(perf, made, level):
    assert perform("--from", perf, "--level", level, "--no-picture") == 0
    for name in ("notes.csv", "frames.npz", "perf.wav", "perform.json"):
        assert (perf / name).read_bytes() == (made / name).read_bytes()


def test_an_edited_cell_plays_its_note_anew_and_keeps_the_others(perf, made, capsys):
    edit(perf, 2, volume=0.95)
    before = (perf / "notes.csv").read_bytes()
    assert perform("--from", perf, "--level", "expression") == 0
    assert "1 of 3 notes played anew" in capsys.readouterr().out
    assert (perf / "notes.csv").read_bytes() == before
    old, new = (read_frames(folder / "frames.npz").frames for folder in (made, perf))
    for name in ("f0_hz", "amplitude", "harmonics", "noise"):
        np.testing.assert_array_equal(getattr(new, name)[:320], getattr(old, name)[:320])
    assert not np.array_equal(new.amplitude[360:540], old.amplitude[360:540])
    # To the rounding of what convolves the room with a whole block.
    before, after = (sound(folder)[: RATE + 4000] for folder in (made, perf))
    np.testing.assert_allclose(after, before, rtol=0, atol=1e-8)
    assert not np.array_equal(sound(perf), sound(made))


def test_another_folder_leaves_this_one_as_it_is(perf, tmp_path):
    edit(perf, 0, vibrato=0.7)
    before = {path.name: path.read_bytes() for path in perf.iterdir()}
    assert perform("--from", perf, "--out", tmp_path / "other", "--no-picture") == 0
    assert {path.name: path.read_bytes() for path in perf.iterdir()} == before
    other = tmp_path / "other"
    assert sorted(p.name for p in other.iterdir()) == [n for n in FILES if n != "perf.png"]
    assert (other / "notes.csv").read_bytes() == before["notes.csv"]
    assert perform("--from", other, "--no-picture") == 0


def test_a_bend_by_hand_sounds_and_outlives_the_edit_of_another_note(perf, made, capsys):
    bent = bend(perf, 220, 300)
    assert perform("--from", perf, "--level", "synthesis", "--no-picture") == 0
    assert "frames by hand in 1 note" in capsys.readouterr().out
    np.testing.assert_array_equal(read_frames(perf / "frames.npz").frames.f0_hz, bent)
    assert not np.array_equal(sound(perf), sound(made))
    edit(perf, 2, midi_pitch=74)
    assert perform("--from", perf, "--level", "expression", "--strict", "--no-picture") == 0
    after = read_frames(perf / "frames.npz").frames.f0_hz
    np.testing.assert_array_equal(after[:320], bent[:320])
    assert not np.array_equal(after[350:500], bent[350:500])
    capsys.readouterr()
    assert perform("--from", perf, "--level", "synthesis", "--no-picture") == 0
    assert "frames by hand in 1 note" in capsys.readouterr().out


def test_what_is_lost_is_told(perf, capsys):
    bend(perf, 220, 300)
    edit(perf, 1, brightness=0.9)
    before = {path.name: path.read_bytes() for path in perf.iterdir()}
    assert perform("--from", perf, "--strict") == 2
    assert "found what was edited by hand from 0.80 to 1.40 s" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in perf.iterdir()} == before
    assert perform("--from", perf, "--no-picture") == 0
    assert "warning" in capsys.readouterr().err


def test_edits_of_notes_wait_until_they_are_asked_for(perf, made, capsys):
    edit(perf, 0, volume=0.95)
    assert perform("--from", perf, "--level", "synthesis", "--no-picture") == 0
    assert "its edits are not played" in capsys.readouterr().err
    assert (perf / "perf.wav").read_bytes() == (made / "perf.wav").read_bytes()
    assert perform("--from", perf, "--no-picture") == 0
    assert "1 of 3 notes played anew" in capsys.readouterr().out


def test_rows_may_go_come_and_move(perf, capsys):
    rows = (perf / "notes.csv").read_text().splitlines()
    added = [f"{at},{at + 0.3},76,80,0.8,0.1,0.3,0.2,0.3,0.4" for at in (2.5, 2.8)]
    (perf / "notes.csv").write_text("\n".join([rows[0], rows[1], rows[3], *added]) + "\n")
    assert perform("--from", perf, "--no-picture") == 0
    assert "2 of 4 notes played anew, 1 removed" in capsys.readouterr().out
    frames = read_frames(perf / "frames.npz").frames
    assert len(frames) == round(3.1 * 250) + 250
    assert frames.amplitude[700] > 5 * frames.amplitude[300]


def test_lanes_move_the_table_and_do_so_once(perf, capsys):
    words = ["--from", perf, "--lane", "brightness=[[0, 0.2], [2.2, 0.8]]", "--performer", 0]
    assert perform(*words, "--no-picture") == 0
    values = [each.expression.brightness for each in read_note_table(perf / "notes.csv")]
    assert values == pytest.approx([0.336, 0.5, 0.69], abs=0.01)
    once = (perf / "perf.wav").read_bytes()
    capsys.readouterr()
    assert perform(*words, "--no-picture") == 0
    assert "0 of 3 notes" in capsys.readouterr().out
    assert (perf / "perf.wav").read_bytes() == once


def test_a_table_is_played_as_it_is(perf, violin, tmp_path):
    words = ["--sound", violin, "--out", tmp_path / "table", "--rate", RATE, "--no-picture"]
    assert perform(perf / "notes.csv", *words) == 0
    table = read_note_table(tmp_path / "table" / "notes.csv")
    assert note_table(table) == (perf / "notes.csv").read_text()
    ours, theirs = sound(tmp_path / "table"), sound(perf)
    assert ours.shape == theirs.shape
    assert np.sqrt(np.mean((ours - theirs) ** 2)) < 0.01 * np.sqrt(np.mean(theirs**2))


def test_chords_have_a_folder_for_every_player(violin, tmp_path, capsys):
    chord = (Note(0.1, 1.0, 67, 80), Note(0.1, 1.0, 71, 80), Note(1.0, 1.5, 72, 80))
    out = tmp_path / "duo"
    midi = score(tmp_path / "duo.mid", *chord)
    assert perform(midi, "--sound", violin, "--out", out, "--rate", RATE, "--no-picture") == 0
    assert "3 notes by 2 players" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "perf.wav", "perform.json", "player-1", "player-2",
    ]  # fmt: skip
    np.testing.assert_allclose(
        sound(out)[: 2 * RATE],
        sound(out / "player-1")[: 2 * RATE]
        + np.pad(sound(out / "player-2"), (0, RATE))[: 2 * RATE],
        atol=1e-6,
    )
    first = (out / "player-1" / "perf.wav").read_bytes()
    edit(out / "player-2", 0, volume=0.9)
    assert perform("--from", out, "--no-picture") == 0
    assert "1 of 3 notes played anew" in capsys.readouterr().out
    assert (out / "player-1" / "perf.wav").read_bytes() == first
    edit(out / "player-2", 0, volume=0.4)
    both = sound(out)
    assert perform("--from", out / "player-2", "--no-picture") == 0
    assert not np.array_equal(sound(out), both)


def test_edits_are_not_written_over_by_another_performance(perf, violin, made, capsys):
    edit(perf, 0, volume=0.95)
    before = {path.name: path.read_bytes() for path in perf.iterdir()}
    midi = made.parent / "song.mid"
    assert perform(midi, "--sound", violin, "--out", perf) == 2
    assert "notes.csv: expected no edits to write over" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in perf.iterdir()} == before


def test_a_lone_player_takes_the_place_of_several(violin, made, tmp_path):
    out = tmp_path / "perf"
    chord = score(tmp_path / "duo.mid", Note(0.1, 0.5, 67, 80), Note(0.1, 0.5, 71, 80))
    for midi in (chord, made.parent / "song.mid"):
        words = ["--sound", violin, "--out", out, "--rate", RATE, "--no-picture"]
        assert perform(midi, *words) == 0
    files = [path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()]
    assert sorted(files) == [name for name in FILES if name != "perf.png"]


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
