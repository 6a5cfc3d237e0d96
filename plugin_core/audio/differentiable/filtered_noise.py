"""The noise part in PyTorch: white noise through filters that crossfade, with gradients.

The same sound as `plugin_core.audio.filtered_noise` makes from the same seed.
"""

import math
from functools import lru_cache

import numpy as np
import scipy.fft
import torch
from torch import Tensor

from plugin_core.audio.differentiable.intervals import Intervals, ends, intervals
from plugin_core.audio.filtered_noise import density_scale, fill_white, noise_filters
from plugin_core.types import NOISE_BANDS


def filtered_noise(magnitudes: Tensor, sample_rate: int, samples: int, *, seed: int) -> Tensor:
    """Return noise of shape (batch, samples), float32.

    `magnitudes` has shape (batch, frames, 65): linear, at 0, 375 .. 24000 Hz; frame i is at
    i / 250 s, and the last one stays. Item b of the batch is what the kernel makes as note b of
    `seed`: take another seed for every training step.

    Raises ValueError for a shape other than (batch, frames, 65).
    """
    if magnitudes.dim() != 3 or magnitudes.shape[-1] != NOISE_BANDS:
        raise ValueError(
            f"expected magnitudes (batch, frames, {NOISE_BANDS}), found {tuple(magnitudes.shape)}"
        )
    grid = intervals(sample_rate, samples, magnitudes.device)
    response, reach = _responses(sample_rate, grid.width, magnitudes.device)
    size = 2 * (response.shape[-1] - 1)
    excitation = _white(len(magnitudes), grid, reach, size, sample_rate, seed)
    spectrum = torch.fft.rfft(excitation.to(magnitudes.device))
    start, end = (
        torch.fft.irfft(spectrum * curve, size)[..., reach : reach + grid.width]
        for curve in ends(magnitudes.float() @ response, grid.count)
    )
    fade = torch.sin(grid.position * (math.pi / 2)).square().float()
    return grid.join(start + fade * (end - start), samples)


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept must serve training too
def _responses(sample_rate: int, width: int, device: torch.device) -> tuple[Tensor, int]:
    """Return (frequency responses of the bands' filters, (65, bins), real; taps to each side).

    The bins are those of a DFT of an interval with what the filters reach to both sides: circular
    convolution of that is exact in the middle.
    """
    filters = noise_filters(sample_rate)
    reach = filters.shape[1] // 2
    size = scipy.fft.next_fast_len(width + 2 * reach, real=True)
    size += size % 2
    centred = np.zeros((NOISE_BANDS, size))
    centred[:, np.arange(-reach, reach + 1)] = filters
    # Zero-phase: the transform of an even function is real.
    response = np.fft.rfft(centred).real
    return torch.from_numpy(response.astype(np.float32)).to(device), reach


def _white(
    batch: int, grid: Intervals, reach: int, size: int, sample_rate: int, seed: int
) -> Tensor:
    """Return every interval's white noise with its surroundings, shape (batch, count, size)."""
    first = grid.first.cpu().numpy()
    noise = np.empty((batch, int(first[-1]) + size), dtype=np.float32)
    for note, row in enumerate(noise):
        fill_white(row, seed, note, -reach, density_scale(sample_rate))
    windows = np.lib.stride_tricks.sliding_window_view(noise, size, axis=1)
    return torch.from_numpy(windows[:, first])
