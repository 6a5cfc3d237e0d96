"""Lanes as people write them: a number, breakpoints, a CSV file, a controller of the MIDI part.

In: one value of a session file. Out: a `Lane` in seconds whose values are those people see, checked
against the range of what the lane drives. The forms:

    0.5                                          constant
    "sine"                                       constant, for what has named values
    [[0, 0.2], [4, 0.8]]                         (time, value) breakpoints, linear between
    "swell.csv"                                  breakpoints in a file: two columns
    "cc1" .. "cc127", "pitch_bend", "pressure"   a controller, its range onto the lane's
    { points = [[0, 0.2]], unit = "beats" }      the same with a unit of time of its own
    { csv = "swell.csv", unit = "seconds" }
    { controller = "cc1", low = 0.3, high = 0.9 }  the controller's range onto a part of the lane's

A CSV file may have a header: `time_s,value` or `beat,value`, which then says the unit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from plugin_core.score.breakpoints import (
    LARGEST_CSV,
    TIME_UNITS,
    TimeUnit,
    lane_through,
    parse_lane_csv,
)
from plugin_core.score.tempo import TempoMap
from plugin_core.score.values import LaneRange, finite_number, in_range, shown
from plugin_core.types import Controller, ControllerKind, InputError, Lane, Part

_CONTROL_CHANGE = re.compile(r"cc(?:[1-9][0-9]?|1[01][0-9]|12[0-7])")

_AFTER_RESET = {7: 100, 8: 64, 10: 64, 11: 127, **dict.fromkeys(range(70, 80), 64)}
"""Where controllers stand before they are first moved (RP-015, General MIDI); else at 0."""


@dataclass(frozen=True, slots=True)
class LaneSetting:
    """Where a lane is read: the session file for errors, its folder, and the part it belongs to."""

    source: str
    folder: Path = Path()
    unit: TimeUnit = "seconds"
    tempo: TempoMap = field(default_factory=TempoMap)
    part: Part = field(default_factory=lambda: Part(""))


def read_lane(value: object, allowed: LaneRange, place: str, setting: LaneSetting) -> Lane:
    """Return the lane written as `value` in any of the forms above.

    `place` is where in `setting.source` it is written. Raises InputError for what is not a lane,
    for a file that cannot be read, a controller that the part does not play, a value out of range.
    """
    if isinstance(value, Mapping):
        return _from_table(value, allowed, place, setting)
    if isinstance(value, str):
        return _from_text(value, allowed, place, setting)
    if isinstance(value, list):
        return _from_points(value, allowed, place, setting)
    constant = finite_number(value)
    if constant is None:
        expected = "a number, breakpoints, a CSV file or a controller"
        raise InputError(setting.source, place, expected, shown(value))
    return Lane.constant(in_range(constant, allowed, place, setting.source))


def _from_table(
    table: Mapping[str, object], allowed: LaneRange, place: str, setting: LaneSetting
) -> Lane:
    sources = [key for key in ("points", "csv", "controller") if key in table]
    if len(sources) != 1:
        expected = "one of points, csv, controller"
        raise InputError(setting.source, place, expected, " and ".join(sources) or "none of them")
    (kind,) = sources
    options = ("low", "high") if kind == "controller" else ("unit",)
    for key in table:
        if key not in (kind, *options):
            raise InputError(setting.source, place, f"{kind} and {', '.join(options)}", shown(key))
    value = table[kind]
    if kind == "controller":
        low, high = (
            in_range(table.get(key, end), allowed, f"{place}.{key}", setting.source)
            for key, end in (("low", allowed.low), ("high", allowed.high))
        )
        controller = controller_of(value) if isinstance(value, str) else None
        if controller is None:
            expected = "cc1..cc127, pitch_bend or pressure"
            raise InputError(setting.source, f"{place}.controller", expected, shown(value))
        return _from_controller(controller, low, high, place, setting)

    unit = table.get("unit", setting.unit)
    if unit not in TIME_UNITS:
        expected = " or ".join(f'"{name}"' for name in TIME_UNITS)
        raise InputError(setting.source, f"{place}.unit", expected, shown(unit))
    setting = replace(setting, unit="beats" if unit == "beats" else "seconds")
    if kind == "csv":
        if not isinstance(value, str):
            raise InputError(setting.source, f"{place}.csv", "the path of a file", shown(value))
        return _from_csv(value, allowed, place, setting)
    if not isinstance(value, list):
        raise InputError(setting.source, f"{place}.points", "[[time, value], ...]", shown(value))
    return _from_points(value, allowed, f"{place}.points", setting)


def _from_text(text: str, allowed: LaneRange, place: str, setting: LaneSetting) -> Lane:
    if text in allowed.labels:
        return Lane.constant(allowed.low + allowed.labels.index(text))
    controller = controller_of(text)
    if controller:
        return _from_controller(controller, allowed.low, allowed.high, place, setting)
    if text.lower().endswith(".csv"):
        return _from_csv(text, allowed, place, setting)
    names = f", or one of {', '.join(allowed.labels)}" if allowed.labels else ""
    expected = f"a .csv file or a controller (cc1..cc127, pitch_bend, pressure){names}"
    raise InputError(setting.source, place, expected, shown(text))


def _from_points(
    points: Sequence[object], allowed: LaneRange, place: str, setting: LaneSetting
) -> Lane:
    pairs = []
    for number, point in enumerate(points, start=1):
        pair = [finite_number(x) for x in point] if isinstance(point, list) else []
        if len(pair) != 2 or pair[0] is None or pair[1] is None:
            where = f"{place}, breakpoint {number}"
            raise InputError(setting.source, where, "[time, value]", shown(point))
        pairs.append((pair[0], pair[1], f"{place}, breakpoint {number}"))
    return lane_through(pairs, allowed, place, setting.source, setting.unit, setting.tempo)


def _from_csv(name: str, allowed: LaneRange, place: str, setting: LaneSetting) -> Lane:
    try:
        path = setting.folder / name
        with path.open("rb") as file:
            data = file.read(LARGEST_CSV + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        expected = "a CSV file that can be read"
        raise InputError(setting.source, place, expected, f"{shown(name)}: {reason}") from error
    return parse_lane_csv(data, allowed, str(path), unit=setting.unit, tempo=setting.tempo)


def controller_of(value: object) -> tuple[ControllerKind, int] | None:
    """Return the controller (kind, number) that a lane value names, None if it names none."""
    name = value.get("controller") if isinstance(value, Mapping) else value
    if name == "pitch_bend":
        return ControllerKind.PITCH_BEND, 0
    if name == "pressure":
        return ControllerKind.PRESSURE, 0
    if isinstance(name, str) and _CONTROL_CHANGE.fullmatch(name):
        return ControllerKind.CONTROL, int(name[2:])
    return None


def _from_controller(
    controller: tuple[ControllerKind, int],
    low: float,
    high: float,
    place: str,
    setting: LaneSetting,
) -> Lane:
    kind, index = controller
    moves = [c for c in setting.part.controllers if (c.kind, c.index) == controller]
    if not moves:
        name = f"cc{index}" if kind is ControllerKind.CONTROL else kind
        expected = f"a part that plays {name}"
        raise InputError(setting.source, place, expected, f"{setting.part.name!r} does not")
    rest = 8192 if kind is ControllerKind.PITCH_BEND else _AFTER_RESET.get(index, 0)
    return _stepped([Controller(0.0, kind, index, rest), *moves], low, high)


def _stepped(moves: Sequence[Controller], low: float, high: float) -> Lane:
    """Return the lane that holds each value until the next: two breakpoints at each step."""
    last_at = {move.time_s: _position(move) for move in moves}
    times, positions = list(last_at), list(last_at.values())
    step_times = np.repeat(times, 2)[1:]
    values = low + np.repeat(positions, 2)[:-1] * (high - low)
    return Lane(step_times.astype(np.float64), values.astype(np.float64))


def _position(move: Controller) -> float:
    """Return where in its range a controller stands, 0..1, a centred bend exactly at 0.5."""
    if move.kind is not ControllerKind.PITCH_BEND:
        return move.value / 127
    deviation = move.value - 8192
    return 0.5 + 0.5 * deviation / (8191 if deviation > 0 else 8192)
