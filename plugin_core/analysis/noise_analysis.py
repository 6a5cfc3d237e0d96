"""Noise magnitudes per frame, at 0, 375 .. 24000 Hz, from between the harmonics or from all.

Units are those of `Frames.noise`: 1 is white noise uniform in +-1 at 48 kHz. The functions that
measure return power, the square of magnitude.

A spectrum of noise scatters around its density like an exponential variable, and what is no noise
(side lobes, the sidebands of an unsteady tone) only ever adds to it. So bins are averaged by a low
power of them, close to the geometric mean, and corrected by what that does to noise.
"""

from math import gamma

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter1d

from plugin_core.analysis.loudness import frame_positions
from plugin_core.analysis.phase_spectra import TERMS, PhaseSpectra, Window
from plugin_core.audio.jit import entry_point
from plugin_core.types import NOISE_BANDS, Mono

SPACING_HZ = 375.0

GAP_WINDOW = Window(
    periods=(8, 10, 12, 16, 20, 24, 32, 40, 48, 56, 64, 80, 96),
    least_s=0.024,
    bins_per_harmonic=(2, 5, 6, 8, 10, 6, 8, 10, 12, 14, 16, 20, 24),
)
"""Eight periods are the shortest that leave a bin between harmonics free of both."""

_WINDOW_S = 0.0106
_BATCH = 256
_EXPONENT = 0.2
_EXPECTED = gamma(1 + _EXPONENT)
_SHARPENINGS = 4
_SLOPE_FRAMES = 9


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
    taper = (np.sqrt(scale) * window).astype(np.float32)
    pooling = _pooling(fft.rfftfreq(size, 1 / sample_rate)).astype(np.float32)
    power = np.empty((frames, NOISE_BANDS), np.float32)
    for start in range(0, frames, _BATCH):
        piece = views[starts[start : start + _BATCH] + before] * taper
        spectrum = fft.rfft(piece, size)
        low_powers = (spectrum.real**2 + spectrum.imag**2) ** np.float32(_EXPONENT)
        power[start : start + _BATCH] = (low_powers @ pooling / _EXPECTED) ** (1 / _EXPONENT)
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


def reach_beyond(harmonics: int, f0_hz: float) -> int:
    """Return up to which harmonic spectra must go for `noise_from_gaps`.

    As far as harmonic `harmonics` is felt in `noise_from_all`; from there on that is better.
    """
    return harmonics + int(np.ceil(2 * (SPACING_HZ + 1 / _WINDOW_S) / f0_hz))


def noise_from_gaps(
    spectra: PhaseSpectra,
    f0_hz: NDArray[np.float64],
    sample_rate: float,
    harmonics: int,
    power: NDArray[np.float32],
) -> None:
    """Enter into `power`, shape (frames, 65), what stands between the harmonics of `spectra`.

    `spectra` are seen through GAP_WINDOW and go up to `reach_beyond(harmonics, ...)`; `f0_hz`,
    shape (frames,), is that of all frames. Just beyond `harmonics` everything counts as noise;
    where the spectra end, `power` stays what it is.
    """
    _pool_gaps(
        spectra.frames,
        spectra.periods,
        spectra.periods // spectra.bins_per_harmonic,
        spectra.power ** np.float32(_EXPONENT),
        1 / spectra.noise_gain,
        f0_hz[spectra.frames],
        0.5 * sample_rate,
        harmonics,
        power,
    )


@entry_point
def _pool_gaps(frames, periods, step, low_powers, scale, f0_hz, nyquist_hz, harmonics, power):  # type: ignore[no-untyped-def]
    """Average, in a triangle around each point, the bins at least TERMS from all harmonics.

    Of `periods` bins per harmonic, every `step`-th is there.
    """
    sums = np.zeros(NOISE_BANDS)
    weights = np.zeros(NOISE_BANDS)
    for row in range(len(frames)):
        sums[:] = 0
        weights[:] = 0
        bin_points = f0_hz[row] / periods / SPACING_HZ
        # Wide enough that a point sees the gaps to both sides, and some bins where all scatter.
        width = max(1.0, 14 * bin_points)
        highest = 0.0
        for entry in range(low_powers.shape[1]):
            index = entry * step
            gap = index // periods
            offset = index - gap * periods
            if gap <= harmonics and offset < TERMS:
                continue
            if gap < harmonics and offset > periods - TERMS:
                continue
            position = index * bin_points
            if position * SPACING_HZ >= nyquist_hz:
                break
            highest = position
            first = max(0, int(np.ceil(position - width)))
            last = min(NOISE_BANDS - 1, int(position + width))
            for point in range(first, last + 1):
                weight = 1 - abs(point - position) / width
                sums[point] += weight * low_powers[row, entry]
                weights[point] += weight
        # The last point sees only the bins below it, but at Nyquist there is no more to see.
        reach = highest - 0.5 if highest * SPACING_HZ < nyquist_hz - SPACING_HZ else highest + 0.5
        for point in range(NOISE_BANDS):
            if weights[point] > 0 and point <= reach:
                mean = sums[point] / (weights[point] * _EXPECTED)
                power[frames[row], point] = scale[row] * mean ** (1 / _EXPONENT)


def sharpened(magnitudes: NDArray[np.float32], sample_rate: float) -> NDArray[np.float32]:
    """Return the parameters whose noise has the density `magnitudes`, shape (frames, 65).

    The synthesizer's short filters smooth its curve by a quarter to either side; this undoes it as
    far as positive magnitudes can (the iteration of Richardson 1972 and Lucy 1974, stopped early).
    What is undone is the slope of some frames together, not the scatter of each.
    """
    points = min(NOISE_BANDS, int(sample_rate / 2 / SPACING_HZ) + 1)
    slow = uniform_filter1d(magnitudes[:, :points], _SLOPE_FRAMES, axis=0, mode="nearest")
    target = np.maximum(slow, np.float32(1e-20))
    sharp = target
    for _ in range(_SHARPENINGS):
        sharp = sharp * _smoothed(target / _smoothed(sharp))
    result = magnitudes.copy()
    result[:, :points] *= sharp / target
    return result


def _smoothed(curve: NDArray[np.float32]) -> NDArray[np.float32]:
    mirrored = np.concatenate([curve[:, 1:2], curve, curve[:, -2:-1]], axis=1)
    quarter, half = np.float32(0.25), np.float32(0.5)
    smoothed: NDArray[np.float32] = quarter * (mirrored[:, :-2] + mirrored[:, 2:]) + half * curve
    return smoothed
