"""`hexachord perform`: a folder with every level, and from any of them on, with nothing lost."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from plugin_core.hearing.frames_file import read_frames
from plugin_core.score.note_table import note_table, read_note_table
from plugin_core.types import Note
from tests.bridge.performances import MELODY, RATE, edit, perform, score

FILES = ["frames.npz", "notes.csv", "perf.png", "perf.wav", "perform.json"]


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
