"""`hexachord resynthesize --no-noise`: the model trained without plays, where there is one."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from plugin_core.dx7.fields import FIELD_INDEX
from plugin_core.dx7.sysex import read_voices
from tests.bridge.ddx7_archives import written
from tests.bridge.tones import tone
from tests.engine.ddx7_organ import ddx7_organ

RATE = 22050


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """`ddx7-pipe` hisses, `ddx7-pipe-no-noise` plays an octave higher; `ddx7-reed` is alone."""
    folder = tmp_path_factory.mktemp("models") / "instruments"
    folder.mkdir()
    hissing = ddx7_organ(noise_logit=-1.0)
    written(folder / "ddx7-pipe.ts", model=hissing)
    written(folder / "ddx7-pipe-no-noise.ts", model=ddx7_organ(fields={"op1_coarse": 2}))
    written(folder / "ddx7-reed.ts", model=hissing)
    soundfile.write(folder.parent / "take.wav", tone(60), RATE, subtype="FLOAT")
    return folder


@pytest.fixture
def bundled(models, monkeypatch) -> Path:
    folder = "plugin_core.hearing.operator_model.presets_folder"
    monkeypatch.setattr(folder, lambda: models.parent)
    return models


def resynthesized(models: Path, out: Path, model: object, *words: str) -> bytes:
    take = str(models.parent / "take.wav")
    command = ["resynthesize", take, "--model", str(model), "--out", str(out), *words]
    assert main(command) == 0
    return out.read_bytes()


def test_the_paper_s_model_beside_a_model_plays(models, tmp_path, capsys):
    alone = resynthesized(models, tmp_path / "a.wav", models / "ddx7-pipe-no-noise.ts")
    assert "by ddx7-pipe-no-noise, distance" in capsys.readouterr().out
    asked = resynthesized(models, tmp_path / "b.wav", models / "ddx7-pipe.ts", "--no-noise")
    told = capsys.readouterr()
    assert "by ddx7-pipe-no-noise, distance" in told.out
    assert "warning" not in told.err
    assert asked == alone
    assert resynthesized(models, tmp_path / "c.wav", models / "ddx7-pipe.ts") != alone


@pytest.mark.parametrize("name", ["ddx7-pipe-no-noise", "DDX7 pipe no noise"])
def test_so_it_is_by_name(bundled, tmp_path, name, capsys):
    named = resynthesized(bundled, tmp_path / "a.wav", name)
    assert resynthesized(bundled, tmp_path / "b.wav", "ddx7-pipe", "--no-noise") == named
    assert resynthesized(bundled, tmp_path / "c.wav", name, "--no-noise") == named
    assert "warning" not in capsys.readouterr().err


def test_where_there_is_none_the_noise_is_left_out_and_that_is_told(models, tmp_path, capsys):
    lanes = tmp_path / "lanes.csv"
    lanes.write_text("time_s,noise\n0,0\n")
    muted = resynthesized(models, tmp_path / "a.wav", models / "ddx7-reed.ts", "--lanes", lanes)
    assert "warning" not in capsys.readouterr().err
    without = resynthesized(models, tmp_path / "b.wav", models / "ddx7-reed.ts", "--no-noise")
    told = [line for line in capsys.readouterr().err.splitlines() if "compiling" not in line]
    assert told == [
        "hexachord: warning: ddx7-reed: no model that was trained without noise "
        "(ddx7-reed-no-noise.ts) beside it, so its own noise is left out"
    ]
    assert without == muted


def test_a_damaged_model_beside_it_is_told(tmp_path, models, capsys):
    written(tmp_path / "x.ts", model=ddx7_organ(noise_logit=-1.0))
    (tmp_path / "x-no-noise.ts").write_bytes(b"PK\x03\x04 not a model")
    take = str(models.parent / "take.wav")
    words = ["--model", str(tmp_path / "x.ts"), "--out", str(tmp_path / "y.wav"), "--no-noise"]
    assert main(["resynthesize", take, *words]) == 2
    assert "x-no-noise.ts: expected a Hexachord instrument (.ts)" in capsys.readouterr().err


def test_it_is_flattened_under_the_player_s_name(bundled, tmp_path):
    out = tmp_path / "pipe.syx"
    assert main(["flatten", "ddx7-pipe-no-noise", "--out", str(out)]) == 0
    (voice,) = read_voices(out, strict=True).voices
    assert voice.name == "PIPE"
    assert voice.patch()[FIELD_INDEX["op1_coarse"]] == 2


def test_noise_is_heard_with_it_alone(models, tmp_path):
    """The organ's sine is narrow: what is left far from its partials is noise."""
    levels = {}
    for name in ("ddx7-pipe", "ddx7-pipe-no-noise"):
        path = tmp_path / f"{name}.wav"
        resynthesized(models, path, models / f"{name}.ts")
        audio, rate = soundfile.read(path)
        middle = audio[rate // 4 : rate // 4 + 4096] * np.hanning(4096)
        spectrum = np.abs(np.fft.rfft(middle))
        high = np.fft.rfftfreq(4096, 1 / rate) > 4000
        levels[name] = spectrum[high].max() / spectrum.max()
    assert levels["ddx7-pipe"] > 100 * levels["ddx7-pipe-no-noise"]
