"""Distances between two sounds over magnitude spectrograms of six window sizes.

    sum over windows of  mean |S - S'|  +  mean |ln S - ln S'|

Three definitions of it are in use; they differ in the scale of S, in what keeps the logarithm
finite and in what happens at the ends. `ISSUE` is the one that Hexachord is judged by; `DDSP` is
that of Engel et al. 2020 (section 4.2.1 and its published code), `DDX7` is equation 5 of Caspe et
al. 2022, with means for norms, as its published code has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.resampling import resample
from plugin_core.types import Mono

RATE = 16000
"""All three are measured at 16 kHz."""

WINDOWS = (64, 128, 256, 512, 1024, 2048)
"""Window lengths in samples; the hop is a quarter of each."""


class Ends(Enum):
    """What surrounds the signal."""

    NONE = "the first window starts at sample 0, the last one ends inside"
    ZEROS_AFTER = "the first window starts at sample 0, zeros complete the last ones"
    MIRROR = "windows are centred on sample 0, hop, 2 hop ..; the signal is mirrored at its ends"


@dataclass(frozen=True, slots=True)
class Definition:
    """How magnitudes become a distance. The window is a periodic Hann everywhere."""

    scale: dict[int, float]
    """Factor on the magnitude of the DFT, per window length."""
    added: float
    """Added to a magnitude before its logarithm is taken."""
    least: float
    """Raised to this before its logarithm is taken."""
    ends: Ends


ISSUE = Definition(
    # 2 / sum(window): a sine of amplitude a in the middle of a bin reads a.
    scale={window: 4 / window for window in WINDOWS},
    added=1e-7,
    least=0.0,
    ends=Ends.NONE,
)
DDSP = Definition(dict.fromkeys(WINDOWS, 1.0), added=0.0, least=1e-5, ends=Ends.ZEROS_AFTER)
DDX7 = Definition(
    {window: window**-0.5 for window in WINDOWS}, added=1e-7, least=0.0, ends=Ends.MIRROR
)


def multi_scale_distance(
    audio: Mono, reference: Mono, sample_rate: int, definition: Definition = ISSUE
) -> float:
    """Return the distance of `audio` from `reference`, both of shape (samples,) and of one rate.

    Both are resampled to 16 kHz first. A signal shorter than the longest window is completed with
    zeros. Raises ValueError if the two differ in length or are empty.
    """
    if audio.shape != reference.shape or audio.ndim != 1 or len(audio) == 0:
        raise ValueError(
            "a spectral distance is between two signals of one length, shape (samples,), "
            f"found {audio.shape} and {reference.shape}"
        )
    pair = np.stack([resample(x, sample_rate, RATE) for x in (audio, reference)])
    return float(
        sum(
            np.mean(np.abs(s[0] - s[1]))
            + np.mean(np.abs(_logarithm(s[0], definition) - _logarithm(s[1], definition)))
            for s in spectrograms(pair, definition)
        )
    )


def spectrograms(audio: Mono, definition: Definition = ISSUE) -> Iterator[NDArray[np.float32]]:
    """Yield magnitudes of `audio`, (..., samples), per window: (..., frames, window // 2 + 1)."""
    for window in WINDOWS:
        hop = window // 4
        padded = _with_ends(audio, window, hop, definition.ends)
        frames = np.lib.stride_tricks.sliding_window_view(padded, window, axis=-1)[..., ::hop, :]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
        taper = (hann * definition.scale[window]).astype(np.float32)
        yield np.abs(np.fft.rfft(frames * taper)).astype(np.float32)


def _with_ends(audio: Mono, window: int, hop: int, ends: Ends) -> Mono:
    samples = audio.shape[-1]
    sides = [(0, 0)] * (audio.ndim - 1)
    if ends is Ends.ZEROS_AFTER:
        return np.pad(audio, [*sides, (0, (-(-samples // hop) - 1) * hop + window - samples)])
    short = max(0, max(WINDOWS) - samples)
    padded = np.pad(audio, [*sides, (0, short)])
    if ends is Ends.MIRROR:
        return np.pad(padded, [*sides, (window // 2, window // 2)], mode="reflect")
    return padded


def _logarithm(magnitude: NDArray[np.float32], definition: Definition) -> NDArray[np.float32]:
    log: NDArray[np.float32] = np.log(np.maximum(magnitude, definition.least) + definition.added)
    return log
