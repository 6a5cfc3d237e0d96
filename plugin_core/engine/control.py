"""The control tick of a voice: LFO, envelopes and controls become increments and gains.

Facts sheet of the reference renders, sections 1, 2, 3, 9 and 11. A tick sets constant phase
increments and gains that move in straight lines until the next tick.
"""

import math

import numpy as np

from plugin_core.audio.gain import gain_of_level
from plugin_core.audio.jit import kernel
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.dx7.tables import AMP_MOD_SENSITIVITY, PITCH_MOD_SENSITIVITY
from plugin_core.engine.envelopes import (
    END,
    advance_envelope,
    advance_pitch_envelope,
    follow_patch,
)
from plugin_core.engine.expression import (
    BRIGHTNESS,
    around_half_db,
    attack_noise_gain,
    control,
    elapsed_s,
    gain_of_db,
    level_gain,
    tilt_gain,
    vibrato_octaves,
)
from plugin_core.engine.lfo import LFO_AMP_DEPTH, LFO_PITCH_DEPTH, PITCH_SENSITIVITY, read_lfo
from plugin_core.engine.parameters import MODULATORS, PARAMETER_INDEX
from plugin_core.engine.patch import (
    AMP_SENSITIVITY,
    MODE,
    OPERATOR_BASE,
    Record,
    derive,
)
from plugin_core.engine.records import TICK_S, Status

CARRIERS = np.array(
    [sum(1 << (op - 1) for op in algorithm.carriers) for algorithm in ALGORITHMS], dtype=np.int64
)
"""Algorithm - 1 -> bit mask of its carriers, operator 1 lowest."""

FEEDBACK_OPERATOR = np.array(
    [algorithm.loop[0] - 1 if len(algorithm.loop) == 1 else -1 for algorithm in ALGORITHMS],
    dtype=np.int64,
)
"""Algorithm - 1 -> the operator (from 0) that feeds back on itself, -1 for a longer loop."""

SILENT_GAIN = 1120 / 2**24
"""Operators below this gain at both ends of a tick are skipped."""

FADE_TICKS = 4
"""How long a stolen voice fades out."""

_SILENT_UNITS = 33.0
_IDLE, _HELD, _RELEASED, _FADING = (int(status) for status in Status)
_SWITCHES = FIELD_INDEX["op1_on"]
_NO_MODULATORS = 31
_RANGE, _TO_PITCH, _TO_AMP, _TO_BIAS = range(4)
_FIRST_MODULATOR = PARAMETER_INDEX[f"{MODULATORS[0]}_range"]
_AFTERTOUCH = MODULATORS.index("aftertouch")
_MODULATORS = len(MODULATORS)
_OUTPUT_GAIN = PARAMETER_INDEX["output_gain"]
_MASTER_TUNE = PARAMETER_INDEX["master_tune"]
_BEND_RANGE = PARAMETER_INDEX["pitch_bend_range"]
_MPE = PARAMETER_INDEX["mpe"]
_PORTAMENTO = PARAMETER_INDEX["portamento"]
_PORTAMENTO_TIME = PARAMETER_INDEX["portamento_time"]
_GLISSANDO = PARAMETER_INDEX["glissando"]
_FINE_BELOW = 17400.0
_REFERENCE_RATE = 44100.0
_STEPS_PER_HZ = 2.0**24 / _REFERENCE_RATE


@kernel
def assigned(instrument: Record, voice: Record, destination: int) -> float:
    """Return the largest controller value, 0..127, that is assigned to a destination."""
    largest = 0.0
    for modulator in range(_MODULATORS):
        base = _FIRST_MODULATOR + 4 * modulator
        if instrument.target[base + destination] < 0.5:
            continue
        value = instrument.modulator[voice.channel, modulator]
        if modulator == _AFTERTOUCH:
            value = max(value, voice.key_pressure)
        largest = max(largest, math.floor(value * instrument.target[base + _RANGE] / 100.0))
    return largest


@kernel
def any_assigned(instrument: Record, destination: int) -> bool:
    """Tell whether any controller has this destination."""
    for modulator in range(_MODULATORS):
        if instrument.target[_FIRST_MODULATOR + 4 * modulator + destination] >= 0.5:
            return True
    return False


