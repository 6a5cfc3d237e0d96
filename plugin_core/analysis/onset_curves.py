"""What tells of onsets besides pitch: level, spectral flux and brightness of audio per frame.

In: audio at any rate. Out: curves at 250 frames a second, frame i centred at i / 250 s, from one
spectrogram in bands a quarter octave wide, of windows short enough to tell when.
The flux is that of Böck and Widmer 2013 (SuperFlux: each band against the loudest of its neighbours
before, so that vibrato is no onset), in dB above a floor under the recording's own level.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from plugin_core.analysis.loudness import frame_count, frame_positions
from plugin_core.types import Mono

WINDOW_S = 0.024
LAG_FRAMES = 4
"""The flux compares with 16 ms before: of windows of 24 ms, a third overlaps."""

_LOWEST_HZ = 50.0
_HIGHEST_HZ = 16000.0
_BANDS_PER_OCTAVE = 4
_HIGH_HZ = 2500.0
_BATCH = 1024
_RANGE_DB = 70.0
_SILENCE_DB = -120.0


class OnsetCurves(NamedTuple):
    """Levels of every frame. Of an hour they take 70 MB; they can be measured piece by piece."""

    level_db: NDArray[np.float32]
    """Power in the window, dB, shape (frames,): 0 is a full-scale sine, at least -120."""
    high_db: NDArray[np.float32]
    """Power above 2.5 kHz, likewise."""
    bands_db: NDArray[np.float16]
    """Power in each band, likewise, shape (frames, bands)."""


def onset_curves(
    audio: Mono,
    sample_rate: float,
    *,
    first_frame: int = 0,
    frames: int | None = None,
    first_sample: int = 0,
) -> OnsetCurves:
    """Return the curves of `audio`, shape (samples,); what lies outside of it counts as silence.

    For a piece of a longer recording, `first_sample` is where it begins, and `first_frame` and
    `frames` say which frames to measure (default: all); pieces overlap by WINDOW_S.
    Raises ValueError for another shape.
    """
    if audio.ndim != 1:
        raise ValueError(f"onset curves need audio of shape (samples,), found {audio.shape}")
    if frames is None:
        frames = frame_count(first_sample + len(audio), sample_rate) - first_frame
    window = max(2 * round(WINDOW_S * sample_rate / 2), 2)
    points = fft.next_fast_len(2 * window, real=True)
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    taper *= 2.0 / taper.sum()
    edges = _band_edges(sample_rate, points)
    high = int(np.ceil(_HIGH_HZ * points / sample_rate))
    # The power of a sine spreads over bins, of a Hann window 1.5 times its peak in all.
    spread = 1.5 * points / window
    padded = np.pad(audio.astype(np.float32, copy=False), window)
    views = np.lib.stride_tricks.sliding_window_view(padded, window)
    starts = frame_positions(first_frame, frames, sample_rate) - first_sample + window // 2
    starts = np.clip(starts, 0, len(views) - 1)
    bands_db = np.empty((frames, len(edges) - 1), np.float16)
    level_db, high_db = np.empty((2, frames), np.float32)
    for first in range(0, frames, _BATCH):
        part = slice(first, first + _BATCH)
        power = np.abs(fft.rfft(views[starts[part]] * taper, points, axis=1)) ** 2 / spread
        bands_db[part] = _db(np.add.reduceat(power, edges, axis=1)[:, :-1])
        level_db[part] = _db(power.sum(axis=1))
        high_db[part] = _db(power[:, high:].sum(axis=1))
    return OnsetCurves(level_db, high_db, bands_db)


def spectral_flux(curves: OnsetCurves, reference_db: float) -> NDArray[np.float32]:
    """Return the mean rise of the bands over the last 16 ms, dB, falls as 0, shape (frames,).

    `reference_db` is the level of the loud passages; what is 70 dB below it counts as nothing.
    """
    flux = np.empty(len(curves.level_db), np.float32)
    floor_db = np.float32(reference_db - _RANGE_DB)
    for first in range(0, len(flux), _BATCH):
        context = max(first - LAG_FRAMES, 0)
        bands = curves.bands_db[context : first + _BATCH].astype(np.float32)
        heights = np.maximum(bands - floor_db, 0.0)
        lag = np.maximum(np.arange(first, context + len(heights)) - LAG_FRAMES, 0) - context
        neighbours = np.pad(heights[lag], ((0, 0), (1, 1)))
        before = np.maximum(np.maximum(neighbours[:, :-2], neighbours[:, 2:]), neighbours[:, 1:-1])
        rises = np.maximum(heights[first - context :] - before, 0.0)
        flux[first : first + _BATCH] = rises.mean(axis=1)
    return flux


def _band_edges(sample_rate: float, points: int) -> NDArray[np.int64]:
    highest = min(_HIGHEST_HZ, 0.45 * sample_rate)
    octaves = max(np.log2(highest / _LOWEST_HZ), 1.0)
    hz = _LOWEST_HZ * 2 ** (np.arange(int(octaves * _BANDS_PER_OCTAVE) + 1) / _BANDS_PER_OCTAVE)
    return np.unique(np.clip(np.round(hz * points / sample_rate).astype(np.int64), 1, points // 2))


def _db(power: NDArray[np.float32]) -> NDArray[np.float32]:
    levels: NDArray[np.float32] = np.maximum(10.0 * np.log10(power + 1e-20), _SILENCE_DB)
    return levels.astype(np.float32)
