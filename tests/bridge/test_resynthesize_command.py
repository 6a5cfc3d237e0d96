"""`hexachord resynthesize`: the file sounds like the recording, or as its notes were edited."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from plugin_core import analyze
from plugin_core.score.note_table import note_table, read_note_table
from plugin_core.types import ExpressiveNote
from tests.bridge.tones import RATE, tone


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("audio") / "take.wav"
    audio = np.concatenate([tone(60), tone(67)])
    audio += 1e-3 * np.random.default_rng(0).uniform(-1, 1, len(audio))
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    return path


@pytest.fixture(scope="module")
def table(recording, tmp_path_factory) -> tuple[ExpressiveNote, ...]:
    out = tmp_path_factory.mktemp("analysis")
    assert main(["analyze", str(recording), "--out", str(out), "--no-picture"]) == 0
    return read_note_table(out / "notes.csv")


def resynthesize(*words: object) -> int:
    return main(["resynthesize", *map(str, words), "--model", "measured"])


def heard_in(path: Path, gain_db: float | None = None) -> tuple[ExpressiveNote, ...]:
    audio, rate = soundfile.read(path, dtype="float32")
    return analyze(audio, rate, gain_db=gain_db).notes


def keys_in(path: Path) -> list[int]:
    return [each.note.midi_pitch for each in heard_in(path)]


def test_it_is_a_float_file_as_long_as_the_recording(recording, tmp_path, capsys):
    out = tmp_path / "x.wav"
    assert resynthesize(recording, "--out", out) == 0
    info, original = soundfile.info(out), soundfile.info(recording)
    assert (info.format, info.subtype, info.channels) == ("WAV", "FLOAT", 1)
    assert (info.frames, info.samplerate) == (original.frames, RATE)
    assert keys_in(out) == [60, 67]
    assert list(tmp_path.iterdir()) == [out]
    told = capsys.readouterr().out
    assert told.startswith(f"{out}: 2 notes, C4 to G4, in 1.7 s at 22050 Hz; 1.7 s at 22050 Hz")
    assert "by measured, distance " in told
    assert told.count("\n") == 1


def test_another_rate_has_another_number_of_samples(recording, tmp_path):
    out = tmp_path / "x.wav"
    assert resynthesize(recording, "--out", out, "--rate", 48000) == 0
    info = soundfile.info(out)
    assert info.samplerate == 48000
    assert info.frames == round(soundfile.info(recording).frames * 48000 / RATE)
    assert keys_in(out) == [60, 67]


def test_the_seed_is_that_of_the_noise(recording, tmp_path):
    outs = [tmp_path / name for name in ("a.wav", "b.wav", "c.wav")]
    for out, seed in zip(outs, (1, 1, 2), strict=True):
        assert resynthesize(recording, "--out", out, "--seed", seed) == 0
    same, again, other = (out.read_bytes() for out in outs)
    assert same == again
    assert same != other


def test_an_unedited_table_changes_nothing(recording, table, tmp_path):
    (tmp_path / "notes.csv").write_text(note_table(table))
    plain, edited = tmp_path / "a.wav", tmp_path / "b.wav"
    assert resynthesize(recording, "--out", plain) == 0
    assert resynthesize(recording, "--out", edited, "--notes", tmp_path / "notes.csv") == 0
    assert plain.read_bytes() == edited.read_bytes()


def test_edited_notes_are_played(recording, table, tmp_path, capsys):
    """The first goes down a minor third, the second is deleted, a third comes after it."""
    first, second = table
    lower = replace(first, note=replace(first.note, midi_pitch=57))
    later = replace(second.note, onset_s=1.3, offset_s=1.6, midi_pitch=62)
    (tmp_path / "notes.csv").write_text(note_table([lower, replace(second, note=later)]))
    out = tmp_path / "x.wav"
    assert resynthesize(recording, "--out", out, "--notes", tmp_path / "notes.csv") == 0
    assert "2 edited" in capsys.readouterr().out
    notes = [each.note for each in heard_in(out)]
    assert [note.midi_pitch for note in notes] == [57, 62]
    assert notes[1].onset_s == pytest.approx(1.3, abs=0.03)


def test_an_edited_control_is_heard(recording, table, tmp_path):
    first, second = table
    quiet = replace(second, expression=second.expression._replace(volume=0.6))
    (tmp_path / "notes.csv").write_text(note_table([first, quiet]))
    out = tmp_path / "x.wav"
    assert resynthesize(recording, "--out", out, "--notes", tmp_path / "notes.csv") == 0
    before, after = (each.expression.volume for each in heard_in(out))
    difference = second.expression.volume - 0.6
    assert before - after == pytest.approx(
        first.expression.volume - second.expression.volume + difference, abs=0.03
    )


def test_all_is_transposed(recording, tmp_path):
    out = tmp_path / "x.wav"
    assert resynthesize(recording, "--out", out, "--transpose", -5) == 0
    assert keys_in(out) == [55, 62]


@pytest.mark.parametrize("factor", [0.5, 1.7])
def test_all_is_stretched(recording, table, tmp_path, factor):
    out = tmp_path / "x.wav"
    assert resynthesize(recording, "--out", out, "--stretch", factor) == 0
    assert soundfile.info(out).frames == round(soundfile.info(recording).frames * factor)
    for found, each in zip(heard_in(out), table, strict=True):
        assert found.note.midi_pitch == each.note.midi_pitch
        assert found.note.onset_s == pytest.approx(factor * each.note.onset_s, abs=0.03)
        assert found.note.offset_s == pytest.approx(factor * each.note.offset_s, abs=0.06)


def test_notes_that_cannot_be_played_are_one_line(recording, table, tmp_path, capsys):
    second = replace(table[1], note=replace(table[1].note, onset_s=table[0].note.onset_s))
    path = tmp_path / "notes.csv"
    path.write_text(note_table([table[0], second]))
    assert resynthesize(recording, "--out", tmp_path / "x.wav", "--notes", path) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"hexachord: {path}: expected notes that can be played, found two notes")
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--model", "none.ts"],
            "--model: none.ts: expected measured, inference, autoencoder, ddx7-",
        ),
        (["--notes", "none.csv"], "none.csv: expected a notes.csv that can be read, found No such"),
        (["--notes", "broken.csv"], "broken.csv: line 2, midi_pitch: expected a whole number"),
        (["--transpose", "nan"], "--transpose: expected a number in -60..60, found nan"),
        (["--stretch", "0"], "--stretch: expected a number in 0.05..20, found 0"),
        (["--instrument", "kazoo"], "expected one of violin"),
        (["--out", "take.wav"], "take.wav: --out: expected another file than the recording"),
        (["--out", "."], "expected a file to write, found a folder"),
        (["--out", "x.mp3"], "x.mp3: --out: expected a file name that ends in .wav, found .mp3"),
        (["--out", "none/x.wav"], "expected an existing folder to write into"),
    ],
)
def test_what_cannot_be_is_one_line(words, told, recording, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("take.wav").write_bytes(recording.read_bytes())
    header = "onset_s,offset_s,midi_pitch,velocity,volume,volume_fluctuation,volume_peak_position"
    row = "0,1,60.5,9,0,0,0,0,0,0"
    Path("broken.csv").write_text(f"{header},vibrato,brightness,attack_noise\n{row}\n")
    before = sorted(tmp_path.iterdir())
    arguments = ["take.wav", "--out", "x.wav", *words]
    assert main(["resynthesize", *arguments]) == 2
    err = capsys.readouterr().err.splitlines()
    assert [line for line in err if "compiling" not in line] == err[-1:]
    assert told in err[-1]
    assert sorted(tmp_path.iterdir()) == before


def test_what_cannot_be_used_is_status_2(recording, tmp_path):
    for words in (["--rate", "7999"], ["--rate", "192001"], ["--seed", "-1"], ["--nonsense"]):
        assert resynthesize(recording, "--out", tmp_path / "x.wav", *words) == 2
    assert list(tmp_path.iterdir()) == []
