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
    # Again, of another voice of the same steps: nothing is trained anew.
    assert train(*words) == 0


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
