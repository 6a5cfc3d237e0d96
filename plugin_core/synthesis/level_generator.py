"""The convolutional half of the Synthesis Generator: amplitude, harmonics and noise of every frame.

In: conditioning of the frames (`note_conditioning`) and f0. Out: log levels at 250 frames a second
(MIDI-DDSP, section 3.3, equation 1). Dilated convolutions see about a second to both sides. The
network starts from what the controls alone would say (a level, a geometric spectrum, an even noise)
and learns how an instrument differs from that.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from plugin_core.expression import scales
from plugin_core.synthesis.note_conditioning import HIGHEST_KEY, LOWEST_KEY, PITCHES, WIDTH
from plugin_core.types import HARMONICS, NOISE_BANDS

STRIDE = 2
"""Frames that are worked out together."""
CHANCE = 8
"""Channels of noise in: what no control decides."""

_CHANNELS = 128
_DILATIONS = (1, 2, 4, 8, 16)
_STACKS = 4
_KERNEL = 3
_EMBEDDING = 24
_OUTPUTS = 2 + HARMONICS + NOISE_BANDS


class Levels(NamedTuple):
    """Natural logarithms of synthesis parameters, for batches of B excerpts of F frames."""

    amplitude: Tensor
    """Sum of the harmonics' peak amplitudes, shape (B, F)."""
    harmonics: Tensor
    """Shares, their exponentials sum to 1, shape (B, F, 100)."""
    noise: Tensor
    """Noise magnitudes, shape (B, F, 65)."""


class _Evened(nn.Module):
    """Brings the channels of every frame to one root mean square, then to a learnt gain each.

    Without it some frames would set off an avalanche from layer to layer. (B, C, F) as given.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels, 1))

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps evened out."""
        power = maps.square().mean(dim=1, keepdim=True)
        return maps * torch.rsqrt(power + 1e-5) * self.gain


class _Block(nn.Module):
    """A dilated convolution with a way around it; (B, C, F) as given."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.evened = _Evened(channels)
        reach = dilation * (_KERNEL // 2)
        self.convolution = nn.Conv1d(channels, channels, _KERNEL, dilation=dilation, padding=reach)
        self.leave = nn.Conv1d(channels, channels, 1)
        _silence(self.leave)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps, changed a little."""
        changed: Tensor = self.leave(nn.functional.gelu(self.convolution(self.evened(maps))))
        return maps + changed


class LevelGenerator(nn.Module):
    """Levels of every frame from conditioning, f0 and chance."""

    centres: Tensor

    def __init__(self, instruments: int) -> None:
        super().__init__()
        self.partials, self.bands = HARMONICS, NOISE_BANDS
        self.volume_db = (scales.VOLUME_ZERO_DB, scales.VOLUME_SPAN_DB)
        self.fluctuation_db = scales.FLUCTUATION_SPAN_DB
        self.centroid = scales.BRIGHTNESS_SPAN
        self.attack_db = (scales.ATTACK_NOISE_ZERO_DB, scales.ATTACK_NOISE_SPAN_DB)
        self.neper_per_db = math.log(10.0) / 20.0
        self.instrument = nn.Embedding(instruments, _EMBEDDING)
        self.register_buffer(
            "centres", torch.linspace(LOWEST_KEY, HIGHEST_KEY, PITCHES), persistent=False
        )
        width = WIDTH + PITCHES + 3 + _EMBEDDING + CHANCE
        self.enter = nn.Conv1d(width, _CHANNELS, STRIDE, stride=STRIDE)
        self.blocks = nn.ModuleList(
            _Block(_CHANNELS, dilation) for _ in range(_STACKS) for dilation in _DILATIONS
        )
        self.evened = _Evened(_CHANNELS)
        self.leave = nn.Conv1d(_CHANNELS, STRIDE * _OUTPUTS, 1)
        _silence(self.leave)

    def forward(
        self,
        features: Tensor,
        pitch: Tensor,
        controls: Tensor,
        f0_hz: Tensor,
        instrument: Tensor,
        chance: Tensor,
    ) -> Levels:
        """Return the levels of excerpts of an even number of frames.

        `features`: (B, F, WIDTH); `pitch`: MIDI pitch of the notes, (B, F); `controls`: raw scale,
        (B, F, 6); `f0_hz`: (B, F), over 0; `instrument`: (B,); `chance`: standard normal, (B, F,
        CHANCE).
        """
        key = 69.0 + 12.0 * torch.log2(f0_hz.clamp(min=8.0) / 440.0)
        deviation = (key - pitch).clamp(-3.0, 3.0)
        bells = torch.exp(-0.5 * ((key.unsqueeze(-1) - self.centres) / 3.0) ** 2)
        own = torch.stack(((key - 63.0) / 24.0, deviation, 4.0 * deviation.clamp(-0.5, 0.5)), -1)
        who = self.instrument(instrument).unsqueeze(1).expand(-1, features.shape[1], -1)
        entered = torch.cat((features, bells, own, who, chance), dim=-1)
        maps = self.enter(entered.transpose(1, 2))
        for block in self.blocks:
            maps = block(maps)
        values = self.leave(nn.functional.gelu(self.evened(maps))).transpose(1, 2)
        values = values.reshape(values.shape[0], -1, 2 + self.partials + self.bands)
        return self._levels(values, controls)

    def _levels(self, values: Tensor, controls: Tensor) -> Levels:
        """Return what the controls alone would say plus what the network says, (B, F, ...)."""
        level_db = self.volume_db[0] + self.volume_db[1] * controls[..., 0]
        swing_db = 2.0 + self.fluctuation_db * controls[..., 1]
        amplitude_db = level_db + 6.0 * values[..., 0] + swing_db * values[..., 1]
        # A geometric spectrum of ratio q has its centroid at 1 / (1 - q).
        centroid = (self.centroid * controls[..., 4]).clamp(1.02, 20.0)
        slope = torch.log1p(-1.0 / centroid).unsqueeze(-1)
        numbers = torch.arange(self.partials, device=values.device, dtype=values.dtype)
        leaning = slope * numbers + 3.0 * values[..., 2 : 2 + self.partials]
        attack_db = self.attack_db[0] + self.attack_db[1] * controls[..., 5]
        noise = attack_db.unsqueeze(-1) * self.neper_per_db + 3.0 * values[..., 2 + self.partials :]
        return Levels(amplitude_db * self.neper_per_db, torch.log_softmax(leaning, dim=-1), noise)


def _silence(layer: nn.Module) -> None:
    """Let a layer begin by saying nothing."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
