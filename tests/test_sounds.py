"""Sounds by reference: numbers, names, places, and what is told when there is none."""

from pathlib import Path

import pytest

from plugin_core import sounds
from plugin_core.dx7.sysex import bank_dump, single_voice_dump
from plugin_core.dx7.voice import Voice
from plugin_core.engine.live_layout import LIVE_INSTRUMENTS
from plugin_core.sounds import (
    FmSound,
    LiveSound,
    PhraseSound,
    load_sound,
    sound_for_program,
)
from plugin_core.synthesis.instruments import (
    INSTRUMENTS,
    LIVE_ONLY,
    LIVE_PROGRAMS,
)
from plugin_core.types import InputError
from tests.sound_archives import write_live


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    voices = [Voice.initial(f"VOICE {n}") for n in range(1, 31)]
    voices += [Voice.initial("E.PIANO 1"), Voice.initial("A#7")]
    other = [Voice.initial(f"OTHER {n}") for n in range(1, 31)]
    other += [Voice.initial("TWIN"), Voice.initial("TWIN")]
    (tmp_path / "bank.syx").write_bytes(bank_dump(voices) + bank_dump(other))
    (tmp_path / "F#bank.syx").write_bytes(bank_dump(voices))
    (tmp_path / "single.syx").write_bytes(single_voice_dump(Voice.initial("LONE")))
    (tmp_path / "here.ts").write_bytes(b"")
    write_live(tmp_path / "phrase.ts", "violin", kind="synthesis")
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
    assert isinstance(sound, FmSound)
    assert sound.name == sound.voice.name == name
    assert (sound.reference, sound.warnings) == (reference, ())


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
        ("violn", r"DX7 voice \(FILE.syx#NUMBER\), found none, near is violin"),
        ("kazoo", r"expected an instrument \(violin, ddx7-violin\) or a DX7 voice \(FILE"),
        ("ddx7-vioin", "found none, near is ddx7-violin"),
        ("model.ts", "expected an existing .ts instrument, found none"),
        ("model.ts#violin", "expected an existing .ts instrument, found none"),
        ("phrase.ts", "expected phrase.ts# and one of violin, viola, .*, found no instrument"),
        ("phrase.ts#obo", "expected phrase.ts# and oboe, found obo"),
        ("here.ts", r"here.ts: expected a Hexachord instrument \(.ts\), found File is not a zip"),
        ("", "^'': expected an instrument"),
        ("a\0b", "expected an instrument"),
        ("x" * 5000, "expected an instrument"),
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


@pytest.mark.parametrize("reference", ["double_bass", "Double Bass", " double_bass "])
def test_an_instrument_is_named_by_its_name(bundled: Path, reference: str):
    sound = load_sound(reference)
    assert isinstance(sound, PhraseSound)
    assert (sound.name, sound.instrument, sound.reference) == (
        "Double bass",
        "double_bass",
        reference,
    )
    assert (sound.synthesis, sound.expression) == (
        bundled / "synthesis.ts",
        bundled / "expression.ts",
    )


def test_a_model_of_ones_own_is_played_by_the_performer_beside_it(bundled: Path, tmp_path: Path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "synthesis.ts").write_bytes(b"")
    sound = load_sound("own/synthesis.ts#viola", folder=tmp_path)
    assert isinstance(sound, PhraseSound)
    assert (sound.instrument, sound.synthesis) == ("viola", own / "synthesis.ts")
    assert sound.expression == bundled / "expression.ts"
    (own / "expression.ts").write_bytes(b"")
    again = load_sound("own/synthesis.ts#viola", folder=tmp_path)
    assert isinstance(again, PhraseSound)
    assert again.expression == own / "expression.ts"


@pytest.mark.parametrize("missing", ["synthesis.ts", "expression.ts"])
def test_an_instrument_without_its_models_is_told_and_programs_go_to_voices(
    bundled: Path, missing: str
):
    (bundled / missing).unlink()
    with pytest.raises(InputError, match=rf"^violin: expected its model .*{missing}, found none"):
        load_sound("violin")
    assert sound_for_program(40).name == "VIOLIN"


