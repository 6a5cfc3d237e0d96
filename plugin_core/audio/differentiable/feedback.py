"""A loop of one to three FM operators as one step of a graph: serial in time, so a Numba scan.

The first operator's phase is moved by the last one's two samples before, times a strength; each
moves the next one's phase.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from plugin_core.audio.jit import entry_point

Samples = NDArray[np.float32]


def feedback_loop(phases: Tensor, gains: Tensor, strength: float) -> Tensor:
    """Return every operator's output, shape (operators, batch, samples), float32.

    `phases` and `gains` have that shape too, in radians, operators in the order of computation.
    `strength` is radians per radian of the sum of the last operator's last two outputs, which are
    0 before the first sample.
    """
    sounds: Tensor = _Loop.apply(phases, gains, strength)  # type: ignore[no-untyped-call]
    return sounds


class _Loop(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, phases: Tensor, gains: Tensor, strength: float) -> Tensor:
        own = phases.detach().float().contiguous().numpy()
        amplitudes = gains.detach().float().contiguous().numpy()
        out = np.zeros_like(own)
        run_loop(out, own, amplitudes, strength)
        ctx.arrays, ctx.strength = (out, own, amplitudes), strength
        return torch.from_numpy(out)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        of_out = gradients[0].float().contiguous().numpy()
        out, own, amplitudes = ctx.arrays
        of_phases, of_gains = np.zeros_like(own), np.zeros_like(own)
        run_back(of_phases, of_gains, of_out, out, own, amplitudes, ctx.strength)
        return torch.from_numpy(of_phases), torch.from_numpy(of_gains), None


@entry_point
def run_loop(out: Samples, phases: Samples, gains: Samples, strength: float) -> None:
    """Write the outputs; all of shape (operators, batch, samples)."""
    operators, batch, samples = out.shape
    for item in range(batch):
        last = before = 0.0
        for n in range(samples):
            moved = strength * (last + before)
            for op in range(operators):
                moved = gains[op, item, n] * math.sin(phases[op, item, n] + moved)
                out[op, item, n] = moved
            before = last
            last = moved


@entry_point
def run_back(
    of_phases: Samples,
    of_gains: Samples,
    of_out: Samples,
    out: Samples,
    phases: Samples,
    gains: Samples,
    strength: float,
) -> None:
    """Write the gradients with respect to phases and gains, from the last sample to the first.

    A phase's gradient is the gradient of everything that moves it: the operator before, and at the
    loop's start the two samples before.
    """
    operators, batch, samples = out.shape
    for item in range(batch):
        next_phase = after_next = 0.0
        for n in range(samples - 1, -1, -1):
            reaching = strength * (next_phase + after_next)
            for op in range(operators - 1, -1, -1):
                moved = 0.0
                if op > 0:
                    moved += out[op - 1, item, n]
                else:
                    for before in range(1, min(n, 2) + 1):
                        moved += strength * out[operators - 1, item, n - before]
                at = phases[op, item, n] + moved
                of_y = of_out[op, item, n] + reaching
                reaching = of_y * gains[op, item, n] * math.cos(at)
                of_phases[op, item, n] = reaching
                of_gains[op, item, n] = of_y * math.sin(at)
            after_next = next_phase
            next_phase = reaching
