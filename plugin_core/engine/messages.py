"""Events and what they do: controllers, pedals, per-note values, and the way to all the rest.

A MIDI controller sets the same value as the parameter does, the last one wins.
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.live_layout import MOST_INSTRUMENTS
from plugin_core.engine.live_line import end_in_line
from plugin_core.engine.live_notes import live_note_off, live_note_on
from plugin_core.engine.notes import forget_key, let_go, note_off, note_on, release
from plugin_core.engine.parameters import CONTROLLER_PARAMETERS, MODULATORS, PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.engine.records import (
    CHANNELS,
    NO_RPN,
    UNSET,
    VOICES,
    EventType,
    Kind,
    Status,
)
from plugin_core.engine.settings import HIGH, LOW, STEP, set_parameter
from plugin_core.engine.sound_choice import load_model, load_sound
from plugin_core.engine.stealing import fade_out

_HELD = int(Status.HELD)
_IDLE = int(Status.IDLE)
_NEURAL = int(Kind.NEURAL)

_PARAMETER_OF_CONTROLLER = np.array(
    [PARAMETER_INDEX.get(CONTROLLER_PARAMETERS.get(number, ""), -1) for number in range(128)],
    dtype=np.int64,
)
_WHEEL, _FOOT, _BREATH, _AFTERTOUCH = range(len(MODULATORS))
_WHEEL_RANGE = PARAMETER_INDEX["wheel_range"]
_MPE = PARAMETER_INDEX["mpe"]
_BEND_RANGE = PARAMETER_INDEX["pitch_bend_range"]
_BREATH_CC, _FOOT_CC, _WHEEL_CC, _GAIN_CC, _SLIDE_CC = 2, 4, 1, 7, 74
_SUSTAIN_CC, _SOSTENUTO_CC = 64, 66
_SOUND_OFF_CC, _RESET_CC, _NOTES_OFF_CC = 120, 121, 123
_DATA_CC, _NRPN_LOW_CC, _NRPN_HIGH_CC, _RPN_LOW_CC, _RPN_HIGH_CC = 6, 98, 99, 100, 101
_BEND_RANGE_RPN, _MPE_RPN = 0, 6
_NOTE_OFF = int(EventType.NOTE_OFF)
_NOTE_ON = int(EventType.NOTE_ON)
_NOTE_LENGTH = int(EventType.NOTE_LENGTH)
_NOTE_CONTROL = int(EventType.NOTE_CONTROL)
_CONTROLLER = int(EventType.CONTROLLER)
_PITCH_BEND = int(EventType.PITCH_BEND)
_PRESSURE = int(EventType.PRESSURE)
_KEY_PRESSURE = int(EventType.KEY_PRESSURE)
_PARAMETER = int(EventType.PARAMETER)
_SOUND = int(EventType.SOUND)
_MODEL = int(EventType.MODEL)


@kernel
def lift_pedal(instrument: Record, voices: Record, channel: int) -> None:
    """Release what only a pedal that is up now was holding."""
    for index in range(VOICES):
        voice = voices[index]
        held = instrument.sustain[channel] != 0 or voice.sostenuto != 0
        if voice.status == _HELD and voice.channel == channel and not voice.pressed and not held:
            release(instrument, voice)


@kernel
def press_pedal(
    instrument: Record, voices: Record, channel: int, sostenuto: bool, down: bool
) -> None:
    """Move the sustain or the sostenuto pedal of a channel."""
    if sostenuto:
        for index in range(VOICES):
            voice = voices[index]
            if voice.channel != channel:
                continue
            if not down:
                voice.sostenuto = np.int32(0)
            elif not instrument.sostenuto[channel] and voice.pressed:
                voice.sostenuto = np.int32(1)
        instrument.sostenuto[channel] = np.int32(down)
    else:
        instrument.sustain[channel] = np.int32(down)
    if not down:
        lift_pedal(instrument, voices, channel)


@kernel
def reset_controllers(instrument: Record, voices: Record, channel: int) -> None:
    """Put a channel's pedals, bend, pressures and assignable controllers back to rest (RP-015)."""
    instrument.rpn[channel] = np.int32(NO_RPN)
    for index in range(VOICES):
        if voices[index].channel == channel:
            voices[index].key_pressure = 0.0
    instrument.bend[channel] = 0.0
    instrument.pressure[channel] = UNSET
    instrument.slide[channel] = UNSET
    for modulator in range(len(MODULATORS)):
        instrument.modulator[channel, modulator] = 0.0
    press_pedal(instrument, voices, channel, False, False)
    press_pedal(instrument, voices, channel, True, False)


