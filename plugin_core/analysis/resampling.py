"""Change of sample rate: the one way in which every part of Hexachord does it."""

from math import gcd

import numpy as np
from scipy.signal import resample_poly

from plugin_core.types import Mono


def resample(audio: Mono, from_rate: int, to_rate: int) -> Mono:
    """Return `audio`, shape (samples,), at `to_rate`, shape (ceil(samples * to / from),).

    A polyphase filter on the reduced integer ratio (scipy.signal.resample_poly with its default
    Kaiser window); sample 0 stays at time 0. At equal rates the samples come back as they are.
    Raises ValueError if `audio` is not one-dimensional or a rate is not a positive whole number.
    """
    if audio.ndim != 1:
        raise ValueError(f"resample takes audio of shape (samples,), found {audio.shape}")
    for rate in (from_rate, to_rate):
        if rate != int(rate) or rate <= 0:
            raise ValueError(f"a sample rate is a positive whole number of Hz, found {rate}")
    if from_rate == to_rate or len(audio) == 0:
        return np.asarray(audio, np.float32)
    common = gcd(int(from_rate), int(to_rate))
    resampled: Mono = resample_poly(
        np.asarray(audio, np.float32), int(to_rate) // common, int(from_rate) // common
    ).astype(np.float32, copy=False)
    return resampled
