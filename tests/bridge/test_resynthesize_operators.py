"""`hexachord resynthesize --model X.ts`: a recording plays a DX7 voice, edited on the way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from plugin_core import analyze
from plugin_core.score.note_table import note_table
from plugin_core.types import Expression, ExpressiveNote, Note
from tests.bridge.ddx7_archives import written
from tests.bridge.tones import tone

RATE = 22050


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A take of C4 and G4, a table of two notes, and a model whose operator 1 follows it."""
    folder = tmp_path_factory.mktemp("take")
    audio = np.concatenate([tone(60), tone(67)])
    audio += 1e-4 * np.random.default_rng(0).uniform(-1, 1, len(audio))
    soundfile.write(folder / "take.wav", audio, RATE, subtype="FLOAT")
    written(folder / "organ.ts")
    return folder


def resynthesize(folder: Path, *words: object, audio: str = "take.wav") -> int:
    given = [str(folder / audio), "--model", str(folder / "organ.ts"), *map(str, words)]
    return main(["resynthesize", *given])


def keys_in(path: Path) -> list[int]:
    audio, rate = soundfile.read(path, dtype="float32")
    return [each.note.midi_pitch for each in analyze(audio, rate).notes]


def level_db(path: Path) -> float:
    return float(20 * np.log10(np.std(soundfile.read(path)[0])))


@pytest.fixture(scope="module")
def plain(folder) -> Path:
    out = folder / "plain.wav"
    assert resynthesize(folder, "--out", out) == 0
    return out


def test_the_voice_plays_the_recordings_notes(folder, plain, capsys):
    info = soundfile.info(plain)
    assert (info.samplerate, info.subtype, info.channels) == (RATE, "FLOAT", 1)
    assert info.frames == soundfile.info(folder / "take.wav").frames
    assert keys_in(plain) == [60, 67]


def test_it_says_by_whom_and_how_like(folder, tmp_path, capsys):
    assert resynthesize(folder, "--out", tmp_path / "x.wav") == 0
    told = capsys.readouterr().out
    assert "2 notes, C4 to G4, in 1.7 s at 22050 Hz; 1.7 s at 22050 Hz by organ, distance " in told
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "x.wav"]


def test_a_louder_recording_is_as_much_louder(folder, plain, tmp_path):
    audio, _ = soundfile.read(folder / "take.wav", dtype="float32")
    soundfile.write(tmp_path / "soft.wav", 0.1 * audio, RATE, subtype="FLOAT")
    out = tmp_path / "x.wav"
    assert (
        resynthesize(tmp_path, "--out", out, "--model", folder / "organ.ts", audio="soft.wav") == 0
    )
    assert level_db(out) == pytest.approx(level_db(plain) - 20, abs=0.1)


def test_a_ratio_moves_what_is_heard(folder, tmp_path):
    out = tmp_path / "x.wav"
    assert resynthesize(folder, "--out", out, "--ratio", "1=2") == 0
    assert keys_in(out) == [72, 79]


def test_options_and_lanes_do_the_same(folder, tmp_path):
    lanes = tmp_path / "lanes.csv"
    lanes.write_text("time_s,op1_ratio,op1_scale\n0,2,0.5\n")
    for name, words in (
        ("options", ["--ratio", "1=2", "--scale", "1=0.5"]),
        ("lanes", ["--lanes", lanes]),
    ):
        assert resynthesize(folder, "--out", tmp_path / f"{name}.wav", *words) == 0
    options, by_lanes = (tmp_path / f"{name}.wav" for name in ("options", "lanes"))
    assert options.read_bytes() == by_lanes.read_bytes()


def test_levels_come_out_and_go_in(folder, plain, tmp_path):
    table, out = tmp_path / "levels.csv", tmp_path / "x.wav"
    assert resynthesize(folder, "--out", out, "--levels-out", table) == 0
    assert out.read_bytes() == plain.read_bytes()
    assert resynthesize(folder, "--out", out, "--levels", table) == 0
    assert out.read_bytes() == plain.read_bytes()


def test_a_table_sounds_without_its_recording(folder, plain, tmp_path):
    table, out = tmp_path / "levels.csv", tmp_path / "x.wav"
    assert resynthesize(folder, "--out", out, "--levels-out", table) == 0
    words = ["--out", out, "--model", folder / "organ.ts", "--rate", RATE]
    assert resynthesize(tmp_path, *words, audio="levels.csv") == 0
    alone, whole = soundfile.read(out)[0], soundfile.read(plain)[0]
    np.testing.assert_array_equal(alone, whole[: len(alone)])
    assert len(whole) - len(alone) < RATE / 250


