"""The audio that is tracked: any rate in, in blocks of any length; 16 kHz out, frame by frame."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import HOP, REACH, TRACKING_RATE
from plugin_core.analysis.resampling import resample
from plugin_core.types import FRAME_RATE, Mono


class TrackedAudio:
    """Audio at TRACKING_RATE, of which only what is still needed is kept.

    It is resampled in pieces of fixed places with as much around them as the filter reaches, so
    the samples are those of `resample` for the whole, whatever the blocks.
    """

    def __init__(self, sample_rate: int) -> None:
        common = gcd(sample_rate, TRACKING_RATE)
        self._rate = sample_rate
        self._up, self._down = TRACKING_RATE // common, sample_rate // common
        # Pieces and margins of whole cycles of the filter's phase.
        self._piece = self._down * max(1, 4 * sample_rate // self._down)
        reach = 10 * max(self._up, self._down) // self._up + 2
        self._margin = self._down * -(-reach // self._down)
        self._input: Mono = np.zeros(0, np.float32)
        self._input_start = 0
        self._done = 0
        self._received = 0
        self._audio: Mono = np.zeros(0, np.float32)
        self._audio_start = 0

    @property
    def end(self) -> int:
        """How many samples at TRACKING_RATE are known so far."""
        return self._audio_start + len(self._audio)

    def add(self, audio: Mono) -> None:
        """Take the next samples at the sample rate of the input."""
        self._received += len(audio)
        self._input = np.concatenate([self._input, np.asarray(audio, np.float32)])
        pieces = [self._audio]
        while self._received >= self._done + self._piece + self._margin:
            pieces.append(self._resample(self._done + self._piece))
        self._audio = np.concatenate(pieces)

    def finish(self) -> int:
        """Take what is left, followed by silence; return the number of frames of the whole."""
        frames = self._received * FRAME_RATE // self._rate + 1
        pieces = [self._audio]
        while self._done < self._received:
            pieces.append(self._resample(min(self._done + self._piece, self._received)))
        self._audio = np.concatenate([*pieces, np.zeros(2 * REACH, np.float32)])
        return frames

    def _resample(self, end: int) -> Mono:
        start = max(self._done - self._margin, 0)
        stop = min(end + self._margin, self._received)
        part = self._input[start - self._input_start : stop - self._input_start]
        skip = (self._done - start) // self._down * self._up
        samples = -(-(end - self._done) * self._up // self._down)
        self._done = end
        drop = max(end - self._margin, 0) - self._input_start
        self._input = self._input[drop:]
        self._input_start += drop
        return resample(part, self._rate, TRACKING_RATE)[skip : skip + samples]

    def samples(self, start: int, end: int) -> Mono:
        """Return the samples from `start` to `end`, silence before the first."""
        silence = np.zeros(max(-start, 0), np.float32)
        first = max(start, 0) - self._audio_start
        return np.concatenate([silence, self._audio[first : end - self._audio_start]])

    def around(self, frame: int, frames: int) -> NDArray[np.float32]:
        """Return the samples of `frames` frames from `frame` on, REACH before and after."""
        return self.samples(HOP * frame - REACH, HOP * (frame + frames - 1) + REACH)

    def forget(self, frame: int) -> None:
        """Drop what frames from `frame` on do not need."""
        drop = min(max(HOP * frame - REACH - self._audio_start, 0), len(self._audio))
        self._audio = self._audio[drop:]
        self._audio_start += drop
