"""The LFO as a function of time: one for all voices, read at each voice's own ticks.

Facts sheet of the reference renders, section 9. Phase in cycles advances before it is read, so the
first reading after a restart is one tick in.
"""

import math

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import FIELD_INDEX
from plugin_core.dx7.tables import LFO_SPEED_HZ, SAMPLE_AND_HOLD
from plugin_core.engine.patch import Record
from plugin_core.engine.records import TICK_S

LFO_SPEED = FIELD_INDEX["lfo_speed"]
LFO_DELAY = FIELD_INDEX["lfo_delay"]
LFO_PITCH_DEPTH = FIELD_INDEX["lfo_pitch_depth"]
LFO_AMP_DEPTH = FIELD_INDEX["lfo_amp_depth"]
LFO_SYNC = FIELD_INDEX["lfo_sync"]
LFO_WAVE = FIELD_INDEX["lfo_wave"]
PITCH_SENSITIVITY = FIELD_INDEX["pitch_mod_sensitivity"]
SYNC_PHASE = 0.5
"""Where key sync sets the phase."""

_DELAY_UNITS = 85.25


@kernel
def lfo_speed_hz(speed: float) -> float:
    """Return the LFO's frequency, linear between the table's entries."""
    whole = min(int(speed), 98)
    return LFO_SPEED_HZ[whole] + (speed - whole) * (LFO_SPEED_HZ[whole + 1] - LFO_SPEED_HZ[whole])


@kernel
def lfo_phase(instrument: Record, speed: float, sample: int) -> float:
    """Return the phase in cycles, whole cycles included, before the step of a tick."""
    elapsed = (sample - instrument.lfo_anchor) / instrument.sample_rate
    return instrument.lfo_phase + lfo_speed_hz(speed) * elapsed


@kernel
def lfo_value(wave: int, cycles: float) -> float:
    """Return the LFO's value, 0 to 1, at a phase of so many cycles."""
    phase = cycles - math.floor(cycles)
    if wave == 0:
        return 2.0 * phase if phase < 0.5 else 2.0 - 2.0 * phase
    if wave == 1:
        return (1.5 - phase) % 1.0
    if wave == 2:
        return (phase + 0.5) % 1.0
    if wave == 3:
        return 1.0 if phase < 0.5 else 0.0
    if wave == 4:
        return 0.5 + 0.5 * math.sin(2.0 * math.pi * phase)
    return SAMPLE_AND_HOLD[int(cycles) % 128]


@kernel
def lfo_delay_depth(delay: int, elapsed_s: float) -> float:
    """Return how far the delay has let the LFO in, 0 to 1, so long after the first key."""
    if delay == 0:
        return 1.0
    left = 99 - delay
    slow = (16 + left % 16) << (1 + left // 16)
    quick = max(128, slow // 128 * 128)
    silent_s = _DELAY_UNITS / slow
    if elapsed_s < silent_s:
        return 0.0
    # The tick that ends the silence still counts at the slow rate.
    corner_s = math.ceil(silent_s / TICK_S) * TICK_S
    share = (corner_s - silent_s) * slow + (elapsed_s - corner_s) * quick
    return min(1.0, max(0.0, share / _DELAY_UNITS))


@kernel
def read_lfo(instrument: Record, patch: Record, sample: int) -> tuple[float, float]:
    """Return the LFO's value and depth, each 0 to 1, for a voice's tick at `sample`."""
    speed = lfo_speed_hz(patch[LFO_SPEED])
    cycles = lfo_phase(instrument, patch[LFO_SPEED], sample) + speed * TICK_S
    elapsed_s = (sample - instrument.lfo_start) / instrument.sample_rate + TICK_S
    depth = lfo_delay_depth(int(patch[LFO_DELAY]), elapsed_s)
    return lfo_value(int(patch[LFO_WAVE]), cycles), depth
