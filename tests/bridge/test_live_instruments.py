"""Live instruments wherever a sound is named: render, note, sessions; all without torch."""

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
from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.score.midi import write_midi
from plugin_core.sounds import FmSound, LiveSound
from plugin_core.types import Controller, ControllerKind, Note, Part

MELODY = Part(
    "Melody",
    (Note(0.0, 0.3, 69, 80), Note(0.28, 0.6, 72, 90), Note(0.6, 0.8, 76, 70)),
    program=40,
)
CHORDS = Part("Chords", tuple(Note(0.0, 0.8, pitch, 80) for pitch in (52, 59, 64)), program=24)


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    write_midi(tmp_path / "duo.mid", [MELODY, CHORDS])
    return tmp_path / "duo.mid"


def run(*words: object) -> int:
    return main([str(word) for word in words])


def render(*words: object) -> int:
    return run("render", *words, "--model", "live", "--jobs", 1, "--no-report", "--rate", 22050)


def test_a_midi_file_is_played_by_the_live_instruments_of_its_programs(midi, tmp_path, capsys):
    out = tmp_path / "out"
    assert render(midi, "--out", out) == 0
    captured = capsys.readouterr()
    assert "2 stems and mix.wav" in captured.out
    assert captured.err == ""
    melody, chords = json.loads((out / "render.json").read_text())["tracks"]
    assert [melody["sound_name"], chords["sound_name"]] == ["Violin", "Guitar"]
    assert melody["model"] == "live"
    assert list(melody["model_sha256"]) == ["live.ts"]
    for entry in (melody, chords):
        audio, _ = soundfile.read(out / entry["file"])
        assert 1e-3 < np.abs(audio).max() < 1.0


def test_a_part_of_chords_is_one_stem_however_many_sound(midi, tmp_path):
    assert render(midi, "--out", tmp_path / "out", "--sound", "violin") == 0
    names = sorted(path.name for path in (tmp_path / "out" / "stems").iterdir())
    assert names == ["01-Melody.wav", "02-Chords.wav"]


def test_the_same_session_gives_the_same_bytes_and_another_seed_others(midi, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert render(midi, "--out", tmp_path / name, "--seed", seed) == 0
    mixes = [(tmp_path / name / "mix.wav").read_bytes() for name in "abc"]
    assert mixes[0] == mixes[1] != mixes[2]


def session(folder: Path, midi: Path, track: str) -> Session:
    path = folder / "s.toml"
    path.write_text(f'midi = "{midi.name}"\n[[track]]\ntrack = 2\n{track}')
    return Session.load(path)


def sounds(of: Session) -> list[type]:
    return [type(player.sound) for player in plan_session(of).players]


def test_a_session_asks_for_the_live_model_track_by_track(midi, tmp_path):
    assert sounds(session(tmp_path, midi, 'sound = "cello"\nmodel = "live"')) == [LiveSound]
    assert sounds(session(tmp_path, midi, 'model = "live"')) == [LiveSound]
    assert sounds(session(tmp_path, midi, 'sound = "guitar"')) == [LiveSound]
    (tmp_path / "sine.syx").write_bytes(single_voice_dump(Voice.initial()))
    assert sounds(session(tmp_path, midi, 'sound = "sine.syx"\nmodel = "live"')) == [FmSound]


def test_a_session_of_a_midi_file_may_be_live(midi):
    assert sounds(Session.from_midi(midi, model="live")) == [LiveSound, LiveSound]


def told(folder: Path, part: Part, track: str) -> list[str]:
    write_midi(folder / "one.mid", [part])
    plan = plan_session(session(folder, folder / "one.mid", track))
    return [line.partition(": track 1 (Melody): ")[2] for line in plan.warnings]


LIVE_VIOLIN = 'sound = "violin"\nmodel = "live"\n'


def test_notes_outside_the_range_are_played_as_written_and_told(tmp_path):
    low = Part("Melody", (Note(0.0, 0.4, 40, 70), Note(0.4, 0.8, 69, 90)))
    assert told(tmp_path, low, LIVE_VIOLIN) == [
        "1 of 2 notes lie outside the range of the violin, G3 to E7"
    ]


def test_a_controller_that_was_never_moved_is_obeyed_and_told(tmp_path):
    still = Part(
        "Melody",
        MELODY.notes,
        (
            Controller(0.0, ControllerKind.CONTROL, 1, 0),
            Controller(0.0, ControllerKind.CONTROL, 11, 127),
            Controller(0.0, ControllerKind.CONTROL, 74, 64),
        ),
    )
    lines = told(tmp_path, still, LIVE_VIOLIN)
    assert [line.partition(":")[0] for line in lines] == [
        "CC1 stands at one end throughout, which sets vibrato to 0",
        "CC11 stands at one end throughout, which sets volume to 1",
    ]
    lanes = f"{LIVE_VIOLIN}[track.lanes]\nvibrato = 0.4\nvolume = 0.7"
    assert told(tmp_path, still, lanes) == []


def test_a_lane_that_only_a_voice_has_is_told(tmp_path):
    lanes = f"{LIVE_VIOLIN}[track.lanes]\nop1_level = 50\nstyle = 20\nwheel_range = 3\nvibrato = 1"
    assert told(tmp_path, MELODY, lanes) == [
        "style does nothing on the violin, which has learnt one way of playing",
        "nothing in a violin is driven by op1_level, wheel_range",
    ]


def test_one_note_of_a_live_instrument(tmp_path, capsys):
    out = tmp_path / "x.wav"
    words = ("--on", 0.3, "--total", 0.6, "--pitch", 69, "--model", "live")
    assert run("note", "violin", "--out", out, *words) == 0
    info = soundfile.info(out)
    assert (info.channels, info.samplerate, info.frames, info.subtype) == (1, 44100, 26460, "FLOAT")
    audio, _ = soundfile.read(out)
    assert np.abs(audio).max() > 1e-3
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("words", [("--bend-range", 3), ("--events", "x.json")])
def test_a_note_of_a_live_instrument_has_no_fm_options(tmp_path, words, capsys):
    assert run("note", "guitar", "--out", tmp_path / "x.wav", *words) == 2
    assert f"note: {words[0]}: expected none for an instrument" in capsys.readouterr().err


def test_perform_is_told_that_an_instrument_plays_live_alone(midi, tmp_path, capsys):
    assert run("perform", midi, "--track", 2, "--sound", "guitar", "--out", tmp_path / "p") == 2
    assert "expected an instrument of phrases, as violin, found a live instrument" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("command", ["render", "note"])
def test_playing_live_imports_no_torch(command, midi, tmp_path):
    code = (
        "import sys; from bridge.cli import main; status = main(sys.argv[1:]); "
        "assert 'torch' not in sys.modules; sys.exit(status)"
    )
    words: list[object] = ["--out", tmp_path / "out.wav", "--total", 0.2, "--on", 0.1]
    words = ["note", "violin", "--model", "live", *words]
    if command == "render":
        words = ["render", midi, "--out", tmp_path / "out", "--model", "live", "--no-report",
                 "--length", 0.2, "--jobs", 1]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
