"""The six controls on an FM voice (DESIGN.md, section 5).

Typical values leave the patch as it is, to the bit: volume 0.5, fluctuation 0, peak position 0.5,
vibrato 0, brightness 0.5, attack noise 0. An FM voice has no performer, so what sounds is the lane.
"""

import math

from plugin_core.audio.gain import gain_of_level
from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import OPERATORS
from plugin_core.dx7.tables import PITCH_MOD_SENSITIVITY
from plugin_core.engine.lfo import LFO_PITCH_DEPTH, LFO_SPEED, PITCH_SENSITIVITY, lfo_speed_hz
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.patch import Record
from plugin_core.engine.records import TICK_S, UNSET
from plugin_core.types import CONTROLS

VOLUME = CONTROLS.index("volume")
FLUCTUATION = CONTROLS.index("volume_fluctuation")
PEAK_POSITION = CONTROLS.index("volume_peak_position")
VIBRATO = CONTROLS.index("vibrato")
BRIGHTNESS = CONTROLS.index("brightness")
ATTACK_NOISE = CONTROLS.index("attack_noise")

MAX_BOOST_DB = 12.0
"""How far volume and brightness lift at 1."""

MAX_CUT_DB = 24.0
"""How far they lower at 0."""

_FADE_BELOW = 0.02
_FLUCTUATION_DB = 24.0
_MAX_DEVIATION_DB = 12.0
_VIBRATO_OCTAVES = 50.0 / 1200.0
_VIBRATO_HZ = 5.5
_VIBRATO_FADE_S = 0.2
_NOISE_PEAK_DB = -12.0
_NOISE_RANGE_DB = 40.0
_TILT_OCTAVES = 3.0
_MPE = PARAMETER_INDEX["mpe"]
_NOTE_LENGTH = PARAMETER_INDEX["note_length"]
_NOTE_LENGTH_SYNC = PARAMETER_INDEX["note_length_sync"]


@kernel
def control(instrument: Record, voice: Record, index: int) -> float:
    """Return the effective value of a control: the note's own, its channel's, or the lane's."""
    if voice.control[index] > UNSET:
        return min(1.0, max(0.0, voice.control[index]))
    if instrument.target[_MPE] >= 0.5:
        if index == VOLUME and instrument.pressure[voice.channel] > UNSET:
            return instrument.pressure[voice.channel] / 127.0
        if index == BRIGHTNESS and instrument.slide[voice.channel] > UNSET:
            return instrument.slide[voice.channel] / 127.0
    lane = instrument.current[index]
    if voice.shift[index] != 0.0:
        return min(1.0, max(0.0, lane - voice.shift[index]))
    return min(1.0, max(0.0, lane))


@kernel
def around_half_db(value: float) -> float:
    """Return -24..+12 dB for 0..1, 0 dB at 0.5, linear on both sides."""
    if value < 0.5:
        return (value - 0.5) * 2.0 * MAX_CUT_DB
    return (value - 0.5) * 2.0 * MAX_BOOST_DB


@kernel
def gain_of_db(db: float) -> float:
    """Return the linear gain of a level in dB, exactly 1 for 0."""
    return 10.0 ** (db / 20.0) if db != 0.0 else 1.0


@kernel
def level_curve_db(fluctuation: float, peak_position: float, position: float) -> float:
    """Return the level at `position` (0..1) in the note: a tent in dB with its top at 0 dB.

    A tent of height A has a standard deviation of A / sqrt(12) wherever its top lies.
    """
    deviation_db = min(_MAX_DEVIATION_DB, _FLUCTUATION_DB * fluctuation)
    height_db = math.sqrt(12.0) * deviation_db
    if position < peak_position:
        return -height_db * (peak_position - position) / peak_position
    if position > peak_position:
        return -height_db * (position - peak_position) / (1.0 - peak_position)
    return 0.0


@kernel
def note_length_s(instrument: Record, voice: Record) -> float:
    """Return the note's own length if the score gave it, else the one that is set."""
    if voice.length_s > 0.0:
        return voice.length_s
    sync = int(instrument.target[_NOTE_LENGTH_SYNC])
    if sync > 0:
        return 0.125 * 2.0**sync * 60.0 / instrument.tempo_bpm
    return instrument.target[_NOTE_LENGTH]


@kernel
def level_gain(instrument: Record, voice: Record, elapsed_s: float) -> float:
    """Return the gain that volume, fluctuation and peak position give the carriers."""
    volume = control(instrument, voice, VOLUME)
    gain = gain_of_db(around_half_db(volume)) * min(1.0, volume / _FADE_BELOW)
    fluctuation = control(instrument, voice, FLUCTUATION)
    if fluctuation > 0.0:
        position = min(1.0, elapsed_s / note_length_s(instrument, voice))
        peak_position = control(instrument, voice, PEAK_POSITION)
        gain *= gain_of_db(level_curve_db(fluctuation, peak_position, position))
    return gain


@kernel
def vibrato_octaves(instrument: Record, voice: Record, elapsed_s: float) -> float:
    """Move the vibrato on by one tick; return its pitch shift, a sine that fades in over 200 ms."""
    rate_hz = _VIBRATO_HZ
    patch = voice.patch
    if patch[LFO_PITCH_DEPTH] >= 1.0 and PITCH_MOD_SENSITIVITY[int(patch[PITCH_SENSITIVITY])] > 0:
        rate_hz = lfo_speed_hz(patch[LFO_SPEED])
    voice.vibrato_cycles += rate_hz * TICK_S
    vibrato = control(instrument, voice, VIBRATO)
    if vibrato <= 0.0:
        return 0.0
    fade = min(1.0, elapsed_s / _VIBRATO_FADE_S)
    return vibrato * fade * _VIBRATO_OCTAVES * math.sin(2.0 * math.pi * voice.vibrato_cycles)


@kernel
def tilt_gain(brightness_db: float, frequency_hz: float, note: int) -> float:
    """Return a carrier's gain where there are no modulators: full three octaves above the note."""
    octaves = math.log2(max(1e-3, frequency_hz) / 440.0) - (note - 69) / 12.0
    share = min(1.0, max(-1.0, octaves / _TILT_OCTAVES))
    return gain_of_db(min(MAX_BOOST_DB, max(-MAX_CUT_DB, brightness_db * share)))


@kernel
def attack_noise_gain(instrument: Record, voice: Record, carriers: int) -> float:
    """Return the amplitude (RMS) of the onset noise, up to -12 dB of the note's own level."""
    value = control(instrument, voice, ATTACK_NOISE)
    if value <= 0.0:
        return 0.0
    power = 0.0
    for operator in range(OPERATORS):
        if carriers & (1 << operator):
            amplitude = gain_of_level(max(0.0, voice.base_level[operator] - 224.0)) / 16.0
            power += 0.5 * amplitude * amplitude
    db = _NOISE_PEAK_DB - _NOISE_RANGE_DB * (1.0 - value)
    return math.sqrt(power) * gain_of_db(db) * min(1.0, value / _FADE_BELOW)


@kernel
def elapsed_s(voice: Record) -> float:
    """Return the time from the note-on to the end of the tick that begins."""
    return (voice.tick + 1) * TICK_S
