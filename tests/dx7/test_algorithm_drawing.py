"""The places and the text of all 32 algorithms."""

import itertools
import re

import pytest

from plugin_core.dx7.algorithms import ALGORITHMS, Algorithm
from plugin_core.dx7.drawing import algorithm_text, operator_places

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda a: str(a.number))


@every_algorithm
def test_each_operator_is_drawn_once(algorithm: Algorithm):
    assert sorted(re.findall(r"\d", algorithm_text(algorithm.number))) == list("123456")


@every_algorithm
def test_carriers_are_the_bottom_row(algorithm: Algorithm):
    rows = [
        line for line in algorithm_text(algorithm.number).splitlines() if re.search(r"\d", line)
    ]
    assert sorted(map(int, re.findall(r"\d", rows[-1]))) == list(algorithm.carriers)


@every_algorithm
def test_modulators_stand_one_row_above_their_targets(algorithm: Algorithm):
    places = operator_places(algorithm)
    for source, target in algorithm.modulations:
        assert places[source].row == places[target].row + 1


@every_algorithm
def test_no_two_operators_touch(algorithm: Algorithm):
    for one, other in itertools.combinations(operator_places(algorithm).values(), 2):
        assert one.row != other.row or abs(one.column - other.column) >= 1


@every_algorithm
def test_the_lines_connect_what_the_table_connects(algorithm: Algorithm):
    """Follow the strokes of the drawing from box to box."""
    assert _connections(algorithm_text(algorithm.number)) == (
        set(algorithm.modulations),
        algorithm.feedback,
    )


def test_algorithm_19_looks_like_the_chart():
    # Chart of the instrument: 3 over 2 over 1; 6 with feedback over 4 and 5; 1, 4 and 5 sound.
    assert algorithm_text(19).splitlines() == [
        "┌───┐",
        "│ 3 │",
        "└─┬─┘",
        "  │           ┌──┐",
        "┌─┴─┐       ┌─┴─┐│",
        "│ 2 │       │ 6 ├┘",
        "└─┬─┘       └─┬─┘",
        "  │       ┌───┴───┐",
        "┌─┴─┐   ┌─┴─┐   ┌─┴─┐",
        "│ 1 │   │ 4 │   │ 5 │",
        "└─┬─┘   └─┬─┘   └─┬─┘",
        "  └───────┴───────┘",
    ]


_LEFT, _RIGHT, _UP, _DOWN = (-1, 0), (1, 0), (0, -1), (0, 1)
_ARMS = {
    "─": (_LEFT, _RIGHT), "│": (_UP, _DOWN), "┌": (_RIGHT, _DOWN), "┐": (_LEFT, _DOWN),
    "└": (_RIGHT, _UP), "┘": (_LEFT, _UP), "├": (_UP, _DOWN, _RIGHT), "┤": (_UP, _DOWN, _LEFT),
    "┬": (_LEFT, _RIGHT, _DOWN), "┴": (_LEFT, _RIGHT, _UP), "┼": (_LEFT, _RIGHT, _UP, _DOWN),
    "╵": (_UP,),
}  # fmt: skip


def _connections(text: str) -> tuple[set[tuple[int, int]], tuple[int, int]]:
    """Return the modulations and the feedback that the lines of a drawing show.

    Boxes are left at the bottom (output) or right (feedback), lines end at tops.
    """
    cells = {
        (x, y): char for y, line in enumerate(text.splitlines()) for x, char in enumerate(line)
    }
    boxes = {int(char): cell for cell, char in cells.items() if char.isdigit()}
    walls = {
        (x + dx, y + dy): operator
        for operator, (x, y) in boxes.items()
        for dx in range(-2, 3)
        for dy in (-1, 0, 1)
    }
    tops = {(x, y - 1): operator for operator, (x, y) in boxes.items()}

    def reached(start: tuple[int, int]) -> set[int]:
        found, seen, todo = set(), {start}, [start]
        while todo:
            x, y = todo.pop()
            for dx, dy in _ARMS[cells[x, y]]:
                cell = x + dx, y + dy
                if cell in tops and dy == 1:
                    found.add(tops[cell])
                elif cell in cells and cell not in seen and cell not in walls:
                    seen.add(cell)
                    todo.append(cell)
        return found

    modulations = set()
    feedback = (0, 0)
    for operator, (x, y) in boxes.items():
        if cells[x, y + 1] == "┬":
            modulations |= {(operator, target) for target in reached((x, y + 2))}
        if cells[x + 2, y] == "├":
            (target,) = reached((x + 3, y))
            feedback = operator, target
    return modulations, feedback
