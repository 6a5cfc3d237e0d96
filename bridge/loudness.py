"""Integrated loudness of a stereo or mono programme, in LUFS: ITU-R BS.1770-4, fed piece by piece.

K-weighting is applied by fast convolution with the impulse response of the standard's two filters,
which has died away (below -200 dB) after a tenth of a second; so a long programme never stands in
memory, and no filter runs sample by sample.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Audio

_RESPONSE_S = 0.125
_STEP_S = 0.1
_BLOCK_STEPS = 4
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691

_SHELF = (1681.974450955533, 0.7071752369554196, 3.999843853973347)
_HIGHPASS = (38.13547087602444, 0.5003270373238773)
"""Frequency in Hz, quality and gain in dB of the analogue filters behind the coefficients that
BS.1770 prints for 48 kHz, so that other rates can be served (De Man 2014)."""


def weighting(frequencies_hz: NDArray[np.float64], sample_rate: float) -> NDArray[np.complex128]:
    """Return the K-weighting filters' response at `frequencies_hz`."""
    z = np.exp(-2j * np.pi * frequencies_hz / sample_rate)

    f0, quality, gain_db = _SHELF
    k = np.tan(np.pi * f0 / sample_rate)
    high = 10 ** (gain_db / 20)
    middle = high**0.4996667741545416
    shelf = (
        (high + middle * k / quality + k * k)
        + 2 * (k * k - high) * z
        + (high - middle * k / quality + k * k) * z**2
    ) / ((1 + k / quality + k * k) + 2 * (k * k - 1) * z + (1 - k / quality + k * k) * z**2)

    f0, quality = _HIGHPASS
    k = np.tan(np.pi * f0 / sample_rate)
    total = 1 + k / quality + k * k
    highpass = (1 - 2 * z + z**2) / (
        1 + 2 * (k * k - 1) / total * z + (1 - k / quality + k * k) / total * z**2
    )
    response: NDArray[np.complex128] = shelf * highpass
    return response


class LoudnessMeter:
    """Measures integrated loudness of audio that comes in pieces of any length."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._reach = int(np.ceil(_RESPONSE_S * sample_rate))
        self._size = 1 << int(np.ceil(np.log2(8 * self._reach)))
        frequencies = np.linspace(0, sample_rate / 2, self._size // 2 + 1)
        self._response = weighting(frequencies, sample_rate).astype(np.complex64)
        self._history = np.zeros((channels, self._reach), np.float32)
        self._pending = np.zeros((channels, 0), np.float32)
        self._step = round(_STEP_S * sample_rate)
        self._carry = np.zeros(0)
        self._energies: list[NDArray[np.float64]] = []

    def feed(self, audio: Audio) -> None:
        """Take the next samples, shape (channels, samples)."""
        self._pending = np.concatenate([self._pending, audio], axis=1)
        hop = self._size - self._reach
        whole = self._pending.shape[1] // hop * hop
        for start in range(0, whole, hop):
            self._weigh(self._pending[:, start : start + hop])
        self._pending = self._pending[:, whole:].copy()

    def _weigh(self, audio: Audio) -> None:
        """Filter one piece (overlap-save) and keep the power of each step of 100 ms."""
        piece = np.concatenate([self._history, audio], axis=1)
        spectrum = np.fft.rfft(piece, self._size) * self._response
        weighted = np.fft.irfft(spectrum, self._size)[:, self._reach : piece.shape[1]]
        self._history = piece[:, -self._reach :].copy()
        power = np.concatenate([self._carry, np.square(weighted, dtype=np.float64).sum(axis=0)])
        steps = len(power) // self._step
        self._energies.append(power[: steps * self._step].reshape(steps, self._step).mean(axis=1))
        self._carry = power[steps * self._step :]

    def integrated(self) -> float | None:
        """Return the gated loudness so far in LUFS; None if too short or too quiet to have one."""
        if self._pending.shape[1]:
            self._weigh(self._pending)
            self._pending = self._pending[:, :0]
        steps = np.concatenate([*self._energies, np.zeros(0)])
        if len(steps) < _BLOCK_STEPS:
            return None
        blocks = np.convolve(steps, np.full(_BLOCK_STEPS, 1 / _BLOCK_STEPS), mode="valid")
        audible = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
        if len(audible) == 0:
            return None
        loud = audible[_lufs(audible) > _lufs(audible.mean()) + _RELATIVE_GATE]
        return float(_lufs(loud.mean()))


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    loudness: NDArray[np.float64] = _OFFSET + 10 * np.log10(np.maximum(power, 1e-30))
    return loudness
