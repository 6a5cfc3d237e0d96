"""The room of an instrument without PyTorch: what `differentiable.reverb` has learned, applied.

out = (1 - mix) * dry + mix * (response * dry); the response begins one sample after the direct
sound (Engel et al. 2020, section 4.4).
"""

from math import gcd

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from plugin_core.types import Mono

_RESPONSES_AT_ONCE = 4
"""A block is convolved in pieces of at most so many times the response."""


class Room:
    """A room that takes audio block by block and rings on from block to block.

    Blocks of a second or more are cheapest: each is convolved with the whole response by FFT.
    """

    def __init__(self, response: NDArray[np.floating], mix: float) -> None:
        """Set up a room by its response, shape (length,), and its share, 0..1.

        Raises ValueError for anything else.
        """
        if response.ndim != 1 or not np.isfinite(response).all() or not 0.0 <= mix <= 1.0:
            raise ValueError(
                "expected a finite response of one dimension and a mix of 0..1, "
                f"found shape {response.shape} and {mix}"
            )
        self._mix = mix
        self._delayed = np.concatenate(([0.0], response.astype(np.float64)))
        self._ringing = np.zeros(len(response))
        self._spectrum = np.zeros(0, np.complex128)
        self._size = 0

    def process(self, audio: Mono) -> Mono:
        """Return the next block in the room, shape (samples,) as given."""
        if len(audio) == 0 or self._mix == 0.0:
            return audio.astype(np.float32)
        most = _RESPONSES_AT_ONCE * len(self._delayed)
        pieces = [self._process(audio[at : at + most]) for at in range(0, len(audio), most)]
        return np.concatenate(pieces)

    def _process(self, audio: Mono) -> Mono:
        dry = audio.astype(np.float64)
        wet = self._convolved(dry)
        wet[: len(self._ringing)] += self._ringing
        self._ringing = wet[len(audio) :]
        out: Mono = (dry + self._mix * (wet[: len(audio)] - dry)).astype(np.float32)
        return out

    def _convolved(self, dry: NDArray[np.float64]) -> NDArray[np.float64]:
        count = len(dry) + len(self._delayed) - 1
        size = scipy.fft.next_fast_len(count, real=True)
        if size != self._size:
            self._size, self._spectrum = size, scipy.fft.rfft(self._delayed, size)
        wet: NDArray[np.float64] = scipy.fft.irfft(scipy.fft.rfft(dry, size) * self._spectrum, size)
        return wet[:count]

    def ring_out(self) -> Mono:
        """Return what rings on after the last block, shape (length of the response,)."""
        ringing, self._ringing = self._ringing, np.zeros_like(self._ringing)
        return (self._mix * ringing).astype(np.float32)


def reverberate(audio: Mono, response: NDArray[np.floating], mix: float) -> Mono:
    """Return audio, shape (samples,), in a room, without what rings on; see `Room`."""
    return Room(response, mix).process(audio)


def response_at_rate(
    response: NDArray[np.floating], from_rate: int, to_rate: int
) -> NDArray[np.float64]:
    """Return a room's response, shape (length,), as it is at another sample rate.

    Nothing above the lower of the two Nyquist frequencies; as long in seconds, rounded up.
    """
    shared = gcd(from_rate, to_rate)
    up, down = to_rate // shared, from_rate // shared
    count = -(-len(response) * up // down)
    # Half of it is silence, into which what rings before the beginning goes round.
    periods = -(-2 * len(response) // down)
    spectrum = scipy.fft.rfft(response.astype(np.float64), periods * down)
    # Both are scaled by their length: the quotient is what the spacing of the samples asks for.
    resampled: NDArray[np.float64] = scipy.fft.irfft(spectrum, periods * up)
    return resampled[:count]
