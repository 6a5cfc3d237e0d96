"""f0 to a fraction of a cent, from the phase of the lower harmonics.

The audio is demodulated by the phase that the f0 found so far runs through, so that harmonic k of a
right f0 stands still however it glides; how far it turns from frame to frame is k times what f0 is
wrong by (the phase vocoder's frequency: Flanagan & Golden 1966). As the demodulation follows the
glide, what the window smooths away of a vibrato is squared with every pass.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import HOP, REACH, TRACKING_RATE
from plugin_core.audio.jit import entry_point, kernel

HARMONICS = 8
"""Harmonics that are listened to."""

CONTEXT = 96
"""Frames on either side on which a frame's result can depend."""

_PASSES = 4
_STILL = 4e-5  # log2: no more passes after corrections below 0.05 cents.
_STEADY = 0.7  # Of half a window: a correction is smoothed, for no pass sees what jitters.
_JUMP = 0.04  # log2: a change in one frame that is no glide but another note.
_SMOOTHING = 5  # Frames either side over which the rough f0 is smoothed.
_PERIODS = 4.2  # Length of the window, cos^4: neighbouring harmonics are 50 dB down.
_SHORTEST = 400  # Samples: 25 ms, for less noise on high notes.
_HIGHEST_HZ = 7200.0  # The resampling to 16 kHz has rounded off what is above.
_FURTHEST = 0.06  # log2: a correction of 72 cents is none.
_AGREE = 0.01  # log2: harmonics further than this from the others are another sound.
_NODE = 16  # Samples: the window is linear between nodes of this distance.
_NODES = HOP // _NODE


