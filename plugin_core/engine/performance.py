"""A part played from start to end: notes, controllers and lanes become events of the engine.

Explicit lanes win over MIDI controllers of the same parameter. Lanes are read at every control tick
and at their own breakpoints; the engine smooths between.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine, Events
from plugin_core.engine.library import JIT, origin
from plugin_core.engine.parameters import CONTROLLER_PARAMETERS, PARAMETER_INDEX, PARAMETERS
from plugin_core.engine.records import EVENT, TICK_S, EventType
from plugin_core.types import Controller, ControllerKind, Lane, Mono, Note, Part

MAX_TAIL_S = 30.0
"""The longest tail that is waited for: a voice may never fall silent."""

_FULL_LEVEL_UNITS = 4080
_GRACE_S = 0.02
_WHEEL_CC = 1
_LAST_SAMPLE = 2**31 - 1

Times = NDArray[np.float64]


_RANK = np.full(len(EventType), 2)
"""Event type -> its place among the events of one sample; movements come in the middle."""
_RANK[EventType.NOTE_OFF] = 0
_RANK[EventType.PARAMETER] = 1
_RANK[EventType.NOTE_LENGTH] = _RANK[EventType.NOTE_ON] = 3


def part_events(
    part: Part, *, lanes: Mapping[str, Lane], sample_rate: float, samples: int, seed: int = 0
) -> Events:
    """Return the engine's events for a part, sorted, offsets from the beginning of the piece.

    Raises KeyError for a lane of an unknown parameter.
    """
    events = np.concatenate(
        [
            _parameter_events("seed", np.zeros(1), np.array([seed])),
            *(lane_events(name, lane, sample_rate, samples) for name, lane in lanes.items()),
            _controller_events(part.controllers, lanes, sample_rate),
            _note_events(part.notes, sample_rate),
        ]
    )
    events = events[events["offset"] < samples]
    return events[np.lexsort((_RANK[events["type"]], events["offset"]))]


def perform(
    voice: Voice,
    part: Part,
    *,
    lanes: Mapping[str, Lane] | None = None,
    sample_rate: float,
    samples: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Mono:
    """Play a part on a DX7 voice, from time 0, and return float32 audio of shape (samples,).

    `lanes` are by parameter id, values as people see them. `progress` hears the share done.
    """
    events = part_events(
        part, lanes=lanes or {}, sample_rate=sample_rate, samples=samples, seed=seed
    )
    engine = Engine(sample_rate, [voice.patch()])
    return engine.play(events, samples, progress=progress)


def tail_s(voice: Voice, part: Part) -> float:
    """Return for how long after its last key the part may sound, in seconds, at most 30."""
    lowest = min((note.midi_pitch for note in part.notes), default=60)
    note = lowest + voice.shown("transpose")
    zone = min(31, max(0, note // 3 - 7))
    longest = 0.0
    for operator in ALGORITHMS[voice.stored("algorithm")].carriers:
        if voice.stored(f"op{operator}_level") == 0:
            continue
        if voice.stored(f"op{operator}_eg_level4") > 0:
            return MAX_TAIL_S
        offset = voice.stored(f"op{operator}_rate_scaling") * zone // 8
        quick = min(63, 41 * voice.stored(f"op{operator}_eg_rate4") // 64 + offset)
        step = (4 + quick % 4) * 2.0 ** (quick // 4 - 8)
        longest = max(longest, _FULL_LEVEL_UNITS / step * TICK_S)
    return min(MAX_TAIL_S, longest + _GRACE_S)


def kernels_cached() -> bool:
    """Tell whether the engine is compiled already, so that the first sound comes soon."""
    if origin() != JIT:
        return True
    from plugin_core.audio.jit import cache_folder

    return any(cache_folder().glob("**/*render_block*.nbi"))


def lane_events(parameter_id: str, lane: Lane, sample_rate: float, samples: int) -> Events:
    """Return the parameter events that follow a lane: one wherever what is heard changes."""
    end_s = min(float(lane.times_s[-1]), samples / sample_rate)
    ticks = np.arange(0, int(end_s / TICK_S) + 2) * TICK_S
    times_s: Times = np.union1d(ticks, lane.times_s[lane.times_s >= 0])
    values = lane.at(times_s)
    step = PARAMETERS[PARAMETER_INDEX[parameter_id]].step
    heard = np.round(values / step) * step if step > 0 else values
    changes = np.flatnonzero(np.diff(heard, prepend=np.nan) != 0)
    return _parameter_events(parameter_id, times_s[changes] * sample_rate, heard[changes])


def _events(kind: EventType | NDArray[np.int64], samples: Times, **fields: Any) -> Events:
    """Return events at times in samples, which are rounded; `fields` are one value or one each."""
    events = np.zeros(len(samples), EVENT)
    events["offset"] = np.clip(np.rint(samples), 0, _LAST_SAMPLE)
    events["type"] = kind
    events["note_id"] = -1
    for name, values in fields.items():
        events[name] = values
    return events


def _parameter_events(parameter_id: str, samples: Times, values: NDArray[Any]) -> Events:
    index = PARAMETER_INDEX[parameter_id]
    return _events(EventType.PARAMETER, samples, index=index, value=values)


_CONTROLLER_EVENTS = {
    ControllerKind.CONTROL: EventType.CONTROLLER,
    ControllerKind.PITCH_BEND: EventType.PITCH_BEND,
    ControllerKind.PRESSURE: EventType.PRESSURE,
    ControllerKind.KEY_PRESSURE: EventType.KEY_PRESSURE,
}


def _controller_events(
    controllers: Iterable[Controller], lanes: Mapping[str, Lane], sample_rate: float
) -> Events:
    heard = [
        controller
        for controller in controllers
        if controller.kind in _CONTROLLER_EVENTS and not overruled(controller, lanes)
    ]
    kinds = np.array([_CONTROLLER_EVENTS[controller.kind] for controller in heard], np.int64)
    numbers = np.array([controller.index for controller in heard], np.int64)
    return _events(
        kinds,
        np.array([controller.time_s for controller in heard]) * sample_rate,
        channel=[controller.channel for controller in heard],
        key=np.where(kinds == EventType.KEY_PRESSURE, numbers, 0),
        index=numbers,
        value=[controller.value for controller in heard],
    )


def overruled(controller: Controller, lanes: Mapping[str, Lane]) -> bool:
    """Tell whether a lane takes a controller's place."""
    is_wheel_assigned = "wheel_range" in lanes and float(lanes["wheel_range"].values.max()) > 0
    if controller.kind != ControllerKind.CONTROL:
        return False
    if controller.index == _WHEEL_CC and is_wheel_assigned:
        return False
    return CONTROLLER_PARAMETERS.get(controller.index) in lanes


def _note_events(notes: Sequence[Note], sample_rate: float) -> Events:
    on = np.rint(np.array([note.onset_s for note in notes]) * sample_rate).clip(min=0)
    off = np.rint(np.array([note.offset_s for note in notes]) * sample_rate).clip(min=on + 1)
    place: dict[str, Any] = {
        "channel": [note.channel for note in notes],
        "key": [note.midi_pitch for note in notes],
        "note_id": np.arange(len(notes)),
    }
    velocities = [note.velocity for note in notes]
    lengths = _events(EventType.NOTE_LENGTH, on, **place, value=(off - on) / sample_rate)
    ons = _events(EventType.NOTE_ON, on, **place, value=velocities)
    # A length is of the note-on that follows: two notes of one key may begin together.
    begins = np.stack([lengths, ons], axis=1).reshape(-1)
    return np.concatenate([begins, _events(EventType.NOTE_OFF, off, **place)])
