"""Audio that waits on disk between the passes of a render: a `.npy` file of (channels, samples).

Pieces are mapped only while they are read or written, so that the length of a session does not show
in memory.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from plugin_core.types import Audio


@dataclass(frozen=True)
class Scratch:
    """Audio in the file `path`."""

    path: Path

    @classmethod
    def empty(cls, path: Path, *, channels: int, samples: int) -> "Scratch":
        """Make a file of silence."""
        open_memmap(path, mode="w+", dtype=np.float32, shape=(channels, samples))
        return cls(path)

    def save(self, audio: Audio) -> None:
        """Make the file, holding `audio`."""
        np.save(self.path, audio)

    def read(self, start: int, stop: int) -> Audio:
        """Return the samples from `start` up to `stop` or the end, shape (channels, samples)."""
        mapped: Audio = np.load(self.path, mmap_mode="r")
        return np.array(mapped[:, start:stop])

    def write(self, start: int, audio: Audio) -> None:
        """Put `audio` where sample `start` is."""
        mapped: Audio = np.load(self.path, mmap_mode="r+")
        mapped[:, start : start + audio.shape[1]] = audio
