"""DDX7 instruments wherever a sound is named: render, note, sessions; all without torch.

The organ of tests/engine/ddx7_organ.py plays: six sines in algorithm 32, or what is said.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from bridge.plan import plan_session
from plugin_core import Session
from plugin_core.score.midi import write_midi
from plugin_core.sounds import Ddx7Sound
from plugin_core.types import Controller, ControllerKind, Note, Part
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import FOLLOWS, OFF, ddx7_organ

RATE = 22050
MELODY = Part("Melody", (Note(0.0, 0.3, 69, 80), Note(0.28, 0.6, 72, 90), Note(0.6, 0.8, 76, 70)))
HELD = Part("Melody", (Note(0.0, 1.0, 69, 80),))


@pytest.fixture
def organ(tmp_path: Path) -> Path:
    """Operator 2 modulates operator 1; keys from E3 to B5 were learnt."""
    learnt = {"LOWEST_PITCH": 52.0, "HIGHEST_PITCH": 83.0, "I_MAX": 4.0}
    shares = (FOLLOWS, 0.3, OFF, OFF, OFF, OFF)
    model = ddx7_organ(shares, algorithm=1, playing=learnt)
    return written(tmp_path / "ddx7-organ.ts", model=model)


def run(*words: object) -> int:
    return main([str(word) for word in words])


def render(*words: object) -> int:
    return run("render", *words, "--jobs", 1, "--no-report", "--rate", RATE)


def session(folder: Path, part: Part, lanes: str = "") -> Path:
    write_midi(folder / "one.mid", [part])
    path = folder / "s.toml"
    path.write_text(f'midi = "one.mid"\n[[track]]\nsound = "ddx7-organ.ts"\n[track.lanes]\n{lanes}')
    return path


def told(folder: Path, part: Part, lanes: str = "") -> list[str]:
    plan = plan_session(Session.load(session(folder, part, lanes)))
    return [line.partition(": track 1 (Melody): ")[2] for line in plan.warnings]


def stem(out: Path) -> np.ndarray:
    return soundfile.read(next((out / "stems").iterdir()))[0][:, 0]


def strength_db(audio: np.ndarray, hz: float, start_s: float, stop_s: float) -> float:
    """Return the level of a sine in a piece of audio."""
    piece = audio[round(start_s * RATE) : round(stop_s * RATE)]
    piece = piece * np.hanning(len(piece))
    turns = np.exp(-2j * np.pi * hz / RATE * np.arange(len(piece)))
    return 20 * np.log10(abs(piece @ turns) / len(piece) + 1e-12)


@pytest.mark.usefixtures("organ")
def test_a_session_is_played_by_a_ddx7_instrument_and_says_so(tmp_path, capsys):
    path = session(tmp_path, MELODY)
    assert render(path, "--out", tmp_path / "out") == 0
    assert capsys.readouterr().err == ""
    (track,) = json.loads((tmp_path / "out" / "render.json").read_text())["tracks"]
    assert (track["sound_name"], track["model"]) == ("DDX7 organ", "ddx7")
    assert list(track["model_sha256"]) == ["ddx7-organ.ts"]
    assert 1e-3 < np.abs(stem(tmp_path / "out")).max() < 1.0
    (player,) = plan_session(Session.load(path)).players
    assert isinstance(player.sound, Ddx7Sound)


@pytest.mark.usefixtures("organ")
def test_the_same_session_gives_the_same_bytes(tmp_path):
    for name in "ab":
        assert render(session(tmp_path, MELODY), "--out", tmp_path / name, "--seed", 1) == 0
    assert (tmp_path / "a/mix.wav").read_bytes() == (tmp_path / "b/mix.wav").read_bytes()


@pytest.mark.usefixtures("organ")
@pytest.mark.parametrize("model", ["phrase", "live"])
def test_it_is_chosen_by_an_option_whatever_the_model(tmp_path, model, monkeypatch):
    write_midi(tmp_path / "one.mid", [MELODY])
    monkeypatch.chdir(tmp_path)
    words = ("one.mid", "--sound", "ddx7-organ.ts", "--model", model)
    assert render(*words, "--out", "out") == 0
    assert np.abs(stem(tmp_path / "out")).max() > 1e-3


@pytest.mark.usefixtures("organ")
def test_a_lane_of_a_ratio_moves_the_sidebands_while_it_plays(tmp_path):
    """Carrier f, modulator 3f: sidebands at f + 3f and 3f - f; then 5f: f + 5f and 5f - f."""
    lanes = "op2_coarse = [[0, 3], [0.5, 3], [0.5, 5]]\nvibrato = 0"
    assert render(session(tmp_path, HELD, lanes), "--out", tmp_path / "out") == 0
    audio = stem(tmp_path / "out")
    before = [strength_db(audio, 440 * n, 0.1, 0.45) for n in (2, 6)]
    after = [strength_db(audio, 440 * n, 0.55, 0.95) for n in (2, 6)]
    assert before[0] > before[1] + 40
    assert after[1] > after[0] + 40


@pytest.mark.usefixtures("organ")
def test_lanes_of_a_level_and_of_the_routing_are_heard(tmp_path):
    """Without modulation a sine is left; in algorithm 32 the modulator is a carrier of its own."""
    lanes = "op2_coarse = 3\nop2_level = [[0, 99], [0.5, 99], [0.5, 0]]\nvibrato = 0"
    assert render(session(tmp_path, HELD, lanes), "--out", tmp_path / "out") == 0
    audio = stem(tmp_path / "out")
    assert strength_db(audio, 880, 0.1, 0.45) > strength_db(audio, 880, 0.55, 0.95) + 40
    lanes = "op2_coarse = 3\nalgorithm = [[0, 1], [0.5, 1], [0.5, 32]]\nvibrato = 0"
    assert render(session(tmp_path, HELD, lanes), "--out", tmp_path / "out") == 0
    audio = stem(tmp_path / "out")
    assert strength_db(audio, 1320, 0.55, 0.95) > strength_db(audio, 880, 0.55, 0.95) + 40


@pytest.mark.usefixtures("organ")
def test_what_it_does_not_have_is_told(tmp_path):
    heard = "op3_coarse = 2\nop2_level = 80\nalgorithm = 5\nfeedback = 3\ntranspose = 0\nop6_on = 0"
    controls = "volume = 0.5\nvibrato = 0.2\nbrightness = 0.6\nnote_length = 2\nvoice_mode = 'poly'"
    assert told(tmp_path, MELODY, f"{heard}\n{controls}") == []
    nothing = (
        "lfo_speed = 3\nop1_break_point = 7\nperformer = 0.5\nwheel_range = 9\nop2_eg_rate2 = 5"
    )
    assert told(tmp_path, MELODY, nothing) == [
        "nothing in a DDX7 organ is driven by lfo_speed, op1_break_point, performer, wheel_range, "
        "op2_eg_rate2"
    ]
    assert told(tmp_path, MELODY, "style = 20") == [
        "style does nothing on the DDX7 organ, which has learnt one way of playing"
    ]


@pytest.mark.usefixtures("organ")
def test_notes_that_were_not_learnt_are_played_and_told(tmp_path):
    part = Part("Melody", (Note(0.0, 0.4, 40, 70), Note(0.4, 0.8, 69, 90)))
    line = "1 of 2 notes lie outside what was learnt by the DDX7 organ, E3 to B5"
    assert told(tmp_path, part) == [line]


@pytest.mark.usefixtures("organ")
def test_a_controller_that_was_never_moved_is_obeyed_and_told(tmp_path):
    still = Part("Melody", MELODY.notes, (Controller(0.0, ControllerKind.CONTROL, 11, 127),))
    assert told(tmp_path, still) == [
        "CC11 stands at one end throughout, which sets volume to 1: a lane volume takes its place"
    ]


def test_one_note(organ, tmp_path, capsys):
    out = tmp_path / "x.wav"
    assert run("note", organ, "--out", out, "--on", 0.3, "--total", 0.6, "--pitch", 69) == 0
    info = soundfile.info(out)
    assert (info.channels, info.samplerate, info.frames, info.subtype) == (1, 44100, 26460, "FLOAT")
    audio, _ = soundfile.read(out)
    assert np.abs(audio).max() > 1e-3
    assert capsys.readouterr() == ("", "")
    assert run("note", organ, "--out", out, "--bend-range", 3) == 2
    assert "note: --bend-range: expected none for an instrument" in capsys.readouterr().err


def test_perform_is_told_that_it_plays_no_phrases(organ, tmp_path, capsys):
    write_midi(tmp_path / "one.mid", [MELODY])
    assert run("perform", tmp_path / "one.mid", "--sound", organ, "--out", tmp_path / "p") == 2
    assert "expected an instrument of phrases, as violin, found a DDX7 instrument" in (
        capsys.readouterr().err
    )


def test_a_file_that_cannot_be_played_is_one_line(tmp_path, capsys):
    model = ddx7_organ()
    model.weights[100] = np.nan
    broken = written(tmp_path / "broken.ts", model=model)
    assert run("note", broken, "--out", tmp_path / "x.wav") == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"hexachord: {broken}: ")
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "x.wav").exists()


@pytest.mark.parametrize("command", ["render", "note"])
def test_playing_imports_no_torch(command, organ, tmp_path):
    code = (
        "import sys; from bridge.cli import main; status = main(sys.argv[1:]); "
        "assert 'torch' not in sys.modules; sys.exit(status)"
    )
    words: list[object] = ["note", organ, "--out", tmp_path / "x.wav", "--total", 0.2, "--on", 0.1]
    if command == "render":
        words = ["render", session(tmp_path, MELODY), "--out", tmp_path / "out", "--no-report",
                 "--length", 0.2, "--jobs", 1]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
