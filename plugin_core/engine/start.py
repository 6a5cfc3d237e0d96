"""How the engine's memory starts: silent, every parameter and controller at its default."""

import numpy as np

from plugin_core.audio.jit import entry_point
from plugin_core.engine.live_start import start_live
from plugin_core.engine.parameters import PARAMETERS, VOICE_BASE
from plugin_core.engine.patch import Record
from plugin_core.engine.records import CHANNELS, NO_RPN, PATCH_SIZE, SHOWN_FROM, TICK_S, UNSET
from plugin_core.types import CONTROLS

MPE_BEND_RANGE = 48.0
"""Semitones of a full bend on an MPE member channel, unless the controller says otherwise."""

_TEMPO_BPM = 120.0
_DEFAULTS = np.array([parameter.default for parameter in PARAMETERS], dtype=np.float32)
_LONG_AGO = -(2**40)


@entry_point
def start(instruments: Record, lives: Record, sounds: Record, sample_rate: float) -> None:
    """Set up one instrument record, whose bytes are all zero, with the first of `sounds` loaded.

    `lives` holds the one record that neural voices share; what it held is of no matter.
    """
    instrument = instruments[0]
    start_live(lives[0], sample_rate)
    instrument.sample_rate = sample_rate
    instrument.tick_samples = TICK_S * sample_rate
    instrument.tempo_bpm = _TEMPO_BPM
    instrument.last_note = UNSET
    instrument.member_bend_range = MPE_BEND_RANGE
    for channel in range(CHANNELS):
        instrument.channel_gain[channel] = 1.0
        instrument.pressure[channel] = UNSET
        instrument.slide[channel] = UNSET
        instrument.rpn[channel] = NO_RPN
    for index in range(len(_DEFAULTS)):
        instrument.target[index] = _DEFAULTS[index]
    for field in range(PATCH_SIZE):
        instrument.target[VOICE_BASE + field] = sounds[0, field] + SHOWN_FROM[field]
    for index in range(len(_DEFAULTS)):
        instrument.current[index] = instrument.target[index]
    for index in range(len(CONTROLS)):
        instrument.typical[index] = _DEFAULTS[index]
    instrument.line_key = UNSET
    instrument.chord_previous = UNSET
    instrument.chord_on = _LONG_AGO
