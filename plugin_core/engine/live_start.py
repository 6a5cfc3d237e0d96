"""What neural voices need of a sample rate: their clock and the table of noise filters."""

import math

import numpy as np

from plugin_core.audio.filtered_noise import BAND_SPACING_HZ
from plugin_core.audio.harmonic import HIGHEST_RATE
from plugin_core.audio.jit import kernel
from plugin_core.engine.live_records import FRAME_S
from plugin_core.engine.patch import Record
from plugin_core.types import NOISE_BANDS

_TAPS_AT_ONCE = 4


@kernel
def start_live(live: Record, sample_rate: float) -> None:
    """Set up what neural voices share for a sample rate."""
    hold = max(1, math.ceil(sample_rate / HIGHEST_RATE))
    rate = sample_rate / hold
    live.hold = np.int32(hold)
    live.sample_rate = rate
    live.frame_samples = FRAME_S * rate
    write_filter_table(live, rate)


@kernel
def write_filter_table(live: Record, rate: float) -> None:
    """Write what `audio.filtered_noise.filter_table` gives, without a Fourier transform.

    Half a period of the filter is `half` samples; the curve of one band is a hat over few bins.
    """
    half = math.floor(rate / BAND_SPACING_HZ / 2.0 + 0.5)
    width = (half + _TAPS_AT_ONCE - 1) // _TAPS_AT_ONCE * _TAPS_AT_ONCE
    live.taps = np.int32(width)
    for band in range(NOISE_BANDS):
        row = live.table[band * width : (band + 1) * width]
        row[:] = np.float32(0.0)
        for tap in range(half):
            window = 0.5 + 0.5 * math.cos(math.pi * tap / half)
            row[tap] = np.float32(window * band_response(band, tap, half, rate))
        row[0] *= np.float32(0.5)


@kernel
def band_response(band: int, tap: int, half: int, rate: float) -> float:
    """Return the impulse response at `tap` of the hat of one band over the bins of a DFT."""
    bin_hz = rate / (2 * half)
    centre = band * BAND_SPACING_HZ / bin_hz
    reach = BAND_SPACING_HZ / bin_hz
    total = 0.0
    for index in range(max(0, math.ceil(centre - reach)), min(half, int(centre + reach)) + 1):
        height = 1.0 - abs(index - centre) / reach
        if height <= 0.0:
            continue
        twice = 1.0 if index == 0 or index == half else 2.0
        total += twice * height * math.cos(math.pi * index * tap / half)
    return total / (2 * half)
