"""`hexachord note`: one note of a sound, dry and mono, exactly as the engine makes it."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from pedalboard.io import AudioFile

from plugin_core.sounds import load_sound
from plugin_core.types import InputError

_MAX_TOTAL_S = 3600.0
_CONTROLLER_NUMBERS = {"mod_wheel": 1, "breath": 2, "foot": 4}
_MODULATOR_NAMES = {"mod_wheel": "wheel", "foot": "foot", "breath": "breath"}
_DESTINATIONS = ("range", "pitch", "amp", "eg_bias")


def note(
    sound: Annotated[
        str, typer.Argument(metavar="SOUND", help='A sound, as bank.syx#7 or bank.syx#"E.PIANO 1".')
    ],
    out: Annotated[Path, typer.Option(metavar="X.wav", help="The file to write: 32-bit float.")],
    *,
    pitch: Annotated[int, typer.Option(min=0, max=127, help="MIDI key.")] = 60,
    velocity: Annotated[int, typer.Option(min=1, max=127)] = 100,
    on: Annotated[float, typer.Option(help="Seconds until the key comes up.")] = 1.0,
    total: Annotated[float, typer.Option(help="Seconds of the whole file.")] = 2.0,
    rate: Annotated[int, typer.Option(min=22050, max=192000, help="Sample rate in Hz.")] = 44100,
    bend_range: Annotated[
        float, typer.Option(min=0, max=48, help="Semitones of a full pitch bend.")
    ] = 3,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="EVENTS.json",
            help="Controller assignments, ranges and events by sample, as in the `controllers` "
            "record of a reference manifest.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=65535, help="Seed of the noise.")] = 0,
) -> None:
    """Render one note, dry: mono, no effects, one full carrier peaks at 0.125."""
    for option, seconds in (("--on", on), ("--total", total)):
        if not (math.isfinite(seconds) and 0 < seconds <= _MAX_TOTAL_S):
            raise InputError("note", option, f"seconds up to {_MAX_TOTAL_S:g}", seconds)
    if not out.parent.is_dir():
        raise InputError(out, "--out", "a file in an existing folder", "no such folder")
    voice = load_sound(sound).voice
    controllers = _read_controllers(events) if events is not None else {}

    from plugin_core.engine.instrument import Engine
    from plugin_core.engine.records import EVENT, EventType

    table = [(0, EventType.PARAMETER, 0, 0, -1, *pair) for pair in _settings(bend_range, seed)]
    settings, moves = _controller_events(controllers, events)
    table += [(0, EventType.PARAMETER, 0, 0, -1, *pair) for pair in settings]
    table.append((0, EventType.NOTE_ON, 0, pitch, -1, 0, velocity))
    table += [
        (sample, EventType[kind], 0, 0, -1, index, value) for sample, kind, index, value in moves
    ]
    table.append((max(1, round(on * rate)), EventType.NOTE_OFF, 0, pitch, -1, 0, 0))
    table.sort(key=lambda event: event[0])
    engine = Engine(rate, [voice.patch()])
    samples = max(1, round(total * rate))
    audio = engine.play(np.array(table, dtype=EVENT), samples)
    _write(out, audio[np.newaxis], rate)


def _settings(bend_range: float, seed: int) -> list[tuple[int, float]]:
    from plugin_core.engine.parameters import PARAMETER_INDEX

    return [
        (PARAMETER_INDEX["pitch_bend_range"], bend_range),
        (PARAMETER_INDEX["seed"], seed),
    ]


def _read_controllers(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(path, "", "a JSON file", error.strerror or error) from None
    except ValueError as error:
        raise InputError(path, "", "JSON", error) from None
    if isinstance(record, dict) and isinstance(record.get("controllers"), dict):
        record = record["controllers"]
    if not isinstance(record, dict):
        raise InputError(path, "", "an object with assign and events", type(record).__name__)
    return record


def _number(path: Path | None, place: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(path or "events", place, "a number", repr(value))
    return float(value)


def _controller_events(
    record: dict[str, Any], path: Path | None
) -> tuple[list[tuple[int, float]], list[tuple[int, str, int, float]]]:
    """Return the parameters that a `controllers` record sets, and its events by sample."""
    from plugin_core.engine.parameters import PARAMETER_INDEX

    source = path or Path("events")
    settings = []
    if "pitch_bend_range_semitones" in record:
        semitones = _number(
            path, "pitch_bend_range_semitones", record["pitch_bend_range_semitones"]
        )
        settings.append((PARAMETER_INDEX["pitch_bend_range"], semitones))
    assign = record.get("assign", {})
    if not isinstance(assign, dict):
        raise InputError(source, "assign", "an object by controller", type(assign).__name__)
    for controller, destinations in assign.items():
        name = _MODULATOR_NAMES.get(controller, controller)
        if f"{name}_range" not in PARAMETER_INDEX:
            expected = "mod_wheel, foot, breath or aftertouch"
            raise InputError(source, "assign", expected, repr(controller))
        if not isinstance(destinations, dict):
            raise InputError(source, f"assign.{controller}", "an object", repr(destinations))
        for key, value in destinations.items():
            if key not in _DESTINATIONS:
                expected = ", ".join(_DESTINATIONS)
                raise InputError(source, f"assign.{controller}", expected, repr(key))
            number = float(value) if isinstance(value, bool) else _number(path, key, value)
            settings.append((PARAMETER_INDEX[f"{name}_{key}"], number))
    listed = record.get("events", [])
    if not isinstance(listed, list):
        raise InputError(source, "events", "a list", type(listed).__name__)
    return settings, [_move(source, number, event) for number, event in enumerate(listed, 1)]


def _move(source: Path, number: int, event: object) -> tuple[int, str, int, float]:
    place = f"event {number}"
    if not isinstance(event, dict):
        raise InputError(source, place, "an object with sample, type and value", repr(event))
    sample = _number(source, f"{place}, sample", event.get("sample"))
    value = _number(source, f"{place}, value", event.get("value"))
    if not 0 <= sample < 2**31:
        raise InputError(source, f"{place}, sample", "a sample number from 0", event["sample"])
    kind = event.get("type")
    if kind == "pitch_bend":
        return int(sample), "PITCH_BEND", 0, value
    if kind == "aftertouch":
        return int(sample), "PRESSURE", 0, value
    if isinstance(kind, str) and kind in _CONTROLLER_NUMBERS:
        return int(sample), "CONTROLLER", _CONTROLLER_NUMBERS[kind], value
    expected = "pitch_bend, aftertouch, " + ", ".join(_CONTROLLER_NUMBERS)
    raise InputError(source, f"{place}, type", expected, repr(kind))


def _write(out: Path, audio: np.ndarray[Any, Any], rate: int) -> None:
    unfinished = out.with_name(f".{out.name}.unfinished.wav")
    try:
        with AudioFile(str(unfinished), "w", samplerate=rate, num_channels=1, bit_depth=32) as file:
            file.write(audio)
        unfinished.replace(out)
    except OSError as error:
        raise InputError(
            out, "--out", "a file that can be written", error.strerror or error
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)
