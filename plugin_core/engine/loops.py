"""The feedback loops of all voices, side by side.

A loop is serial in time, so its voices are the only direction in which it can run wide. Loops of
the same size share lanes, whatever their algorithms.
"""

import numpy as np

from plugin_core.audio.fm import feedback_chain, feedback_loop, fill_lane
from plugin_core.audio.jit import kernel
from plugin_core.audio.layout import LANES
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.engine.patch import Record
from plugin_core.engine.records import VOICES

LOOP_SIZE = np.array([len(algorithm.loop) for algorithm in ALGORITHMS], dtype=np.int64)
"""Algorithm - 1 -> how many operators the feedback runs through."""

LOOP_OPERATORS = np.array(
    [
        [algorithm.loop[min(place, len(algorithm.loop) - 1)] - 1 for place in range(3)]
        for algorithm in ALGORITHMS
    ],
    dtype=np.int64,
)
"""[algorithm - 1, place] -> operator (from 0) in the loop, in the order of computation."""


@kernel
def needs_loop(segments: Record, count: int, algorithm: int) -> bool:
    """Tell whether any segment has feedback on an operator that sounds."""
    mask = 0
    for place in range(LOOP_SIZE[algorithm]):
        mask |= 1 << LOOP_OPERATORS[algorithm, place]
    for index in range(count):
        if segments[index].strength > 0.0 and segments[index].silent & mask != mask:
            return True
    return False


@kernel
def fill_operator_lane(
    scratch: Record, segments: Record, count: int, place: int, op: int, lane: int, samples: int
) -> None:
    """Lay one operator of a voice's loop into a lane, silence where the voice has ended."""
    phases = scratch.phases[place]
    gains = scratch.gains[place]
    done = 0
    for index in range(count):
        segment = segments[index]
        gain = segment.gain[op]
        slope = segment.slope[op]
        if segment.silent & (1 << op):
            gain = np.float32(0.0)
            slope = np.float32(0.0)
        first = segment.start * LANES + lane
        fill_lane(
            phases[first:],
            gains[first:],
            scratch.strengths[first:],
            segment.stop - segment.start,
            segment.phase[op],
            segment.increment[op],
            gain,
            slope,
            segment.offset,
            segment.strength,
        )
        done = segment.stop
    for i in range(done, samples):
        gains[i * LANES + lane] = np.float32(0.0)


@kernel
def run_loops(voices: Record, segments: Record, scratch: Record, size: int, samples: int) -> None:
    """Run the feedback loops of `size` operators of all voices, LANES at a time."""
    waiting = 0
    for number in range(VOICES):
        count = scratch.segments[number]
        algorithm = voices[number].algorithm
        if count == 0 or LOOP_SIZE[algorithm] != size:
            continue
        if needs_loop(segments[number], count, algorithm):
            scratch.lane_voice[waiting] = number
            waiting += 1
    for first in range(0, waiting, LANES):
        lanes = min(LANES, waiting - first)
        for lane in range(lanes):
            number = scratch.lane_voice[first + lane]
            voice = voices[number]
            scratch.outputs[lane] = voice.memory[0]
            scratch.outputs[LANES + lane] = voice.memory[1]
            count = scratch.segments[number]
            for place in range(size):
                op = LOOP_OPERATORS[voice.algorithm, place]
                fill_operator_lane(scratch, segments[number], count, place, op, lane, samples)
        run_lanes(scratch, size, samples, lanes)
        for lane in range(lanes):
            number = scratch.lane_voice[first + lane]
            collect_lane(voices[number], scratch, scratch.loop[number], size, lane, samples)


@kernel
def run_lanes(scratch: Record, size: int, samples: int, lanes: int) -> None:
    """Run the filled lanes."""
    if size == 1:
        feedback_loop(
            scratch.outputs, scratch.phases[0], scratch.gains[0], scratch.strengths, samples, lanes
        )
    else:
        feedback_chain(
            scratch.outputs,
            scratch.phases,
            scratch.gains,
            scratch.strengths,
            scratch.inner,
            size == 3,
            samples,
            lanes,
        )


@kernel
def collect_lane(
    voice: Record, scratch: Record, loop: Record, size: int, lane: int, samples: int
) -> None:
    """Copy a lane's operators to the voice's own rows and keep the feedback memory."""
    last = scratch.outputs[2 * LANES + lane :]
    row = loop[size - 1]
    for i in range(samples):
        row[i] = last[i * LANES]
    for place in range(size - 1):
        inner = scratch.inner[place][lane:]
        row = loop[place]
        for i in range(samples):
            row[i] = inner[i * LANES]
    voice.memory[0] = scratch.outputs[samples * LANES + lane]
    voice.memory[1] = scratch.outputs[(samples + 1) * LANES + lane]


@kernel
def loop_place(algorithm: int, op: int) -> int:
    """Return an operator's place in the algorithm's feedback loop, -1 if it is not in it."""
    for place in range(LOOP_SIZE[algorithm]):
        if LOOP_OPERATORS[algorithm, place] == op:
            return place
    return -1