@kernel
def all_notes_off(instrument: Record, voices: Record, channel: int) -> None:
    """Let every key of a channel go; pedals still hold."""
    forget_key(instrument, channel, -1)
    for index in range(VOICES):
        voice = voices[index]
        if voice.pressed and voice.channel == channel:
            let_go(instrument, voice)
            if voice.kind == _NEURAL:
                end_in_line(instrument, voice.key, instrument.sample)


@kernel
def all_sound_off(instrument: Record, voices: Record, channel: int) -> None:
    """Silence a channel within a few milliseconds."""
    forget_key(instrument, channel, -1)
    for index in range(VOICES):
        voice = voices[index]
        if voice.channel == channel:
            if voice.pressed and voice.kind == _NEURAL:
                end_in_line(instrument, voice.key, instrument.sample)
            voice.pressed = np.int32(0)
            fade_out(voice)


@kernel
def choose_registered_parameter(instrument: Record, channel: int, number: int, value: int) -> None:
    """Take one half of a registered parameter number; an unregistered one chooses none."""
    before = instrument.rpn[channel]
    if number == _RPN_HIGH_CC:
        instrument.rpn[channel] = np.int32(value << 7 | before & 0x7F)
    elif number == _RPN_LOW_CC:
        instrument.rpn[channel] = np.int32(before & 0x3F80 | value)
    else:
        instrument.rpn[channel] = np.int32(NO_RPN)


@kernel
def enter_data(instrument: Record, voices: Record, channel: int, value: int) -> None:
    """Act on data entry: the bend range, and the MPE configuration message."""
    if instrument.rpn[channel] == _BEND_RANGE_RPN:
        if instrument.target[_MPE] >= 0.5 and channel > 0:
            instrument.member_bend_range = float(min(value, 96))
        else:
            set_parameter(instrument, voices, _BEND_RANGE, np.float32(value))
    elif instrument.rpn[channel] == _MPE_RPN and channel == 0:
        set_parameter(instrument, voices, _MPE, np.float32(min(value, 1)))


@kernel
def controller(instrument: Record, voices: Record, channel: int, number: int, value: float) -> None:
    """Act on a control change."""
    down = value >= 64.0
    if number in (_SUSTAIN_CC, _SOSTENUTO_CC):
        press_pedal(instrument, voices, channel, number == _SOSTENUTO_CC, down)
    elif number == _SOUND_OFF_CC:
        all_sound_off(instrument, voices, channel)
    elif number == _RESET_CC:
        reset_controllers(instrument, voices, channel)
    elif number >= _NOTES_OFF_CC:
        all_notes_off(instrument, voices, channel)
    elif number in (_RPN_HIGH_CC, _RPN_LOW_CC, _NRPN_HIGH_CC, _NRPN_LOW_CC):
        choose_registered_parameter(instrument, channel, number, int(value))
    elif number == _DATA_CC:
        enter_data(instrument, voices, channel, int(value))
    elif number == _GAIN_CC:
        instrument.channel_gain[channel] = (value / 100.0) ** 2
    elif number == _FOOT_CC:
        instrument.modulator[channel, _FOOT] = value
    elif number == _BREATH_CC:
        instrument.modulator[channel, _BREATH] = value
    elif number == _WHEEL_CC and instrument.target[_WHEEL_RANGE] > 0.0:
        instrument.modulator[channel, _WHEEL] = value
    elif number == _SLIDE_CC and instrument.target[_MPE] >= 0.5 and channel > 0:
        instrument.slide[channel] = value
    elif _PARAMETER_OF_CONTROLLER[number] >= 0:
        index = _PARAMETER_OF_CONTROLLER[number]
        share = value / 127.0
        if HIGH[index] - LOW[index] == 1.0 and STEP[index] == 1.0:
            share = 1.0 if down else 0.0
        wanted = LOW[index] + share * (HIGH[index] - LOW[index])
        set_parameter(instrument, voices, index, np.float32(wanted))


