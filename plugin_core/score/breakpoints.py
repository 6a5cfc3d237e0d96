"""Breakpoints to lanes: a CSV file of two columns, or pairs of numbers, checked one by one.

A CSV file may have a header, `time_s,value` or `beat,value`, which then says the unit of time.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from plugin_core.score.tempo import TempoMap
from plugin_core.score.user_file import text_of
from plugin_core.score.values import LaneRange, in_range, number_in_text, shown
from plugin_core.types import InputError, Lane

TimeUnit = Literal["seconds", "beats"]
TIME_UNITS: tuple[TimeUnit, ...] = ("seconds", "beats")

LARGEST_CSV = 16 * 2**20
LATEST = 1e6
"""No breakpoint lies later than this many seconds or beats."""

CSV_HEADERS: Mapping[str, TimeUnit] = {"time_s": "seconds", "beat": "beats"}


def parse_lane_csv(
    data: bytes, allowed: LaneRange, source: str, *, unit: TimeUnit, tempo: TempoMap
) -> Lane:
    """Return the lane in a CSV file's bytes; `unit` counts unless a header says another.

    Lines are `time,value`; empty lines and lines that start with # are skipped. Raises InputError
    with the number of the line.
    """
    text = text_of(data, LARGEST_CSV, source=source)
    pairs: list[tuple[float, float, str]] = []
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    is_first = True
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            place = f"line {rows.line_num}"
            if len(cells) != 2:
                raise InputError(source, place, "two columns: time, value", f"{len(cells)}")
            time, value = (number_in_text(cell) for cell in cells)
            if time is None and value is None and is_first:
                if cells[0].lower() not in CSV_HEADERS:
                    expected = "a header time_s,value or beat,value"
                    raise InputError(source, place, expected, shown(",".join(cells)))
                unit = CSV_HEADERS[cells[0].lower()]
            elif time is None or value is None:
                raise InputError(source, place, "two numbers", shown(",".join(cells)))
            else:
                pairs.append((time, value, place))
            is_first = False
    except csv.Error as error:
        raise InputError(source, f"line {rows.line_num}", "two columns", str(error)) from error
    return lane_through(pairs, allowed, "", source, unit, tempo)


def lane_through(
    pairs: Sequence[tuple[float, float, str]],
    allowed: LaneRange,
    place: str,
    source: str,
    unit: TimeUnit,
    tempo: TempoMap,
) -> Lane:
    """Return the lane of (time, value, place of this breakpoint)."""
    if not pairs:
        raise InputError(source, place, "at least one breakpoint", "none")
    last = 0.0
    for time, value, where in pairs:
        if not 0 <= time <= LATEST:
            raise InputError(source, where, f"a time of 0..{LATEST:g} {unit}", f"{time:g}")
        if time < last:
            raise InputError(source, where, f"a time not before {last:g} {unit}", f"{time:g}")
        last = time
        in_range(value, allowed, where, source)
    times = np.array([time for time, _, _ in pairs], dtype=np.float64)
    return Lane(
        tempo.seconds(times) if unit == "beats" else times,
        np.array([value for _, value, _ in pairs], dtype=np.float64),
    )
