"""A part as the plug-in gets it from a host: a state, MIDI messages, automation.

The plug-in hears what a DAW would send: it does not know how long notes will be, nor which of two
equal keys on one channel a note-off means. A live instrument is told the lengths all the same, by
automation of `note_length`. Explicit lanes win over MIDI controllers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import mido
import numpy as np
from numpy.typing import NDArray

from bridge.plugin_state import host_state
from plugin_core.dx7.voice import Voice
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.engine.performance import overruled
from plugin_core.performing.live import live_lanes
from plugin_core.sounds import LiveSound
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part

BUFFER = 64
"""Samples between two values of a parameter that a host automates for us."""

_TICKS_PER_BEAT = 25000
_BEAT_US = 50000
_TICKS_PER_S = _TICKS_PER_BEAT * 1_000_000 // _BEAT_US
_LONGEST_WAIT = 2**27
_NOTE_OFF, _NOTE_ON, _KEY_PRESSURE, _CONTROL = 0x80, 0x90, 0xA0, 0xB0
_PRESSURE, _BEND = 0xD0, 0xE0


@dataclass(frozen=True)
class TimedMessage:
    """A MIDI message at a sample."""

    sample: int
    data: bytes


@dataclass(frozen=True)
class PluginPerformance:
    """All that a host gives the plug-in for a part."""

    state: bytes
    messages: tuple[TimedMessage, ...]
    automation: Mapping[str, Lane]
    """The lanes that move, by parameter id; those that stand still are in the state."""


def plugin_performance(
    sound: Voice | LiveSound,
    part: Part,
    *,
    lanes: Mapping[str, Lane],
    sample_rate: float,
    seed: int = 0,
) -> PluginPerformance:
    """Return what the plug-in needs to play a part on a voice or a live instrument.

    Raises KeyError for a lane of an unknown parameter.
    """
    for name in lanes:
        if name not in PARAMETER_INDEX:
            raise KeyError(name)
    if isinstance(sound, LiveSound):
        lanes = {**_note_length_lane(part, lanes, sample_rate), **live_lanes(part, lanes)}
    start = {name: float(lane.at(np.zeros(1))[0]) for name, lane in lanes.items()}
    messages = [
        *_note_messages(part.notes, sample_rate),
        *_controller_messages(part.controllers, lanes, sample_rate),
    ]
    return PluginPerformance(
        state=host_state(sound, {"seed": seed, **start}),
        messages=tuple(sorted(messages, key=lambda message: (message.sample, _rank(message)))),
        automation={name: lane for name, lane in lanes.items() if np.ptp(lane.values) > 0},
    )


def normalised(parameter_id: str, values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return values as people see them as a host has them, 0..1."""
    parameter = PARAMETERS[PARAMETER_INDEX[parameter_id]]
    share = (values - parameter.low) / (parameter.high - parameter.low)
    return np.clip(share, 0.0, 1.0).astype(np.float32)


def midi_file(messages: Sequence[TimedMessage], sample_rate: float) -> mido.MidiFile:
    """Return a MIDI file from which a host that cuts times down to samples reads these samples."""
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_BEAT)
    track = file.add_track()
    track.append(mido.MetaMessage("set_tempo", tempo=_BEAT_US))
    now = 0
    for message in messages:
        tick = round((message.sample + 0.5) / sample_rate * _TICKS_PER_S)
        while tick - now > _LONGEST_WAIT:
            track.append(mido.MetaMessage("marker", time=_LONGEST_WAIT))
            now += _LONGEST_WAIT
        track.append(mido.Message.from_bytes(message.data, time=tick - now))
        now = tick
    return file


def _note_length_lane(part: Part, lanes: Mapping[str, Lane], sample_rate: float) -> dict[str, Lane]:
    """Return the lane of `note_length` that tells the notes' own, unless lanes say something else.

    It moves with the buffer in which a note begins; of several notes the last one counts.
    """
    if not part.notes or {"note_length", "note_length_sync"} & set(lanes):
        return {}
    lengths = {
        round(note.onset_s * sample_rate) // BUFFER * BUFFER: note.offset_s - note.onset_s
        for note in sorted(part.notes, key=lambda note: note.onset_s)
    }
    starts = np.array(list(lengths), np.float64) / sample_rate
    values = np.array(list(lengths.values()))
    times_s = np.repeat(starts, 2)[1:]
    return {"note_length": Lane(times_s, np.repeat(values, 2)[: len(times_s)])}


def _rank(message: TimedMessage) -> int:
    """Return a message's place in its sample: keys come up first and go down last."""
    return {_NOTE_OFF: 0, _NOTE_ON: 2}.get(message.data[0] & 0xF0, 1)


def _note_messages(notes: Sequence[Note], sample_rate: float) -> Iterator[TimedMessage]:
    for note in notes:
        on = max(0, round(note.onset_s * sample_rate))
        off = max(on + 1, round(note.offset_s * sample_rate))
        place = (note.channel, note.midi_pitch)
        yield TimedMessage(on, bytes([_NOTE_ON | place[0], place[1], note.velocity]))
        yield TimedMessage(off, bytes([_NOTE_OFF | place[0], place[1], 0]))


def _controller_messages(
    controllers: Sequence[Controller], lanes: Mapping[str, Lane], sample_rate: float
) -> Iterator[TimedMessage]:
    for controller in controllers:
        data = _controller_bytes(controller)
        if data and not overruled(controller, lanes):
            yield TimedMessage(max(0, round(controller.time_s * sample_rate)), data)


def _controller_bytes(controller: Controller) -> bytes:
    channel, number, value = controller.channel, controller.index, controller.value
    if controller.kind == ControllerKind.CONTROL:
        return bytes([_CONTROL | channel, number, value])
    if controller.kind == ControllerKind.KEY_PRESSURE:
        return bytes([_KEY_PRESSURE | channel, number, value])
    if controller.kind == ControllerKind.PRESSURE:
        return bytes([_PRESSURE | channel, value])
    if controller.kind == ControllerKind.PITCH_BEND:
        return bytes([_BEND | channel, value & 0x7F, value >> 7])
    return b""
