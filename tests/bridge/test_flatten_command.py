"""`hexachord flatten`: a DX7 voice of a model, as a file that a DX7 takes."""

from pathlib import Path

import pytest

from bridge.cli import main
from plugin_core.dx7.sysex import read_voices
from tests.bridge.ddx7_archives import written


@pytest.fixture(scope="module")
def organ(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("model") / "organ.ts")


def test_it_is_one_voice_that_a_dx7_reads(organ, tmp_path, capsys):
    out = tmp_path / "organ.syx"
    assert main(["flatten", str(organ), "--out", str(out), "--name", "MY ORGAN"]) == 0
    assert out.stat().st_size == 163
    (voice,) = read_voices(out, strict=True).voices
    assert voice.name == "MY ORGAN"
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{out}: MY ORGAN, algorithm ")
    assert "its A4 beside the model's" in told[1]
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ddx7-kazoo"], "ddx7-kazoo: expected a DDX7 model ("),
        (["none.ts"], "expected a DDX7 model (ddx7-violin, or a .ts file)"),
        (["violin"], "expected a DDX7 model (ddx7-violin, or a .ts file)"),
        (["ORGAN", "--out", "x.bin"], "x.bin: --out: expected a file name that ends in .syx"),
        (["ORGAN", "--out", "none/x.syx"], "expected an existing folder to write into"),
        (["ORGAN", "--name", "ELEVEN CHARS"], "--name: expected 1 to 10 characters of ASCII"),
        (["ORGAN", "--pitch", "200"], "less than or equal to 116"),
    ],
)
def test_what_cannot_be_is_one_line(words, told, organ, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = [str(organ) if word == "ORGAN" else word for word in words]
    out = [] if "--out" in given else ["--out", "x.syx"]
    assert main(["flatten", *given, *out]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert list(tmp_path.iterdir()) == []
