"""The harmonic part in PyTorch: a sum of sines at the multiples of f0, with gradients.

The same sound as `plugin_core.audio.harmonic` makes (tested to -80 dB). Between frames, f0 and each
harmonic's amplitude move in straight lines. Harmonics fade out from 0.45 to 0.5 of the sample rate
(at the frames) and are not made up for. A frame without f0 is silent, and the f0 of its neighbour
holds until there. Engel et al. 2020, section 4.2, with exact phases.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from plugin_core.audio import harmonic_batch as kernels
from plugin_core.audio.differentiable.intervals import ends, intervals
from plugin_core.audio.harmonic import FADE_FROM, FADE_TO, HIGHEST_RATE, SCRATCH, aligned
from plugin_core.types import FRAME_RATE, HARMONICS

_COARSE = 4096.0


def harmonic(
    f0_hz: Tensor, amplitude: Tensor, harmonics: Tensor, sample_rate: int, samples: int
) -> Tensor:
    """Return the sum of the harmonics, shape (batch, samples), float32.

    `f0_hz` and `amplitude` have shape (batch, frames), `harmonics` (batch, frames, K): frame i is
    at i / 250 s, and after the last frame everything stays as it was there. Harmonic k has the peak
    amplitude `amplitude * harmonics[k - 1]`. Phases start from 0.

    On a CPU the Numba kernels work, unless f0 wants a gradient (which is hardly ever good for
    anything: sines out of phase say nothing about where the right pitch lies).

    Raises ValueError for shapes that do not fit together.
    """
    if f0_hz.shape != amplitude.shape or harmonics.shape[:-1] != f0_hz.shape or f0_hz.dim() != 2:
        raise ValueError(
            "expected f0 (batch, frames), amplitude (batch, frames), harmonics (batch, frames, K), "
            f"found {tuple(f0_hz.shape)}, {tuple(amplitude.shape)}, {tuple(harmonics.shape)}"
        )
    partials = amplitude[..., None] * harmonics * audible(f0_hz, harmonics.shape[-1], sample_rate)
    if _kernel_can(f0_hz, partials, sample_rate):
        sound: Tensor = _Sines.apply(f0_hz, partials, sample_rate, samples)  # type: ignore[no-untyped-call]
        return sound
    return sum_of_sines(f0_hz, partials, sample_rate, samples)


def _kernel_can(f0_hz: Tensor, partials: Tensor, sample_rate: int) -> bool:
    return (
        f0_hz.device.type == "cpu"
        and not f0_hz.requires_grad
        and partials.dtype == torch.float32
        and partials.shape[-1] <= HARMONICS
        and sample_rate <= HIGHEST_RATE
    )


class _Sines(torch.autograd.Function):
    """The kernels as one step of a graph: forward the sound, backward to the partials."""

    @staticmethod
    def forward(
        ctx: Any, f0_hz: Tensor, partials: Tensor, sample_rate: int, samples: int
    ) -> Tensor:
        frequency = f0_hz.detach().float().contiguous().numpy()
        amplitudes = partials.detach().contiguous().numpy()
        out = np.zeros((len(frequency), samples), dtype=np.float32)
        kernels.sum_of_sines(out, frequency, amplitudes, sample_rate, aligned(SCRATCH))
        ctx.frequency, ctx.shape, ctx.sample_rate = frequency, partials.shape, sample_rate
        return torch.from_numpy(out)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, None, None]:
        of_out = gradients[0].float().contiguous().numpy()
        gradient = np.zeros(ctx.shape, dtype=np.float32)
        scratch = aligned(SCRATCH)
        kernels.gradient_of_sines(gradient, of_out, ctx.frequency, ctx.sample_rate, scratch)
        return None, torch.from_numpy(gradient), None, None


def audible(f0_hz: Tensor, harmonics: int, sample_rate: int) -> Tensor:
    """Return the gain of every harmonic near half the sample rate, shape (batch, frames, K)."""
    number = torch.arange(1, harmonics + 1, device=f0_hz.device)
    frequency = f0_hz[..., None] * number / sample_rate
    gain = ((FADE_TO - frequency) / (FADE_TO - FADE_FROM)).clamp(0.0, 1.0)
    return gain * (f0_hz > 0)[..., None]


def sum_of_sines(f0_hz: Tensor, partials: Tensor, sample_rate: int, samples: int) -> Tensor:
    """Return the sum of harmonics with given amplitudes; gradients reach f0 too.

    Shapes (batch, frames), (batch, frames, K) -> (batch, samples). Needs about
    16 bytes * batch * samples * K of memory.
    """
    grid = intervals(sample_rate, samples, f0_hz.device)
    cycles = integrated_cycles(f0_hz, grid.count, grid.position)
    cycles = cycles - cycles.detach().floor()
    # k * phase needs more digits than float32 has: twelve bits times k are exact, the rest small.
    coarse = (cycles.detach() * _COARSE).round() / _COARSE
    fine = (cycles - coarse).float()[..., None]
    number = torch.arange(1, partials.shape[-1] + 1, device=f0_hz.device, dtype=torch.float32)
    turns = coarse.float()[..., None] * number
    sines = torch.sin(2 * math.pi * (turns - turns.round() + fine * number))
    both = torch.stack(ends(partials.float(), grid.count), dim=-1)
    start, end = torch.matmul(sines, both).unbind(-1)
    return grid.join(start + grid.position.float() * (end - start), samples)


def integrated_cycles(f0_hz: Tensor, count: int, position: Tensor) -> Tensor:
    """Return the phase in cycles, float64, shape (batch, count, width): f0 integrated exactly."""
    start, end = ends(f0_hz.double(), count)
    start, end = torch.where(start > 0, start, end), torch.where(end > 0, end, start)
    whole = (start + end).clamp(min=0.0) / (2 * FRAME_RATE)
    before = torch.cumsum(whole, dim=1) - whole
    within = start[..., None] * position + (end - start)[..., None] * position**2 / 2
    return before[..., None] + within / FRAME_RATE
