"""Spectra over whole periods around each frame, from audio on its phase grid.

With a window of M periods, harmonic k is bin k M. The windows here are sums of cosines, whose
transform is zero from their number of terms on: harmonics at least that many bins apart do not leak
into each other, and the bins in the middle between them hold none of them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from plugin_core.analysis.phase_grid import Grids, interpolator_gain

TERMS = 4
_COSINES = (0.355768, -0.487396, 0.144232, -0.012604)
"""Nuttall's window with continuous first derivative: side lobes below -93 dB."""

_PERIODS = np.array([4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 24, 27, 30, 32, 36, 40, 48, 64])
_BATCH_POINTS = 1 << 18


class PhaseSpectra(NamedTuple):
    """Power spectra of some frames that share a grid."""

    frames: NDArray[np.int64]
    """Which ones, counted from the first frame that was asked for."""
    periods: int
    """Periods in the window, M: bin b is at b / M times the fundamental."""
    power: NDArray[np.float32]
    """Squared peak amplitude a sinusoid would have, shape (frames, bins)."""
    noise_gain: NDArray[np.float64]
    """What white noise of magnitude 1 (see `Frames.noise`) measures, shape (frames,)."""


def cosine_window(size: int) -> NDArray[np.float64]:
    """Return the window of `size` points, centred on point size / 2."""
    angle = 2 * np.pi * np.arange(size) / size
    return np.asarray(sum(a * np.cos(k * angle) for k, a in enumerate(_COSINES)))


def window_energy(window: NDArray[np.float64]) -> float:
    """Return what white noise of variance 1 per point measures as squared peak amplitude."""
    return float(4 * np.sum(window**2) / np.sum(window) ** 2)


def phase_spectra(
    grids: Grids,
    first: int,
    count: int,
    *,
    harmonics: int,
    least_periods: int,
    least_s: float,
) -> Iterator[PhaseSpectra]:
    """Yield the spectra of frames `first` .. `first + count - 1`, class by class.

    The window of a frame is at least `least_periods` long and at least `least_s`; a spectrum goes
    up to harmonic `harmonics` and a half, or to Nyquist.
    """
    chosen = slice(first - grids.first_frame, first - grids.first_frame + count)
    f0, cycles = grids.f0_hz[chosen], grids.cycles[chosen]
    level, points = grids.choose(f0, harmonics)
    least = np.maximum(least_periods, np.ceil(least_s * f0))
    periods = _PERIODS[np.minimum(np.searchsorted(_PERIODS, least), len(_PERIODS) - 1)]
    for key in sorted(set(zip(level.tolist(), points.tolist(), periods.tolist(), strict=True))):
        members = np.flatnonzero((level == key[0]) & (points == key[1]) & (periods == key[2]))
        per_batch = max(1, _BATCH_POINTS // (key[1] * key[2]))
        # Frames far apart are read apart, so that nothing between them is.
        for run in np.split(members, np.flatnonzero(np.diff(members) > 32) + 1):
            for start in range(0, len(run), per_batch):
                part = run[start : start + per_batch]
                yield _spectra(grids, part, f0[part], cycles[part], key, harmonics)


def _spectra(
    grids: Grids,
    frames: NDArray[np.int64],
    f0: NDArray[np.float64],
    cycles: NDArray[np.float64],
    key: tuple[int, int, int],
    harmonics: int,
) -> PhaseSpectra:
    level, points, periods = key
    size = points * periods
    window = cosine_window(size)
    starts = np.round(cycles * points).astype(np.int64) - size // 2
    grid = grids.read(level, points, int(starts[0]), int(starts[-1] - starts[0]) + size)
    views = np.lib.stride_tricks.sliding_window_view(grid, size)[starts - starts[0]]
    bins = min(int((harmonics + 0.5) * periods) + 1, size // 2 + 1)
    spectrum = fft.rfft(views * (2 / np.sum(window) * window).astype(np.float32))[:, :bins]
    power = np.square(spectrum.real) + np.square(spectrum.imag)

    rate = grids.rates[level]
    frequency = np.arange(bins) / periods * f0[:, None] / rate
    gain = interpolator_gain(frequency)
    power *= np.where(frequency < 0.5, 1 / gain**2, 0).astype(np.float32)
    # Noise of magnitude 1 has a variance of 1/3 in the 24 kHz below 24 kHz.
    variance = (points * f0 / 2) / (3 * 24000)
    return PhaseSpectra(frames, periods, power, window_energy(window) * variance)