def test_an_edited_level_is_heard(folder, plain, tmp_path):
    table, out = tmp_path / "levels.csv", tmp_path / "x.wav"
    table.write_text("time_s,op1_level\n0,0\n")
    assert resynthesize(folder, "--out", out, "--levels", table) == 0
    assert level_db(out) < level_db(plain) - 40


def test_notes_transposition_and_stretch_work_as_ever(folder, plain, tmp_path):
    out = tmp_path / "x.wav"
    assert resynthesize(folder, "--out", out, "--transpose", -12, "--stretch", 1.5) == 0
    assert keys_in(out) == [48, 55]
    assert soundfile.info(out).frames == round(1.5 * soundfile.info(plain).frames)
    audio, rate = soundfile.read(folder / "take.wav", dtype="float32")
    (tmp_path / "notes.csv").write_text(note_table(analyze(audio, rate).notes[:1]))
    assert resynthesize(folder, "--out", out, "--notes", tmp_path / "notes.csv") == 0
    assert keys_in(out) == [60]


@pytest.mark.parametrize("rate", [16000, 48000])
def test_it_sounds_at_other_rates(folder, tmp_path, rate):
    out = tmp_path / "x.wav"
    assert resynthesize(folder, "--out", out, "--rate", rate) == 0
    assert soundfile.info(out).samplerate == rate
    assert keys_in(out) == [60, 67]


def test_a_picture_is_drawn(folder, tmp_path):
    out, png = tmp_path / "x.wav", tmp_path / "x.png"
    assert resynthesize(folder, "--out", out, "--picture", png, "--ratio", "1=2") == 0
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert sorted(tmp_path.iterdir()) == [png, out]


def test_retiming_without_notes_is_told(folder, tmp_path, capsys):
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, RATE).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    words = ["--out", tmp_path / "x.wav", "--model", folder / "organ.ts", "--retime", "1=2"]
    assert resynthesize(tmp_path, *words, audio="noise.wav") == 0
    assert "no notes, so there are no attacks and decays to re-time" in capsys.readouterr().err


