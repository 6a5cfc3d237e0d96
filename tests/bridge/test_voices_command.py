"""`hexachord voices`: lists, sheets, pictures and exports."""

import json
from pathlib import Path

import pytest
from matplotlib.image import imread

from bridge.cli.voices import voices
from plugin_core.dx7.fields import STORED_FIELDS
from plugin_core.dx7.sysex import bank_dump, read_voices, single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.types import InputError

BANK = [Voice.initial(f"VOICE {n}").edited(algorithm=n) for n in range(1, 33)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "bank.syx"
    path.write_bytes(bank_dump(BANK))
    return path


def test_a_bank_is_listed_voice_by_voice(source: Path, capsys: pytest.CaptureFixture[str]):
    voices(str(source))
    printed = capsys.readouterr()
    rows = [line.split() for line in printed.out.splitlines() if "VOICE" in line]
    assert [(row[0], row[2], row[3]) for row in rows] == [(f"{n}",) * 3 for n in range(1, 33)]
    assert printed.err == ""


def test_a_sheet_shows_every_parameter(source: Path, capsys: pytest.CaptureFixture[str]):
    voices(f"{source}#5")
    printed = capsys.readouterr().out
    assert "VOICE 5" in printed
    assert "┌─┴─┐" in printed
    for name in ("EG rate 1", "Break point", "Velocity sensitivity", "Detune", "Key sync"):
        assert name in printed


def test_a_file_of_one_voice_is_shown_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "one.syx").write_bytes(single_voice_dump(BANK[6]))
    voices(str(tmp_path / "one.syx"))
    assert "Break point" in capsys.readouterr().out


def test_names_are_shown_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "one.syx").write_bytes(single_voice_dump(Voice.initial("[bold]x[/]")))
    voices(str(tmp_path / "one.syx"))
    assert "[bold]x[/]" in capsys.readouterr().out


def test_json_has_every_parameter(source: Path, capsys: pytest.CaptureFixture[str]):
    voices(str(source), as_json=True)
    listed = json.loads(capsys.readouterr().out)["voices"]
    assert [voice["number"] for voice in listed] == list(range(1, 33))
    assert [voice["parameters"]["algorithm"] for voice in listed] == list(range(1, 33))
    assert set(listed[0]["parameters"]) == {field.id for field in STORED_FIELDS}
    voices(f"{source}#9", as_json=True)
    (only,) = json.loads(capsys.readouterr().out)["voices"]
    assert only["name"] == "VOICE 9"


def test_a_picture_is_a_png_of_some_size(source: Path, tmp_path: Path):
    voices(f"{source}#9", png=tmp_path / "voice.png")
    height, width, _ = imread(tmp_path / "voice.png").shape
    assert width > 1600
    assert height > 900


def test_one_voice_is_exported_as_163_bytes(source: Path, tmp_path: Path):
    voices(str(source), export="3", out=tmp_path / "voice.syx")
    assert (tmp_path / "voice.syx").read_bytes() == single_voice_dump(BANK[2])
    voices(f"{source}#4", out=tmp_path / "other.syx")
    assert (tmp_path / "other.syx").read_bytes() == single_voice_dump(BANK[3])


def test_several_voices_are_exported_as_a_bank(source: Path, tmp_path: Path):
    voices(str(source), export="1,5,9-12", out=tmp_path / "some.syx")
    exported = read_voices(tmp_path / "some.syx", strict=True).voices
    assert exported == (BANK[0], BANK[4], *BANK[8:12], *[Voice.initial()] * 26)


@pytest.mark.parametrize("export", ["0", "33", "4-3", "x", "", "1,,2", "1-", "-2", "1-32,5", "²"])
def test_wrong_numbers_are_refused(source: Path, tmp_path: Path, export: str):
    with pytest.raises(InputError, match="--export"):
        voices(str(source), export=export, out=tmp_path / "out.syx")
    assert [path.name for path in tmp_path.iterdir()] == ["bank.syx"]


def test_the_source_is_never_written_over(source: Path):
    before = source.read_bytes()
    for force in (False, True):
        with pytest.raises(InputError, match="another file than the source"):
            voices(str(source), export="1", out=source, force=force)
    link = source.with_name("link.syx")
    link.symlink_to(source)
    with pytest.raises(InputError, match="another file than the source"):
        voices(str(source), export="1", out=link, force=True)
    assert source.read_bytes() == before


def test_an_existing_file_is_written_over_only_by_force(source: Path, tmp_path: Path):
    existing = tmp_path / "existing.syx"
    existing.write_bytes(b"mine")
    with pytest.raises(InputError, match="a new file, or --force, found an existing file"):
        voices(str(source), export="1", out=existing)
    assert existing.read_bytes() == b"mine"
    voices(str(source), export="1", out=existing, force=True)
    assert len(existing.read_bytes()) == 163


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"export": "1"}, "--out"),
        ({"out": Path("voice.syx")}, "--export"),
        ({"export": "1", "out": Path("nowhere/voice.syx")}, "an existing folder"),
        ({"png": Path("voice.png")}, "one voice to draw, #1 to #32"),
    ],
)
def test_what_is_missing_is_told(
    source: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], line: str
):
    monkeypatch.chdir(source.parent)
    with pytest.raises(InputError, match=line):
        voices(str(source), **options)


def test_a_picture_needs_a_name_of_its_kind(source: Path):
    with pytest.raises(InputError, match=r"ends in \.png"):
        voices(f"{source}#1", png=source)


def test_warnings_go_to_the_other_stream(source: Path, capsys: pytest.CaptureFixture[str]):
    source.write_bytes(bank_dump(BANK)[:-2] + b"\x01\xf7")
    voices(str(source))
    assert "expected checksum" in capsys.readouterr().err
    with pytest.raises(InputError, match="expected checksum"):
        voices(str(source), strict=True)


@pytest.mark.parametrize("reference", ["ddx7-violin", "violin", "mine/ddx7-oboe.ts"])
def test_an_instrument_is_no_voice_but_flatten_makes_one(reference: str):
    with pytest.raises(InputError, match=r"\(hexachord flatten makes one of a DDX7 model\), found"):
        voices(reference)
