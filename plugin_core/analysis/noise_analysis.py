"""Noise magnitudes per frame, at 0, 375 .. 24000 Hz, from between the harmonics or from all.

Units are those of `Frames.noise`: 1 is white noise uniform in +-1 at 48 kHz. All functions here
return power, the square of magnitude: that is what averages without bias.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from plugin_core.analysis.loudness import frame_positions
from plugin_core.analysis.phase_grid import Grids
from plugin_core.analysis.phase_spectra import TERMS, phase_spectra
from plugin_core.audio.jit import entry_point
from plugin_core.types import NOISE_BANDS, Mono

SPACING_HZ = 375.0

_GAP_PERIODS = 8
_GAP_S = 0.012
_WINDOW_S = 0.0106
_BATCH = 256


def noise_from_all(
    audio: Mono, sample_rate: float, first_sample: int, first_frame: int, frames: int
) -> NDArray[np.float32]:
    """Return the power of everything as if it were noise, shape (frames, 65); 0 above Nyquist.

    `audio` begins at `first_sample` of the recording and is silent around.
    """
    half = max(round(_WINDOW_S * sample_rate / 2), 2)
    size = fft.next_fast_len(2 * half, real=True)
    window = 0.5 + 0.5 * np.cos(np.pi * (np.arange(2 * half) - half) / half)
    starts = frame_positions(first_frame, frames, sample_rate) - first_sample - half
    before = max(0, -int(starts.min(initial=0)))
    after = max(0, int(starts.max(initial=0)) + 2 * half - len(audio))
    padded = np.pad(np.asarray(audio, np.float32), (before, after))
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)

    # A variance of (1/3) / 24000 per Hz over half the rate is magnitude 1.
    scale = 2 * 3 * 24000 / (sample_rate * np.sum(window**2))
    pooling = (scale * _pooling(fft.rfftfreq(size, 1 / sample_rate))).astype(np.float32)
    power = np.empty((frames, NOISE_BANDS), np.float32)
    for start in range(0, frames, _BATCH):
        piece = views[starts[start : start + _BATCH] + before] * window.astype(np.float32)
        spectrum = fft.rfft(piece, size)
        power[start : start + _BATCH] = (spectrum.real**2 + spectrum.imag**2) @ pooling
    power[:, np.arange(NOISE_BANDS) * SPACING_HZ > sample_rate / 2] = 0
    return power


def _pooling(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights, shape (bins, 65), that average bins in a triangle around each point."""
    distance = frequencies_hz[:, None] / SPACING_HZ - np.arange(NOISE_BANDS)
    weights = np.maximum(1 - np.abs(distance), 0)
    weights[0] *= 0.5
    total = weights.sum(axis=0)
    pooled: NDArray[np.float64] = weights / np.where(total > 0, total, 1)
    return pooled


def noise_from_gaps(grids: Grids, first: int, count: int, harmonics: int) -> NDArray[np.float32]:
    """Return the power between the harmonics, shape (count, 65); -1 where there are no gaps.

    That is beyond harmonic `harmonics`, or where there is nothing but harmonics below Nyquist.
    """
    power = np.full((count, NOISE_BANDS), -1, np.float32)
    f0 = grids.f0_hz[first - grids.first_frame :]
    for spectra in phase_spectra(
        grids,
        first,
        count,
        harmonics=harmonics,
        least_periods=_GAP_PERIODS,
        least_s=_GAP_S,
    ):
        _pool_gaps(
            spectra.frames,
            spectra.periods,
            spectra.power,
            1 / spectra.noise_gain,
            f0[spectra.frames],
            0.5 * grids.rates[0],
            TERMS,
            power,
        )
    return power


@entry_point
def _pool_gaps(frames, periods, spectra, scale, f0_hz, nyquist_hz, terms, power):  # type: ignore[no-untyped-def]
    """Average, in a triangle around each point, the bins at least `terms` from all harmonics."""
    sums = np.zeros(NOISE_BANDS)
    weights = np.zeros(NOISE_BANDS)
    for row in range(len(frames)):
        sums[:] = 0
        weights[:] = 0
        bin_hz = f0_hz[row] / periods
        # Wide enough that every point sees at least the gaps on both sides of it.
        width = max(1.0, f0_hz[row] / SPACING_HZ)
        highest = 0.0
        for gap in range(spectra.shape[1] // periods + 1):
            for offset in range(terms, periods - terms + 1):
                index = gap * periods + offset
                position = index * bin_hz / SPACING_HZ
                if index >= spectra.shape[1] or index * bin_hz >= nyquist_hz:
                    break
                highest = position
                first = max(0, int(np.ceil(position - width)))
                last = min(NOISE_BANDS - 1, int(position + width))
                for point in range(first, last + 1):
                    weight = 1 - abs(point - position) / width
                    sums[point] += weight * spectra[row, index]
                    weights[point] += weight
        for point in range(NOISE_BANDS):
            if weights[point] > 0 and point <= highest + 0.5:
                power[frames[row], point] = scale[row] * sums[point] / weights[point]
