"""What instruments reach, and what becomes of notes beyond."""

import csv

import pytest

from plugin_core.performing.ranges import RANGES, into_range
from plugin_core.synthesis.instruments import INSTRUMENTS, PROGRAMS
from plugin_core.types import Note


def notes(*pitches: int) -> list[Note]:
    return [Note(float(n), n + 1.0, pitch, 80) for n, pitch in enumerate(pitches)]


def pitches(played) -> list[int]:
    return [note.midi_pitch for note in played]


def test_every_instrument_has_a_range_of_an_octave_or_more():
    assert set(RANGES) == set(INSTRUMENTS) >= set(PROGRAMS.values())
    for reach in RANGES.values():
        assert reach.highest - reach.lowest >= 12
        assert reach.lowest in reach
        assert reach.highest in reach
        assert reach.lowest - 1 not in reach
        assert reach.highest + 1 not in reach


# The open strings, and the lowest notes that the keys of wind instruments give.
@pytest.mark.parametrize(
    ("instrument", "lowest"),
    [("violin", 55), ("viola", 48), ("cello", 36), ("oboe", 58), ("bassoon", 34), ("trumpet", 52)],
)
def test_the_lowest_note_is_that_of_the_instrument(instrument, lowest):
    assert RANGES[instrument].lowest == lowest


def test_what_the_corpus_covers_is_what_it_says(shared):
    with (shared / "corpus" / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "note" and row["midi_pitch"]]
    for instrument, reach in RANGES.items():
        keys = [int(row["midi_pitch"]) for row in rows if row["instrument"] == instrument]
        assert reach.corpus == (min(keys), max(keys)), instrument


def test_notes_in_the_range_stay():
    assert into_range(notes(55, 69, 100), "violin") == (tuple(notes(55, 69, 100)), 0)


def test_single_notes_outside_move_by_octaves():
    played, moved = into_range(notes(60, 54, 65, 67, 43, 101), "violin")
    assert pitches(played) == [60, 66, 65, 67, 55, 89]
    assert moved == 3


def test_a_part_that_lies_outside_moves_as_a_whole():
    bass = (28, 33, 35, 40, 43)
    played, moved = into_range(notes(*bass), "violin")
    assert pitches(played) == [pitch + 36 for pitch in bass]
    assert moved == 5


def test_a_part_wider_than_the_instrument_is_folded_at_its_ends():
    played, _ = into_range(notes(0, 10, 20, 30, 40, 50, 60, 127), "tuba")
    assert all(note.midi_pitch in RANGES["tuba"] for note in played)
    assert all(
        (a - b) % 12 == 0
        for a, b in zip(pitches(played), (0, 10, 20, 30, 40, 50, 60, 127), strict=True)
    )
