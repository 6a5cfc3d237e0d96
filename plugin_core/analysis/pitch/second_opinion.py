"""The second opinion on octave and voicing: swift-f0, a small neural pitch tracker.

It knows 46.9 to 2093.75 Hz and speaks every 16 ms. The model is loaded at first use (0.1 s).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import TRACKING_RATE

LOOKAHEAD = 4096
"""Samples beyond a frame after which the opinion on it is final."""

KNOWS_HZ = (46.875, 2093.75)
"""The pitches that it can name."""

_FRAMES = 4  # For which one opinion holds.
_SEMITONE = 2 ** (1 / 12)


class SecondOpinion:
    """Opinions on audio at TRACKING_RATE that comes in blocks."""

    def __init__(self, lowest_hz: float, highest_hz: float) -> None:
        lowest, highest = max(lowest_hz, KNOWS_HZ[0]), min(highest_hz, KNOWS_HZ[1])
        self._stream: Any = None
        if highest > _SEMITONE * lowest:  # The model wants that much room.
            self._stream = _detector().stream(lowest, highest)
        self._opinions = np.zeros((2, 0), np.float32)
        self._first = 0

    def add(self, audio: NDArray[np.float32], *, last: bool = False) -> None:
        """Take the next samples."""
        if self._stream is None:
            return
        results = [self._stream.push(audio, TRACKING_RATE)] if len(audio) else []
        if last:
            results.append(self._stream.flush())
        opinions = [np.stack([part.pitch_hz, part.confidence]) for part in results]
        self._opinions = np.concatenate([self._opinions, *opinions], axis=1, dtype=np.float32)

    def on(self, frame: int, frames: int) -> NDArray[np.float32]:
        """Return (f0_hz, confidence), (2, frames), and forget what is before `frame`."""
        if self._opinions.shape[1] == 0:
            return np.zeros((2, frames), np.float32)
        places = (np.arange(frame, frame + frames) + _FRAMES // 2) // _FRAMES - self._first
        opinions = self._opinions[:, np.minimum(places, self._opinions.shape[1] - 1)]
        drop = int(places[0])
        if drop < self._opinions.shape[1]:
            self._opinions = self._opinions[:, drop:]
            self._first += drop
        return opinions


_loaded: list[Any] = []


def _detector() -> Any:
    if not _loaded:
        from swift_f0 import SwiftF0

        _loaded.append(SwiftF0(threads=1, spin=False))
    return _loaded[0]
