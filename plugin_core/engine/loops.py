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
def feeds_back(segment: Record, algorithm: int) -> bool:
    """Tell whether a segment has feedback on an operator that sounds."""
    mask = 0
    for place in range(LOOP_SIZE[algorithm]):
        mask |= 1 << LOOP_OPERATORS[algorithm, place]
    return segment.strength > 0.0 and segment.silent & mask != mask


@kernel
def first_loops(segments: Record, count: int, algorithm: int) -> int:
    """Return how many of the first segments feed back: those that share lanes with other voices."""
    for index in range(count):
        if not feeds_back(segments[index], algorithm):
            return index
    return count


@kernel
def fill_operator_lane(
    scratch: Record, segments: Record, count: int, place: int, op: int, lane: int, samples: int
) -> None:
    """Lay one operator of a voice's loop into a lane, silence where the loop has ended."""
    phases = scratch.phases[place]
    gains = scratch.gains[place]
    begin = segments[0].start
    done = 0
    for index in range(count):
        segment = segments[index]
        gain = segment.gain[op]
        slope = segment.slope[op]
        if segment.silent & (1 << op):
            gain = np.float32(0.0)
            slope = np.float32(0.0)
        first = (segment.start - begin) * LANES + lane
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
        done = segment.stop - begin
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
        if first_loops(segments[number], count, algorithm) > 0:
            scratch.lane_voice[waiting] = number
            waiting += 1
    for first in range(0, waiting, LANES):
        lanes = min(LANES, waiting - first)
        for lane in range(lanes):
            number = scratch.lane_voice[first + lane]
            algorithm = voices[number].algorithm
            count = first_loops(segments[number], scratch.segments[number], algorithm)
            lay_loop(voices[number], segments[number], scratch, count, lane, samples)
        run_lanes(scratch, size, samples, lanes)
        for lane in range(lanes):
            number = scratch.lane_voice[first + lane]
            algorithm = voices[number].algorithm
            count = first_loops(segments[number], scratch.segments[number], algorithm)
            stop = segments[number][count - 1].stop
            collect_lane(voices[number], scratch, scratch.loop[number], size, lane, 0, stop)
    run_late_loops(voices, segments, scratch, size)


@kernel
def run_late_loops(voices: Record, segments: Record, scratch: Record, size: int) -> None:
    """Run the loops that begin later in the chunk, each by itself: they are rare.

    Feedback memory stays as it is while a loop is silent. In a shared lane it would not.
    """
    for number in range(VOICES):
        count = scratch.segments[number]
        voice = voices[number]
        if count == 0 or LOOP_SIZE[voice.algorithm] != size:
            continue
        for index in range(first_loops(segments[number], count, voice.algorithm), count):
            segment = segments[number][index]
            if feeds_back(segment, voice.algorithm):
                samples = segment.stop - segment.start
                lay_loop(voice, segments[number][index : index + 1], scratch, 1, 0, samples)
                run_lanes(scratch, size, samples, 1)
                loop = scratch.loop[number]
                collect_lane(voice, scratch, loop, size, 0, segment.start, samples)


@kernel
def lay_loop(
    voice: Record, segments: Record, scratch: Record, count: int, lane: int, samples: int
) -> None:
    """Lay a voice's loop into a lane, its memory first."""
    scratch.outputs[lane] = voice.memory[0]
    scratch.outputs[LANES + lane] = voice.memory[1]
    for place in range(LOOP_SIZE[voice.algorithm]):
        op = LOOP_OPERATORS[voice.algorithm, place]
        fill_operator_lane(scratch, segments, count, place, op, lane, samples)


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
    voice: Record, scratch: Record, loop: Record, size: int, lane: int, start: int, samples: int
) -> None:
    """Copy a lane's operators to the voice's own rows from `start` on; keep the feedback memory."""
    last = scratch.outputs[2 * LANES + lane :]
    row = loop[size - 1][start:]
    for i in range(samples):
        row[i] = last[i * LANES]
    for place in range(size - 1):
        inner = scratch.inner[place][lane:]
        row = loop[place][start:]
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
