"""Rooms, noise floors, microphones and bandwidths that a recording might have had.

What a model hears after training comes from other rooms and machines than the corpus. Each copy of
a recording is drawn from its seed alone; its length and the times of its notes stay.
"""

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from plugin_core.analysis.resampling import resample
from plugin_core.types import Mono

_TILT_DB = 8.0
_TILT_NODES_HZ = (60.0, 250.0, 1000.0, 4000.0, 16000.0)
_ROOM_SHARE, _NOISE_SHARE, _NARROW_SHARE = 0.5, 0.6, 0.2
_ROOM_DECAY_S = (0.15, 1.2)
_ROOM_LEVEL_DB = (-26.0, -8.0)
_SIGNAL_TO_NOISE_DB = (25.0, 60.0)
_NARROW_RATE = 16000
_GAIN_DB = 6.0


def vary(audio: Mono, sample_rate: int, seed: int) -> tuple[Mono, int]:
    """Return another recording of the same performance and its sample rate.

    `audio` has shape (samples,); the result is as long in seconds. A smooth equalizer within
    +-8 dB and a gain within +-6 dB always, a room for half of the seeds, a noise floor 25 to 60 dB
    under the loud passages for six in ten, and a bandwidth of 8 kHz for a fifth.
    """
    draw = np.random.default_rng(seed)
    varied = _equalize(audio, sample_rate, draw)
    if draw.random() < _ROOM_SHARE:
        varied = varied + _room(varied, sample_rate, draw)
    if draw.random() < _NOISE_SHARE:
        varied = varied + _floor(varied, draw)
    varied = varied * np.float32(10 ** (draw.uniform(-_GAIN_DB, _GAIN_DB) / 20))
    peak = float(np.abs(varied).max(initial=0.0))
    if peak > 1:
        varied = varied / np.float32(peak)
    if draw.random() < _NARROW_SHARE and sample_rate > _NARROW_RATE:
        return resample(varied.astype(np.float32), sample_rate, _NARROW_RATE), _NARROW_RATE
    return varied.astype(np.float32), sample_rate


def _equalize(audio: Mono, sample_rate: int, draw: np.random.Generator) -> Mono:
    # Zero-phase, by an FFT of the whole: onsets stay where they are.
    nodes_db = draw.uniform(-_TILT_DB, _TILT_DB, len(_TILT_NODES_HZ))
    spectrum = np.fft.rfft(audio)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(audio), 1 / sample_rate), 1.0))
    gains_db = np.interp(octaves, np.log2(_TILT_NODES_HZ), nodes_db)
    equalized: NDArray[np.float64] = np.fft.irfft(spectrum * 10 ** (gains_db / 20), len(audio))
    return equalized.astype(np.float32)


def _room(audio: Mono, sample_rate: int, draw: np.random.Generator) -> Mono:
    """Return the room's answer: exponentially decaying noise convolved with the audio."""
    decay_s = draw.uniform(*_ROOM_DECAY_S)
    times_s = np.arange(round(decay_s * sample_rate)) / sample_rate
    response = draw.standard_normal(len(times_s)) * 10 ** (-3 * times_s / decay_s)
    level = 10 ** (draw.uniform(*_ROOM_LEVEL_DB) / 20)
    response *= level / np.sqrt((response**2).sum())
    answer: Mono = scipy.signal.oaconvolve(audio, response)[: len(audio)].astype(np.float32)
    return answer


def _floor(audio: Mono, draw: np.random.Generator) -> Mono:
    """Return noise between white and pink, as far under the loud passages as is drawn."""
    spectrum = np.fft.rfft(draw.standard_normal(len(audio)))
    slope = draw.uniform(0.0, 0.5)
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** slope
    noise = np.fft.irfft(spectrum, len(audio))
    loud = np.sqrt(np.quantile(audio.astype(np.float64) ** 2, 0.95) / 2)
    level = loud * 10 ** (-draw.uniform(*_SIGNAL_TO_NOISE_DB) / 20)
    scaled: Mono = (noise * level / max(float(noise.std()), 1e-12)).astype(np.float32)
    return scaled
