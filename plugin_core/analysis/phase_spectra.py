"""Spectra over whole periods around each frame, from audio on its phase grid.

With a window of M periods, harmonic k is bin k M. The windows here are sums of cosines, whose
transform is zero from their number of terms on: harmonics at least that many bins apart do not leak
into each other, and the bins in the middle between them hold none of them. Only some of the bins
are wanted; taking every n-th bin of a DFT is the DFT of the sum of n equal parts of its input.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from plugin_core.analysis.phase_grid import FLAT_BELOW, Grids, interpolator_gain
from plugin_core.types import Mono

TERMS = 4
_COSINES = (0.355768, -0.487396, 0.144232, -0.012604)
"""Nuttall's window with continuous first derivative: side lobes below -93 dB."""

_BATCH_POINTS = 1 << 17
_FAR_APART = 32


@dataclass(frozen=True, slots=True)
class Window:
    """How many periods to look at."""

    periods: tuple[int, ...]
    """Lengths to choose from, ascending, multiples of the bins per harmonic of each."""
    least_s: float
    """Where one of them reaches it, the window is at least this long."""
    bins_per_harmonic: tuple[int, ...]
    """How many bins are kept from one harmonic to the next, for each length."""

    def choose(self, f0_hz: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the length for each f0."""
        index = np.searchsorted(self.periods, self.least_s * f0_hz)
        return np.minimum(index, len(self.periods) - 1)


class PhaseSpectra(NamedTuple):
    """Power spectra of some frames that share a grid."""

    frames: NDArray[np.int64]
    """Which ones, counted from the first frame that was asked for."""
    periods: int
    """Periods in the window."""
    bins_per_harmonic: int
    power: NDArray[np.float32]
    """Squared peak amplitude a sinusoid would have, shape (frames, bins); 0 above Nyquist."""
    noise_gain: NDArray[np.float64]
    """What white noise of magnitude 1 (see `Frames.noise`) measures, shape (frames,)."""


def phase_spectra(
    grids: Grids, first: int, count: int, harmonics: int, windows: tuple[Window, ...]
) -> Iterator[tuple[PhaseSpectra, ...]]:
    """Yield spectra through each window of frames `first` .. `first + count - 1`, group by group.

    A spectrum goes up to harmonic `harmonics`, or to Nyquist.
    """
    chosen = slice(first - grids.first_frame, first - grids.first_frame + count)
    f0, cycles = grids.f0_hz[chosen], grids.cycles[chosen]
    traits = np.stack([*grids.choose(f0, harmonics), *(each.choose(f0) for each in windows)])
    for kind in np.unique(traits, axis=1).T:
        members = np.flatnonzero((traits == kind[:, None]).all(axis=0))
        level, points, *lengths = kind.tolist()
        longest = max(w.periods[i] for w, i in zip(windows, lengths, strict=True))
        per_batch = max(1, _BATCH_POINTS // (points * longest))
        # What lies between frames far apart is not read.
        for run in np.split(members, np.flatnonzero(np.diff(members) > _FAR_APART) + 1):
            for start in range(0, len(run), per_batch):
                frames = run[start : start + per_batch]
                centres = np.round(cycles[frames] * points).astype(np.int64)
                begin = int(centres[0]) - points * longest // 2
                size = int(centres[-1] - centres[0]) + points * longest
                grid = grids.read(level, points, begin, size)
                yield tuple(
                    _spectra(
                        grid,
                        centres - begin,
                        frames,
                        f0[frames] / grids.rates[level],
                        grids.rates[level],
                        (points, window.periods[i], window.bins_per_harmonic[i]),
                        harmonics,
                    )
                    for window, i in zip(windows, lengths, strict=True)
                )


def _spectra(
    grid: Mono,
    centres: NDArray[np.int64],
    frames: NDArray[np.int64],
    f0: NDArray[np.float64],
    rate: float,
    sizes: tuple[int, int, int],
    harmonics: int,
) -> PhaseSpectra:
    """Return the spectra of the `frames` with these `centres`; `f0` is in sample rates."""
    points, periods, per_harmonic = sizes
    taper, energy = _taper(points, periods)
    parts = periods // per_harmonic
    views = np.lib.stride_tricks.sliding_window_view(grid, points * periods)
    segments = views[centres - points * periods // 2]
    folded = np.einsum(
        "fpn,pn->fn", segments.reshape(len(frames), parts, -1), taper.reshape(parts, -1)
    )
    bins = min(harmonics * per_harmonic + 1, points * per_harmonic // 2 + 1)
    spectrum = fft.rfft(folded)[:, :bins]
    power = np.square(spectrum.real) + np.square(spectrum.imag)

    frequency = np.arange(bins) / per_harmonic * f0[:, None]
    steep = int(np.searchsorted(frequency.max(axis=0), FLAT_BELOW))
    gain = interpolator_gain(frequency[:, steep:])
    power[:, steep:] *= np.where(frequency[:, steep:] < 0.5, gain**-2.0, 0)
    # Noise of magnitude 1 has a variance of 1/3 in the 24 kHz below 24 kHz.
    variance = points * f0 * rate / 2 / (3 * 24000)
    return PhaseSpectra(frames, periods, per_harmonic, power, energy * variance)


@lru_cache(maxsize=256)
def _taper(points: int, periods: int) -> tuple[NDArray[np.float32], float]:
    """Return a window that makes amplitudes of a DFT, and what noise of variance 1 measures."""
    size = points * periods
    angle = 2 * np.pi * np.arange(size) / size
    window = np.sum([a * np.cos(k * angle) for k, a in enumerate(_COSINES)], axis=0)
    total = np.sum(window)
    return (window * (2 / total)).astype(np.float32), float(4 * np.sum(window**2) / total**2)
