"""The bundled banks as files: made from their sheets, whole, in range, with names of their own."""

from pathlib import Path

import pytest

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.sysex import read_voices
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import presets_folder
from presets.dx7 import make_banks

FOLDER = presets_folder() / "dx7"
BANKS = ("hexachord-1.syx", "hexachord-2.syx")
VOICES = tuple(entry.voice for entry in make_banks.entries())

SHEET = """
[[voice]]
name = "TEST"
family = "keys"
about = "one of everything"
algorithm = 32
feedback = 7
transpose = -12
sync = false
pitch_eg = "90 80 70 60 | 50 51 49 48"
lfo = { speed = 34, delay = 20, pitch = 5, amp = 6, sync = false, wave = "square" }
operators = \"\"\"
0.5   | 99 | 96 50 40 60 | 99 90 80 0 | vel=3 rate=2 amp=1 detune=-3
14    | 58 | 99 99 99 99 | 99 99 99 0 | right=-LIN40 left=+EXP7 at=60
1.41  | 70 | 99 99 99 99 | 99 99 99 0 |
180Hz | 70 | 99 99 99 99 | 99 99 99 0 |
-
9772Hz | 1 | 99 99 99 99 | 99 99 99 0 |
\"\"\"
"""


def sheet_voice(tmp_path: Path, text: str) -> Voice:
    path = tmp_path / "sheet.toml"
    path.write_text(text)
    (entry,) = make_banks.read_sheet(path)
    return entry.voice


def test_the_committed_files_are_what_the_script_writes(tmp_path: Path):
    make_banks.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*BANKS, "README.md"}
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (FOLDER / made.name).read_bytes(), made.name


@pytest.mark.parametrize("bank", BANKS)
def test_a_bank_is_a_clean_dump_of_32_voices(bank: str):
    assert (FOLDER / bank).stat().st_size == 4104
    file = read_voices(FOLDER / bank, strict=True)
    assert len(file.voices) == 32
    assert file.warnings == ()


def test_no_two_voices_have_the_same_name():
    names = [voice.name.casefold() for voice in VOICES]
    assert len(set(names)) == len(names) == 64


def test_every_voice_is_a_voice_of_its_own():
    assert len({voice.data[:145] for voice in VOICES}) == 64


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_every_carrier_ends_in_silence(voice: Voice):
    for carrier in ALGORITHMS[voice.stored("algorithm")].carriers:
        assert voice.shown(f"op{carrier}_eg_level4") == 0


def test_a_sheet_says_what_the_voice_gets(tmp_path: Path):
    voice = sheet_voice(tmp_path, SHEET)
    expected = {
        **{"algorithm": 32, "feedback": 7, "transpose": -12, "oscillator_sync": 0},
        **{"pitch_eg_rate1": 90, "pitch_eg_rate4": 60, "pitch_eg_level2": 51},
        **{"lfo_speed": 34, "lfo_delay": 20, "lfo_pitch_depth": 5, "lfo_amp_depth": 6},
        **{"lfo_sync": 0, "lfo_wave": 3, "pitch_mod_sensitivity": 3},
        **{"op1_coarse": 0, "op1_fine": 0, "op1_level": 99, "op1_eg_rate2": 50},
        **{"op1_eg_level3": 80, "op1_velocity_sensitivity": 3, "op1_rate_scaling": 2},
        **{"op1_amp_mod_sensitivity": 1, "op1_detune": -3},
        # Facts sheet, section 7: scaling runs from key break point + 17.
        **{"op2_coarse": 14, "op2_fine": 0, "op2_break_point": 43},
        **{"op2_right_curve": 0, "op2_right_depth": 40, "op2_left_curve": 2, "op2_left_depth": 7},
        **{"op3_mode": 0, "op3_coarse": 1, "op3_fine": 41},
        # Section 2: 10^2.26 = 182 Hz is nearer to 180 Hz than 10^2.25 = 178 Hz, by ratio.
        **{"op4_mode": 1, "op4_coarse": 2, "op4_fine": 26},
        **{"op5_level": 0, "op6_coarse": 3, "op6_fine": 99},
    }
    assert {field: voice.shown(field) for field in expected} == expected


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("feedback = 7", "feedback = 8"),
        ("vel=3", "loud=3"),
        ("0.5   | 99", "0.5   | 100"),
        ("9772Hz", "20000Hz"),
        ("96 50 40 60", "96 50 40"),
        ('wave = "square"', 'wave = "round"'),
    ],
)
def test_a_mistake_in_a_sheet_names_the_voice(tmp_path: Path, right: str, wrong: str):
    with pytest.raises((ValueError, KeyError)) as caught:
        sheet_voice(tmp_path, SHEET.replace(right, wrong))
    assert caught.value.__notes__ == ["in sheet.toml, voice 'TEST'"]
