"""What a patch means for one note: operator levels, envelope rates and frequencies.

Facts sheet of the reference renders, sections 2, 3, 4, 6 and 7. Levels are in units of 1/256 octave
of amplitude. A patch holds stored values in the order of `dx7.fields.FIELDS`; the continuous ones
may lie between the integers.
"""

import math
from typing import Any

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.audio.operators import loop_strength
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.dx7.tables import EXPONENTIAL_SCALING, LEVEL, VELOCITY

Record = Any
"""One element of a record array; Numba knows the fields, Python's types do not."""

OPERATOR_BASE = np.array(
    [FIELD_INDEX[f"op{operator}_eg_rate1"] for operator in range(1, OPERATORS + 1)], dtype=np.int64
)
"""Where operator k's 21 fields start in a patch, operator 1 first."""


def _in_operator(name: str) -> int:
    return FIELD_INDEX[f"op6_{name}"] - FIELD_INDEX["op6_eg_rate1"]


EG_RATE = _in_operator("eg_rate1")
EG_LEVEL = _in_operator("eg_level1")
BREAK_POINT = _in_operator("break_point")
LEFT_DEPTH = _in_operator("left_depth")
RIGHT_DEPTH = _in_operator("right_depth")
LEFT_CURVE = _in_operator("left_curve")
RIGHT_CURVE = _in_operator("right_curve")
RATE_SCALING = _in_operator("rate_scaling")
AMP_SENSITIVITY = _in_operator("amp_mod_sensitivity")
VELOCITY_SENSITIVITY = _in_operator("velocity_sensitivity")
OUTPUT_LEVEL = _in_operator("level")
MODE = _in_operator("mode")
COARSE = _in_operator("coarse")
FINE = _in_operator("fine")
DETUNE = _in_operator("detune")
ALGORITHM = FIELD_INDEX["algorithm"]
FEEDBACK = FIELD_INDEX["feedback"]
TRANSPOSE = FIELD_INDEX["transpose"]

_CYCLE_UNITS = 2.0**24
# The reference counts pitch in 2^-24 octave and rounds a semitone down: 0.002 cents at note 96.
NOTE_0_OCTAVES = math.log2(440.0) - 69 / 12
_SEMITONE_OCTAVES = math.floor(2**24 / 12) / 2**24
DETUNE_OCTAVES = 0.0209 / 7
DETUNE_DECAY = 0.396
_FIXED_DETUNE_OCTAVES = 0.000802


@kernel
def level_steps(level: float) -> float:
    """Return the level steps of an output or EG level, linear between the table's entries."""
    whole = min(int(level), 98)
    return LEVEL[whole] + (level - whole) * (LEVEL[whole + 1] - LEVEL[whole])


@kernel
def keyboard_level_scaling(patch: Record, base: int, note: int) -> int:
    """Return output level steps added at `note` by break point, depths and curves."""
    distance = note - (int(patch[base + BREAK_POINT]) + 17)
    if distance >= 0:
        group = (distance + 1) // 3
        depth = int(patch[base + RIGHT_DEPTH])
        curve = int(patch[base + RIGHT_CURVE])
    else:
        group = (1 - distance) // 3
        depth = int(patch[base + LEFT_DEPTH])
        curve = int(patch[base + LEFT_CURVE])
    if curve == 0 or curve == 3:
        steps = 329 * group * depth // 4096
    else:
        steps = 329 * EXPONENTIAL_SCALING[min(group, 32)] * depth // 32768
    return -steps if curve < 2 else steps


@kernel
def operator_level(patch: Record, base: int, note: int, velocity: int) -> float:
    """Return an operator's level in units, before its envelope: 0 up, 4064 at output level 99."""
    steps = level_steps(patch[base + OUTPUT_LEVEL]) + keyboard_level_scaling(patch, base, note)
    sensitivity = int(patch[base + VELOCITY_SENSITIVITY])
    accent = 16 * ((sensitivity * VELOCITY[velocity // 2] + 7) // 8)
    return max(0.0, 32.0 * min(127.0, steps) + accent)


@kernel
def operator_frequency_hz(patch: Record, base: int, note: int) -> float:
    """Return an operator's frequency without bend and modulation."""
    coarse = int(patch[base + COARSE])
    fine = patch[base + FINE]
    detune = patch[base + DETUNE] - 7.0
    if patch[base + MODE] >= 0.5:
        return 10.0 ** ((coarse % 4) + fine / 100.0) * 2.0 ** (
            _FIXED_DETUNE_OCTAVES * max(0.0, detune)
        )
    octaves = NOTE_0_OCTAVES + note * _SEMITONE_OCTAVES
    octaves += detune * DETUNE_OCTAVES * octaves * math.exp(-DETUNE_DECAY * octaves)
    ratio = (coarse if coarse > 0 else 0.5) * (1.0 + fine / 100.0)
    return 2.0**octaves * ratio


@kernel
def rate_offset(patch: Record, base: int, note: int) -> int:
    """Return what rate scaling adds to an envelope's rates at `note`."""
    zone = min(31, max(0, note // 3 - 7))
    return int(patch[base + RATE_SCALING]) * zone // 8


@kernel
def feedback_units(feedback: float, algorithm: int) -> float:
    """Return `loop_strength` as FM voices count it: units of 2^-24 cycle; `algorithm` from 0."""
    return loop_strength(feedback, algorithm + 1) * _CYCLE_UNITS


@kernel
def derive(voice: Record) -> None:
    """Work out everything about a note that only its patch, key and velocity decide."""
    patch = voice.patch
    voice.note = np.int32(voice.key + int(patch[TRANSPOSE]) - 24)
    for operator in range(OPERATORS):
        base = OPERATOR_BASE[operator]
        voice.base_level[operator] = operator_level(patch, base, voice.note, voice.velocity)
        voice.frequency_hz[operator] = operator_frequency_hz(patch, base, voice.note)
        voice.rate_offset[operator] = rate_offset(patch, base, voice.note)
    # No modulation equals NaN, so the next tick works the increments out anew.
    voice.modulation = math.nan
    voice.algorithm = np.int32(patch[ALGORITHM])
    voice.strength = np.float32(feedback_units(patch[FEEDBACK], voice.algorithm))
