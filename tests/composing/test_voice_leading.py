"""Counts against chords whose faults a textbook names."""

import numpy as np
import pytest

from plugin_core.composing.chorale import REST, STEPS_PER_BAR, Grid
from plugin_core.composing.voice_leading import (
    bar_ends,
    chord_at,
    closing_chords,
    crossings,
    faults,
    out_of_range,
    parallels,
    rates,
)

C_MAJOR, D_MINOR = (72, 67, 64, 48), (74, 69, 65, 50)
PAIRS = ["SA", "ST", "SB", "AT", "AB", "TB"]


def chords(*each: tuple[int, int, int, int]) -> Grid:
    return np.array(each, np.int16)


def parallel_pairs(grid: Grid) -> set[str]:
    return {name for name, column in zip(PAIRS, parallels(grid)[0].T, strict=True) if column.any()}


def test_root_position_triads_a_step_apart_are_parallel():
    # Soprano and bass in octaves, alto and bass in fifths.
    assert parallel_pairs(chords(C_MAJOR, D_MINOR)) == {"SB", "AB"}


def test_contrary_motion_and_standing_still_are_not():
    assert parallel_pairs(chords((72, 67, 64, 60), (74, 65, 62, 50))) == set()
    assert parallel_pairs(chords(C_MAJOR, C_MAJOR)) == set()


def test_a_fifth_into_a_sixth_is_not():
    assert "AB" not in parallel_pairs(chords((72, 67, 64, 48), (77, 71, 65, 50)))


def test_a_rest_between_is_not():
    silent = (REST, REST, REST, REST)
    assert parallel_pairs(chords(C_MAJOR, silent, D_MINOR)) == set()


def test_crossing_is_between_neighbours_that_sing():
    grid = chords((72, 67, 64, 48), (65, 67, 64, 48), (72, REST, 64, 66))
    assert crossings(grid).tolist() == [[False] * 3, [True, False, False], [False, False, True]]


def test_ranges():
    assert out_of_range(chords((82, 67, 64, 48), (81, 52, 64, REST))).sum() == 2


def test_a_chord_is_its_intervals_above_the_bass():
    assert chord_at(chords(C_MAJOR), 0) == {0, 4, 7}
    assert chord_at(chords((72, 67, 60, 52)), 0) == {0, 3, 8}


def test_rates_of_one_bar():
    grid = np.repeat(chords(C_MAJOR, D_MINOR), STEPS_PER_BAR // 2, axis=0)
    assert bar_ends(grid) == [STEPS_PER_BAR - 1]
    found = rates([grid], {frozenset({0, 3, 7})})
    assert found.parallel == pytest.approx(2 / 6)
    assert found.parallel_by_chord == 2
    assert (found.crossing, found.out_of_range, found.known_bar_ends) == (0, 0, 1)
    assert rates([grid], {frozenset({0, 4, 7})}).known_bar_ends == 0


def test_closing_chords_are_those_at_the_ends_of_bars():
    grid = np.repeat(chords(C_MAJOR, D_MINOR), STEPS_PER_BAR // 2, axis=0)
    assert closing_chords([grid]) == {frozenset({0, 3, 7})}


def test_faults_name_who_is_to_change():
    wrong = faults(chords(C_MAJOR, C_MAJOR, D_MINOR))
    assert wrong.tolist() == [[False] * 4, [True, True, False, True], [True, True, False, True]]
