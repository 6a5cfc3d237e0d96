"""The TCN of Caspe et al. 2022, section 3.2, in PyTorch, as the paper describes it: for parity."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from plugin_core.audio.nn import pack_conv, pack_dense
from plugin_core.engine.ddx7_layout import (
    DILATIONS,
    INPUTS,
    NOISE_FLOOR,
    TAPS,
    WEIGHTS,
    WIDTH,
    Ddx7Layer,
    Playing,
)
from plugin_core.types import NOISE_BANDS

from .ddx7_organ import put


class Block(nn.Module):
    """Two causal convolutions with weight norm, dropout, and a way around them."""

    def __init__(self, inputs: int, outputs: int, dilation: int, is_last: bool) -> None:
        super().__init__()
        self.a = weight_norm(nn.Conv1d(inputs, WIDTH, TAPS, dilation=dilation))
        self.b = weight_norm(nn.Conv1d(WIDTH, outputs, TAPS, dilation=dilation))
        self.skip = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else None
        self.dropout = nn.Dropout(0.5)
        self.padding = (TAPS - 1) * dilation
        self.is_last = is_last

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = torch.relu(self.a(functional.pad(x, (self.padding, 0))))
        y = self.b(functional.pad(self.dropout(hidden), (self.padding, 0)))
        y = self.dropout(y if self.is_last else torch.relu(y))
        return y + (x if self.skip is None else self.skip(x)), hidden


class Twin(nn.Module):
    """Inputs (frames, 2) -> shares (frames, 6) and noise (frames, 65)."""

    def __init__(self) -> None:
        super().__init__()
        last = len(DILATIONS) - 1
        self.blocks = nn.ModuleList(
            Block(
                INPUTS if n == 0 else WIDTH, 6 if n == last else WIDTH, dilation, is_last=n == last
            )
            for n, dilation in enumerate(DILATIONS)
        )
        self.noise = nn.Linear(WIDTH, NOISE_BANDS)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        stream = x.T[None]
        for block in self.blocks:
            stream, hidden = block(stream)
        noise = torch.sigmoid(self.noise(hidden[0].T))
        return torch.sigmoid(stream[0].T), 2.0 * noise ** np.log(10.0) + NOISE_FLOOR

    def packed(self) -> np.ndarray:
        """Return the flat array of weights, its tables all zeros."""
        weights = np.zeros(WEIGHTS, np.float32)
        for index, block in enumerate(self.blocks):
            put(weights, Ddx7Layer(2 * index), pack_conv(*_numbers(block.a)))
            put(weights, Ddx7Layer(2 * index + 1), pack_conv(*_numbers(block.b)))
        for layer, block in (
            (Ddx7Layer.SKIP_IN, self.blocks[0]),
            (Ddx7Layer.SKIP_OUT, self.blocks[-1]),
        ):
            weight, bias = _numbers(block.skip)
            put(weights, layer, pack_dense(weight[:, :, 0], bias))
        put(weights, Ddx7Layer.NOISE, pack_dense(*_numbers(self.noise)))
        return weights


def _numbers(layer: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def playing_row(**values: float) -> np.ndarray:
    """Return the table PLAYING, zeros but for what is given by name."""
    row = np.zeros(len(Playing), np.float32)
    for name, value in values.items():
        row[Playing[name]] = value
    return row


def random_twin(seed: int) -> Twin:
    """Return a twin whose hidden values neither die nor burst."""
    torch.manual_seed(seed)
    twin = Twin().eval()
    for parameter in twin.parameters():
        nn.init.normal_(parameter, 0.0, 0.6 if parameter.dim() > 1 else 0.3)
    for block in twin.blocks:
        for conv in (block.a, block.b):
            nn.init.constant_(conv.parametrizations.weight.original0, 1.0)
    return twin
