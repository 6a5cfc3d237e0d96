"""Sounds by reference: numbers, names, places, and what is told when there is none."""

from pathlib import Path

import pytest

from plugin_core import sounds
from plugin_core.dx7.sysex import bank_dump, single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import load_sound
from plugin_core.types import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    voices = [Voice.initial(f"VOICE {n}") for n in range(1, 31)]
    voices += [Voice.initial("E.PIANO 1"), Voice.initial("A#7")]
    other = [Voice.initial(f"OTHER {n}") for n in range(1, 31)]
    other += [Voice.initial("TWIN"), Voice.initial("TWIN")]
    (tmp_path / "bank.syx").write_bytes(bank_dump(voices) + bank_dump(other))
    (tmp_path / "F#bank.syx").write_bytes(bank_dump(voices))
    (tmp_path / "single.syx").write_bytes(single_voice_dump(Voice.initial("LONE")))
    return tmp_path


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("bank.syx#1", "VOICE 1"),
        ("bank.syx#32", "A#7"),
        ("bank.syx#33", "OTHER 1"),
        ('bank.syx#"E.PIANO 1"', "E.PIANO 1"),
        ("bank.syx#'E.PIANO 1'", "E.PIANO 1"),
        ("bank.syx#e.piano 1", "E.PIANO 1"),
        ("bank.syx# other  3 ", "OTHER 3"),
        ('bank.syx#"A#7"', "A#7"),
        ("F#bank.syx#2", "VOICE 2"),
        ("single.syx", "LONE"),
        ("single.syx#1", "LONE"),
    ],
)
def test_a_reference_names_a_voice(folder: Path, reference: str, name: str):
    sound = load_sound(reference, folder=folder)
    assert sound.name == sound.voice.name == name
    assert (sound.reference, sound.kind, sound.warnings) == (reference, "dx7", ())


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        ("bank.syx", "expected a voice of this file, #1 to #64, after its name, found no number"),
        ("bank.syx#", "expected a voice of this file, #1 to #64, after its name, found no number"),
        ("bank.syx#0", "expected a voice from #1 to #64, found #0"),
        ("bank.syx#65", "expected a voice from #1 to #64, found #65"),
        ("bank.syx#9999999999", "found #9999999999"),
        ("bank.syx#e.pano 1", "near is 'E.PIANO 1'"),
        ("bonk.syx#1", "expected an existing .syx file, found none, near is bank.syx"),
        ("violin", r"expected a DX7 voice \(FILE.syx#NUMBER\), found none"),
        ("ddx7-violin", r"expected a DX7 voice \(FILE.syx#NUMBER\), found none"),
        ("model.ts", r"found a .ts instrument, not playable in this version"),
        ("", "^'': expected a DX7 voice"),
        ("a\0b", "expected a DX7 voice"),
        ("x" * 5000, "expected a DX7 voice"),
    ],
)
def test_a_reference_to_nothing_is_told_in_one_line(folder: Path, reference: str, line: str):
    with pytest.raises(InputError, match=line) as caught:
        load_sound(reference, folder=folder)
    assert "\n" not in str(caught.value)


def test_the_first_of_several_voices_of_a_name_is_taken_and_told(folder: Path):
    sound = load_sound("bank.syx#twin", folder=folder)
    assert sound.warnings == ("bank.syx#twin: #63 is used, #64 have the same name",)


def test_the_given_folder_comes_before_the_working_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "single.syx").write_bytes(single_voice_dump(Voice.initial("HERE")))
    monkeypatch.chdir(elsewhere)
    assert load_sound("single.syx").name == "HERE"
    assert load_sound("single.syx", folder=folder).name == "LONE"
    assert load_sound(str(elsewhere / "single.syx"), folder=folder).name == "HERE"


def test_bundled_voices_are_found_from_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch):
    bundled = folder / "presets"
    (bundled / "dx7").mkdir(parents=True)
    (bundled / "dx7" / "keys.syx").write_bytes(single_voice_dump(Voice.initial("BUNDLED")))
    monkeypatch.setattr(sounds, "presets_folder", lambda: bundled)
    assert load_sound("dx7/keys.syx").name == "BUNDLED"
    with pytest.raises(InputError, match=r"near is dx7/keys\.syx"):
        load_sound("dx7/kees.syx")


def test_a_sound_tells_what_was_wrong_with_its_own_voice(tmp_path: Path):
    data = bytearray(bank_dump([Voice.initial()] * 32))
    data[6 + 14] = 127  # output level of operator 6 of voice 1
    data[4102] = -sum(data[6:4102]) % 128
    (tmp_path / "loud.syx").write_bytes(data)
    assert load_sound("loud.syx#2", folder=tmp_path).warnings == ()
    assert "op6_level 127 (used 99)" in load_sound("loud.syx#1", folder=tmp_path).warnings[0]


def test_a_voice_without_a_name_is_named_after_its_place(tmp_path: Path):
    (tmp_path / "bank.syx").write_bytes(bank_dump([Voice.initial(" ")] * 32))
    assert load_sound("bank.syx#4", folder=tmp_path).name == "bank 4"
