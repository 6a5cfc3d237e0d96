"""Algorithms as pictures: where each operator stands, and the drawing as text.

Carriers stand on the bottom row, every modulator above what it modulates. Columns and rows follow
from the table of algorithms alone; text and plotted pictures use the same places.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from plugin_core.dx7.algorithms import ALGORITHMS, Algorithm

_LEFT, _RIGHT, _UP, _DOWN = 1, 2, 4, 8
_STROKES = " ╴╶─╵┘└┴╷┐┌┬│┤├┼"
"""A character for each sum of the directions above."""

_COLUMN_WIDTH = 8
_ROW_HEIGHT = 4
_BOX_WIDTH = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operator stands: column from the left (may be a half), row from the bottom."""

    column: float
    row: int


def operator_places(algorithm: Algorithm) -> dict[int, Place]:
    """Return the place of each operator of `algorithm`; no two are closer than one column or row.

    An operator stands in the middle of its modulators, one that modulates several in the middle of
    its targets.
    """
    columns: dict[int, float] = {}
    for carrier in algorithm.carriers:
        _place_above(algorithm, carrier, columns)
    for operator in range(1, 7):
        if operator not in columns:
            targets = [columns[target] for target in _targets(algorithm, operator)]
            columns[operator] = sum(targets) / len(targets)
    return {
        operator: Place(columns[operator], _row(algorithm, operator)) for operator in range(1, 7)
    }


def algorithm_text(number: int) -> str:
    """Return algorithm `number`, 1..32, drawn with box characters, without trailing spaces.

    Every operator is a box with its number, the bottom line gathers the carriers, and a line at the
    right of boxes is the feedback: from the side of its source to the top of its target.
    """
    algorithm = ALGORITHMS[number - 1]
    places = operator_places(algorithm)
    top = max(place.row for place in places.values())
    canvas = _Canvas()
    middles = {
        operator: round(place.column * _COLUMN_WIDTH) + 2 for operator, place in places.items()
    }
    tops = {operator: 1 + (top - place.row) * _ROW_HEIGHT for operator, place in places.items()}
    for operator in places:
        canvas.box(middles[operator], tops[operator], str(operator))
    for source, target in algorithm.modulations:
        bend = tops[target] - 1
        canvas.path(
            (middles[source], tops[source] + 2),
            (middles[source], bend),
            (middles[target], bend),
            (middles[target], tops[target]),
        )
    out = (top + 1) * _ROW_HEIGHT
    ends = [middles[carrier] for carrier in algorithm.carriers]
    for carrier in algorithm.carriers:
        canvas.path((middles[carrier], tops[carrier] + 2), (middles[carrier], out))
    canvas.path((min(ends), out), (max(ends), out))
    last, first = algorithm.feedback
    side = middles[first] + _BOX_WIDTH // 2 + 1
    canvas.path(
        (middles[last] + _BOX_WIDTH // 2, tops[last] + 1),
        (side, tops[last] + 1),
        (side, tops[first] - 1),
        (middles[first], tops[first] - 1),
        (middles[first], tops[first]),
    )
    return canvas.text()


class _Canvas:
    """Characters and strokes by cell; strokes that meet in a cell join."""

    def __init__(self) -> None:
        self.strokes: dict[tuple[int, int], int] = {}
        self.labels: dict[tuple[int, int], str] = {}

    def path(self, *corners: tuple[int, int]) -> None:
        """Draw a line through the corners (x, y), each level with or upright over the last."""
        for start, end in pairwise(corners):
            for (x, y), (next_x, next_y) in _steps(start, end):
                out, back = (_RIGHT, _LEFT) if next_x > x else (_LEFT, _RIGHT)
                if next_y != y:
                    out, back = (_DOWN, _UP) if next_y > y else (_UP, _DOWN)
                self.strokes[x, y] = self.strokes.get((x, y), 0) | out
                self.strokes[next_x, next_y] = self.strokes.get((next_x, next_y), 0) | back

    def box(self, middle: int, top: int, label: str) -> None:
        left, right = middle - _BOX_WIDTH // 2, middle + _BOX_WIDTH // 2
        self.path((left, top), (right, top), (right, top + 2), (left, top + 2), (left, top))
        self.labels[middle, top + 1] = label

    def text(self) -> str:
        cells = {cell: _STROKES[strokes] for cell, strokes in self.strokes.items()} | self.labels
        rows = range(min(y for _, y in cells), max(y for _, y in cells) + 1)
        columns = range(max(x for x, _ in cells) + 1)
        return "\n".join("".join(cells.get((x, y), " ") for x in columns).rstrip() for y in rows)


def _steps(
    start: tuple[int, int], end: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    (x, y), (end_x, end_y) = start, end
    while (x, y) != (end_x, end_y):
        step = x + (end_x > x) - (end_x < x), y + (end_y > y) - (end_y < y)
        yield (x, y), step
        x, y = step


def _targets(algorithm: Algorithm, operator: int) -> list[int]:
    return [target for source, target in algorithm.modulations if source == operator]


def _row(algorithm: Algorithm, operator: int) -> int:
    return 1 + max(
        (_row(algorithm, target) for target in _targets(algorithm, operator)), default=-1
    )


def _place_above(algorithm: Algorithm, operator: int, columns: dict[int, float]) -> None:
    """Give `operator` and its own modulators columns right of those given so far."""
    own = [
        modulator
        for modulator in algorithm.modulators_of(operator)
        if len(_targets(algorithm, modulator)) == 1
    ]
    for modulator in own:
        _place_above(algorithm, modulator, columns)
    used = [column for other, column in columns.items() if other not in own]
    columns[operator] = (
        sum(columns[modulator] for modulator in own) / len(own)
        if own
        else float(int(max(used, default=-1.0)) + 1)
    )
