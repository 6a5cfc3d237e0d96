"""The harmonic part: a sum of sines at the multiples of f0, one interval between frames at a time.

f0 and each harmonic's amplitude move in straight lines from frame to frame; the phase is f0
integrated exactly. Harmonics fade out from 0.45 to 0.5 of the sample rate (at the frames) and are
not made up for. A frame without f0 is silent, and the f0 of its neighbour holds until there.
Engel et al. 2020, section 4.2, with exact phases.

An interval holds the samples from frame i (at i / 250 s) to just before frame i + 1; it is always
rendered whole, from its own values alone, so that no way of cutting time shows, not in one bit.

Harmonic k + 8 follows from k and k - 8, along whole rows of samples, which vectorises:
sin((k + 8) x) = 2 cos(8 x) sin(k x) - sin((k - 8) x). Steps of eight keep the recurrence short: its
rounding grows with the square of their number (measured: below -90 dB for 100 harmonics).
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel
from plugin_core.audio.sine import sine
from plugin_core.types import FRAME_RATE, HARMONICS

HIGHEST_RATE = 192_000
ROW = HIGHEST_RATE // FRAME_RATE + 16
"""Samples in a row of scratch memory: the longest interval, and not a multiple of 4096 bytes."""

STRIDE = 8
BEFORE, NOW, FROM_START, FROM_END, DOUBLE_COSINE, _SINES = range(0, 6 * ROW, ROW)
START = _SINES + STRIDE * ROW
END = START + HARMONICS + 4 * STRIDE
SCRATCH = END + HARMONICS + 4 * STRIDE
"""Length of the scratch memory, float32, which may be shared: nothing in it outlives a call."""

FADE_FROM = 0.45
FADE_TO = 0.5

_QUARTER = np.uint32(2**30)
_HALF = np.uint32(2**31)
_CYCLE = 2.0**32
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)

Samples = NDArray[np.float32]


def aligned(size: int) -> Samples:
    """Return zeros, shape (size,), that begin with a cache line: rows load faster there."""
    memory = np.zeros(size + 16, dtype=np.float32)
    first = -(memory.ctypes.data // 4) % 16
    return memory[first : first + size]


@kernel
def interval_start(frame: int, sample_rate: int) -> int:
    """Return the first sample at or after a frame's time."""
    return -((-frame * sample_rate) // FRAME_RATE)


@kernel
def interval_position(frame: int, sample_rate: int) -> float:
    """Return how far after the frame its interval's first sample is, 0..1 frame."""
    first = interval_start(frame, sample_rate)
    return (first * FRAME_RATE - frame * sample_rate) / sample_rate


@kernel
def set_partials(
    partials: Samples, f0_hz: float, amplitude: float, harmonics: Samples, sample_rate: int
) -> None:
    """Write every harmonic's amplitude in a frame, 0 where it is muted or `harmonics` ends."""
    for k in range(len(partials)):
        frequency = f0_hz * (k + 1) / sample_rate
        if f0_hz > 0.0 and frequency < FADE_TO and k < len(harmonics):
            gain = min(1.0, (FADE_TO - frequency) / (FADE_TO - FADE_FROM))
            partials[k] = np.float32(amplitude * harmonics[k] * gain)
        else:
            partials[k] = np.float32(0.0)


@kernel
def used_partials(start: Samples, end: Samples) -> int:
    """Return how many harmonics there are up to the last that sounds between two frames."""
    count = len(start)
    while count > 0 and start[count - 1] == 0.0 and end[count - 1] == 0.0:
        count -= 1
    return count


@kernel
def cycles_after(cycles: float, start_hz: float, end_hz: float) -> float:
    """Return the phase at the next frame, 0..1 cycle, from that at this frame."""
    if not start_hz > 0.0:
        start_hz = end_hz
    if not end_hz > 0.0:
        end_hz = start_hz
    if not start_hz > 0.0:
        return cycles
    moved = cycles + (start_hz + end_hz) / (2 * FRAME_RATE)
    return moved - np.floor(moved)


@kernel
def add_harmonics(
    out: Samples,
    scratch: Samples,
    cycles: float,
    start_hz: float,
    end_hz: float,
    start: Samples,
    end: Samples,
    position: float,
    step: float,
) -> None:
    """Add the harmonics between two frames to `out`, shape (samples,).

    `cycles` is the phase at the first frame, `start` and `end` are the harmonics' amplitudes at
    both frames; sample i lies `position + step * i` of the way between them.
    """
    count = used_partials(start, end)
    if count == 0:
        return
    n = len(out)
    lay_sines(scratch, n, cycles, start_hz, end_hz, position, step)
    from_start = scratch[FROM_START : FROM_START + n]
    from_end = scratch[FROM_END : FROM_END + n]
    from_start[:] = np.float32(0.0)
    from_end[:] = np.float32(0.0)
    double_cosine = scratch[DOUBLE_COSINE : DOUBLE_COSINE + n]
    before = scratch[BEFORE : BEFORE + n]
    now = scratch[NOW : NOW + n]
    start = padded(scratch[START:END], start, count)
    end = padded(scratch[END:SCRATCH], end, count)
    for first in range(min(STRIDE, count)):
        begin_series(scratch, now, before, first)
        for k in range(first, count, 4 * STRIDE):
            if k + STRIDE < count:
                add_four(from_start, from_end, now, before, double_cosine, start[k:], end[k:])
            else:
                add_one(from_start, from_end, now, start[k], end[k])
    for i in range(n):
        way = np.float32(position + step * np.float64(i))
        out[i] += from_start[i] + way * (from_end[i] - from_start[i])


@kernel
def padded(row: Samples, partials: Samples, count: int) -> Samples:
    """Write the first partials and silent ones after them into `row`, and return it."""
    for k in range(count):
        row[k] = partials[k]
    for k in range(count, count + 4 * STRIDE):
        row[k] = np.float32(0.0)
    return row


@kernel
def lay_sines(
    scratch: Samples,
    n: int,
    cycles: float,
    start_hz: float,
    end_hz: float,
    position: float,
    step: float,
) -> None:
    """Write the sines of the first eight harmonics and twice the cosine of the eighth."""
    if not start_hz > 0.0:
        start_hz = end_hz
    if not end_hz > 0.0:
        end_hz = start_hz
    straight = start_hz / FRAME_RATE
    bend = (end_hz - start_hz) / (2 * FRAME_RATE)
    for i in range(n):
        way = position + step * np.float64(i)
        turn = cycles + way * (straight + way * bend)
        turn -= np.floor(turn)
        phase = np.uint32(np.uint32(np.int32((turn - 0.5) * _CYCLE)) + _HALF)
        s1 = sine(phase)
        c1 = sine(np.uint32(phase + _QUARTER))
        s2 = _TWO * s1 * c1
        c2 = _ONE - _TWO * s1 * s1
        s3 = s2 * c1 + c2 * s1
        c3 = c2 * c1 - s2 * s1
        s4 = _TWO * s2 * c2
        c4 = _ONE - _TWO * s2 * s2
        scratch[_SINES + i] = s1
        scratch[_SINES + ROW + i] = s2
        scratch[_SINES + 2 * ROW + i] = s3
        scratch[_SINES + 3 * ROW + i] = s4
        scratch[_SINES + 4 * ROW + i] = s4 * c1 + c4 * s1
        scratch[_SINES + 5 * ROW + i] = s4 * c2 + c4 * s2
        scratch[_SINES + 6 * ROW + i] = s4 * c3 + c4 * s3
        scratch[_SINES + 7 * ROW + i] = _TWO * s4 * c4
        scratch[DOUBLE_COSINE + i] = _TWO - _TWO * _TWO * s4 * s4


@kernel
def begin_series(scratch: Samples, now: Samples, before: Samples, first: int) -> None:
    """Write the sines of harmonic `first` (from 0) and of the one eight below it."""
    n = len(now)
    at = _SINES + first * ROW
    row = scratch[at : at + n]
    for i in range(n):
        now[i] = row[i]
    if first == STRIDE - 1:
        before[:] = np.float32(0.0)
        return
    mirror = _SINES + (STRIDE - 2 - first) * ROW
    row = scratch[mirror : mirror + n]
    for i in range(n):
        before[i] = -row[i]


@kernel
def add_four(
    from_start: Samples,
    from_end: Samples,
    now: Samples,
    before: Samples,
    double_cosine: Samples,
    start: Samples,
    end: Samples,
) -> None:
    """Add four harmonics, eight apart, times their amplitudes at the start and at the end."""
    a0, a1, a2, a3 = start[0], start[STRIDE], start[2 * STRIDE], start[3 * STRIDE]
    b0, b1, b2, b3 = end[0], end[STRIDE], end[2 * STRIDE], end[3 * STRIDE]
    for i in range(len(now)):
        cosine = double_cosine[i]
        s0 = now[i]
        s1 = cosine * s0 - before[i]
        s2 = cosine * s1 - s0
        s3 = cosine * s2 - s1
        from_start[i] += a0 * s0 + a1 * s1 + a2 * s2 + a3 * s3
        from_end[i] += b0 * s0 + b1 * s1 + b2 * s2 + b3 * s3
        before[i] = s3
        now[i] = cosine * s3 - s2


@kernel
def add_one(
    from_start: Samples, from_end: Samples, now: Samples, start: np.float32, end: np.float32
) -> None:
    """Add the last harmonic of a series."""
    for i in range(len(now)):
        from_start[i] += start * now[i]
        from_end[i] += end * now[i]
