"""`hexachord train ddx7`: from a DX7 voice and a folder of recordings to an archive."""

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from plugin_core.dx7.fields import FIELD_INDEX
from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.training.study import read_candidate
from tests.training.conftest import tone


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "My Whistle"
    folder.mkdir()
    for index in range(2):
        soundfile.write(folder / f"{index}.wav", tone(70 + index, 2.5, 16000), 16000)
    return folder


@pytest.fixture
def patch(tmp_path):
    """Write a voice of algorithm 5: 2>1, 4>3, 6>5; operator 6 has a fixed frequency."""
    voice = Voice.initial("WHISTLE").edited(algorithm=5, feedback=6, op2_coarse=3, op2_fine=7)
    fixed = voice.edited(op6_mode=1)
    path = tmp_path / "whistle.syx"
    path.write_bytes(single_voice_dump(fixed))
    return path


def train(*words):
    return main(["train", "ddx7", *map(str, words)])


def test_a_voice_and_recordings_become_an_instrument(recordings, patch, tmp_path, capsys):
    words = ("--patch", patch, "--recordings", recordings, "--out", tmp_path, "--steps", 2,
             "--work", tmp_path / "work", "--jobs", 1, "--i-max", "2", "--feedback")  # fmt: skip
    assert train(*words) == 0
    assert "fixed frequency are left out: 6" in capsys.readouterr().err
    model = read_ddx7_model(tmp_path / "ddx7-my_whistle.ts")
    assert model.instruments == ("ddx7-my_whistle",)
    assert model.ratios[:2] == (1.0, 3.2)
    assert model.playing(Playing.ALGORITHM) == 5
    assert model.playing(Playing.I_MAX) == 2
    assert model.playing(Playing.FEEDBACK) == 6
    assert model.playing(Playing.OPERATORS) == 0b011111
    assert model.voice[FIELD_INDEX["op6_on"]] == 0
    assert model.playing(Playing.NOISE) == 1
    assert np.isfinite(model.weights).all()
    card = (tmp_path / "ddx7-my_whistle.md").read_text()
    assert "WHISTLE" in card
    assert "your own" in card
    # Again: nothing is trained anew, and the same is written.
    checkpoint = next((tmp_path / "work").glob("ddx7-*/ddx7.checkpoint"))
    written = checkpoint.stat().st_mtime_ns
    assert train(*words) == 0
    assert checkpoint.stat().st_mtime_ns == written
    assert (read_ddx7_model(tmp_path / "ddx7-my_whistle.ts").weights == model.weights).all()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "expected --recordings DIR or one --corpus DIR, found neither"),
        (("--corpus", "."), "expected an instrument of the corpus, found none"),
        (("--corpus", ".", "--instrument", "kazoo"), "expected a DX7 voice (known without"),
        (("--corpus", ".", "--instrument", "flute", "--operators", "4x1"), "expected one of 6, 4"),
        (("--recordings", "nowhere", "--instrument", "flute"), "expected recordings"),
    ],
)
def test_what_cannot_be_trained_is_one_line(words, line, tmp_path, capsys):
    assert train(*words, "--out", tmp_path, "--work", tmp_path / "work") == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert line in error


def test_operators_that_are_no_operators(recordings, patch, tmp_path, capsys):
    words = ("--patch", patch, "--recordings", recordings, "--out", tmp_path)
    assert train(*words, "--operators", "1,7") == 2
    assert "numbers 1..6" in capsys.readouterr().err
    assert train(*words, "--operators", "2,4") == 2
    assert "a carrier among the operators" in capsys.readouterr().err


def test_the_paper_s_model_has_a_name_of_its_own(recordings, patch, tmp_path):
    words = ("--patch", patch, "--recordings", recordings, "--out", tmp_path, "--steps", 2)
    assert train(*words, "--work", tmp_path / "work", "--jobs", 1, "--no-noise") == 0
    model = read_ddx7_model(tmp_path / "ddx7-my_whistle-no-noise.ts")
    assert model.instruments == ("ddx7-my_whistle-no-noise",)
    assert model.description["instrument"] == "my_whistle"
    assert model.playing(Playing.NOISE) == 0
    assert "without noise" in (tmp_path / "ddx7-my_whistle-no-noise.md").read_text()
    assert not (tmp_path / "ddx7-my_whistle.ts").exists()


def test_models_of_the_study_are_made_by_commands(recordings, patch, tmp_path, capsys):
    out = tmp_path / "study"
    out.mkdir()
    words = ("--recordings", recordings, "--out", out, "--work", tmp_path / "work", "--jobs", 1,
             "--steps", 2)  # fmt: skip
    assert train(*words, "--patch", patch, "--no-noise", "--study", "whistle-six") == 0
    assert train(*words, "--baseline") == 0
    assert sorted(each.name for each in out.iterdir()) == [
        "my_whistle-hpn.study", "study.md", "whistle-six.study",
    ]  # fmt: skip
    six, baseline = (read_candidate(out / f"{name}.study") for name in
                     ("whistle-six", "my_whistle-hpn"))  # fmt: skip
    assert (six.kind, six.instrument, six.has_noise) == ("ddx7", "my_whistle", False)
    assert six.operators == (1, 2, 3, 4, 5)
    assert six.i_max == pytest.approx(2 * np.pi)
    assert (baseline.kind, baseline.instrument, baseline.has_noise) == ("hpn", "my_whistle", True)
    card = (out / "study.md").read_text()
    assert "| whistle-six.study | operators 1 2 3 4 5, I_max 2pi | 2 | 8 |" in card
    assert "| my_whistle-hpn.study | harmonics and noise (the baseline) | 2 | 4 |" in card
    assert "| my_whistle | user | your own |" in card
    for each in (six, baseline):
        assert each.model.description["made_by"] in card
    # Again: nothing is trained anew.
    (checkpoint,) = (tmp_path / "work").glob("ddx7-*/hpn.checkpoint")
    made, before = checkpoint.stat().st_mtime_ns, (out / "my_whistle-hpn.study").read_bytes()
    assert train(*words, "--baseline") == 0
    assert (out / "my_whistle-hpn.study").read_bytes() == before
    assert checkpoint.stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--patch", "x.syx"), "--patch: expected no such option with --baseline"),
        (("--no-noise",), "--no-noise: expected no such option with --baseline"),
        (("--i-max", "2"), "--i-max: expected no such option with --baseline"),
        (("--study", "a/b"), "--study: expected a name that a file can have"),
    ],
)
def test_what_a_baseline_has_not_is_refused(words, line, recordings, tmp_path, capsys):
    given = ("--recordings", recordings, "--out", tmp_path, "--baseline", *words)
    assert train(*given, "--work", tmp_path / "work") == 2
    assert line in capsys.readouterr().err
