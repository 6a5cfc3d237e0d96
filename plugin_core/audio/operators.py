"""Six-operator FM by operator levels, one interval between frames at a time, any algorithm.

    y = level * sin(2 pi cycles + sum of y of its modulators)

and the carriers' y add up to the sound (Caspe, McPherson and Sandler 2022, section 3.1, equation
2). A carrier's level is a linear amplitude, 0..1; a modulator's is its modulation index in radians.
Levels and frequencies move in straight lines from frame to frame (section 4.2), the phase is the
frequency integrated exactly. Nothing is done about what lies above half the sample rate.

Feedback moves a loop's first operator by `loop_strength` times the sum of the last one's two
outputs before, as the DX7 does (facts sheet of the reference renders, section 4), in radians per
radian; a carrier of level 1 counts as FULL_CYCLES, which is a DX7 operator at its full level.

An interval is always rendered whole, from its own values alone, so that no way of cutting time
shows, not in one bit; with feedback, `memory` goes on from one to the next. Operators run along
time, which vectorises, from 6 down to 1; a feedback loop is serial.
"""

import math

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.harmonic import ROW
from plugin_core.audio.jit import kernel
from plugin_core.audio.layout import VECTOR
from plugin_core.audio.sine import sine
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.types import FRAME_RATE

OPERATORS = 6
FULL_CYCLES = 2.0
"""Modulation index, in cycles, as which a carrier of level 1 feeds back: 4 pi radians."""

_LONG_LOOP_ALGORITHMS = (4, 6)
# Their loops run through several operators, at a quarter of the strength (section 4).

_ROW = ROW + VECTOR
_BUS = OPERATORS * _ROW
OPERATOR_SCRATCH = _BUS + _ROW
"""Length of the scratch memory, float32, which may be shared: nothing in it outlives a call."""

_CARRIERS = np.array(
    [sum(1 << (op - 1) for op in algorithm.carriers) for algorithm in ALGORITHMS], dtype=np.int64
)
_MODULATORS = np.array(
    [
        [sum(1 << (source - 1) for source in algorithm.modulators_of(op)) for op in range(1, 7)]
        for algorithm in ALGORITHMS
    ],
    dtype=np.int64,
)
_LOOP_SIZE = np.array([len(algorithm.loop) for algorithm in ALGORITHMS], dtype=np.int64)
_LOOP_FIRST = np.array([algorithm.loop[0] - 1 for algorithm in ALGORITHMS], dtype=np.int64)
# A loop goes down from one operator to the next: 6, 5, 4 in algorithm 4, and 6, 5 in algorithm 6.

_PER_RADIAN = 0.5 / math.pi
_CYCLE = np.float32(2.0**24)
_FRACTION_BITS = np.uint32(8)
_ZERO = np.float32(0.0)

Samples = NDArray[np.float32]
PerOperator = NDArray[np.float64]


@kernel
def loop_strength(feedback: float, algorithm: int) -> float:
    """Return radians per radian of the sum of the last two outputs for the DX7's setting, 0..7.

    2^(setting - 8) of their mean, a quarter of it in long loops, in a straight line from 0 to 1;
    `algorithm` is 1..32.
    """
    strength = feedback * 2.0**-8 if feedback < 1.0 else 2.0 ** (feedback - 9.0)
    long = algorithm == _LONG_LOOP_ALGORITHMS[0] or algorithm == _LONG_LOOP_ALGORITHMS[1]
    return strength * 0.25 if long else strength


@kernel
def operator_hz(f0_hz: float, neighbour_hz: float, ratio: float, fixed_hz: float) -> float:
    """Return an operator's frequency at a frame; without f0 that of the neighbour holds."""
    if fixed_hz > 0.0:
        return fixed_hz
    f0 = f0_hz if f0_hz > 0.0 else neighbour_hz
    return f0 * ratio if f0 > 0.0 else 0.0


@kernel
def turn_operators(
    cycles: PerOperator,
    f0_start: float,
    f0_end: float,
    ratios_start: PerOperator,
    ratios_end: PerOperator,
    fixed_hz: PerOperator,
    way: float,
) -> None:
    """Move the phases, in cycles, from the first of two frames on, `way` = 1 to the next one."""
    for op in range(OPERATORS):
        start = operator_hz(f0_start, f0_end, ratios_start[op], fixed_hz[op])
        end = operator_hz(f0_end, f0_start, ratios_end[op], fixed_hz[op])
        turned = cycles[op] + way * (start + way * 0.5 * (end - start)) / FRAME_RATE
        cycles[op] = turned - math.floor(turned)