@kernel
def uses_lfo(instrument: Record, voice: Record) -> bool:
    """Tell whether the LFO can be heard: through the patch, or through an assigned controller."""
    if voice.patch[LFO_PITCH_DEPTH] > 0.0 or voice.patch[LFO_AMP_DEPTH] > 0.0:
        return True
    return any_assigned(instrument, _TO_PITCH) or any_assigned(instrument, _TO_AMP)


@kernel
def amplitude_modulation(instrument: Record, voice: Record, lfo: float, depth: float) -> float:
    """Return the amplitude modulation before sensitivity, 0 to about 1."""
    modulation = math.floor(165.0 * voice.patch[LFO_AMP_DEPTH] / 64.0) * depth / 256.0
    modulation = max(modulation, assigned(instrument, voice, _TO_AMP) / 128.0) * (1.0 - lfo)
    if any_assigned(instrument, _TO_BIAS):
        bias = assigned(instrument, voice, _TO_BIAS)
        modulation = max(modulation, 1.0 - (bias + 1.0) / 128.0)
    return modulation


@kernel
def glide_octaves(instrument: Record, voice: Record, elapsed_s: float) -> float:
    """Move a portamento on by so much time; return how far the pitch still is from the key."""
    if voice.glide == 0.0:
        return 0.0
    glissando = instrument.target[_GLISSANDO] >= 0.5
    speed = 1300.0 if glissando else 2100.0
    step = speed * 2.0 ** (-0.062 * instrument.target[_PORTAMENTO_TIME]) * elapsed_s
    if instrument.target[_PORTAMENTO] < 0.5:
        step = abs(voice.glide)
    if voice.glide > 0.0:
        voice.glide = max(0.0, voice.glide - step)
    else:
        voice.glide = min(0.0, voice.glide + step)
    semitones = np.round(voice.glide) if glissando else voice.glide
    return semitones / 12.0


@kernel
def bend_octaves(instrument: Record, voice: Record) -> float:
    """Return pitch bend and master tune."""
    octaves = instrument.target[_MASTER_TUNE] / 1200.0
    if instrument.target[_MPE] >= 0.5 and voice.channel > 0:
        octaves += instrument.bend[voice.channel] * instrument.member_bend_range / 12.0
        return octaves + instrument.bend[0] * instrument.target[_BEND_RANGE] / 12.0
    return octaves + instrument.bend[voice.channel] * instrument.target[_BEND_RANGE] / 12.0


@kernel
def phase_increment(frequency_hz: float, sample_rate: float) -> np.uint32:
    """Return cycles per sample times 2^32.

    Frequencies are cut to the steps that the reference can count at its 44.1 kHz (2^-24 cycle per
    sample), at every rate, so that voices beat alike everywhere; but not below 46 Hz, where a step
    is more than 0.1 cent.
    """
    steps = frequency_hz * _STEPS_PER_HZ
    if steps >= _FINE_BELOW:
        steps = math.floor(steps)
    return np.uint32(np.int64(steps * (_REFERENCE_RATE * 256.0) / sample_rate))


@kernel
def set_increments(
    instrument: Record, voice: Record, modulation_octaves: float, bend: float
) -> None:
    """Set the tick's phase increments; modulation does not reach fixed frequencies, bend does."""
    if modulation_octaves == voice.modulation and bend == voice.bend:
        return
    voice.modulation = modulation_octaves
    voice.bend = bend
    bent = 2.0**bend if bend != 0.0 else 1.0
    moved = bent * 2.0**modulation_octaves if modulation_octaves != 0.0 else bent
    for operator in range(OPERATORS):
        fixed = voice.patch[OPERATOR_BASE[operator] + MODE] >= 0.5
        frequency_hz = voice.frequency_hz[operator] * (bent if fixed else moved)
        voice.increment[operator] = phase_increment(frequency_hz, instrument.sample_rate)


