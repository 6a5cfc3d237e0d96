"""Tones of known pitch."""

import numpy as np
from numpy.typing import NDArray

RATE = 44100


def tone(f0_hz: NDArray[np.float64], levels: list[float], rate: int = RATE) -> NDArray[np.float32]:
    """Return a sum of harmonics with these peak amplitudes for f0 at every sample."""
    phase = 2 * np.pi * np.cumsum(np.concatenate([[0.0], (f0_hz[1:] + f0_hz[:-1]) / 2])) / rate
    total = np.zeros(len(f0_hz))
    for k, level in enumerate(levels, start=1):
        total += level * np.sin(k * phase + 0.7 * k * k) * (k * f0_hz < 0.48 * rate)
    return (0.2 * total / max(np.abs(total).max(), 1e-9)).astype(np.float32)


def midi_hz(midi_pitch: float) -> float:
    return 440.0 * 2.0 ** ((midi_pitch - 69) / 12)


def at_frames(values: NDArray[np.float64], frames: int, rate: int = RATE) -> NDArray[np.float64]:
    """Return what a value per sample is at every frame."""
    return np.interp(np.arange(frames) / 250, np.arange(len(values)) / rate, values)


def cents(heard: NDArray[np.float32], true: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1200 * np.log2(np.asarray(heard, np.float64) / true)


def noise(samples: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def with_noise(audio: NDArray[np.float32], snr_db: float) -> NDArray[np.float32]:
    level = np.sqrt(np.mean(audio.astype(np.float64) ** 2)) * 10 ** (-snr_db / 20)
    return (audio + level * noise(len(audio))).astype(np.float32)
