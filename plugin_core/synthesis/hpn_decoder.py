"""The baseline of DDX7 in PyTorch: the DDSP decoder with harmonics and noise, to be trained.

`hpn_kernels` tells what it computes and runs it without PyTorch (Caspe et al. 2022, section 5.2.1;
Engel et al. 2020, appendix B.2). 4.3 million parameters.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.audio.nn import pack_dense, pack_gru, pack_norm
from plugin_core.engine.ddx7_layout import INPUTS, NOISE_FLOOR, NOISE_PEAK, NOISE_POWER
from plugin_core.synthesis.hpn_kernels import HIDDEN, OUTPUTS, STACK, hpn_layout
from plugin_core.types import HARMONICS, NOISE_BANDS

_PARTS = [1, HARMONICS, NOISE_BANDS]
_NOISE_AT_FIRST = -4.0
"""The head's bias of the noise bands: about -80 dB, where instruments have them."""


class Sound(NamedTuple):
    """What the decoder says, as natural logarithms, of B excerpts of F frames."""

    amplitude: Tensor
    """Sum of the harmonics' peak amplitudes, shape (B, F)."""
    shares: Tensor
    """Of every harmonic, shape (B, F, 100); their exponentials sum to 1."""
    noise: Tensor
    """Noise magnitudes, shape (B, F, 65)."""


def _stack(inputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(STACK):
        layers += [nn.Linear(HIDDEN if index else inputs, HIDDEN), nn.LayerNorm(HIDDEN)]
        layers += [nn.LeakyReLU(0.01)]
    return nn.Sequential(*layers)


class HpnDecoder(nn.Module):
    """Loudness and pitch to harmonics and noise."""

    def __init__(self) -> None:
        super().__init__()
        self.pitch, self.loudness = _stack(1), _stack(1)
        self.gru = nn.GRU(2 * HIDDEN, HIDDEN, batch_first=True)
        self.leave = _stack(HIDDEN + INPUTS)
        self.head = nn.Linear(HIDDEN, OUTPUTS)
        with torch.no_grad():
            self.head.bias[1 + HARMONICS :] += _NOISE_AT_FIRST

    def forward(self, inputs: Tensor) -> Sound:
        """Return the sound of `inputs`, shape (B, F, 2): loudness and pitch as `ddx7_inputs` has.

        Before the first frame the memory is zeros.
        """
        remembered, _ = self.gru(self.entered(inputs))
        return self.said(self.hidden(inputs, remembered))

    def entered(self, inputs: Tensor) -> Tensor:
        """Return what the GRU reads of `inputs`, shape (B, F, 1024)."""
        loudness, pitch = inputs[..., :1], inputs[..., 1:]
        return torch.cat((self.pitch(pitch), self.loudness(loudness)), dim=-1)

    def hidden(self, inputs: Tensor, remembered: Tensor) -> Tensor:
        """Return what the head reads, shape (B, F, 512), of `inputs` and the GRU's states."""
        loudness, pitch = inputs[..., :1], inputs[..., 1:]
        hidden: Tensor = self.leave(torch.cat((remembered, pitch, loudness), dim=-1))
        return hidden

    def said(self, hidden: Tensor) -> Sound:
        """Return the sound of what the head reads."""
        raw = NOISE_POWER * nn.functional.logsigmoid(self.head(hidden))
        levels = torch.log(NOISE_PEAK * torch.exp(raw) + NOISE_FLOOR)
        amplitude, harmonics, noise = torch.split(levels, _PARTS, dim=-1)
        return Sound(amplitude.squeeze(-1), torch.log_softmax(harmonics, dim=-1), noise)


def pack_hpn(decoder: HpnDecoder) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return a decoder as the kernels take it: the flat weights and the layer table."""

    def array(tensor: Tensor) -> NDArray[np.float32]:
        values: NDArray[np.float32] = tensor.detach().cpu().numpy().astype(np.float32)
        return values

    def packed_stack(stack: nn.Sequential) -> list[NDArray[np.float32]]:
        numbers = []
        for layer in stack:
            if isinstance(layer, nn.Linear):
                numbers.append(pack_dense(array(layer.weight), array(layer.bias)))
            elif isinstance(layer, nn.LayerNorm):
                numbers.append(pack_norm(array(layer.weight), array(layer.bias)))
        return numbers

    unit: Any = decoder.gru
    of_gru = (unit.weight_ih_l0, unit.weight_hh_l0, unit.bias_ih_l0, unit.bias_hh_l0)
    numbers = [
        *packed_stack(decoder.pitch),
        *packed_stack(decoder.loudness),
        pack_gru(*(array(each) for each in of_gru)),
        *packed_stack(decoder.leave),
        pack_dense(array(decoder.head.weight), array(decoder.head.bias)),
    ]
    return np.concatenate(numbers), hpn_layout()