@kernel
def zone_controller(
    instrument: Record, voices: Record, channel: int, number: int, value: float
) -> None:
    """Act on a control change; in MPE, one of the master channel is for all channels."""
    controller(instrument, voices, channel, number, value)
    is_own = number in (_SLIDE_CC, _DATA_CC) or _NRPN_LOW_CC <= number <= _RPN_HIGH_CC
    if instrument.target[_MPE] >= 0.5 and channel == 0 and not is_own:
        for member in range(1, CHANNELS):
            controller(instrument, voices, member, number, value)


@kernel
def pressure(instrument: Record, channel: int, value: float) -> None:
    """Act on channel pressure: the assignable aftertouch, in MPE the note's volume too."""
    instrument.modulator[channel, _AFTERTOUCH] = value
    if instrument.target[_MPE] >= 0.5 and channel > 0:
        instrument.pressure[channel] = value


@kernel
def note_value(voices: Record, event: Record) -> None:
    """Set one sounding note's own aftertouch or control."""
    for index in range(VOICES):
        voice = voices[index]
        if voice.status == _IDLE or voice.channel != event.channel or voice.key != event.key:
            continue
        if event.note_id >= 0 and voice.note_id >= 0 and voice.note_id != event.note_id:
            continue
        if event.type == _KEY_PRESSURE:
            voice.key_pressure = event.value
        elif 0 <= event.index < len(voice.control):
            voice.control[event.index] = event.value


@kernel
def press_key(
    instrument: Record, voices: Record, channel: int, key: int, velocity: int, note_id: int
) -> None:
    """Play a key on the sound that is loaded."""
    if instrument.kind == _NEURAL:
        live_note_on(instrument, voices, channel, key, velocity, note_id)
    else:
        note_on(instrument, voices, channel, key, velocity, note_id)


@kernel
def lift_key(instrument: Record, voices: Record, channel: int, key: int, note_id: int) -> None:
    """Let a key go, whatever it plays."""
    forget_key(instrument, channel, key)
    note_off(instrument, voices, channel, key, note_id)
    live_note_off(instrument, voices, channel, key, note_id)


@kernel
def handle(
    instrument: Record,
    voices: Record,
    sounds: Record,
    models: Record,
    weights: Record,
    event: Record,
) -> None:
    """Act on one event; one that makes no sense (index, key, value) does nothing."""
    value = event.value
    channel = event.channel
    key = event.key
    kind = event.type
    if not (0 <= channel < CHANNELS and 0 <= key < 128 and math.isfinite(value)):
        return
    if kind == _NOTE_ON and value >= 1.0:
        velocity = min(127, int(value))
        press_key(instrument, voices, channel, key, velocity, event.note_id)
    elif kind in (_NOTE_ON, _NOTE_OFF):
        lift_key(instrument, voices, channel, key, event.note_id)
    elif kind == _NOTE_LENGTH:
        instrument.next_length_s[channel, key] = max(0.0, value)
    elif kind in (_NOTE_CONTROL, _KEY_PRESSURE):
        note_value(voices, event)
    elif kind == _CONTROLLER:
        if 0 <= event.index < 128:
            wanted = min(127.0, max(0.0, value))
            zone_controller(instrument, voices, channel, event.index, wanted)
    elif kind == _PITCH_BEND:
        instrument.bend[channel] = (min(16383.0, max(0.0, value)) - 8192.0) / 8192.0
    elif kind == _PRESSURE:
        pressure(instrument, channel, min(127.0, max(0.0, value)))
    elif kind == _PARAMETER:
        if 0 <= event.index < len(STEP):
            set_parameter(instrument, voices, event.index, value)
    elif kind == _SOUND:
        load_sound(instrument, voices, sounds, event.index)
    elif kind == _MODEL and 0.0 <= value < MOST_INSTRUMENTS:
        load_model(instrument, voices, models, weights, event.index, int(value))