@kernel
def add_operators(
    out: Samples,
    scratch: Samples,
    cycles: PerOperator,
    f0_start: float,
    f0_end: float,
    levels_start: PerOperator,
    levels_end: PerOperator,
    ratios_start: PerOperator,
    ratios_end: PerOperator,
    fixed_hz: PerOperator,
    algorithm: int,
    feedback: float,
    memory: PerOperator,
    position: float,
    step: float,
) -> None:
    """Add the sound between two frames to `out`, shape (samples,), up to harmonic.ROW long.

    `cycles` are the operators' phases at the first frame (`turn_operators` moves them on), levels
    and ratios are given at both; all of shape (6,), operator 1 first. An operator with `fixed_hz`
    above 0 has that frequency instead of its ratio. `algorithm` is 1..32, `feedback` the DX7's
    setting, 0..7. `memory`, shape (2,), holds the feedback operator's outputs one and two samples
    before, in cycles; zeros to begin with. Sample i lies `position + step * i` of the way between
    the frames. `scratch` has OPERATOR_SCRATCH elements.
    """
    number = algorithm - 1
    carriers = _CARRIERS[number]
    samples = len(out)
    # Whole vectors: a remainder would run one by one. What is too much is never heard.
    size = (samples + VECTOR - 1) // VECTOR * VECTOR
    first = _LOOP_FIRST[number]
    last = first - _LOOP_SIZE[number] + 1
    looped = False
    for op in range(last, first + 1):
        looped = looped or levels_start[op] != 0.0 or levels_end[op] != 0.0
    serial = looped and feedback > 0.0
    heard = 0
    for op in range(OPERATORS - 1, -1, -1):
        in_loop = last <= op <= first
        if not (serial and in_loop) and levels_start[op] == 0.0 and levels_end[op] == 0.0:
            continue
        row = scratch[op * _ROW : op * _ROW + size]
        start = operator_hz(f0_start, f0_end, ratios_start[op], fixed_hz[op]) / FRAME_RATE
        end = operator_hz(f0_end, f0_start, ratios_end[op], fixed_hz[op]) / FRAME_RATE
        lay_turns(row, cycles[op], start, 0.5 * (end - start), position, step)
        if serial and in_loop:
            heard |= 1 << op
            if op == last:
                run_loop(
                    scratch,
                    levels_start,
                    levels_end,
                    first,
                    last,
                    carriers,
                    loop_strength(feedback, algorithm),
                    memory,
                    position,
                    step,
                    samples,
                )
            continue
        modulators = _MODULATORS[number, op] & heard
        if modulators:
            gather(row, scratch, modulators)
        unit = 1.0 if carriers & (1 << op) else _PER_RADIAN
        swing(
            row, unit * levels_start[op], unit * (levels_end[op] - levels_start[op]), position, step
        )
        heard |= 1 << op
    for op in range(OPERATORS):
        if carriers & heard & (1 << op):
            add_row(out, scratch[op * _ROW : op * _ROW + samples])
    if not serial:
        remember(
            scratch[last * _ROW :], samples, heard & (1 << last), carriers & (1 << last), memory
        )


@kernel
def lay_turns(
    row: Samples, cycles: float, start: float, bend: float, position: float, step: float
) -> None:
    """Write an operator's own phase, -0.5..0.5 cycles; its speed is in cycles per frame."""
    for i in range(len(row)):
        way = position + step * np.float64(i)
        turn = cycles + way * (start + way * bend)
        row[i] = np.float32(turn - np.floor(turn + 0.5))


@kernel
def gather(row: Samples, scratch: Samples, mask: int) -> None:
    """Add the outputs of the operators in a bit mask, in cycles, to a phase."""
    for op in range(OPERATORS - 1, -1, -1):
        if mask & (1 << op):
            add_row(row, scratch[op * _ROW : op * _ROW + len(row)])


@kernel
def add_row(row: Samples, source: Samples) -> None:
    """Add `source` to `row`, both of one length."""
    for i in range(len(row)):
        row[i] += source[i]


@kernel
def sine_of(turn: np.float32) -> np.float32:
    """Return sin(2 pi turn), the turn kept to 2^-24 cycle."""
    fraction = turn - np.floor(turn)
    return sine(np.uint32(np.uint32(np.int32(fraction * _CYCLE)) << _FRACTION_BITS))


@kernel
def swing(row: Samples, level: float, rise: float, position: float, step: float) -> None:
    """Turn phases into the operator's output."""
    for i in range(len(row)):
        way = np.float32(position + step * np.float64(i))
        row[i] = (np.float32(level) + way * np.float32(rise)) * sine_of(row[i])


@kernel
def run_loop(
    scratch: Samples,
    levels_start: PerOperator,
    levels_end: PerOperator,
    first: int,
    last: int,
    carriers: int,
    strength: float,
    memory: PerOperator,
    position: float,
    step: float,
    samples: int,
) -> None:
    """Turn the phases of the operators from `first` down to `last` into their outputs.

    In cycles throughout, except that a carrier's row is written as it is heard.
    """
    y1 = np.float32(memory[0])
    y2 = np.float32(memory[1])
    share = np.float32(strength)
    final = FULL_CYCLES if carriers & (1 << last) else _PER_RADIAN
    heard = np.float32(1.0 / FULL_CYCLES if carriers & (1 << last) else 1.0)
    for i in range(samples):
        way = position + step * np.float64(i)
        moved = share * (y1 + y2)
        for op in range(first, last - 1, -1):
            unit = final if op == last else _PER_RADIAN
            level = np.float32(
                unit * (levels_start[op] + way * (levels_end[op] - levels_start[op]))
            )
            at = op * _ROW + i
            moved = level * sine_of(scratch[at] + moved)
            scratch[at] = moved
        scratch[last * _ROW + i] = moved * heard
        y2 = y1
        y1 = moved
    memory[0] = np.float64(y1)
    memory[1] = np.float64(y2)


@kernel
def remember(row: Samples, samples: int, heard: int, carrier: int, memory: PerOperator) -> None:
    """Keep the last two outputs, should feedback begin after this interval."""
    unit = FULL_CYCLES if carrier else 1.0
    for back in range(2):
        known = heard and samples > back
        memory[back] = unit * np.float64(row[samples - 1 - back]) if known else 0.0