def test_an_instrument_without_torch_is_told_and_programs_go_to_voices(
    bundled: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sounds, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"^violin: expected torch \(pip install"):
        load_sound("violin")
    assert isinstance(sound_for_program(40), FmSound)


def test_general_midi_programs_choose_instruments_where_they_can(bundled: Path):
    chosen = {n: sound_for_program(n) for n in range(128)}
    instruments = {n: s.instrument for n, s in chosen.items() if isinstance(s, PhraseSound)}
    assert instruments == {
        40: "violin", 41: "viola", 42: "cello", 43: "double_bass", 110: "violin",
        56: "trumpet", 57: "trombone", 58: "tuba", 60: "horn", 68: "oboe", 70: "bassoon",
        71: "clarinet", 73: "flute", **dict.fromkeys(range(64, 68), "saxophone"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "name", "row"), [("violin", "Violin", 0), ("Double Bass", "Double bass", 1)]
)
def test_a_live_instrument_is_named_by_its_name_and_asked_for(
    bundled: Path, reference: str, name: str, row: int
):
    write_live(bundled / "live.ts", "violin", "double_bass", "guitar")
    sound = load_sound(reference, model="live")
    assert isinstance(sound, LiveSound)
    assert (sound.name, sound.row, sound.model) == (name, row, bundled / "live.ts")
    assert isinstance(load_sound(reference), PhraseSound)


def test_the_guitar_is_live_alone_and_a_voice_has_no_model(bundled: Path):
    write_live(bundled / "live.ts", "violin", "guitar")
    for model in ("phrase", "live"):
        assert isinstance(load_sound("guitar", model=model), LiveSound)
        assert isinstance(load_sound("dx7/hexachord-1.syx#1", model=model), FmSound)


def test_a_live_model_of_ones_own_is_known_by_what_it_says(folder: Path):
    write_live(folder / "mine.ts", "kazoo", "saw")
    write_live(folder / "one.ts", "hurdy_gurdy")
    sound = load_sound("mine.ts#saw", folder=folder)
    assert isinstance(sound, LiveSound)
    assert (sound.name, sound.row, sound.model) == ("Saw", 1, folder / "mine.ts")
    assert load_sound("one.ts", folder=folder).name == "Hurdy gurdy"


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        ("mine.ts", "expected mine.ts# and one of kazoo, saw, found no instrument"),
        ("mine.ts#kazo", "expected mine.ts# and kazoo, found kazo"),
        ("other.ts#violin", "kind: expected live or ddx7, found synthesis"),
        ("here.ts#violin", r"expected a Hexachord instrument \(.ts\)"),
        ("mine.ts.ts", "expected an existing .ts instrument, found none"),
    ],
)
def test_a_live_model_that_is_none_is_told_in_one_line(folder: Path, reference: str, line: str):
    write_live(folder / "mine.ts", "kazoo", "saw")
    write_live(folder / "other.ts", "violin", kind="synthesis")
    with pytest.raises(InputError, match=line) as caught:
        load_sound(reference, folder=folder, model="live")
    assert "\n" not in str(caught.value)


def test_a_live_instrument_needs_no_torch_but_its_model(
    bundled: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sounds, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"^violin: expected its model .*live.ts, found none"):
        load_sound("violin", model="live")
    assert isinstance(sound_for_program(40, model="live"), FmSound)
    write_live(bundled / "live.ts", "violin", "guitar")
    assert sound_for_program(40, model="live") == load_sound("violin", model="live")
    assert sound_for_program(24, model="live").name == "Guitar"
    assert isinstance(sound_for_program(24), FmSound)


def test_the_live_instruments_are_those_of_the_phrase_models_and_the_guitar():
    assert (*INSTRUMENTS, *LIVE_ONLY) == LIVE_INSTRUMENTS
    assert set(LIVE_PROGRAMS.values()) == set(LIVE_INSTRUMENTS)
