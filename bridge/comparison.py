"""A recording and its resynthesis side by side, piece by piece: distance, outline, spectra."""

import numpy as np
from numpy.typing import NDArray

from bridge.performance_picture import Waveform
from bridge.spectrogram import Spectrogram
from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.types import Mono

_COLUMNS = 1200
_PIECE_S = 20.0


class DistanceMeter:
    """The multi-scale spectral distance of two sounds that come in pieces.

    That of longer sounds is the mean over pieces of 20 s.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._held: list[tuple[Mono, Mono]] = []
        self._measured: list[tuple[float, int]] = []

    def feed(self, original: Mono, resynthesis: Mono) -> None:
        """Take the next samples of both, shapes (samples,)."""
        self._held.append((original, resynthesis))
        if sum(len(piece) for piece, _ in self._held) >= _PIECE_S * self._rate:
            self._measure()

    def distance(self) -> float:
        """Return the distance of what was heard; raises ValueError if that is nothing."""
        self._measure()
        distances, lengths = zip(*self._measured, strict=True)
        return float(np.average(distances, weights=lengths))

    def _measure(self) -> None:
        if not self._held:
            return
        original, resynthesis = (np.concatenate(side) for side in zip(*self._held, strict=True))
        distance = multi_scale_distance(resynthesis, original, self._rate)
        self._measured.append((distance, len(original)))
        self._held.clear()


class Comparison:
    """What a picture shows of two sounds of `samples` samples that come in pieces."""

    def __init__(self, samples: int, sample_rate: int) -> None:
        self._meter = DistanceMeter(sample_rate)
        self._outline = Waveform(samples)
        self._spectra = [Spectrogram(samples, sample_rate, columns=_COLUMNS) for _ in range(2)]

    def feed(self, original: Mono, resynthesis: Mono) -> None:
        """Take the next samples of both, shapes (samples,)."""
        self._meter.feed(original, resynthesis)
        self._outline.feed(original)
        for spectrum, audio in zip(self._spectra, (original, resynthesis), strict=True):
            spectrum.feed(audio[np.newaxis])

    def distance(self) -> float:
        """Return the multi-scale spectral distance, see `DistanceMeter`."""
        return self._meter.distance()

    def outline(self) -> NDArray[np.float32]:
        """Return the least and largest samples of the original, shape (2, columns)."""
        return self._outline.outline()

    def levels_db(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the spectrograms of both."""
        original, resynthesis = (spectrum.levels_db() for spectrum in self._spectra)
        return original, resynthesis
