"""Audio that waits on disk between the passes of a render, so that its length takes no memory.

A file of interleaved 32-bit floats without a header, written from front to back: nothing is mapped,
so that a full disk is an OSError and no fault of memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plugin_core.types import Audio

_PIECE = 1 << 18


@dataclass(frozen=True)
class Scratch:
    """Audio of `channels` channels in the file `path`."""

    path: Path
    channels: int

    def append(self, audio: Audio) -> None:
        """Add `audio`, shape (channels, samples), at the end."""
        with self.path.open("ab") as file:
            for start in range(0, audio.shape[1], _PIECE):
                piece = audio[:, start : start + _PIECE]
                file.write(np.ascontiguousarray(piece.T, dtype=np.float32).tobytes())

    def pieces(self, samples: int) -> Iterator[Audio]:
        """Yield the first `samples` samples piece by piece."""
        for start in range(0, samples, _PIECE):
            yield self.read(start, min(start + _PIECE, samples))

    def read(self, start: int, stop: int) -> Audio:
        """Return the samples from `start` up to `stop` or the end, shape (channels, samples)."""
        frame = 4 * self.channels
        with self.path.open("rb") as file:
            file.seek(start * frame)
            data = file.read((stop - start) * frame)
        return np.frombuffer(data, np.float32).reshape(-1, self.channels).T.copy()
