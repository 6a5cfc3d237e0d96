"""Filtered noise: 65 magnitudes per frame shape white noise that a counter makes.

A frame's magnitudes lie at 0, 375 .. 24000 Hz, linear between, and become a zero-phase FIR filter
1/375 s long (Engel et al. 2020, section 4.3 and appendix B.5). All frames filter the same white
noise; between two frames the outputs of their filters crossfade by a Hann window. Magnitude 1 is
the density of noise uniform in +-1 at 48 kHz, at every sample rate.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.harmonic import FROM_END, FROM_START, HIGHEST_RATE
from plugin_core.audio.jit import entry_point, kernel
from plugin_core.audio.noise import white
from plugin_core.audio.sine import sine
from plugin_core.types import NOISE_BANDS

BAND_SPACING_HZ = 375
FULL_DENSITY_RATE = 48_000
"""At this rate magnitude 1 is white noise uniform in +-1."""

MOST_TAPS = HIGHEST_RATE // BAND_SPACING_HZ // 2
"""Of half a filter."""
_TAPS_AT_ONCE = 4
_BANDS_AT_ONCE = 5
_QUARTER = 2.0**30

Samples = NDArray[np.float32]


def noise_filters(sample_rate: int) -> NDArray[np.float64]:
    """Return the impulse response of every band's magnitude alone, shape (65, taps).

    A frame's filter is `noise @ noise_filters(sample_rate)`. The taps are an odd number, about
    sample_rate / 375, with time 0 in the middle. Bands above half the sample rate are without
    effect; above 24 kHz the curve falls to 0 within 375 Hz.

    The curve is taken at the bins of a DFT of 1/375 s, transformed back, and windowed by a Hann
    window as long as the DFT. So a flat curve is an impulse, and a line of it spreads over about
    +-1 band.
    """
    size = 2 * round(sample_rate / BAND_SPACING_HZ / 2)
    bins_hz = np.arange(size // 2 + 1) * (sample_rate / size)
    bands_hz = np.arange(NOISE_BANDS) * BAND_SPACING_HZ
    hats = np.maximum(0.0, 1.0 - np.abs(bins_hz - bands_hz[:, None]) / BAND_SPACING_HZ)
    times = np.arange(1 - size // 2, size // 2)
    return np.fft.irfft(hats, size)[:, times] * np.cos(np.pi * times / size) ** 2


def filter_table(sample_rate: int) -> Samples:
    """Return `noise_filters` as the kernels take it: float32, one row after the other.

    Filters are symmetric: a row holds the taps from time 0 on, the first of them halved, since it
    will be taken twice, and silent ones up to a multiple of 4.
    """
    filters = noise_filters(sample_rate)
    half = filters[:, filters.shape[1] // 2 :].copy()
    half[:, 0] /= 2
    missing = -half.shape[1] % _TAPS_AT_ONCE
    return np.pad(half, ((0, 0), (0, missing))).astype(np.float32).ravel()


@kernel
def density_scale(sample_rate: int) -> float:
    """Return the peak of white noise that has magnitude 1 at this rate."""
    return np.sqrt(sample_rate / FULL_DENSITY_RATE)


@entry_point
def fill_white(out: Samples, seed: int, note: int, first: int, scale: float) -> None:
    """Write white noise uniform in +-scale from sample `first` on into `out`, shape (samples,).

    Samples before 0 exist too: filters look back.
    """
    write_white(out, np.uint64(seed), np.uint64(note), first, scale)


@kernel
def write_white(out: Samples, seed: np.uint64, note: np.uint64, first: int, scale: float) -> None:
    """Do what `fill_white` does, for other kernels."""
    for i in range(len(out)):
        out[i] = np.float32(scale * white(seed, note, np.uint64(np.int64(first + i))))


@kernel
def set_filter(taps: Samples, magnitudes: Samples, table: Samples) -> None:
    """Write half a frame's filter from its magnitudes, shape (65,), and the `filter_table`."""
    taps[:] = np.float32(0.0)
    width = len(taps)
    for band in range(0, NOISE_BANDS, _BANDS_AT_ONCE):
        add_five(taps, table[band * width : (band + _BANDS_AT_ONCE) * width], magnitudes[band:])


@kernel
def add_five(taps: Samples, rows: Samples, magnitudes: Samples) -> None:
    """Add five rows, one after the other in `rows`, times their magnitudes."""
    m0, m1, m2 = magnitudes[0], magnitudes[1], magnitudes[2]
    m3, m4 = magnitudes[3], magnitudes[4]
    n = len(taps)
    for i in range(n):
        low = m0 * rows[i] + m1 * rows[n + i] + m2 * rows[2 * n + i]
        taps[i] += low + (m3 * rows[3 * n + i] + m4 * rows[4 * n + i])


@kernel
def add_filtered_noise(
    out: Samples,
    scratch: Samples,
    noise: Samples,
    start: Samples,
    end: Samples,
    position: float,
    step: float,
) -> None:
    """Add the noise between two frames to `out`, shape (samples,).

    `start` and `end` are the halves of the filters at both frames, `noise` is white, from
    `len(start)` samples before the first one to as many after the last. Sample i lies
    `position + step * i` of the way between the frames. `scratch` is as for `add_harmonics`.
    """
    n = len(out)
    from_start = scratch[FROM_START : FROM_START + n]
    from_end = scratch[FROM_END : FROM_END + n]
    from_start[:] = np.float32(0.0)
    from_end[:] = np.float32(0.0)
    reach = len(start)
    for tap in range(0, reach, _TAPS_AT_ONCE):
        left = noise[reach - tap - 3 : reach - tap + n]
        right = noise[reach + tap : reach + tap + n + 3]
        add_taps(from_start, from_end, left, right, start[tap:], end[tap:])
    for i in range(n):
        way = position + step * np.float64(i)
        fade = sine(np.uint32(np.int32(way * _QUARTER)))
        out[i] += from_start[i] + fade * fade * (from_end[i] - from_start[i])


@kernel
def add_taps(
    from_start: Samples,
    from_end: Samples,
    left: Samples,
    right: Samples,
    start: Samples,
    end: Samples,
) -> None:
    """Add four taps of two filters to both sides, over the same noise."""
    a0, a1, a2, a3 = start[0], start[1], start[2], start[3]
    b0, b1, b2, b3 = end[0], end[1], end[2], end[3]
    for i in range(len(from_start)):
        x0 = left[i + 3] + right[i]
        x1 = left[i + 2] + right[i + 1]
        x2 = left[i + 1] + right[i + 2]
        x3 = left[i] + right[i + 3]
        from_start[i] += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3)
        from_end[i] += (b0 * x0 + b1 * x1) + (b2 * x2 + b3 * x3)
