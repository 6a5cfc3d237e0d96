"""A table of numbers over time as people keep it: a CSV file whose header names the columns.

The first column that matters is `time_s`; others hold numbers, and an empty cell says nothing.
Columns are separated by commas, semicolons or tabs, and except between commas decimals may be
written with one. Empty lines, and those that start with #, are skipped.
"""

import csv
import io
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.score.breakpoints import LATEST
from plugin_core.score.user_file import read_user_file, text_of
from plugin_core.score.values import LaneRange, number_in_text, shown
from plugin_core.types import InputError, Lane

TIME = "time_s"

_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of a table; NaN where a cell is empty."""

    times_s: NDArray[np.float64] = field(repr=False)
    """Never going back, shape (rows,)."""
    values: Mapping[str, NDArray[np.float64]] = field(repr=False)
    """Name -> numbers, shape (rows,)."""

    def lane(self, name: str) -> Lane | None:
        """Return a column as a lane, None if it is not there or has no numbers."""
        values = self.values.get(name)
        if values is None:
            return None
        said = np.isfinite(values)
        return Lane(self.times_s[said], values[said]) if said.any() else None


def read_columns(
    path: Path, allowed: Mapping[str, LaneRange], *, largest: int, kind: str
) -> Columns:
    """Return the table in a file of at most `largest` bytes; `kind` tells what file is expected.

    Raises InputError, naming file, line and column, for columns that are not in `allowed`, for what
    is no number or out of its range, and for times that go back.
    """
    data = read_user_file(path, largest, kind)
    return parse_columns(data, allowed, source=str(path), largest=largest)


def parse_columns(
    data: bytes, allowed: Mapping[str, LaneRange], *, source: str, largest: int
) -> Columns:
    """Return the table in a file's bytes; see `read_columns`. `source` names it in errors."""
    text = text_of(data, largest, source=source)
    separator = _separator(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    table: _Table | None = None
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            place = f"line {rows.line_num}"
            if table is None:
                table = _Table(source, _names(cells, allowed, source, place), allowed)
            else:
                table.add(cells, place, comma_decimals=separator != ",")
    except csv.Error as error:
        raise InputError(source, f"line {rows.line_num}", "a row of a table", str(error)) from error
    if table is None:
        raise InputError(source, "", f"a header {TIME},...", "no rows")
    if not table.columns[0]:
        raise InputError(source, "", "at least one row under the header", "none")
    times, *values = (np.frombuffer(column, np.float64) for column in table.columns)
    return Columns(times, dict(zip(table.names[1:], values, strict=True)))


def _separator(text: str) -> str:
    said = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    header = next(said, "")
    return max(_SEPARATORS, key=header.count)


def _names(cells: list[str], allowed: Collection[str], source: str, place: str) -> tuple[str, ...]:
    names = tuple(cell.lower() for cell in cells)
    if names[0] != TIME:
        raise InputError(source, place, f"a header that begins with {TIME}", shown(cells[0]))
    for index, name in enumerate(names[1:], start=1):
        if name not in allowed:
            known = ", ".join(allowed)
            raise InputError(source, f"{place}, column {index + 1}", f"one of {known}", shown(name))
        if name in names[:index]:
            raise InputError(source, place, f"one column {name}", "two")
    return names


class _Table:
    """The columns as they are read, `time_s` first."""

    def __init__(
        self, source: str, names: tuple[str, ...], allowed: Mapping[str, LaneRange]
    ) -> None:
        self.names = names
        self.columns = [array("d") for _ in names]
        self._source = source
        self._ranges = [LaneRange(0.0, LATEST), *(allowed[name] for name in names[1:])]

    def add(self, cells: list[str], place: str, *, comma_decimals: bool) -> None:
        if len(cells) > len(self.names):
            raise InputError(self._source, place, f"{len(self.names)} columns", len(cells))
        for index, (name, allowed) in enumerate(zip(self.names, self._ranges, strict=True)):
            text = cells[index] if index < len(cells) else ""
            if text == "" and index > 0:
                self.columns[index].append(np.nan)
                continue
            value = number_in_text(text.replace(",", ".") if comma_decimals else text)
            if value is None or not allowed.low <= value <= allowed.high:
                expected = f"a number in {allowed.low:g}..{allowed.high:g}"
                raise InputError(self._source, f"{place}, {name}", expected, shown(text))
            self.columns[index].append(value)
        times = self.columns[0]
        if len(times) > 1 and times[-1] < times[-2]:
            expected = f"a time not before {times[-2]:g} s"
            raise InputError(self._source, place, expected, f"{times[-1]:g} s")
