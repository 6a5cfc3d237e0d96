"""A picture's worth of spectrum: level in dB over time and logarithmic frequency."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Audio

LOWEST_HZ, HIGHEST_HZ = 40.0, 16000.0
"""The frequencies that a report shows."""

_WINDOW_S = 0.09
_FRAMES_PER_COLUMN = 4
_BATCH = 128
_ZERO_PADDING = 2


class Spectrogram:
    """The picture of audio that comes piece by piece.

    Rows divide `low_hz`..`high_hz` evenly in octaves, lowest first; above half the sample rate they
    stay silent. A row shows the loudest frequency in its band, a column the loudest of a few
    frames in its span of the `samples` to come.
    """

    def __init__(
        self,
        samples: int,
        sample_rate: float,
        *,
        columns: int = 900,
        rows: int = 180,
        low_hz: float = LOWEST_HZ,
        high_hz: float = HIGHEST_HZ,
    ) -> None:
        size = 1 << round(np.log2(_WINDOW_S * sample_rate))
        per_column = int(np.clip(np.ceil(samples / columns / size), 1, _FRAMES_PER_COLUMN))
        frames = columns * per_column
        centres = (np.arange(frames) + 0.5) * samples / frames
        self._starts = np.rint(centres - size / 2).astype(np.int64)
        self._window = np.hanning(size + 1)[:-1].astype(np.float32)
        self._window *= 2 / self._window.sum()
        self._edges = np.geomspace(low_hz, high_hz, rows + 1) * (_ZERO_PADDING * size / sample_rate)
        self._power = np.zeros((rows, columns, per_column), np.float32)
        self._done = 0
        self._heard = np.zeros(size, np.float32)
        self._begin = -size

    def feed(self, audio: Audio) -> None:
        """Take the next samples, shape (channels, samples)."""
        self._heard = np.concatenate([self._heard, audio.mean(axis=0)])
        size = len(self._window)
        power = self._power.reshape(len(self._power), -1)
        whole = self._starts[self._starts + size <= self._begin + len(self._heard)]
        for first in range(self._done, len(whole), _BATCH):
            starts = whole[first : first + _BATCH] - self._begin
            pieces = self._heard[starts[:, np.newaxis] + np.arange(size)] * self._window
            squared = np.square(np.abs(np.fft.rfft(pieces, _ZERO_PADDING * size)))
            power[:, first : first + len(starts)] = _bands(squared, self._edges)
        self._done = len(whole)
        kept = self._starts[self._done] if self._done < len(self._starts) else self._begin
        dropped = int(np.clip(kept - self._begin, 0, len(self._heard)))
        self._heard = self._heard[dropped:]
        self._begin += dropped

    def levels_db(self) -> NDArray[np.float32]:
        """Return what was heard in dB, shape (rows, columns); a full-scale sine is 0."""
        self.feed(np.zeros((1, len(self._window)), np.float32))
        loudest = np.maximum(self._power.max(axis=2), 1e-14)
        return np.asarray(10 * np.log10(loudest), np.float32)


def _bands(power: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return `power`, shape (frames, bins), by bands between `edges` in bins, shape (rows, frames).

    A band's value is its loudest bin; between bins, where bands are narrower, it is interpolated.
    """
    bins = power.shape[1]
    position = np.clip(np.sqrt(edges[:-1] * edges[1:]), 0, bins - 1.001)
    below = position.astype(np.int64)
    weight = (position - below).astype(np.float32)
    bands = power[:, below] * (1 - weight) + power[:, below + 1] * weight
    first, last = np.ceil(edges[:-1]).astype(np.int64), np.floor(edges[1:]).astype(np.int64)
    wide = (last > first) & (last < bins - 1)
    if wide.any():
        pairs = np.stack([first[wide], last[wide] + 1], axis=1).ravel()
        bands[:, wide] = np.maximum.reduceat(power, pairs, axis=1)[:, ::2]
    bands[:, first >= bins - 1] = 0
    return bands.T
