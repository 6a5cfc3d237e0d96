"""`hexachord analyze`: a recording becomes its four files, whole or not at all."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from bridge.cli import main
from plugin_core.hearing.frames_file import read_frames
from plugin_core.score.midi import read_midi
from plugin_core.score.note_table import read_note_table
from tests.bridge.tones import RATE, tone

FILES = {"notes.csv", "frames.npz", "analysis.mid", "analysis.png"}
HEXACHORD = (sys.executable, "-c", "import sys; from bridge.cli import main; sys.exit(main())")


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("audio") / "take 1.wav"
    soundfile.write(path, np.concatenate([tone(60), tone(67)]), RATE)
    return path


@pytest.fixture(scope="module")
def analysis(recording, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("analysis") / "out"
    assert analyze(recording, "--out", out, "--instrument", "flute") == 0
    return out


def analyze(*words: object) -> int:
    return main(["analyze", *map(str, words)])


def test_there_are_four_files_and_nothing_else(analysis):
    assert {path.name for path in analysis.iterdir()} == FILES


def test_the_notes_are_in_the_table_and_in_the_midi_file(analysis):
    notes = read_note_table(analysis / "notes.csv")
    assert [each.note.midi_pitch for each in notes] == [60, 67]
    score = read_midi(analysis / "analysis.mid")
    assert score.parts[0].part.name == "take 1"
    assert score.parts[0].part.program == 73  # Flute, 74 counted from 1
    for note, each in zip(score.parts[0].part.notes, notes, strict=True):
        assert note.midi_pitch == each.note.midi_pitch
        assert note.velocity == each.note.velocity
        assert abs(note.onset_s - each.note.onset_s) < 1e-3


def test_the_frames_are_those_of_the_recording(recording, analysis):
    found = read_frames(analysis / "frames.npz")
    assert len(found.frames) == soundfile.info(recording).frames * 250 // RATE + 1
    assert found.sample_rate == RATE
    middle = found.frames.f0_hz[80]
    assert abs(1200 * np.log2(middle / 261.6256)) < 5


def test_the_picture_can_be_seen(analysis):
    with Image.open(analysis / "analysis.png") as image:
        assert image.format == "PNG"
        assert image.size[0] > 1200


def test_it_says_in_a_line_what_was_found(recording, tmp_path, capsys):
    assert analyze(recording, "--out", tmp_path / "a", "--no-picture") == 0
    captured = capsys.readouterr()
    told = r"/a: 2 notes, C4 to G4, in 1\.7 s at 22050 Hz, heard in \d+\.\d s\n$"
    assert re.search(told, captured.out)
    assert "warning" not in captured.err
    assert {path.name for path in (tmp_path / "a").iterdir()} == FILES - {"analysis.png"}


def test_the_same_recording_gives_the_same_bytes(recording, analysis, tmp_path):
    assert analyze(recording, "--out", tmp_path, "--instrument", "flute") == 0
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (analysis / name).read_bytes(), name


def test_what_else_is_in_the_folder_stays(recording, tmp_path):
    (tmp_path / "stems").mkdir()
    for name in ("mine.txt", "stems/01-a.wav", "notes.csv"):
        (tmp_path / name).write_text("mine")
    (tmp_path / "render.json").write_text('{"tracks": [{"file": "stems/01-a.wav"}]}')
    assert analyze(recording, "--out", tmp_path, "--no-picture") == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "stems/01-a.wav").read_text() == "mine"
    assert (tmp_path / "notes.csv").read_text().startswith("onset_s,")


def test_silence_is_told_and_has_no_notes(tmp_path, capsys):
    soundfile.write(tmp_path / "a.wav", np.zeros((RATE, 2)), RATE)
    assert analyze(tmp_path / "a.wav", "--out", tmp_path / "out") == 0
    captured = capsys.readouterr()
    assert "no notes in 1.0 s" in captured.out
    assert f"hexachord: warning: {tmp_path / 'a.wav'}: silence" in captured.err
    assert read_note_table(tmp_path / "out" / "notes.csv") == ()
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none.wav"], "none.wav: expected an audio file (WAV, FLAC, OGG, AIFF, MP3), found no"),
        (["."], "expected an audio file (WAV, FLAC, OGG, AIFF, MP3), found a folder"),
        (["text.wav"], "text.wav: expected an audio file"),
        (["nan.wav"], "nan.wav: at 0.500000 s: expected finite samples, found nan"),
        (["good.wav", "--instrument", "kazoo"], "expected one of violin"),
        (["good.wav", "--gain", "nan"], "--gain: expected decibels, -120 to 120, found nan"),
        (["good.wav", "--gain", "1e3"], "--gain: expected decibels, -120 to 120, found 1000"),
    ],
)
def test_what_cannot_be_heard_is_one_line(words, told, tmp_path, capsys, monkeypatch):
    audio = tone(60)
    soundfile.write(tmp_path / "good.wav", audio, RATE)
    audio[RATE // 2] = np.nan
    soundfile.write(tmp_path / "nan.wav", audio, RATE, subtype="FLOAT")
    (tmp_path / "text.wav").write_text("hello")
    monkeypatch.chdir(tmp_path)
    assert analyze(*words, "--out", "new/out") == 2
    err = capsys.readouterr().err.splitlines()
    assert [line for line in err if "compiling" not in line] == err[-1:]
    assert told in err[-1]
    assert not Path("new").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_leave_nothing_behind(recording, tmp_path, sent, status):
    audio, out = tmp_path / "long.wav", tmp_path / "out"
    soundfile.write(audio, np.tile(tone(60), 200), RATE)
    process = subprocess.Popen(
        [*HEXACHORD, "analyze", audio, "--out", out], stderr=subprocess.PIPE, text=True,
        # A shell lets what it runs in the background ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while not list(out.glob(".*/frames")):  # it listens once its store is there
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(sent)
    _, told = process.communicate()
    assert process.returncode == status, told
    assert "Traceback" not in told
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (["analyze", "{recording}", "--out", "{out}"], ("torch", "dawdreamer", "pedalboard")),
        (["analyze", "--help"], ("torch", "numba", "scipy", "onnxruntime")),
        (["resynthesize", "--help"], ("torch", "numba", "scipy", "onnxruntime")),
        (["voices", "dx7/hexachord-1.syx"], ("torch", "onnxruntime", "safetensors")),
        (["doctor", "--help"], ("torch", "onnxruntime", "safetensors")),
    ],
    ids=lambda value: " ".join(value[:2]),
)
def test_only_what_is_needed_is_imported(recording, tmp_path, words, absent):
    places = {"recording": recording, "out": tmp_path / "out"}
    arguments = [word.format(**places) for word in words]
    code = (
        "import sys; from bridge.cli import main; "
        f"status = main({arguments!r}); print('modules:', *sys.modules); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.rpartition("modules:")[2].split()
    assert "typer" in loaded
    assert [name for name in absent if name in loaded] == []
