"""The envelope of a DX7 operator stage by stage, quick enough to be tried thousands of times.

The same rule as `dx7.envelopes` follows tick by tick (facts sheet of the reference renders, section
8), whole stages at once: a fall is a straight line in dB, a rise is stepped through, a hold is
flat. Levels are in units of 1/256 octave.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.tables import HOLD_SAMPLES, LEVEL

STAGES = (1, 2, 3, 4)

_SUSTAIN = 3
_TICK_SAMPLES = 64
_ATTACK_FLOOR = 1716.0
_LOWEST_TARGET = 16
_LISTED_RATES = len(HOLD_SAMPLES)

_LEVEL: Sequence[int] = LEVEL.tolist()
_HOLD: Sequence[int] = HOLD_SAMPLES.tolist()


def envelope_units(fields: Mapping[str, int], on_ticks: int, ticks: int) -> NDArray[np.float64]:
    """Return an operator's envelope at each tick of 64 samples at 44.1 kHz, shape (ticks,).

    `fields` are `level`, `eg_rate1` to `eg_rate4` and `eg_level1` to `eg_level4`, 0..99 each; the
    key comes up after `on_ticks`.
    """
    curve = np.empty(ticks)
    tick, level = 0, 0.0
    for stage in STAGES:
        end = min(on_ticks, ticks) if stage <= _SUSTAIN else ticks
        if stage > _SUSTAIN:
            # Held at level 3, if it was reached in time, until the key comes up.
            curve[tick : min(on_ticks, ticks)] = level
            tick = min(on_ticks, ticks)
        if tick >= end:
            continue
        target = _target(fields, stage)
        rate = fields[f"eg_rate{stage}"]
        is_silent_start = stage == 1 and fields["eg_level1"] == 0
        if target == level or is_silent_start:
            # In the tick in which a hold ends, the next stage moves already.
            held = max(
                0, math.ceil(_hold_samples(rate, silent=is_silent_start) / _TICK_SAMPLES) - 1
            )
            last = min(tick + held, end)
            curve[tick:last] = level
            tick = last
        elif target < level:
            tick, level = _fall(curve, tick, end, level, float(target), _step(rate))
        else:
            tick, level = _rise(curve, tick, end, level, float(target), _step(rate))
    curve[tick:] = level
    return curve


def _target(fields: Mapping[str, int], stage: int) -> int:
    half = _LEVEL[fields[f"eg_level{stage}"]] // 2
    return max(_LOWEST_TARGET, 64 * half + 32 * _LEVEL[fields["level"]] - 4256)


def _step(rate: int) -> float:
    quick = 41 * rate // 64
    return (4 + quick % 4) * 2.0 ** (quick // 4 - 8)


def _hold_samples(rate: int, *, silent: bool) -> int:
    if rate >= _LISTED_RATES:
        return 20 * (99 - rate)
    return _HOLD[rate] // 20 if silent else _HOLD[rate]


def _fall(
    curve: NDArray[np.float64], tick: int, end: int, level: float, target: float, step: float
) -> tuple[int, float]:
    count = min(math.ceil((level - target) / step), end - tick)
    curve[tick : tick + count] = np.maximum(level - step * np.arange(1, count + 1), target)
    return tick + count, float(curve[tick + count - 1])


def _rise(
    curve: NDArray[np.float64], tick: int, end: int, level: float, target: float, step: float
) -> tuple[int, float]:
    level = max(level, _ATTACK_FLOOR)
    while tick < end and level < target:
        # Up to the next multiple of an octave every tick rises alike.
        octave = math.ceil(level / 256)
        rise = step * (17 - octave)
        count = min(math.floor((256 * octave - level) / rise) + 1, end - tick)
        count = min(count, math.ceil((target - level) / rise))
        levels = np.minimum(level + rise * np.arange(1, count + 1), target)
        curve[tick : tick + count] = levels
        tick, level = tick + count, float(levels[-1])
    if level > target:  # the floor alone was above it
        curve[tick : tick + 1] = target
        tick, level = min(tick + 1, end), target
    return tick, level
