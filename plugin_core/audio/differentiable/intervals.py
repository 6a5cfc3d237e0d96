"""The samples of audio sorted by the pair of frames that they lie between, as a grid of tensors.

Row i holds the samples from frame i (i / 250 s) to just before frame i + 1, as many as the longest
interval has; where frames do not fall on samples (44.1 kHz), the last column of some rows is not
used.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from plugin_core.types import FRAME_RATE


@dataclass(frozen=True, slots=True)
class Intervals:
    """Where the samples lie between the frames; see the module."""

    count: int
    """Rows: intervals that have samples."""
    width: int
    """Columns: samples of the longest interval."""
    first: Tensor
    """First sample of every interval, shape (count,), int64."""
    position: Tensor
    """Place of every sample between its frames, 0..1, shape (count, width), float64."""
    place: Tensor | None
    """Index of every sample in the flat grid, shape (samples,); None if it is its own number."""

    def join(self, grid: Tensor, samples: int) -> Tensor:
        """Return the audio, shape (batch, samples), of a grid of shape (batch, count, width)."""
        flat = grid.flatten(1)
        return flat[:, :samples] if self.place is None else flat[:, self.place]


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept must serve training too
def intervals(sample_rate: int, samples: int, device: torch.device) -> Intervals:
    """Return the grid of `samples` samples from time 0 on."""
    if sample_rate < FRAME_RATE or samples < 1:
        raise ValueError(
            f"expected a sample rate of at least {FRAME_RATE} and at least one sample, "
            f"found {sample_rate} and {samples}"
        )
    count = (samples - 1) * FRAME_RATE // sample_rate + 1
    width = -(-sample_rate // FRAME_RATE)
    # Whole numbers: sample n lies n * 250 / rate frames from the start, exactly.
    row = torch.arange(count, device=device)
    first = -(-row * sample_rate // FRAME_RATE)
    column = torch.arange(width, device=device)
    scaled = (first[:, None] + column) * FRAME_RATE - row[:, None] * sample_rate
    place = None
    if sample_rate % FRAME_RATE:
        sample = torch.arange(samples, device=device)
        of_row = sample * FRAME_RATE // sample_rate
        place = of_row * width + sample - first[of_row]
    return Intervals(count, width, first, scaled.double() / sample_rate, place)


def ends(frames: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the values at the start and at the end of every interval, each (batch, count, ...).

    After the last frame its value stays. `frames` has shape (batch, frames, ...).
    """
    needed = count + 1
    if frames.shape[1] < needed:
        last = frames[:, -1:].expand(-1, needed - frames.shape[1], *frames.shape[2:])
        frames = torch.cat((frames, last), dim=1)
    return frames[:, :count], frames[:, 1:needed]
