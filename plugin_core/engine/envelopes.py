"""The operator and pitch envelopes, one control tick at a time.

Facts sheet of the reference renders, sections 8 and 10. Stages are counted from 0; stage 3 is the
release, stage 4 the end. Operator levels are in units of 1/256 octave.
"""

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.dx7.tables import HOLD_SAMPLES, LEVEL, PITCH_EG_LEVEL, PITCH_EG_RATE
from plugin_core.engine.patch import EG_LEVEL, EG_RATE, OPERATOR_BASE, Record
from plugin_core.engine.records import TICK_S

RELEASE = 3
END = 4
_TICK_SAMPLES = 64.0
_ATTACK_FLOOR = 1716.0
_LOWEST_TARGET = 16.0
_PITCH_RATE = FIELD_INDEX["pitch_eg_rate1"]
_PITCH_LEVEL = FIELD_INDEX["pitch_eg_level1"]
# As the reference counts it: in whole 2^-24 octaves per tick and unit of rate.
_PITCH_STEP_OCTAVES = round(TICK_S / 21.3 * 2**24) / 2**24


@kernel
def target_level(eg_level: int, base_level: float) -> float:
    """Return the level in units that an EG level 0..99 stands for in an operator at base level."""
    return max(_LOWEST_TARGET, 64.0 * (LEVEL[eg_level] // 2) + base_level - 4256.0)


@kernel
def hold_samples(rate: int, first_stage: bool) -> float:
    """Return how many samples at 44.1 kHz a stage without movement lasts."""
    if rate >= 77:
        return 20.0 * (99 - rate)
    held = HOLD_SAMPLES[rate]
    return float(held // 20 if first_stage else held)


@kernel
def sustains(voice: Record, stage: int) -> bool:
    """Tell whether an envelope waits at level 3: the voice has not been released."""
    return stage == RELEASE and voice.released == 0


@kernel
def enter_stage(voice: Record, operator: int, stage: int) -> None:
    """Start a stage of an operator's envelope from the level where it is."""
    voice.eg_stage[operator] = stage
    voice.eg_hold[operator] = 0.0
    if stage >= END:
        return
    base = OPERATOR_BASE[operator]
    rate = int(voice.patch[base + EG_RATE + stage])
    level = int(voice.patch[base + EG_LEVEL + stage])
    target = target_level(level, voice.eg_base[operator])
    voice.eg_target[operator] = target
    voice.eg_rising[operator] = target > voice.eg_level[operator]
    offset = voice.rate_offset[operator]
    quick = min(63, 41 * rate // 64 + offset)
    voice.eg_step[operator] = (4.0 + quick % 4) * 2.0 ** (quick // 4 - 8)
    if target == voice.eg_level[operator] or (stage == 0 and level == 0):
        voice.eg_hold[operator] = hold_samples(min(99, rate + offset), stage == 0)


@kernel
def advance_envelope(voice: Record, operator: int) -> None:
    """Move an operator's envelope by one tick."""
    if sustains(voice, voice.eg_stage[operator]):
        return
    if voice.eg_hold[operator] > 0.0:
        voice.eg_hold[operator] -= _TICK_SAMPLES
        if voice.eg_hold[operator] > 0.0:
            return
        enter_stage(voice, operator, voice.eg_stage[operator] + 1)
        if voice.eg_hold[operator] > 0.0:
            return
    stage = voice.eg_stage[operator]
    if stage >= END or sustains(voice, stage):
        return
    level = voice.eg_level[operator]
    target = voice.eg_target[operator]
    step = voice.eg_step[operator]
    if voice.eg_rising[operator]:
        level = max(level, _ATTACK_FLOOR)
        level = min(target, level + step * np.floor(17.0 - level / 256.0))
    else:
        level = max(target, level - step)
    voice.eg_level[operator] = level
    if level == target:
        enter_stage(voice, operator, stage + 1)


@kernel
def start_envelopes(voice: Record) -> None:
    """Start all envelopes of a new note: operators from silence, pitch from its level 4."""
    for operator in range(OPERATORS):
        voice.eg_base[operator] = voice.base_level[operator]
        voice.eg_level[operator] = 0.0
        enter_stage(voice, operator, 0)
    voice.pitch_eg_level = PITCH_EG_LEVEL[int(voice.patch[_PITCH_LEVEL + 3])] / 32.0
    voice.pitch_eg_stage = np.int32(0)


@kernel
def release_envelopes(voice: Record) -> None:
    """Send all envelopes to their release from wherever they are."""
    for operator in range(OPERATORS):
        enter_stage(voice, operator, RELEASE)
    voice.pitch_eg_stage = np.int32(RELEASE)


@kernel
def follow_patch(voice: Record, operator: int) -> None:
    """Let an edited patch move a sounding envelope.

    The envelope runs at the highest base level that the note has had, so that an operator edited
    down to nothing keeps its place in it and comes back.
    """
    units = voice.base_level[operator] - voice.eg_base[operator]
    if units > 0.0:
        voice.eg_base[operator] = voice.base_level[operator]
        if voice.eg_level[operator] > _LOWEST_TARGET:
            voice.eg_level[operator] += units
    stage = voice.eg_stage[operator]
    if sustains(voice, stage):
        level = int(voice.patch[OPERATOR_BASE[operator] + EG_LEVEL + RELEASE - 1])
        if target_level(level, voice.eg_base[operator]) != voice.eg_level[operator]:
            enter_stage(voice, operator, RELEASE - 1)
    elif stage < END and voice.eg_hold[operator] <= 0.0:
        enter_stage(voice, operator, stage)


@kernel
def advance_pitch_envelope(voice: Record) -> float:
    """Move the pitch envelope by one tick and return its octaves."""
    stage = voice.pitch_eg_stage
    if stage >= END or sustains(voice, stage):
        return voice.pitch_eg_level
    step = PITCH_EG_RATE[int(voice.patch[_PITCH_RATE + stage])] * _PITCH_STEP_OCTAVES
    target = PITCH_EG_LEVEL[int(voice.patch[_PITCH_LEVEL + stage])] / 32.0
    if target > voice.pitch_eg_level:
        voice.pitch_eg_level = min(target, voice.pitch_eg_level + step)
    else:
        voice.pitch_eg_level = max(target, voice.pitch_eg_level - step)
    if voice.pitch_eg_level == target:
        voice.pitch_eg_stage = np.int32(stage + 1)
    return voice.pitch_eg_level
