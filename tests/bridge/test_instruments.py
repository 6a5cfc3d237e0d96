"""Neural instruments wherever a sound is named: render, note, sessions; and what they cannot do."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.benchmarks import command_cost
from bridge.cli import main
from bridge.plan import plan_session
from plugin_core import Session
from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.score.midi import write_midi
from plugin_core.types import InputError, Note, Part
from tests.performing.untrained import write_untrained

CHORDS = Part(
    "Strings", tuple(Note(0.4 * n, 0.4 * n + 0.38, p, 80) for n in range(2) for p in (64, 72 + n))
)
LINE = Part("Low", (Note(0.0, 0.4, 40, 70), Note(0.4, 0.8, 69, 90)))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_untrained(tmp_path_factory.mktemp("models"))


@pytest.fixture
def violin(models: Path) -> str:
    return f"{models}#violin"


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    write_midi(tmp_path / "duo.mid", [CHORDS, LINE])
    return tmp_path / "duo.mid"


def run(*words: object) -> int:
    return main([str(word) for word in words])


def render(*words: object) -> int:
    return run("render", *words, "--jobs", 1, "--no-report", "--rate", 22050)


def test_every_player_gets_a_stem_and_they_sum_to_the_mix(midi, violin, tmp_path, capsys):
    out = tmp_path / "out"
    assert render(midi, "--out", out, "--sound", violin) == 0
    stems = sorted((out / "stems").iterdir())
    assert [path.name for path in stems] == ["01-Strings-2.wav", "01-Strings.wav", "02-Low.wav"]
    heard = [soundfile.read(path)[0] for path in stems]
    mix, _ = soundfile.read(out / "mix.wav")
    np.testing.assert_allclose(sum(heard), mix, atol=1e-6)
    for audio in heard:
        assert np.abs(audio).max() > 1e-3
    captured = capsys.readouterr()
    assert "3 stems and mix.wav" in captured.out
    assert captured.err.splitlines() == [
        f"hexachord: warning: {midi}: track 2 (Low): 1 of 2 notes are moved by octaves into the "
        "range of the violin, G3 to E7"
    ]


def test_the_record_tells_players_and_models(midi, violin, tmp_path):
    assert render(midi, "--out", tmp_path / "out", "--sound", f"1={violin}", "--sound",
                  f"2={voice(tmp_path)}") == 0  # fmt: skip
    record = json.loads((tmp_path / "out" / "render.json").read_text())
    first, second, low = record["tracks"]
    assert [entry["name"] for entry in record["tracks"]] == ["Strings", "Strings 2", "Low"]
    assert [entry["track"] for entry in record["tracks"]] == [1, 1, 2]
    assert [entry["notes"] for entry in record["tracks"]] == [2, 2, 2]
    assert first["seed"] != second["seed"]
    assert set(first["model_sha256"]) == {"expression.ts", "synthesis.ts"}
    assert "model" not in low
    assert record["versions"]["torch"]


def voice(folder: Path) -> Path:
    (folder / "sine.syx").write_bytes(single_voice_dump(Voice.initial()))
    return folder / "sine.syx"


def test_the_same_session_gives_the_same_bytes(midi, violin, tmp_path):
    for name in ("a", "b"):
        assert render(midi, "--out", tmp_path / name, "--sound", violin) == 0
    for path in (tmp_path / "a" / "stems").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / "stems" / path.name).read_bytes()


def test_strict_refuses_notes_beyond_the_range(midi, violin, tmp_path, capsys):
    assert render(midi, "--out", tmp_path / "out", "--sound", violin, "--strict") == 2
    captured = capsys.readouterr()
    assert "moved by octaves" in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_plug_in_plays_no_phrases(midi, violin, tmp_path, capsys):
    assert render(midi, "--out", tmp_path / "out", "--sound", violin, "--through", "plugin") == 2
    err = capsys.readouterr().err.splitlines()[-1]
    assert err == (
        f"hexachord: {midi}: track 1 (Strings): expected what the plug-in plays, a DX7 voice or an "
        f'instrument of model "live", found {violin}, an instrument that plays phrases'
    )
    assert not (tmp_path / "out").exists()


def test_models_that_see_the_phrase_do_not_play_live(midi, violin, models, tmp_path, capsys):
    assert render(midi, "--out", tmp_path / "out", "--sound", violin, "--model", "live") == 2
    captured = capsys.readouterr()
    assert f"{models}: hexachord.json: kind: expected live or ddx7, found synthesis" in captured.err
    assert captured.err.count("\n") == 1


def test_a_voice_takes_either_model_for_it_has_none(midi, tmp_path):
    for model in ("phrase", "live"):
        words = ("--sound", voice(tmp_path), "--model", model, "--length", 0.1)
        assert render(midi, "--out", tmp_path / "out", *words) == 0


def session(folder: Path, midi: Path, track: str) -> Session:
    path = folder / "s.toml"
    path.write_text(f'midi = "{midi.name}"\n[[track]]\ntrack = 2\n{track}')
    return Session.load(path)


def test_a_session_names_instrument_and_model(midi, violin, tmp_path):
    plan = plan_session(session(tmp_path, midi, f'sound = "{violin}"\nmodel = "phrase"'))
    assert [player.name for player in plan.players] == ["Strings", "Strings 2"]
    assert plan.warnings == ()
    with pytest.raises(InputError, match="kind: expected live or ddx7, found synthesis"):
        plan_session(session(tmp_path, midi, f'sound = "{violin}"\nmodel = "live"'))


def test_a_lane_that_only_a_voice_has_is_told(midi, violin, tmp_path):
    lanes = f'sound = "{violin}"\n[track.lanes]\nop1_level = 50\nvolume = 0.5\nlfo_speed = 3'
    plan = plan_session(session(tmp_path, midi, lanes))
    assert plan.warnings == (
        f"{tmp_path / 's.toml'}: track 1 (Strings): nothing in a violin is driven by "
        "op1_level, lfo_speed",
    )


def test_one_note_of_an_instrument(violin, tmp_path, capsys):
    out = tmp_path / "x.wav"
    assert run("note", violin, "--out", out, "--on", 0.5, "--total", 1, "--pitch", 69) == 0
    info = soundfile.info(out)
    assert (info.channels, info.samplerate, info.frames, info.subtype) == (1, 44100, 44100, "FLOAT")
    audio, _ = soundfile.read(out)
    assert np.abs(audio).max() > 0.01
    assert capsys.readouterr() == ("", "")


def test_a_note_out_of_range_is_moved_and_told(violin, tmp_path, capsys):
    out = tmp_path / "x.wav"
    assert run("note", violin, "--out", out, "--on", 0.1, "--total", 0.2, "--pitch", 40) == 0
    assert "1 of 1 notes are moved by octaves" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--bend-range", 3), ("--events", "x.json")])
def test_a_note_of_an_instrument_has_no_fm_options(violin, tmp_path, words, capsys):
    assert run("note", violin, "--out", tmp_path / "x.wav", *words) == 2
    assert f"note: {words[0]}: expected none for an instrument" in capsys.readouterr().err


def test_a_render_of_voices_alone_imports_no_torch(midi, tmp_path):
    code = (
        "import sys; from bridge.cli import main; status = main(sys.argv[1:]); "
        "assert 'torch' not in sys.modules; sys.exit(status)"
    )
    words = ["render", midi, "--out", tmp_path / "out", "--sound", voice(tmp_path), "--no-report",
             "--length", 0.2, "--jobs", 1]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def ten_minutes(folder: Path) -> Path:
    """A part without a single rest, 1200 notes."""
    notes = (Note(0.5 * n, 0.5 * n + 0.495, 60 + 7 * n % 24, 60 + n % 40) for n in range(1200))
    write_midi(folder / "long.mid", [Part("Long", tuple(notes))])
    return folder / "long.mid"


@pytest.mark.full
def test_ten_minutes_are_played_in_a_gibibyte(violin, tmp_path):
    words = ["render", ten_minutes(tmp_path), "--sound", violin, "--out", tmp_path / "out",
             "--jobs", 1, "--no-report"]  # fmt: skip
    assert command_cost([str(word) for word in words]).peak_mib < 1024
    assert soundfile.info(tmp_path / "out" / "mix.wav").duration > 600


@pytest.mark.full
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_while_an_instrument_plays_leaves_nothing_behind(violin, tmp_path, jobs):
    out = tmp_path / "out"
    words = ["render", ten_minutes(tmp_path), "--sound", violin, "--out", out, "--jobs", jobs]
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; from bridge.cli import main; sys.exit(main())",
         *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while not list(out.glob(".rendering-*")):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.01)
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told
    assert not out.exists()
