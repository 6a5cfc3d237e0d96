"""Filtered noise: 65 magnitudes per frame shape white noise that a counter makes.

A frame's magnitudes lie at 0, 375 .. 24000 Hz, linear between, and become a zero-phase FIR filter
1/375 s long (Engel et al. 2020, section 4.3 and appendix B.5, with the crossfade between frames as
below). All frames filter the same white noise; between two frames their outputs crossfade by a Hann
window. Magnitude 1 is the density of noise uniform in +-1 at 48 kHz, at every sample rate.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point
from plugin_core.audio.noise import white
from plugin_core.types import NOISE_BANDS

BAND_SPACING_HZ = 375.0
FULL_DENSITY_RATE = 48_000
"""At this rate magnitude 1 is white noise uniform in +-1."""


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


@entry_point
def fill_white(out: NDArray[np.float32], seed: int, note: int, first: int, scale: float) -> None:
    """Write white noise uniform in +-scale from sample `first` on into `out`, shape (samples,).

    Samples before 0 exist too: filters look back.
    """
    for i in range(len(out)):
        index = np.uint64(np.int64(first + i))
        out[i] = np.float32(scale * white(np.uint64(seed), np.uint64(note), index))


def density_scale(sample_rate: int) -> float:
    """Return the peak of white noise that has magnitude 1 at this rate."""
    return float(np.sqrt(sample_rate / FULL_DENSITY_RATE))
