"""A slow, plain harmonic synthesizer in float64: what the analysis is measured against.

f0 and amplitudes are linear between frames at i / 250 s, the phase is the exact integral of f0.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import FRAME_RATE, Mono

Curve = NDArray[np.float64]


def harmonic_tone(f0_hz: Curve, amplitudes: Curve, sample_rate: int) -> Mono:
    """Return the tone with `amplitudes`, shape (frames, harmonics), up to the last frame."""
    time = np.arange((len(f0_hz) - 1) * sample_rate // FRAME_RATE) / sample_rate
    frame = np.minimum((time * FRAME_RATE).astype(np.int64), len(f0_hz) - 2)
    since = time - frame / FRAME_RATE
    slope = np.diff(f0_hz) * FRAME_RATE
    whole = np.concatenate([[0.0], np.cumsum((f0_hz[1:] + f0_hz[:-1]) / 2 / FRAME_RATE)])
    cycles = whole[frame] + f0_hz[frame] * since + slope[frame] * since**2 / 2
    part = since * FRAME_RATE
    tone = np.zeros(len(time))
    for index, amplitude in enumerate(amplitudes.T):
        if amplitude.any():
            gain = amplitude[frame] + part * (amplitude[frame + 1] - amplitude[frame])
            tone += gain * np.sin(2 * np.pi * (index + 1) * cycles)
    return tone.astype(np.float32)


def vibrato(f0_hz: float, frames: int, *, cents: float = 50.0, rate_hz: float = 5.5) -> Curve:
    """Return a pitch curve that swings `cents` to either side."""
    swing = cents / 1200 * np.sin(2 * np.pi * rate_hz * np.arange(frames) / FRAME_RATE)
    curve: Curve = f0_hz * 2.0**swing
    return curve
