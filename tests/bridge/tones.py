"""Tones that the commands of hearing are tried on."""

import numpy as np

RATE = 22050


def tone(key: int, seconds: float = 0.7) -> np.ndarray:
    """A tone of ten harmonics with a short fade at both ends, then 0.15 s of silence."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    hz = 440 * 2 ** ((key - 69) / 12)
    audio = sum(np.sin(2 * np.pi * k * hz * time_s) / k for k in range(1, 11))
    fade = np.clip(np.minimum(time_s, seconds - time_s) / 0.02, 0, 1)
    return np.concatenate([0.2 * audio * fade, np.zeros(int(0.15 * RATE))])
