"""Frames at another pitch, with the resonances of the instrument where they were."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from plugin_core.types import Frames

_SILENT = 1e-7
_BEYOND_DB_PER_OCTAVE = -24.0
_BATCH = 4096


def transpose(frames: Frames, semitones: float) -> Frames:
    """Return the frames with f0 moved by `semitones`; level and noise stay.

    The spectral envelope stays at its frequencies, as the body of an instrument does; what sets
    neighbouring harmonics apart (the odd ones of a clarinet) stays with their numbers. Raises
    ValueError unless `semitones` is finite.
    """
    if not np.isfinite(semitones):
        raise ValueError(f"semitones must be finite, found {semitones}")
    if semitones == 0:
        return frames
    ratio = 2 ** (semitones / 12)
    return replace(
        frames,
        f0_hz=(frames.f0_hz * ratio).astype(np.float32),
        harmonics=envelope_kept(frames.harmonics, ratio),
    )


def envelope_kept(harmonics: NDArray[np.float32], ratio: float) -> NDArray[np.float32]:
    """Return the distribution for `ratio` times the f0 under the same envelope, (frames, K)."""
    moved = np.empty_like(harmonics)
    for first in range(0, len(harmonics), _BATCH):
        part = slice(first, first + _BATCH)
        moved[part] = _moved(harmonics[part], ratio)
    return moved


def _moved(harmonics: NDArray[np.float32], ratio: float) -> NDArray[np.float32]:
    count = harmonics.shape[1]
    peak = np.maximum(harmonics.max(axis=1, keepdims=True), 1e-30)
    levels_db = 20 * np.log10(np.maximum(harmonics / peak, _SILENT))
    # The envelope rests on the louder of neighbours, so that a weak harmonic makes no hole in it.
    envelope_db = gaussian_filter1d(
        maximum_filter1d(levels_db, 3, axis=1, mode="nearest"), 1.0, axis=1, mode="nearest"
    )
    read = np.arange(1, count + 1) * ratio
    before = np.clip(np.floor(read).astype(np.int64), 1, count) - 1
    after = np.minimum(before + 1, count - 1)
    share = np.clip(read - 1 - before, 0.0, 1.0)
    there_db = envelope_db[:, before] + share * (envelope_db[:, after] - envelope_db[:, before])
    there_db = there_db + _BEYOND_DB_PER_OCTAVE * np.log2(np.maximum(read / count, 1.0))
    shares = 10 ** ((levels_db + there_db - envelope_db) / 20) * (harmonics > 0)
    sums = harmonics.sum(axis=1, keepdims=True)
    total = shares.sum(axis=1, keepdims=True)
    return np.asarray(shares * sums / np.where(total > 0, total, 1.0), dtype=np.float32)
