"""Loudness of audio per frame: A-weighted power in dB, as DDSP measures it.

Engel et al. 2020, appendix B.1 (after Hantrakul et al. 2019): the power spectrum of a Hann window,
weighted by the A curve, pooled over all frequencies, in dB. Ours differs in its reference alone:
0 dB is a full-scale sine at 1 kHz, at every sample rate.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from plugin_core.types import FRAME_RATE, Mono

FLOOR_DB = -120.0
"""What silence measures."""

_WINDOW_S = 2048 / 48000
_BATCH = 256


def frame_count(samples: int, sample_rate: float) -> int:
    """Return how many frames a recording has: one at 0 s and one every 4 ms to its end."""
    return int(samples * FRAME_RATE / sample_rate) + 1


def frame_positions(first: int, count: int, sample_rate: float) -> NDArray[np.int64]:
    """Return the samples nearest to frames `first` .. `first + count - 1`, shape (count,)."""
    return np.round(np.arange(first, first + count) * (sample_rate / FRAME_RATE)).astype(np.int64)


def a_weighting(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the A curve as a factor on power, 1 at 1 kHz (IEC 61672-1, annex E)."""
    square = np.square(frequencies_hz)
    response = (12194.217**2 * square**2) / (
        (square + 20.598997**2)
        * np.sqrt((square + 107.65265**2) * (square + 737.86223**2))
        * (square + 12194.217**2)
    )
    weight: NDArray[np.float64] = np.square(response * 10 ** (1.9997 / 20))
    return weight


def loudness_db(
    audio: Mono,
    sample_rate: float,
    *,
    first_frame: int = 0,
    frames: int | None = None,
    first_sample: int = 0,
) -> NDArray[np.float32]:
    """Return A-weighted loudness in dB relative to full scale, shape (frames,), not below -120.

    `audio` has shape (samples,). The window is 2048 samples at 48 kHz, as long in seconds at other
    rates, centred on each frame; what lies outside of `audio` counts as silence. For a piece of a
    longer recording, `first_sample` is where it begins, and `first_frame` and `frames` say which
    frames to measure (default: all).

    Raises ValueError if `audio` is not one-dimensional.
    """
    if audio.ndim != 1:
        raise ValueError(f"loudness_db takes audio of shape (samples,), found {audio.shape}")
    if frames is None:
        frames = frame_count(first_sample + len(audio), sample_rate) - first_frame
    half = max(round(_WINDOW_S * sample_rate / 2), 1)
    size = fft.next_fast_len(2 * half, real=True)
    window = (0.5 + 0.5 * np.cos(np.pi * (np.arange(2 * half) - half) / half)).astype(np.float32)
    # Over the one-sided spectrum, a full-scale sine holds size * sum(window^2) / 4.
    weight = a_weighting(fft.rfftfreq(size, 1 / sample_rate)) * 4 / (size * np.sum(window**2))
    weight = weight.astype(np.float32)

    starts = frame_positions(first_frame, frames, sample_rate) - first_sample - half
    before = max(0, -int(starts.min(initial=0)))
    after = max(0, int(starts.max(initial=0)) + 2 * half - len(audio))
    padded = np.pad(np.asarray(audio, np.float32), (before, after))
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)

    power = np.empty(frames, np.float64)
    for start in range(0, frames, _BATCH):
        piece = views[starts[start : start + _BATCH] + before] * window
        spectrum = fft.rfft(piece, size)
        power[start : start + _BATCH] = (spectrum.real**2 + spectrum.imag**2) @ weight
    return (10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))).astype(np.float32)
