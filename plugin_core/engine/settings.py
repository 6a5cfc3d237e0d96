"""Parameters as they glide.

Smoothed parameters approach what was asked with a time constant of 5 ms, in steps of the
instrument's own ticks; while nothing sounds they jump. The present sound's patch is part of the
parameters; a voice has its own copy, which follows as long as the sound stays the same.
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.engine.lfo import LFO_SPEED, lfo_phase
from plugin_core.engine.parameters import PARAMETERS, VOICE_BASE
from plugin_core.engine.patch import Record
from plugin_core.engine.records import SHOWN_FROM, TICK_S, VOICES, Status

LOW = np.array([parameter.low for parameter in PARAMETERS], dtype=np.float32)
HIGH = np.array([parameter.high for parameter in PARAMETERS], dtype=np.float32)
STEP = np.array([parameter.step for parameter in PARAMETERS], dtype=np.float32)

_IDLE = int(Status.IDLE)
_SMOOTHED = np.array([parameter.smoothed for parameter in PARAMETERS])
_CLOSE = np.float32(1e-5)
_SMOOTHING = np.float32(1.0 - math.exp(-TICK_S / 0.005))


@kernel
def anything_sounds(voices: Record) -> bool:
    """Tell whether any voice is not idle."""
    for index in range(VOICES):  # noqa: SIM110 (Numba compiles no generators into any)
        if voices[index].status != _IDLE:
            return True
    return False


@kernel
def parameter_moved(instrument: Record, voices: Record, index: int, value: np.float32) -> None:
    """Let a new present value take effect: in the LFO's phase and in sounding voices' patches."""
    field = index - VOICE_BASE
    if field == LFO_SPEED:
        speed = instrument.current[index]
        instrument.lfo_phase = lfo_phase(instrument, speed, instrument.sample)
        instrument.lfo_anchor = instrument.sample
    instrument.current[index] = value
    if field < 0:
        return
    for number in range(VOICES):
        voice = voices[number]
        if voice.status != _IDLE and voice.sound == instrument.sound:
            voice.patch[field] = value - SHOWN_FROM[field]
            voice.dirty = np.int32(1)


@kernel
def set_parameter(instrument: Record, voices: Record, index: int, value: np.float32) -> None:
    """Ask for a parameter value, brought into range and onto its steps."""
    value = min(HIGH[index], max(LOW[index], value))
    if STEP[index] > 0.0:
        value = np.float32(np.floor((value - LOW[index]) / STEP[index] + np.float32(0.5)))
        value = np.float32(value * STEP[index] + LOW[index])
    instrument.target[index] = value
    if instrument.current[index] == value:
        return
    if _SMOOTHED[index] and anything_sounds(voices):
        instrument.moving = np.int32(1)
    else:
        parameter_moved(instrument, voices, index, value)


@kernel
def smooth_parameters(instrument: Record, voices: Record) -> None:
    """Move gliding parameters by one tick."""
    instrument.moving = np.int32(0)
    for index in range(len(_SMOOTHED)):
        distance = instrument.target[index] - instrument.current[index]
        if distance == 0.0:
            continue
        value = np.float32(instrument.current[index] + distance * _SMOOTHING)
        if abs(distance) < _CLOSE * (HIGH[index] - LOW[index]):
            value = instrument.target[index]
        else:
            instrument.moving = np.int32(1)
        parameter_moved(instrument, voices, index, value)
