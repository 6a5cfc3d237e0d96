"""What the DX7 voice of a DDX7 sound says while it plays: frequencies, routing, levels, EG rates.

As loaded, the voice changes nothing of what the network plays. Output levels below 99 turn an
operator down by 0.75 dB a step; EG rates 1 and 4 below 99 are the fastest that its level may rise
and fall, by the DX7's own envelope (facts sheet of the reference renders, section 8).
"""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.engine.ddx7_layout import Ddx7Layer, Playing, rounded_ratio
from plugin_core.engine.ddx7_network import Layout, Numbers, playing
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.patch import (
    ALGORITHM,
    COARSE,
    DETUNE,
    DETUNE_DECAY,
    DETUNE_OCTAVES,
    EG_RATE,
    FEEDBACK,
    FINE,
    MODE,
    NOTE_0_OCTAVES,
    OPERATOR_BASE,
    OUTPUT_LEVEL,
    Record,
)
from plugin_core.engine.records import TICK_S

FULL_LEVEL = 99.0
STEP_DB = 0.75
"""Of an output level."""

SILENT_DB = -120.0
"""From where the EG rates of a fresh note begin; shares below count as that."""

_LEAST_SHARE = 10.0 ** (SILENT_DB / 20.0)
_FREE = 99
_RELEASE_RATE = 3
_UNIT_DB = 20.0 * math.log10(2.0) / 256.0
_TOP_UNITS = 3840.0
"""Of an operator at level 99, without accent: what share 1 is to the envelope."""
_ATTACK_FLOOR_DB = (1716.0 - _TOP_UNITS) * _UNIT_DB
_TICKS = FRAME_S / TICK_S
_NO_DETUNE = 7.0
_FIXED_DECADES = 4
_SWITCHES = FIELD_INDEX["op1_on"]
_VOICE, _OFFSET = int(Ddx7Layer.VOICE), int(LayoutColumn.OFFSET)
_PRESENT = int(Playing.OPERATORS)
_rounded_ratio = kernel(rounded_ratio)


@kernel
def ratio(patch: Numbers, base: int, weights: Numbers, first: int) -> float:
    """Return an operator's multiple of f0: as trained, in tenths, until it is edited."""
    coarse, fine = patch[base + COARSE], patch[base + FINE]
    if coarse == weights[first + base + COARSE] and fine == weights[first + base + FINE]:
        return _rounded_ratio(coarse, fine)
    return (coarse if coarse > 0.0 else 0.5) * (1.0 + fine / 100.0)


@kernel
def detuned(detune: float, key: int) -> float:
    """Return the factor that detune, -7..7, is on a frequency."""
    if detune == 0.0:
        return 1.0
    octaves = NOTE_0_OCTAVES + key / 12.0
    return 2.0 ** (detune * DETUNE_OCTAVES * octaves * math.exp(-DETUNE_DECAY * octaves))


@kernel
def set_frequencies(voice: Record, player: Record, weights: Numbers, layout: Layout) -> None:
    """Set the ratios, or the fixed frequencies, from the voice's patch."""
    patch = voice.patch
    first = layout[_VOICE, _OFFSET]
    for operator in range(OPERATORS):
        base = OPERATOR_BASE[operator]
        player.fixed_hz[operator] = 0.0
        if patch[base + MODE] >= 0.5:
            decade = int(patch[base + COARSE]) % _FIXED_DECADES
            player.fixed_hz[operator] = 10.0 ** (decade + patch[base + FINE] / 100.0)
        times = ratio(patch, base, weights, first)
        player.ratios[1, operator] = times * detuned(patch[base + DETUNE] - _NO_DETUNE, voice.key)


@kernel
def set_routing(voice: Record, player: Record) -> None:
    """Set the algorithm at the later frame, and the feedback, from the voice's patch."""
    player.algorithm[1] = np.int32(voice.patch[ALGORITHM]) + np.int32(1)
    player.feedback = float(voice.patch[FEEDBACK])


@kernel
def step_units(rate: int) -> float:
    """Return how many units an envelope falls per frame at a rate."""
    quick = min(63, 41 * rate // 64)
    return _TICKS * (4.0 + quick % 4) * 2.0 ** (quick // 4 - 8)


@kernel
def limited(before_db: float, wanted_db: float, rise: int, fall: int) -> float:
    """Return the level of an operator that its EG rates let move for one frame, in dB."""
    if wanted_db > before_db and rise < _FREE:
        here = max(before_db, _ATTACK_FLOOR_DB)
        height = math.floor(17.0 - (_TOP_UNITS + here / _UNIT_DB) / 256.0)
        return min(wanted_db, here + step_units(rise) * height * _UNIT_DB)
    if wanted_db < before_db and fall < _FREE:
        return max(wanted_db, before_db - step_units(fall) * _UNIT_DB)
    return wanted_db


@kernel
def level_gain(level: float) -> float:
    """Return the factor that an output level is, 1 at 99, 0 at 0."""
    if level >= FULL_LEVEL:
        return 1.0
    return 10.0 ** (STEP_DB * (level - FULL_LEVEL) / 20.0) * min(1.0, level)


@kernel
def set_shares(
    voice: Record, player: Record, weights: Numbers, layout: Layout, shares: Numbers
) -> None:
    """Set the later frame's shares from those of the network, shape (OPERATORS,), and the patch."""
    patch = voice.patch
    present = int(playing(weights, layout, _PRESENT))
    for operator in range(OPERATORS):
        base = OPERATOR_BASE[operator]
        rise = int(patch[base + EG_RATE])
        fall = int(patch[base + EG_RATE + _RELEASE_RATE])
        share = float(shares[operator])
        wanted_db = 20.0 * math.log10(max(_LEAST_SHARE, share))
        limited_db = limited(player.limited_db[operator], wanted_db, rise, fall)
        player.limited_db[operator] = limited_db
        if limited_db != wanted_db:
            share = 10.0 ** (limited_db / 20.0)
        share *= level_gain(patch[base + OUTPUT_LEVEL])
        is_on = patch[_SWITCHES + operator] >= 0.5 and present & (1 << operator)
        player.shares[1, operator] = np.float32(share if is_on else 0.0)
        voice.raw_gain[operator] = player.shares[1, operator]
