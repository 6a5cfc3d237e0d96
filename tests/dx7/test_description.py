"""Values in the words of the instrument."""

import pytest

from plugin_core.dx7.description import break_point_text, frequency_text, lfo_text, shown_text
from plugin_core.dx7.fields import FIELD_INDEX, FIELDS
from plugin_core.dx7.voice import Voice


@pytest.mark.parametrize(
    ("break_point", "key"), [(0, "A-1"), (3, "C0"), (39, "C3"), (40, "C#3"), (99, "C8")]
)
def test_break_points_are_keys_in_yamahas_octaves(break_point: int, key: str):
    assert break_point_text(break_point) == key


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        ({}, "× 1.00"),
        ({"op1_coarse": 0}, "× 0.50"),
        ({"op1_coarse": 14, "op1_fine": 1}, "× 14.14"),
        ({"op1_mode": 1, "op1_coarse": 2}, "100 Hz"),
        ({"op1_mode": 1, "op1_coarse": 31, "op1_fine": 99}, "9772 Hz"),
    ],
)
def test_frequencies_are_shown_as_on_the_panel(edit: dict[str, int], text: str):
    assert frequency_text(Voice.initial().edited(**edit), 1) == text


@pytest.mark.parametrize(
    ("field_id", "value", "text"),
    [
        ("algorithm", 5, "5"),
        ("op2_detune", -3, "-3"),
        ("op2_detune", 3, "+3"),
        ("transpose", 0, "0"),
        ("op1_left_curve", 2, "+EXP"),
        ("lfo_wave", 5, "sample & hold"),
        ("lfo_sync", 0, "off"),
    ],
)
def test_values_are_shown_as_people_read_them(field_id: str, value: int, text: str):
    voice = Voice.initial().edited(**{field_id: value})
    assert shown_text(voice, FIELDS[FIELD_INDEX[field_id]]) == text


def test_the_lfo_is_named_by_wave_and_hertz():
    assert lfo_text(Voice.initial().edited(lfo_wave=4, lfo_speed=99)) == "sine 51 Hz"
