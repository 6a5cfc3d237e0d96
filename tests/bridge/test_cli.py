import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

import bridge.cli
from bridge.cli import COMMANDS, Command, main
from plugin_core.score.midi import write_midi
from plugin_core.types import Note, Part

HEXACHORD = (sys.executable, "-c", "import sys; from bridge.cli import main; sys.exit(main())")


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "duo.mid"
    write_midi(
        path,
        [Part(name, notes=(Note(0.0, 0.5, pitch, 100),)) for name, pitch in (("A", 69), ("B", 57))],
    )
    return path


@pytest.fixture
def toml(tmp_path: Path, midi: Path, voice_file: Path) -> Path:
    path = tmp_path / "duo.toml"
    path.write_text(
        f'midi = "{midi.name}"\nsample_rate = 22050\ntail = 0.1\n'
        f'[[track]]\ntrack = 2\nsound = "{voice_file.name}"\n'
        f'[[track]]\ntrack = 3\nsound = "{voice_file.name}"\n'
    )
    return path


def run(*words: object) -> int:
    return main([str(word) for word in words])


def render(*words: object) -> int:
    return run("render", *words, "--jobs", 1, "--no-report")


def test_help_lists_every_command(capsys):
    assert run("--help") == 0
    out = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert f"  {name} " in out
        assert command.summary in out


def test_the_table_of_commands_is_true():
    for name, command in COMMANDS.items():
        module, _, function = command.target.partition(":")
        path = Path(__file__).parents[2] / (module.replace(".", "/") + ".py")
        assert f"def {function}(" in path.read_text(), name


def test_no_command_is_wrong_usage(capsys):
    assert run() == 2
    assert "Usage: hexachord COMMAND" in capsys.readouterr().out


def test_version(capsys):
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("hexachord ")


@pytest.mark.parametrize(
    ("word", "told"), [("rendr", "nearest: render"), ("zzz", "render, voices")]
)
def test_an_unknown_command_is_told_with_the_nearest(word, told, capsys):
    assert run(word) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told in captured.err
    assert captured.err.count("\n") == 1


def test_a_command_is_not_imported_before_it_is_called():
    code = "import sys; from bridge.cli import main; main(['--help']); print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("numpy", "numba", "typer", "rich", "matplotlib", "dawdreamer", "pedalboard"):
        assert f"'{heavy}'" not in out.stdout