def refine(
    audio: NDArray[np.float32], f0_hz: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return f0_hz, (frames,), and harmonics, (frames, HARMONICS), for a rough `f0_hz`.

    f0 is 0 where unvoiced. Frame i is centred at sample REACH + HOP i of `audio`, at
    TRACKING_RATE, which has (frames - 1) HOP + 2 REACH samples. The harmonics are the share of
    each in the power, 0..1, 0 for those above 7.2 kHz.
    """
    refined = f0_hz.copy()
    harmonics = np.zeros((len(f0_hz), HARMONICS), np.float32)
    voiced = f0_hz > 0
    log2_hz = np.log2(np.where(voiced, f0_hz, 1.0))
    breaks = np.flatnonzero(
        (np.diff(voiced.astype(np.int8)) != 0) | (np.abs(np.diff(log2_hz)) > _JUMP)
    )
    for start, end in pairwise([0, *(breaks + 1).tolist(), len(f0_hz)]):
        if end > start and voiced[start]:
            # The window reaches into silence, but not into another note.
            before = HOP // 2 if start > 0 and voiced[start - 1] else REACH
            after = HOP // 2 if end < len(f0_hz) and voiced[end] else REACH
            first, last = REACH + HOP * start - before, REACH + HOP * (end - 1) + after
            refined[start:end], harmonics[start:end] = _refine_note(
                audio[first:last], before, f0_hz[start:end]
            )
    return refined, harmonics


@entry_point
def _refine_note(
    audio: NDArray[np.float32], centre: int, rough: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return (f0_hz, harmonics) of one note, whose first frame is at sample `centre`."""
    frames = len(rough)
    f0_hz = 2.0 ** _smoothed(np.log2(rough), np.ones(frames), np.full(frames, _SMOOTHING))
    step = np.zeros(frames)
    inside = np.zeros(frames)
    width = np.zeros(frames, np.int64)
    harmonics = np.zeros((frames, HARMONICS), np.float32)
    nodes = np.zeros((len(audio) // _NODE + 2, 2 * HARMONICS), np.float32)
    power = np.zeros(len(nodes))
    lines = np.zeros((frames, 2 * HARMONICS), np.float32)
    error = np.zeros(frames + 1)
    trust = np.zeros(frames + 1)
    for n in range(len(audio)):
        part = (n % _NODE) / _NODE
        square = audio[n] * audio[n]
        power[n // _NODE] += (1.0 - part) * square
        power[n // _NODE + 1] += part * square
    for _ in range(_PASSES):
        _turn_back(audio, centre, f0_hz, nodes)
        for frame in range(frames):
            middle = (centre + HOP * frame) // _NODE
            inside[frame] = _measure(
                nodes, power, middle, f0_hz[frame], lines[frame], harmonics[frame]
            )
        for frame in range(1, frames):
            error[frame], trust[frame] = _turning(lines[frame - 1], lines[frame], f0_hz[frame])
        for frame in range(frames):
            weight = trust[frame] + trust[frame + 1]
            both = error[frame] * trust[frame] + error[frame + 1] * trust[frame + 1]
            step[frame] = both / weight if weight > 0 else 0.0
            width[frame] = int(_STEADY * _half_window(f0_hz[frame]) / _NODES) + 2
        step = _smoothed(step, inside, width)
        largest = 0.0
        for frame in range(frames):
            largest = max(largest, abs(step[frame]))
            f0_hz[frame] *= 2.0 ** step[frame]
            if abs(np.log2(f0_hz[frame] / rough[frame])) > _FURTHEST:
                f0_hz[frame] = rough[frame]
        if largest < _STILL:
            break
    return f0_hz, harmonics


@kernel
def _smoothed(
    values: NDArray[np.float64], weights: NDArray[np.float64], width: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return a Hann-weighted moving mean over less than `width` frames on either side."""
    smooth = np.empty_like(values)
    for frame in range(len(values)):
        weight = 0.0
        value = 0.0
        for shift in range(1 - width[frame], width[frame]):
            if 0 <= frame + shift < len(values):
                w = weights[frame + shift] * (0.5 + 0.5 * np.cos(np.pi * shift / width[frame]))
                weight += w
                value += w * values[frame + shift]
        smooth[frame] = value / weight
    return smooth


@kernel
def _turn_back(
    audio: NDArray[np.float32],
    centre: int,
    f0_hz: NDArray[np.float64],
    nodes: NDArray[np.float32],
) -> None:
    """Write the audio times e^(-i k phase), k = 1.., summed into nodes (triangles) of samples.

    The phase is 0 at the first sample; f0 is linear between frames and constant beyond them.
    """
    nodes[:] = 0.0
    turn = 2.0 * np.pi / TRACKING_RATE
    early = nodes[0]
    late = nodes[1]
    phase = 0.0
    z_re = z_im = s_re = s_im = a_re = a_im = 0.0
    for n in range(len(audio)):
        if n % _NODE == 0:
            early = nodes[n // _NODE]
            late = nodes[n // _NODE + 1]
            # A rotation whose speed is linear in time: exact at every node, by recurrence between.
            position = (n - centre) / HOP
            whole = int(np.floor(position))
            left = f0_hz[min(max(whole, 0), len(f0_hz) - 1)]
            slope = f0_hz[min(max(whole + 1, 0), len(f0_hz) - 1)] - left
            speed = turn * (left + slope * (position - whole))
            bend = turn * slope / HOP
            # The mean speed until the next sample is that half a sample on.
            s_re, s_im = np.cos(speed + 0.5 * bend), -np.sin(speed + 0.5 * bend)
            a_re, a_im = np.cos(bend), -np.sin(bend)
            z_re, z_im = np.cos(phase), -np.sin(phase)
            phase = (phase + _NODE * speed + 0.5 * _NODE * _NODE * bend) % (2.0 * np.pi)
        part = np.float32((n % _NODE) / _NODE)
        x = audio[n]
        c = np.float32(z_re)
        s = np.float32(z_im)
        re = x * c
        im = x * s
        for k in range(HARMONICS):
            early[2 * k] += re - part * re
            early[2 * k + 1] += im - part * im
            late[2 * k] += part * re
            late[2 * k + 1] += part * im
            re, im = re * c - im * s, re * s + im * c
        z_re, z_im = z_re * s_re - z_im * s_im, z_re * s_im + z_im * s_re
        s_re, s_im = s_re * a_re - s_im * a_im, s_re * a_im + s_im * a_re


@kernel
def _half_window(f0_hz: float) -> int:
    """Return half of the length of the window, in nodes."""
    samples = max(_PERIODS * TRACKING_RATE / f0_hz, _SHORTEST)
    return min(int(0.5 * samples / _NODE + 0.5), REACH // _NODE)


@kernel
def _measure(
    nodes: NDArray[np.float32],
    power: NDArray[np.float64],
    middle: int,
    f0_hz: float,
    lines: NDArray[np.float32],
    harmonics: NDArray[np.float32],
) -> float:
    """Write (re, im) of the harmonics around node `middle`, and their shares of the power.

    Return how far to trust that: less where the window is cut by the next note, 0.01..1.
    """
    half = _half_window(f0_hz)
    lines[:] = 0.0
    total_power = 0.0
    weight = 0.0
    for node in range(max(middle - half, 0), min(middle + half + 1, len(nodes))):
        w = np.cos(0.5 * np.pi * (node - middle) / (half + 1)) ** 4
        weight += w
        total_power += w * power[node]
        for k in range(2 * HARMONICS):
            lines[k] += np.float32(w) * nodes[node, k]
    known = min(int(_HIGHEST_HZ / f0_hz), HARMONICS)
    lines[2 * known :] = 0.0
    part_inside = weight / (0.75 * (half + 1))
    weight *= _NODE
    whole = weight * (total_power + 1e-10 * weight)
    for k in range(HARMONICS):
        harmonics[k] = 2.0 * (lines[2 * k] ** 2 + lines[2 * k + 1] ** 2) / whole
    return min(max((part_inside - 0.6) / 0.3, 0.01), 1.0)


@kernel
def _turning(
    left: NDArray[np.float32], right: NDArray[np.float32], f0_hz: float
) -> tuple[float, float]:
    """Return (log2 of the factor by which f0 is to be corrected, how far to trust it)."""
    errors = np.zeros(HARMONICS)
    weights = np.zeros(HARMONICS)
    for k in range(HARMONICS):
        re = right[2 * k] * left[2 * k] + right[2 * k + 1] * left[2 * k + 1]
        im = right[2 * k + 1] * left[2 * k] - right[2 * k] * left[2 * k + 1]
        turn_hz = np.arctan2(im, re) / (2.0 * np.pi * (k + 1)) * (TRACKING_RATE / HOP)
        errors[k] = np.log2(max(1.0 + turn_hz / f0_hz, 0.5))
        weights[k] = np.sqrt(re * re + im * im) * (k + 1) ** 2
    total = weights.sum()
    if total <= 0:
        return 0.0, 0.0
    # Around the weighted median; what contradicts it is noise or another sound.
    order = np.argsort(errors)
    below = 0.0
    middle = 0.0
    for place in order:
        below += weights[place]
        if below >= 0.5 * total:
            middle = errors[place]
            break
    value = 0.0
    weight = 0.0
    for k in range(HARMONICS):
        if abs(errors[k] - middle) < _AGREE:
            value += weights[k] * errors[k]
            weight += weights[k]
    return min(max(value / weight, -0.04), 0.04), weight
