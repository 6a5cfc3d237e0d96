"""Log-mel spectrum of audio per frame: what DDSP Inference hears (MIDI-DDSP, section 3.1).

A frame's window is about 21 ms long at every sample rate and is centred at the frame's time, so
recordings of any rate give features of one meaning; bands above the Nyquist frequency are silent.
"""

import functools

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from plugin_core.types import FRAME_RATE, Mono

MELS = 128
FLOOR = 1e-6
"""Amplitude of a sine in one band below which nothing is told apart."""

_WINDOW_S = 1024 / 48000
_LOWEST_HZ = 30.0
_HIGHEST_HZ = 24000.0
_BLOCK = 2048


def log_mel(
    audio: Mono, sample_rate: float, frames: int, *, gain: float = 1.0
) -> NDArray[np.float32]:
    """Return the natural logarithm of the amplitude in every band, shape (frames, 128).

    `audio` has shape (samples,), frame i is centred at i / 250 s, and `gain` is applied to the
    amplitudes; nothing is below ln 1e-6. A sine in a band's middle reads its amplitude. Raises
    ValueError if `audio` is not one-dimensional.
    """
    if audio.ndim != 1:
        raise ValueError(f"audio of shape (samples,), found {audio.shape}")
    length = 2 * round(_WINDOW_S * sample_rate / 2)
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    window *= np.float32(2 * gain / window.sum())
    size = 2 ** int(np.ceil(np.log2(2 * length)))
    bank = _mel_bank(sample_rate, size)
    starts = np.rint(np.arange(frames) * (sample_rate / FRAME_RATE)).astype(np.int64)
    before = length // 2
    missing = max(0, (int(starts[-1]) if frames else 0) + length - before - len(audio))
    padded = np.pad(audio.astype(np.float32, copy=False), (before, missing))
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    features = np.empty((frames, MELS), np.float32)
    for first in range(0, frames, _BLOCK):
        block = windows[starts[first : first + _BLOCK]] * window
        spectrum = scipy.fft.rfft(block, size, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2) @ bank
        # A Hann window spreads a sine's power over 1.5 bins of its own length.
        power *= np.float32(length / (1.5 * size))
        features[first : first + _BLOCK] = 0.5 * np.log(np.maximum(power, FLOOR**2))
    return features


@functools.cache
def _mel_bank(sample_rate: float, size: int) -> NDArray[np.float32]:
    """Return triangles over the bins, shape (size // 2 + 1, 128); a band's peak gain is 1."""

    def mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
        values: NDArray[np.float64] = 1127.0 * np.log1p(np.asarray(hz) / 700.0)
        return values

    bins_hz = np.fft.rfftfreq(size, 1 / sample_rate)
    edges = np.linspace(mel(_LOWEST_HZ), mel(_HIGHEST_HZ), MELS + 2)
    edges_hz = 700.0 * np.expm1(edges / 1127.0)
    centres_hz = edges_hz[1:-1]
    # Low bands are as wide as a window can tell apart, or some would hear nothing.
    half_hz = np.maximum((edges_hz[2:] - edges_hz[:-2]) / 2, 1 / _WINDOW_S)
    bank = np.maximum(0.0, 1 - np.abs(bins_hz[:, None] - centres_hz) / half_hz)
    return bank.astype(np.float32)