@kernel
def set_gains(instrument: Record, voice: Record, amplitude: float) -> None:
    """Advance the operator envelopes and set the tick's gains from them."""
    carriers = CARRIERS[voice.algorithm]
    feedback_operator = FEEDBACK_OPERATOR[voice.algorithm] if voice.strength > 0.0 else -1
    brightness_db = around_half_db(control(instrument, voice, BRIGHTNESS))
    edge = gain_of_db(brightness_db)
    silent = 0
    for operator in range(OPERATORS):
        advance_envelope(voice, operator)
        level = voice.eg_level[operator]
        edited = voice.base_level[operator] - voice.eg_base[operator]
        if edited < 0.0:
            level = max(0.0, level + edited)
        sensitivity = int(voice.patch[OPERATOR_BASE[operator] + AMP_SENSITIVITY])
        if sensitivity > 0:
            depth = amplitude * AMP_MOD_SENSITIVITY[sensitivity]
            level *= max(0.0, 1.0 - math.exp(12.2 + 4.48 * depth) * 2.0**-24)
        raw = np.float32(gain_of_level(level))
        if voice.patch[_SWITCHES + operator] < 0.5:
            raw = np.float32(0.0)
        if raw < SILENT_GAIN and voice.raw_gain[operator] < SILENT_GAIN:
            silent |= 1 << operator
        voice.raw_gain[operator] = raw
        gain = raw
        if carriers & (1 << operator):
            if voice.algorithm == _NO_MODULATORS and brightness_db != 0.0:
                tilt = tilt_gain(brightness_db, voice.frequency_hz[operator], voice.note)
                if operator == feedback_operator:
                    edge = tilt
                else:
                    gain = np.float32(raw * tilt)
        elif operator != feedback_operator:
            gain = np.float32(raw * edge)
        voice.next_gain[operator] = gain
    voice.next_edge = np.float32(edge)
    if voice.tick == 0:
        voice.edge = voice.next_edge
    voice.silent = np.int32(silent)


@kernel
def set_level(instrument: Record, voice: Record) -> None:
    """Set the tick's ramp of the carriers' common gain."""
    gain = level_gain(instrument, voice, elapsed_s(voice))
    gain *= instrument.channel_gain[voice.channel]
    gain *= gain_of_db(instrument.current[_OUTPUT_GAIN])
    if voice.status == _FADING:
        voice.fade -= 1
        gain *= voice.fade / FADE_TICKS
    voice.next_level = np.float32(gain)
    if voice.tick == 0:
        voice.level = voice.next_level


@kernel
def finished(voice: Record) -> bool:
    """Tell whether a voice will stay silent: released, and all carriers fallen for good."""
    if voice.status == _FADING:
        return voice.fade <= 0
    if voice.status != _RELEASED:
        return False
    carriers = CARRIERS[voice.algorithm]
    for operator in range(OPERATORS):
        if not carriers & (1 << operator):
            continue
        rising = voice.eg_stage[operator] < END and voice.eg_rising[operator]
        held = voice.eg_hold[operator] > 0.0
        if (rising and not held) or voice.eg_level[operator] >= _SILENT_UNITS:
            return False
    return True


@kernel
def apply_patch(voice: Record) -> None:
    """Take up an edited patch in a sounding voice."""
    derive(voice)
    for operator in range(OPERATORS):
        follow_patch(voice, operator)
    voice.dirty = np.int32(0)


@kernel
def end_tick(voice: Record) -> None:
    """Bring gains to where the tick's ramps lead."""
    for operator in range(OPERATORS):
        voice.gain[operator] = voice.next_gain[operator]
    voice.edge = voice.next_edge
    voice.level = voice.next_level


@kernel
def begin_tick(instrument: Record, voice: Record, sample: int) -> None:
    """Start the voice's next tick at `sample`."""
    if voice.dirty:
        apply_patch(voice)
    if voice.tick == 0:
        voice.noise_gain = attack_noise_gain(instrument, voice, CARRIERS[voice.algorithm])
    lfo, depth = 0.5, 0.0
    if uses_lfo(instrument, voice):
        lfo, depth = read_lfo(instrument, voice.patch, sample)
    pitch_depth = math.floor(165.0 * voice.patch[LFO_PITCH_DEPTH] / 64.0) * depth / 32768.0
    pitch_depth = max(pitch_depth, assigned(instrument, voice, _TO_PITCH) / 16384.0)
    sensitivity = PITCH_MOD_SENSITIVITY[int(voice.patch[PITCH_SENSITIVITY])]
    octaves = pitch_depth * sensitivity * (lfo - 0.5)
    octaves += advance_pitch_envelope(voice)
    octaves += vibrato_octaves(instrument, voice, elapsed_s(voice))
    octaves += glide_octaves(instrument, voice, TICK_S)
    set_increments(instrument, voice, octaves, bend_octaves(instrument, voice))
    set_gains(instrument, voice, amplitude_modulation(instrument, voice, lfo, depth))
    set_level(instrument, voice)
