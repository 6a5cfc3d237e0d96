"""A part played from start to end: notes, controllers and lanes become events of the engine.

Explicit lanes win over MIDI controllers of the same parameter. Lanes are read at every control tick
and at their own breakpoints; the engine smooths between.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

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


class _Timed(NamedTuple):
    """An event by time; events of one sample act in order of `rank`."""

    sample: int
    rank: int
    type: EventType
    channel: int = 0
    key: int = 0
    note_id: int = -1
    number: int = 0
    value: float = 0.0


_OFF, _SETTING, _SHAPING, _LENGTH, _ON = range(5)


def part_events(
    part: Part, *, lanes: Mapping[str, Lane], sample_rate: float, samples: int, seed: int = 0
) -> Events:
    """Return the engine's events for a part, sorted, offsets from the beginning of the piece.

    Raises KeyError for a lane of an unknown parameter.
    """
    timed = [_parameter_event(0, "seed", seed)]
    for parameter_id, lane in lanes.items():
        timed.extend(_lane_events(parameter_id, lane, sample_rate, samples))
    timed.extend(_controller_events(part.controllers, lanes, sample_rate))
    timed.extend(_note_events(part.notes, sample_rate))
    timed = sorted((event for event in timed if event.sample < samples), key=lambda e: e[:2])
    table = [(event.sample, *event[2:]) for event in timed]
    return np.array(table, dtype=EVENT)


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


def _sample(time_s: float, sample_rate: float) -> int:
    return max(0, round(time_s * sample_rate))


def _parameter_event(sample: int, parameter_id: str, value: float) -> _Timed:
    index = PARAMETER_INDEX[parameter_id]
    return _Timed(sample, _SETTING, EventType.PARAMETER, number=index, value=value)


def _lane_events(
    parameter_id: str, lane: Lane, sample_rate: float, samples: int
) -> Iterable[_Timed]:
    end_s = min(float(lane.times_s[-1]), samples / sample_rate)
    ticks = np.arange(0, int(end_s / TICK_S) + 2) * TICK_S
    times_s: NDArray[np.float64] = np.union1d(ticks, lane.times_s[lane.times_s >= 0])
    values = lane.at(times_s)
    step = PARAMETERS[PARAMETER_INDEX[parameter_id]].step
    heard = np.round(values / step) * step if step > 0 else values
    changes = np.flatnonzero(np.diff(heard, prepend=np.nan) != 0)
    for at in changes:
        yield _parameter_event(
            _sample(float(times_s[at]), sample_rate), parameter_id, float(heard[at])
        )


_CONTROLLER_EVENTS = {
    ControllerKind.CONTROL: EventType.CONTROLLER,
    ControllerKind.PITCH_BEND: EventType.PITCH_BEND,
    ControllerKind.PRESSURE: EventType.PRESSURE,
    ControllerKind.KEY_PRESSURE: EventType.KEY_PRESSURE,
}


def _controller_events(
    controllers: Iterable[Controller], lanes: Mapping[str, Lane], sample_rate: float
) -> Iterable[_Timed]:
    is_wheel_assigned = "wheel_range" in lanes and float(lanes["wheel_range"].values.max()) > 0
    for controller in controllers:
        if controller.kind not in _CONTROLLER_EVENTS:
            continue
        number = controller.index if controller.kind == ControllerKind.CONTROL else -1
        overruled = CONTROLLER_PARAMETERS.get(number) in lanes
        if overruled and not (number == _WHEEL_CC and is_wheel_assigned):
            continue
        yield _Timed(
            _sample(controller.time_s, sample_rate),
            _SHAPING,
            _CONTROLLER_EVENTS[controller.kind],
            channel=controller.channel,
            key=controller.index if controller.kind == ControllerKind.KEY_PRESSURE else 0,
            number=controller.index,
            value=controller.value,
        )


def _note_events(notes: Iterable[Note], sample_rate: float) -> Iterable[_Timed]:
    for note_id, note in enumerate(notes):
        on = _sample(note.onset_s, sample_rate)
        off = max(on + 1, _sample(note.offset_s, sample_rate))
        place: dict[str, Any] = {
            "channel": note.channel,
            "key": note.midi_pitch,
            "note_id": note_id,
        }
        yield _Timed(on, _LENGTH, EventType.NOTE_LENGTH, **place, value=(off - on) / sample_rate)
        yield _Timed(on, _ON, EventType.NOTE_ON, **place, value=note.velocity)
        yield _Timed(off, _OFF, EventType.NOTE_OFF, **place)
