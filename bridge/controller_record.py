"""The `controllers` record of a reference manifest: assignments, ranges, and movements by sample.

    {"assign": {"mod_wheel": {"range": 99, "pitch": true, "amp": false, "eg_bias": false}},
     "pitch_bend_range_semitones": 3,
     "events": [{"sample": 17664, "type": "mod_wheel", "value": 127}]}

Controllers are mod_wheel, foot, breath, aftertouch and, in events, pitch_bend (0..16383).
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.engine.records import EventType
from plugin_core.engine.single_note import Move
from plugin_core.score.user_file import read_user_file
from plugin_core.types import InputError

_MODULATORS = {
    "mod_wheel": "wheel",
    "foot": "foot",
    "breath": "breath",
    "aftertouch": "aftertouch",
}
_DESTINATIONS = ("range", "pitch", "amp", "eg_bias")
_EVENTS = {
    "mod_wheel": (EventType.CONTROLLER, 1),
    "breath": (EventType.CONTROLLER, 2),
    "foot": (EventType.CONTROLLER, 4),
    "aftertouch": (EventType.PRESSURE, 0),
    "pitch_bend": (EventType.PITCH_BEND, 0),
}
_LARGEST = {"pitch_bend": 16383}
_BEND_RANGE = "pitch_bend_range"
_LAST_SAMPLE = 2**31 - 1
LARGEST_FILE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ControllerRecord:
    """What a record asks of the engine."""

    parameters: dict[str, float]
    moves: tuple[Move, ...]


def read_controller_record(path: Path) -> ControllerRecord:
    """Return the record in a JSON file, or in the manifest record that holds it.

    Raises InputError if there is none, naming the entry.
    """
    data = read_user_file(path, LARGEST_FILE, "a JSON file")
    if len(data) > LARGEST_FILE:
        raise InputError(path, "", f"at most {LARGEST_FILE} bytes", "more")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(path, "", "JSON", error) from None
    if isinstance(content, dict) and isinstance(content.get("controllers"), dict):
        content = content["controllers"]
    return parse_controller_record(content, str(path))


def parse_controller_record(content: object, source: str) -> ControllerRecord:
    """Return what a `controllers` record says. Raises InputError, naming the entry."""
    record = _object(source, "", content)
    known = ("assign", "pitch_bend_range_semitones", "events")
    for key in record:
        if key not in known:
            raise InputError(source, "", ", ".join(known), repr(key))
    parameters = {}
    if "pitch_bend_range_semitones" in record:
        place = "pitch_bend_range_semitones"
        parameters[_BEND_RANGE] = _parameter(source, place, record[place], _BEND_RANGE)
    for controller, destinations in _object(source, "assign", record.get("assign", {})).items():
        if controller not in _MODULATORS:
            raise InputError(source, "assign", ", ".join(_MODULATORS), repr(controller))
        place = f"assign.{controller}"
        for key, value in _object(source, place, destinations).items():
            if key not in _DESTINATIONS:
                raise InputError(source, place, ", ".join(_DESTINATIONS), repr(key))
            parameter_id = f"{_MODULATORS[controller]}_{key}"
            number = int(value) if isinstance(value, bool) else value
            parameters[parameter_id] = _parameter(source, f"{place}.{key}", number, parameter_id)
    events = record.get("events", [])
    if not isinstance(events, list):
        raise InputError(source, "events", "a list", _kind(events))
    moves = (_move(source, f"event {n}", event) for n, event in enumerate(events, 1))
    return ControllerRecord(parameters, tuple(moves))


def _move(source: str, place: str, content: object) -> Move:
    event = _object(source, place, content)
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _EVENTS:
        raise InputError(source, f"{place}, type", ", ".join(_EVENTS), repr(kind))
    event_type, index = _EVENTS[kind]
    sample = _number(source, f"{place}, sample", event.get("sample"), 0, _LAST_SAMPLE)
    value = _number(source, f"{place}, value", event.get("value"), 0, _LARGEST.get(kind, 127))
    return Move(int(sample), event_type, index, value)


def _parameter(source: str, place: str, value: object, parameter_id: str) -> float:
    parameter = PARAMETERS[PARAMETER_INDEX[parameter_id]]
    number = _number(source, place, value, parameter.low, parameter.high)
    if not number.is_integer():
        expected = f"a whole number {parameter.low:g}..{parameter.high:g}"
        raise InputError(source, place, expected, repr(value))
    return number


def _number(source: str, place: str, value: object, low: float, high: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type, operator]
        raise InputError(source, place, f"a number {low:g}..{high:g}", repr(value))
    return float(value)  # type: ignore[arg-type]


def _object(source: str, place: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(source, place, "an object", _kind(value))
    return value


def _kind(value: object) -> str:
    return {list: "a list", str: "a string", type(None): "null"}.get(type(value), repr(value))
