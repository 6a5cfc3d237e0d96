"""f0 to a fraction of a cent, from the phase of the lower harmonics.

The audio is demodulated by the phase that the f0 found so far runs through, so that harmonic k of a
right f0 stands still however it glides; how far it turns from frame to frame is k times what f0 is
wrong by. (McAulay & Quatieri 1986 measure frequency so; following the glide as the time-warped
transforms do keeps vibrato whole: what the window smooths away of it squares with every pass.)
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import HOP, REACH, TRACKING_RATE
from plugin_core.audio.jit import entry_point

HARMONICS = 8
"""Harmonics that are listened to."""

PASSES = 3

JUMP = 0.04
"""A change of log2 f0 in one frame that is no glide but another note: half a semitone."""

CONTEXT = 64
"""Frames on either side on which a frame's result can depend."""

_PERIODS = 3.5  # Length of the window; a Hann window of two tells neighbouring harmonics apart.
_SHORTEST = 320  # Samples: 20 ms, for less noise on high notes.
_HIGHEST_HZ = 7200.0  # The resampling to 16 kHz has rounded off what is above.
_FURTHEST = 0.06  # log2: a correction of 72 cents is none.


def refine(
    audio: NDArray[np.float32], f0_hz: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (f0_hz, harmonicity) for a rough `f0_hz`, all (frames,), f0 0 where unvoiced.

    Frame i is centred at sample REACH + HOP i of `audio`, at TRACKING_RATE, which has
    (frames - 1) HOP + 2 REACH samples. The harmonicity is the share of the power in the first
    HARMONICS harmonics, 0..1.
    """
    refined = f0_hz.copy()
    harmonicity = np.zeros(len(f0_hz))
    voiced = f0_hz > 0
    log2_hz = np.log2(np.where(voiced, f0_hz, 1.0))
    breaks = np.flatnonzero(
        (np.diff(voiced.astype(np.int8)) != 0) | (np.abs(np.diff(log2_hz)) > JUMP)
    )
    edges = [0, *(breaks + 1).tolist(), len(f0_hz)]
    for start, end in pairwise(edges):
        if end > start and voiced[start]:
            before = start > 0 and bool(voiced[start - 1])
            after = end < len(f0_hz) and bool(voiced[end])
            _refine_note(audio, start, before, after, refined[start:end], harmonicity[start:end])
    return refined, harmonicity


@entry_point
def _refine_note(
    audio: NDArray[np.float32],
    start: int,
    before: bool,
    after: bool,
    f0_hz: NDArray[np.float64],
    harmonicity: NDArray[np.float64],
) -> None:
    """Refine the frames of one note, in place; `before`, `after`: another note adjoins."""
    frames = len(f0_hz)
    rough = f0_hz.copy()
    for frame in range(frames):
        weight = 0.0
        value = 0.0
        for other in range(max(frame - 4, 0), min(frame + 5, frames)):
            w = 0.5 + 0.5 * np.cos(np.pi * (other - frame) / 5.0)
            weight += w
            value += w * np.log2(rough[other])
        f0_hz[frame] = 2.0 ** (value / weight)
    first = REACH + HOP * start - (HOP // 2 if before else REACH)
    last = REACH + HOP * (start + frames - 1) + (HOP // 2 if after else REACH)
    length = last - first
    centre = REACH + HOP * start - first
    turned = np.zeros((length, 2 * HARMONICS), np.float32)
    lines = np.zeros((frames, 2 * HARMONICS))
    error = np.zeros(frames + 1)
    trust = np.zeros(frames + 1)
    for turn in range(PASSES + 1):
        phase = 0.0
        for n in range(length):
            position = (n - centre) / HOP
            whole = int(np.floor(position))
            left = f0_hz[min(max(whole, 0), frames - 1)]
            right = f0_hz[min(max(whole + 1, 0), frames - 1)]
            hz = left + (right - left) * (position - whole)
            x = audio[first + n]
            c = np.cos(phase)
            s = -np.sin(phase)
            re = c
            im = s
            for k in range(HARMONICS):
                turned[n, 2 * k] = x * re
                turned[n, 2 * k + 1] = x * im
                re, im = re * c - im * s, re * s + im * c
            phase += 2.0 * np.pi * hz / TRACKING_RATE
            if phase > np.pi:
                phase -= 2.0 * np.pi
        for frame in range(frames):
            size = max(_PERIODS * TRACKING_RATE / f0_hz[frame], _SHORTEST)
            half = min(int(0.5 * size), REACH)
            middle = centre + HOP * frame
            low = max(middle - half, 0)
            high = min(middle + half + 1, length)
            sums = lines[frame]
            sums[:] = 0.0
            weight = 0.0
            power = 0.0
            # The window turns by a recurrence: cos of a running angle.
            step = np.pi / (half + 1)
            c = np.cos(step * (low - middle))
            s = np.sin(step * (low - middle))
            cos_step = np.cos(step)
            sin_step = np.sin(step)
            for n in range(low, high):
                w = 0.5 + 0.5 * c
                c, s = c * cos_step - s * sin_step, s * cos_step + c * sin_step
                weight += w
                x = audio[first + n]
                power += w * x * x
                for k in range(2 * HARMONICS):
                    sums[k] += w * turned[n, k]
            known = min(int(_HIGHEST_HZ / f0_hz[frame]), HARMONICS)
            total = 0.0
            for k in range(2 * HARMONICS):
                sums[k] = sums[k] / weight if k < 2 * known else 0.0
                total += 2.0 * sums[k] ** 2
            harmonicity[frame] = min(total / (power / weight + 1e-10), 1.0)
        if turn == PASSES:
            break
        for frame in range(1, frames):
            error[frame], trust[frame] = _turning(lines[frame - 1], lines[frame], f0_hz[frame])
        for frame in range(frames):
            weight = trust[frame] + trust[frame + 1]
            if weight > 0:
                mean = error[frame] * trust[frame] + error[frame + 1] * trust[frame + 1]
                f0_hz[frame] *= 2.0 ** (mean / weight)
            if abs(np.log2(f0_hz[frame] / rough[frame])) > _FURTHEST:
                f0_hz[frame] = rough[frame]


@entry_point
def _turning(
    left: NDArray[np.float64], right: NDArray[np.float64], f0_hz: float
) -> tuple[float, float]:
    """Return (log2 of the factor by which f0 is to be corrected, how far to trust it)."""
    errors = np.zeros(HARMONICS)
    weights = np.zeros(HARMONICS)
    for k in range(HARMONICS):
        re = right[2 * k] * left[2 * k] + right[2 * k + 1] * left[2 * k + 1]
        im = right[2 * k + 1] * left[2 * k] - right[2 * k] * left[2 * k + 1]
        # The audio was turned back, so what remains turns forward if f0 is too low.
        turn = np.arctan2(im, re) / (2.0 * np.pi * (k + 1))
        errors[k] = np.log2(max(1.0 + turn * TRACKING_RATE / HOP / f0_hz, 0.5))
        weights[k] = np.sqrt(re * re + im * im) * (k + 1)
    total = weights.sum()
    if total <= 0:
        return 0.0, 0.0
    # The weighted median; harmonics that contradict it are noise or another sound.
    order = np.argsort(errors)
    below = 0.0
    middle = 0.0
    for place in range(HARMONICS):
        below += weights[order[place]]
        if below >= 0.5 * total:
            middle = errors[order[place]]
            break
    value = 0.0
    weight = 0.0
    for k in range(HARMONICS):
        if abs(errors[k] - middle) < 0.01:
            value += weights[k] * errors[k]
            weight += weights[k]
    value = value / weight
    return min(max(value, -0.04), 0.04), weight