@pytest.mark.usefixtures("sines")
class TestRender:
    def test_a_session_becomes_files_and_a_line(self, toml, tmp_path, capsys):
        out = tmp_path / "out"
        assert run("render", toml, "--out", out, "--jobs", 1) == 0
        assert {str(path.relative_to(out)) for path in out.rglob("*.*")} == {
            "stems/01-A.wav", "stems/02-B.wav", "mix.wav", "report.png", "render.json",
        }  # fmt: skip
        told = capsys.readouterr().out
        assert told.startswith(f"{out}: 2 stems and mix.wav, 0.6 s at 22050 Hz")
        assert told.count("\n") == 1

    def test_options_win_over_the_session(self, toml, tmp_path):
        out = tmp_path / "out"
        options = ("--rate", 44100, "--bit-depth", 24, "--length", 0.3, "--seed", 9, "--normalize")
        assert render(toml, "--out", out, *options) == 0
        info = soundfile.info(out / "mix.wav")
        assert (info.samplerate, info.subtype, info.frames) == (44100, "PCM_24", 13230)
        session = json.loads((out / "render.json").read_text())["session"]
        assert session["seed"] == 9
        assert session["normalize_gain_db"] is not None

    def test_a_tail_is_added(self, toml, tmp_path):
        assert render(toml, "--out", tmp_path / "out", "--tail", 1) == 0
        assert soundfile.info(tmp_path / "out" / "mix.wav").frames == round(1.5 * 22050)

    def test_sounds_for_a_midi_file(self, midi, voice_file, tmp_path, sounds_used):
        assert render(midi, "--out", tmp_path / "out", "--sound", voice_file) == 0
        assert sounds_used(tmp_path / "out") == [str(voice_file)] * 2

    def test_one_sound_for_all_but_one_track(self, midi, voice_file, tmp_path, sounds_used):
        other = voice_file.with_name("other.syx")
        other.write_bytes(voice_file.read_bytes())
        for sounds in (("1=", ""), ("", "1=")):
            words = [f"{s}{other if s else voice_file}" for s in sounds]
            given = [word for text in words for word in ("--sound", text)]
            assert render(midi, "--out", tmp_path / "out", *given) == 0
            assert sounds_used(tmp_path / "out") == [str(other), str(voice_file)]

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (
                ("{toml}", "--rate", 8000),
                "sample_rate: expected a value in 22050..192000, found 8000",
            ),
            (("{toml}", "--sound", "3=x.syx"), "expected a track in 1..2"),
            (("{toml}", "--sound", "no.syx"), "no.syx"),
            (("no.toml",), "no.toml"),
            (("no.mid",), "no.mid"),
            (("{syx}",), "sine.syx"),
        ],
    )
    def test_what_is_wrong_is_one_line_and_status_2(
        self, toml, voice_file, tmp_path, capsys, words, told
    ):
        words = [str(word).format(toml=toml, syx=voice_file) for word in words]
        assert render(*words, "--out", tmp_path / "out") == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("hexachord: ")
        assert told in captured.err
        assert captured.err.count("\n") == 1
        assert not (tmp_path / "out").exists()

    def test_a_plug_in_that_is_not_built_is_one_line(self, toml, tmp_path, capsys, monkeypatch):
        monkeypatch.setenv("HEXACHORD_PLUGIN", str(tmp_path / "Hexachord.vst3"))
        assert render(toml, "--out", tmp_path / "out", "--through", "plugin") == 2
        captured = capsys.readouterr().err
        assert captured.startswith("hexachord: plug-in: expected a built Hexachord.vst3 (ci/build")
        assert captured.count("\n") == 1
        assert not (tmp_path / "out").exists()

    def test_wrong_usage_is_status_2(self, toml, tmp_path, capsys):
        assert run("render", toml) == 2
        assert run("render", toml, "--out", tmp_path, "--jobs", 0) == 2
        assert run("render", toml, "--out", tmp_path, "--bit-depth", "16") == 2
        assert capsys.readouterr().err.count("--help tells more") == 3

    def test_warnings_are_told_and_strict_refuses_them(self, toml, tmp_path, voice_file, capsys):
        dump = bytearray(voice_file.read_bytes())
        dump[-2] ^= 1  # the checksum
        voice_file.write_bytes(dump)
        assert render(toml, "--out", tmp_path / "out") == 0
        assert "hexachord: warning: " in capsys.readouterr().err
        assert render(toml, "--out", tmp_path / "strict", "--strict") == 2
        assert "--strict" in capsys.readouterr().err
        assert not (tmp_path / "strict").exists()

    def test_an_interrupt_is_one_line_and_status_130(self, toml, tmp_path, capsys, monkeypatch):
        def interrupt(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr("plugin_core.performance.perform", interrupt)
        assert render(toml, "--out", tmp_path / "out") == 130
        assert capsys.readouterr().err == "hexachord: interrupted\n"
        assert not (tmp_path / "out").exists()

    def test_a_first_run_says_that_it_compiles(self, toml, tmp_path, capsys, monkeypatch):
        monkeypatch.setattr("plugin_core.performance.kernels_cached", lambda: False)
        assert render(toml, "--out", tmp_path / "out") == 0
        assert "compiling" in capsys.readouterr().err


@pytest.fixture
def sounds_used():
    """Read which sounds a render used."""

    def read(out: Path) -> list[str]:
        return [track["sound"] for track in json.loads((out / "render.json").read_text())["tracks"]]

    return read


def hear_interrupts():
    """Undo what a shell does to what it runs in the background: to let it ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_leave_nothing_behind(toml, tmp_path, sent, status):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*HEXACHORD, "render", toml, "--out", out, "--jobs", "2", "--length", "3600"],
        stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts,
    )  # fmt: skip
    while not list(out.glob(".rendering-*")):  # it renders once its working folder is there
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(sent)
    _, told = process.communicate()
    assert process.returncode == status
    assert "Traceback" not in told
    assert not out.exists()


def test_a_reader_that_goes_away_is_no_error(toml):
    listing = subprocess.Popen(
        [*HEXACHORD, "voices", toml.with_name("sine.syx"), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    listing.stdout.close()
    told = listing.stderr.read()
    listing.stderr.close()
    listing.wait()
    assert told == b""


def test_ctrl_c_inside_a_kernel_is_an_interruption(monkeypatch, capsys):
    def interrupted(*_arguments, **_options):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise SystemError("CPUDispatcher returned a result with an exception set") from error

    monkeypatch.setattr("bridge.cli.doctor.doctor", lambda: interrupted())
    assert main(["doctor"]) == 130
    assert capsys.readouterr().err == "hexachord: interrupted\n"


def test_a_bug_is_not_hidden(monkeypatch):
    monkeypatch.setitem(COMMANDS, "broken", Command("tests.bridge.test_cli:broken", "Fail."))
    with pytest.raises(ZeroDivisionError):
        bridge.cli.main(["broken"])


def broken() -> None:
    raise ZeroDivisionError


def test_a_terminal_without_unicode_gets_what_it_can_show():
    done = subprocess.run(
        [*HEXACHORD, "voices", "dx7/hexachord-1.syx#1"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["render", "--nope", "x"], "No such option: --nope"),
        (["render"], "Missing argument"),
        (["note", "x.syx"], "Missing option '--out'"),
        (["evaluate", "foo"], "'foo' is not one of 'dx7', 'pitch', 'notes', 'inference'"),
        (["render", "x.mid", "--rate", "fast"], "'--rate'"),
    ],
)
def test_wrong_usage_is_one_line_that_leads_to_the_help(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
):
    assert main(words) == 2
    said = capsys.readouterr().err
    assert expected in said
    assert said.endswith(f"(hexachord {words[0]} --help tells more)\n")
    assert said.count("\n") == 1
