"""Log-spectral distance of two sounds: how far their short-time spectra are apart in dB.

    mean over frames of  sqrt(mean over bins of (20 lg S - 20 lg S')^2)

(Gray and Markel 1976), of windows of 2048 samples, a quarter apart, where 0 dB is a full-scale sine
and nothing counts as softer than FLOOR_DB.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Mono

FLOOR_DB = -100.0
_WINDOW = 2048


def log_spectral_distance_db(audio: Mono, reference: Mono) -> float:
    """Return the distance of `audio` from `reference`, both of shape (samples,) and of one rate.

    What is shorter than a window is completed with zeros. Raises ValueError if the two differ in
    length.
    """
    if audio.shape != reference.shape or audio.ndim != 1:
        raise ValueError(
            "a spectral distance is between two signals of one length, shape (samples,), "
            f"found {audio.shape} and {reference.shape}"
        )
    apart = _levels_db(audio) - _levels_db(reference)
    return float(np.sqrt(np.square(apart).mean(axis=1)).mean())


def _levels_db(audio: Mono) -> NDArray[np.float64]:
    padded = np.pad(audio, (0, max(0, _WINDOW - len(audio))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[:: _WINDOW // 4]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    magnitudes = np.abs(np.fft.rfft(frames * (hann * 4 / _WINDOW)))
    levels: NDArray[np.float64] = 20 * np.log10(np.maximum(magnitudes, 10 ** (FLOOR_DB / 20)))
    return levels
