"""A GRU over a sequence at less than half the cost of PyTorch's, for training on a CPU.

Products are of bfloat16 numbers (sums and all else float32), and the gradients of the weights are
one product over all steps instead of one for each. Measured on one core at 8 x 250 frames, 1024 to
512: 0.33 s forward and backward, against 0.79 s.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_HALF = torch.bfloat16


def half_gru(x: Tensor, gru: nn.GRU) -> Tensor:
    """Return the outputs (B, F, H) of a GRU of one layer for `x`, (B, F, inputs), from zeros on.

    `gru` has batch_first; what it computes itself is the same to about 1 %.
    """
    unit: Any = gru
    outputs: Tensor = _Gru.apply(  # type: ignore[no-untyped-call]
        x, unit.weight_ih_l0, unit.weight_hh_l0, unit.bias_ih_l0, unit.bias_hh_l0
    )
    return outputs


class _Gru(torch.autograd.Function):
    """Gates in the order r, z, n, as PyTorch's; time comes first inside."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, from_input: Tensor, from_state: Tensor, bias: Tensor, own_bias: Tensor
    ) -> Tensor:
        batch, frames, inputs = x.shape
        size = from_state.shape[1]
        half_x, half_input = x.transpose(0, 1).to(_HALF), from_input.to(_HALF)
        flat = half_x.reshape(frames * batch, inputs)
        told = (flat @ half_input.t()).float().view(frames, batch, 3 * size) + bias
        half_state = from_state.to(_HALF).t().contiguous()
        state = told.new_zeros(batch, size)
        states, news, recalled = (told.new_empty(frames, batch, size) for _ in range(3))
        gates = told.new_empty(frames, batch, 2 * size)
        for frame in range(frames):
            kept = (state.to(_HALF) @ half_state).float() + own_bias
            gate = torch.sigmoid(told[frame, :, : 2 * size] + kept[:, : 2 * size])
            new = torch.tanh(told[frame, :, 2 * size :] + gate[:, :size] * kept[:, 2 * size :])
            state = new + gate[:, size:] * (state - new)
            states[frame], news[frame], gates[frame] = state, new, gate
            recalled[frame] = kept[:, 2 * size :]
        ctx.save_for_backward(flat, half_input, from_state, states, gates, news, recalled)
        return states.transpose(0, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        flat, half_input, from_state, states, gates, news, recalled = ctx.saved_tensors
        frames, batch, size = states.shape
        of_output = gradients[0].transpose(0, 1)
        half_state = from_state.to(_HALF)
        before = torch.cat((torch.zeros_like(states[:1]), states[:-1]))
        of_told, of_kept = (states.new_empty(frames, batch, 3 * size) for _ in range(2))
        of_state = states.new_zeros(batch, size)
        for frame in range(frames - 1, -1, -1):
            of_state = of_state + of_output[frame]
            reset, update = gates[frame, :, :size], gates[frame, :, size:]
            new = news[frame]
            of_new = of_state * (1 - update) * (1 - new * new)
            of_update = of_state * (before[frame] - new) * update * (1 - update)
            of_reset = of_new * recalled[frame] * reset * (1 - reset)
            of_told[frame] = torch.cat((of_reset, of_update, of_new), dim=1)
            of_kept[frame] = torch.cat((of_reset, of_update, of_new * reset), dim=1)
            of_state = of_state * update + (of_kept[frame].to(_HALF) @ half_state).float()
        told, kept = (each.view(frames * batch, 3 * size) for each in (of_told, of_kept))
        half_told = told.to(_HALF)
        of_x = (half_told @ half_input).float().view(frames, batch, -1).transpose(0, 1)
        past = before.view(frames * batch, size).to(_HALF)
        return (
            of_x,
            (half_told.t() @ flat).float(),
            (kept.to(_HALF).t() @ past).float(),
            told.sum(0),
            kept.sum(0),
        )
