"""Parts for players: pedals, range and divisi together."""

import pytest

from plugin_core.performing.lines import key_name, lines
from plugin_core.types import Controller, ControllerKind, Note, Part


def control(time_s: float, number: int, value: int) -> Controller:
    return Controller(time_s, ControllerKind.CONTROL, number, value)


def test_a_line_in_range_stays_as_it_is():
    part = Part("Violin", (Note(0, 1, 60, 80), Note(1, 2, 62, 80)), (control(0, 1, 3),), 40, 9.0)
    found = lines(part, "violin")
    assert found.parts == (part,)
    assert found.warnings == ()


def test_players_are_numbered_and_all_follow_the_controllers():
    part = Part("Horn", (Note(0, 1, 60, 80), Note(0, 1, 55, 80)), (control(0, 11, 90),))
    first, second = lines(part, "horn").parts
    assert (first.name, second.name) == ("Horn", "Horn 2")
    assert (first.notes[0].midi_pitch, second.notes[0].midi_pitch) == (60, 55)
    assert first.controllers == second.controllers == part.controllers


def test_the_pedal_holds_notes_and_is_then_done_with():
    moves = (control(0.5, 64, 127), control(3.0, 64, 0), control(1.0, 1, 9))
    part = Part("Cello", (Note(0, 1, 48, 80), Note(2, 2.5, 55, 80)), moves)
    high, low = lines(part, "cello").parts
    assert [note.offset_s for note in low.notes] == [3.0]
    assert [note.offset_s for note in high.notes] == [3.0]
    assert [each.index for each in high.controllers] == [1]


def test_what_is_moved_by_octaves_is_told_once():
    part = Part("Flute", (Note(0, 1, 40, 80), Note(1, 2, 70, 80), Note(2, 3, 71, 80)))
    found = lines(part, "flute")
    assert [note.midi_pitch for note in found.parts[0].notes] == [64, 70, 71]
    assert found.warnings == (
        "1 of 3 notes are moved by octaves into the range of the flute, B3 to D7",
    )


def test_a_part_without_notes_has_one_player():
    assert lines(Part("Tacet"), "tuba").parts == (Part("Tacet"),)


def test_playing_lines_again_changes_nothing():
    chords = tuple(Note(n, n + 1.05, p, 80) for n in range(4) for p in (30 + n, 60, 67 - n))
    first = lines(Part("p", chords), "viola")
    for part in first.parts:
        again = lines(part, "viola")
        assert again.parts == (part,)
        assert again.warnings == ()


@pytest.mark.parametrize(("key", "name"), [(60, "C4"), (21, "A0"), (55, "G3"), (127, "G9")])
def test_middle_c_is_c4(key: int, name: str):
    assert key_name(key) == name
