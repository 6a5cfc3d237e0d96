"""General MIDI programs to bundled voices: all of them, by name, and sensibly."""

import csv

import pytest

from bridge.plan import plan_session
from plugin_core import Session
from plugin_core.score.general_midi import PROGRAM_NAMES
from plugin_core.score.midi import write_midi
from plugin_core.score.tempo import TempoMap
from plugin_core.sounds import load_sound, presets_folder, sound_for_drums, voice_for_program
from plugin_core.types import Note, Part
from presets.dx7 import make_banks

FAMILY = {entry.voice.name: entry.family for entry in make_banks.entries()}

GROUPS = (
    ("keys",),
    ("mallets", "plucked"),
    ("organ",),
    ("plucked", "keys", "mallets"),
    ("bass",),
    ("strings", "plucked", "mallets"),
    ("strings", "pads", "brass"),
    ("brass",),
    ("winds",),
    ("winds",),
    ("leads", "winds", "plucked", "pads", "bass"),
    ("pads", "brass", "mallets"),
    ("pads", "mallets", "plucked", "effects"),
    ("plucked", "mallets", "winds", "strings"),
    ("mallets", "drums"),
    ("effects", "drums"),
)
"""The families that may play each of General MIDI's groups of eight programs."""


def test_the_table_names_every_program():
    with (presets_folder() / "dx7" / "general-midi.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["program"] for row in rows] == [*map(str, range(128)), "drums"]
    assert tuple(row["name"] for row in rows[:128]) == PROGRAM_NAMES


@pytest.mark.parametrize("program", range(128))
def test_a_program_is_played_by_its_kind(program: int):
    sound = voice_for_program(program)
    assert FAMILY[sound.name] in GROUPS[program // 8]
    assert sound.warnings == ()


@pytest.mark.parametrize(
    ("program", "name"),
    [(0, "GRAND"), (4, "TINE PIANO"), (11, "VIBES"), (19, "PIPE ORGAN"), (40, "VIOLIN"),
     (56, "TRUMPET"), (68, "OBOE"), (71, "CLARINET"), (73, "FLUTE"), (107, "KOTO")],
)  # fmt: skip
def test_an_instrument_of_which_there_is_one_plays_itself(program: int, name: str):
    assert voice_for_program(program).name == name


def test_the_reference_of_a_program_loads_the_same_voice_from_anywhere(tmp_path):
    sound = voice_for_program(12)
    assert load_sound(sound.reference, folder=tmp_path).voice == sound.voice


@pytest.mark.parametrize("program", [-1, 128])
def test_there_is_no_other_program(program: int):
    with pytest.raises(ValueError, match=rf"0\.\.127, found {program}"):
        voice_for_program(program)


def test_the_drum_channel_of_a_midi_file_is_played_by_the_drum_kit(tmp_path):
    beat = Part("Beat", (Note(0.0, 0.2, 36, 100, channel=9),), program=24)
    write_midi(tmp_path / "beat.mid", [beat], tempo=TempoMap.constant(120))
    (player,) = plan_session(Session.from_midi(tmp_path / "beat.mid")).players
    assert player.sound == sound_for_drums()
    assert player.sound.name == "DRUM KIT"
