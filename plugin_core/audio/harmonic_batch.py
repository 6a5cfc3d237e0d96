"""The harmonic part of a batch of sounds, and its gradient: the kernel as training uses it.

Forward it is `plugin_core.audio.harmonic`, sample for sample. The sound is linear in the harmonics'
amplitudes: the gradient of one is, over each interval that it is heard in, the sum of the sound's
gradient times the harmonic's sine times the frame's weight.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.harmonic import (
    BEFORE,
    DOUBLE_COSINE,
    END,
    FADE_TO,
    FROM_END,
    FROM_START,
    NOW,
    SCRATCH,
    START,
    STRIDE,
    add_harmonics,
    begin_series,
    cycles_after,
    interval_position,
    interval_start,
    lay_sines,
)
from plugin_core.audio.jit import entry_point, kernel, summing_kernel
from plugin_core.types import FRAME_RATE

Samples = NDArray[np.float32]


@entry_point
def sum_of_sines(
    out: Samples, f0_hz: Samples, partials: Samples, sample_rate: int, scratch: Samples
) -> None:
    """Add the harmonics to `out`, shape (batch, samples).

    `f0_hz` has shape (batch, frames), `partials` (batch, frames, K): amplitudes as they sound.
    `scratch` has SCRATCH elements. After the last frame everything stays.
    """
    batch, samples = out.shape
    last = f0_hz.shape[1] - 1
    step = FRAME_RATE / sample_rate
    for item in range(batch):
        cycles = 0.0
        frame = 0
        first = 0
        while first < samples:
            here = min(frame, last)
            there = min(frame + 1, last)
            stop = min(interval_start(frame + 1, sample_rate), samples)
            start_hz = np.float64(f0_hz[item, here])
            end_hz = np.float64(f0_hz[item, there])
            add_harmonics(
                out[item, first:stop],
                scratch,
                cycles,
                start_hz,
                end_hz,
                partials[item, here],
                partials[item, there],
                interval_position(frame, sample_rate),
                step,
            )
            cycles = cycles_after(cycles, start_hz, end_hz)
            first = stop
            frame += 1


@entry_point
def gradient_of_sines(
    gradient: Samples, of_out: Samples, f0_hz: Samples, sample_rate: int, scratch: Samples
) -> None:
    """Add the gradient with respect to the partials to `gradient`, shape (batch, frames, K).

    `of_out` is the gradient with respect to the sound, shape (batch, samples). Harmonics at or
    above half the sample rate get none. `scratch` has SCRATCH elements.
    """
    batch, samples = of_out.shape
    last = f0_hz.shape[1] - 1
    for item in range(batch):
        cycles = 0.0
        frame = 0
        first = 0
        while first < samples:
            here = min(frame, last)
            there = min(frame + 1, last)
            stop = min(interval_start(frame + 1, sample_rate), samples)
            start_hz = np.float64(f0_hz[item, here])
            end_hz = np.float64(f0_hz[item, there])
            add_gradient(
                gradient[item, here],
                gradient[item, there],
                of_out[item, first:stop],
                scratch,
                cycles,
                start_hz,
                end_hz,
                interval_position(frame, sample_rate),
                sample_rate,
            )
            cycles = cycles_after(cycles, start_hz, end_hz)
            first = stop
            frame += 1


@kernel
def add_gradient(
    of_start: Samples,
    of_end: Samples,
    of_out: Samples,
    scratch: Samples,
    cycles: float,
    start_hz: float,
    end_hz: float,
    position: float,
    sample_rate: int,
) -> None:
    """Add what an interval says about the amplitudes at its two frames, each of shape (K,)."""
    count = audible_harmonics(start_hz, end_hz, len(of_start), sample_rate)
    n = len(of_out)
    step = FRAME_RATE / sample_rate
    lay_sines(scratch, n, cycles, start_hz, end_hz, position, step)
    to_start = scratch[FROM_START : FROM_START + n]
    to_end = scratch[FROM_END : FROM_END + n]
    for i in range(n):
        way = np.float32(position + step * np.float64(i))
        to_start[i] = of_out[i] * (np.float32(1.0) - way)
        to_end[i] = of_out[i] * way
    double_cosine = scratch[DOUBLE_COSINE : DOUBLE_COSINE + n]
    before = scratch[BEFORE : BEFORE + n]
    now = scratch[NOW : NOW + n]
    starts = scratch[START:END]
    ends = scratch[END:SCRATCH]
    for first in range(min(STRIDE, count)):
        begin_series(scratch, now, before, first)
        for k in range(first, count, 4 * STRIDE):
            dot_four(starts[k:], ends[k:], to_start, to_end, now, before, double_cosine)
    for k in range(count):
        of_start[k] += starts[k]
    for k in range(count):
        of_end[k] += ends[k]


@kernel
def audible_harmonics(start_hz: float, end_hz: float, harmonics: int, sample_rate: int) -> int:
    """Return how many harmonics are below half the sample rate at either frame."""
    lowest = min(start_hz, end_hz)
    if not lowest > 0.0:
        lowest = max(start_hz, end_hz)
    if not lowest > 0.0:
        return 0
    return min(harmonics, int(min(FADE_TO * sample_rate / lowest, 1e6)) + 1)


@summing_kernel
def dot_four(
    starts: Samples,
    ends: Samples,
    to_start: Samples,
    to_end: Samples,
    now: Samples,
    before: Samples,
    double_cosine: Samples,
) -> None:
    """Write the products of four harmonics, eight apart, with two rows; go on to the next four."""
    a0 = a1 = a2 = a3 = np.float32(0.0)
    b0 = b1 = b2 = b3 = np.float32(0.0)
    for i in range(len(now)):
        cosine = double_cosine[i]
        s0 = now[i]
        s1 = cosine * s0 - before[i]
        s2 = cosine * s1 - s0
        s3 = cosine * s2 - s1
        a0 += to_start[i] * s0
        a1 += to_start[i] * s1
        a2 += to_start[i] * s2
        a3 += to_start[i] * s3
        b0 += to_end[i] * s0
        b1 += to_end[i] * s1
        b2 += to_end[i] * s2
        b3 += to_end[i] * s3
        before[i] = s3
        now[i] = cosine * s3 - s2
    starts[0], starts[STRIDE], starts[2 * STRIDE], starts[3 * STRIDE] = a0, a1, a2, a3
    ends[0], ends[STRIDE], ends[2 * STRIDE], ends[3 * STRIDE] = b0, b1, b2, b3