@pytest.mark.parametrize("audio", [np.zeros(0), np.zeros(1), np.zeros(RATE), np.ones(300)])
def test_next_to_nothing_is_played_or_refused_in_a_line(folder, tmp_path, audio, capsys):
    soundfile.write(tmp_path / "odd.wav", audio.astype(np.float32), RATE, subtype="FLOAT")
    out = tmp_path / "x.wav"
    status = resynthesize(tmp_path, "--out", out, "--model", folder / "organ.ts", audio="odd.wav")
    assert status == (0 if len(audio) else 2)
    if len(audio):
        sound, _ = soundfile.read(out)
        assert len(sound) == len(audio)
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() <= 2 * max(np.abs(audio).max(), 1e-4)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--ratio", "7=2"], "--ratio: expected N=X with an operator N of 1..6, found '7=2'"),
        (["--ratio", "3"], "--ratio: expected N=X with an operator N of 1..6, found '3'"),
        (["--ratio", "3=x"], "--ratio: expected a number in 0..62 for operator 3, found 'x'"),
        (["--scale", "3=-1"], "--scale: expected a number in 0..16 for operator 3, found '-1'"),
        (["--retime", "3=0"], "--retime: expected a number in 0.05..20 for operator 3, found '0'"),
        (["--ratio", "3=1", "--ratio", "3=2"], "--ratio: expected every operator once, found op3"),
        (["--swap", "2:2"], "--swap: expected M:N with two operators of 1..6, found '2:2'"),
        (["--swap", "2"], "--swap: expected M:N with two operators of 1..6, found '2'"),
        (["--lanes", "none.csv"], "none.csv: expected a CSV file of lanes that can be read"),
        (["--levels", "none.csv"], "none.csv: expected a levels.csv that can be read"),
        (
            ["--lanes", "l.csv", "--ratio", "1=2"],
            "l.csv: op1_ratio: expected a lane that no option",
        ),
        (["--picture", "x.jpg"], "x.jpg: --picture: expected a file name that ends in .png"),
        (["--levels-out", "x.txt"], "x.txt: --levels-out: expected a file name that ends in .csv"),
        (["--picture", "none/x.png"], "expected an existing folder to write into"),
        (["--model", "ddx7-kazoo"], "hexachord: ddx7-kazoo: expected a DDX7 model ("),
        (["--model", "broken.ts"], "broken.ts: expected a Hexachord instrument (.ts)"),
        (["--model", "measured", "--swap", "1:2"], "--swap: expected a DDX7 model"),
        (["--model", "measured", "--no-room"], "--no-room: expected a DDX7 model"),
        (["--instrument", "kazoo"], "expected one of violin"),
    ],
)
def test_what_cannot_be_is_one_line(words, told, folder, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("l.csv").write_text("time_s,op1_ratio\n0,1\n")
    Path("broken.ts").write_bytes(b"PK\x03\x04 not a model")
    before = sorted(tmp_path.iterdir())
    assert resynthesize(folder, "--out", "x.wav", *words) == 2
    err = capsys.readouterr().err.splitlines()
    assert [each for each in err if "compiling" not in each] == err[-1:]
    assert told in err[-1]
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("option", ["--lanes", "--levels", "--notes"])
def test_what_is_read_is_not_written(option, folder, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text(
        {
            "--lanes": "time_s,op1_ratio\n0,2\n",
            "--levels": "time_s,op1_level\n0,1\n",
            "--notes": note_table([ExpressiveNote(Note(0, 1, 60, 64), Expression(*[0.5] * 6))]),
        }[option]
    )
    before = table.read_bytes()
    words = ["--out", tmp_path / "x.wav", option, table, "--levels-out", table]
    assert resynthesize(folder, *words) == 2
    assert f"--levels-out: expected a file of its own, found that of {option}" in (
        capsys.readouterr().err
    )
    assert table.read_bytes() == before
    assert list(tmp_path.iterdir()) == [table]


def test_a_table_that_is_played_is_not_written_over(folder, tmp_path, capsys):
    table = tmp_path / "levels.csv"
    table.write_text("time_s,f0_hz,loudness_db\n0,440,-20\n1,440,-20\n")
    words = ["--out", tmp_path / "x.wav", "--levels-out", table]
    given = [str(table), "--model", str(folder / "organ.ts"), *map(str, words)]
    assert main(["resynthesize", *given]) == 2
    assert "found that of what is played" in capsys.readouterr().err
    assert len(table.read_text().splitlines()) == 3


def test_a_table_needs_a_ddx7_model(tmp_path, capsys):
    (tmp_path / "levels.csv").write_text("time_s,f0_hz,loudness_db\n0,440,-20\n1,440,-20\n")
    words = ["resynthesize", str(tmp_path / "levels.csv"), "--out", str(tmp_path / "x.wav")]
    assert main(words) == 2
    assert "expected a recording, or a DDX7 model (--model ddx7-violin)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--algorithm", "33"], ["--feedback", "8"], ["--algorithm", "x"]]
)
def test_what_no_dx7_has_is_status_2(words, folder, tmp_path):
    assert resynthesize(folder, "--out", tmp_path / "x.wav", *words) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--stretch", "2"], ["--transpose", "1"], ["--gain", "3"]])
def test_a_table_alone_takes_no_edits_of_a_recording(words, folder, tmp_path, capsys):
    (tmp_path / "levels.csv").write_text("time_s,f0_hz,loudness_db\n0,440,-20\n1,440,-20\n")
    given = ["--out", tmp_path / "x.wav", "--model", folder / "organ.ts", *words]
    assert resynthesize(tmp_path, *given, audio="levels.csv") == 2
    assert f"{words[0]}: expected a recording, not a table" in capsys.readouterr().err


@pytest.mark.full
def test_ctrl_c_leaves_nothing(folder, tmp_path):
    soundfile.write(tmp_path / "long.wav", np.tile(tone(60), 200), RATE)
    words = ["resynthesize", "long.wav", "--out", "x.wav", "--model", str(folder / "organ.ts")]
    command = subprocess.Popen([sys.executable, "-m", "bridge.cli", *words], cwd=tmp_path)
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.1)
    os.kill(command.pid, signal.SIGINT)
    assert command.wait(60) == 130
    assert list(tmp_path.iterdir()) == [tmp_path / "long.wav"]
