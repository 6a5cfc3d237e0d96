"""The chorale network: given a chorale with holes, what may sing in each of them.

A convolutional network over time, the voices and pitches as channels, trained on random holes so
that any subset of the notes can be given: Coconet's model (Huang et al. 2017) at a fraction of its
cost. A column is one beat of all four voices, a hole is one voice's beat, and within a hole the
four sixteenths are drawn one after the other, each knowing the one before.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from plugin_core.composing.chorale import STEPS_PER_BEAT, VOICES
from plugin_core.composing.keys import KEYS
from plugin_core.synthesis.archive import read_archive, write_archive
from plugin_core.types import InputError

KIND = "chorale"
LOWEST = 36
SYMBOLS = 47
"""What a voice can do in a sixteenth: 0 is a rest, s is the MIDI pitch `LOWEST` - 1 + s."""

OUTSIDE = 47
"""The symbol of cells before the beginning and after the end of a piece."""

FURTHEST = 8
"""Beats from the beginning or end beyond which a beat is simply far from it."""

NO_KEY = KEYS
_DILATIONS = (1, 2, 4, 1, 2, 1)
_DROPOUT = 0.1


class _Block(nn.Module):
    """Two convolutions around which the input goes on."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)
        self.first = nn.Conv1d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv1d(channels, channels, 3, padding=1)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        """Return the next features, shape (B, channels, beats)."""
        y = torch.relu(self.first(torch.relu(self.norm(x))))
        result: Tensor = x + self.second(self.dropout(y))
        return result


class ChoraleNetwork(nn.Module):
    """From a chorale with holes to the log odds of every symbol in every sixteenth."""

    def __init__(self, channels: int = 128, voice_channels: int = 64) -> None:
        super().__init__()
        cells = len(VOICES) * STEPS_PER_BEAT
        self.voice_channels = voice_channels
        self.symbols_in = OUTSIDE + 1
        self.cell = nn.EmbeddingBag(cells * self.symbols_in, channels, mode="sum")
        self.hole = nn.Conv1d(len(VOICES), channels, 1, bias=False)
        self.key = nn.Embedding(KEYS + 1, channels)
        self.from_start = nn.Embedding(FURTHEST + 1, channels)
        self.to_end = nn.Embedding(FURTHEST + 1, channels)
        self.blocks = nn.ModuleList([_Block(channels, dilation) for dilation in _DILATIONS])
        self.norm = nn.GroupNorm(1, channels)
        self.voices = nn.Conv1d(channels, len(VOICES) * voice_channels, 1)
        self.before = nn.Embedding(SYMBOLS + 1, voice_channels)
        self.place = nn.Embedding(STEPS_PER_BEAT, voice_channels)
        self.out = nn.Parameter(0.1 * torch.randn(len(VOICES), SYMBOLS, voice_channels))
        self.out_bias = nn.Parameter(torch.zeros(len(VOICES), SYMBOLS))

    def context(
        self, symbols: Tensor, holes: Tensor, key: Tensor, from_start: Tensor, to_end: Tensor
    ) -> Tensor:
        """Return what each voice's beats are to be drawn from, shape (B, T, 4, voice channels).

        `symbols` is (B, T, 4, 4): beat, voice, sixteenth; `holes` (B, T, 4) is true where a
        voice's beat is not known; `key` (B,) is 0..23 or `NO_KEY`; the distances of beats from
        the start and to the end are (B, T), at most `FURTHEST`.
        """
        batch, beats = symbols.shape[0], symbols.shape[1]
        kind = self.cell.weight.dtype
        known = (~holes).unsqueeze(-1).expand_as(symbols).reshape(batch * beats, -1)
        cells = symbols.reshape(batch * beats, -1)
        rows = torch.arange(cells.shape[1], device=cells.device) * self.symbols_in
        x = self.cell(cells + rows, per_sample_weights=known.to(kind))
        x = x.reshape(batch, beats, -1).transpose(1, 2)
        x = x + self.hole(holes.transpose(1, 2).to(kind)) + self.key(key).unsqueeze(-1)
        x = x + (self.from_start(from_start) + self.to_end(to_end)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        voices = self.voices(torch.relu(self.norm(x))).transpose(1, 2)
        result: Tensor = voices.reshape(batch, beats, 4, self.voice_channels)
        return result

    def step(self, context: Tensor, before: Tensor, place: int) -> Tensor:
        """Return the log odds of one sixteenth of each beat, shape (B, T, 4, symbols).

        `before` (B, T, 4) is the symbol of the sixteenth before it in the beat, `SYMBOLS` for the
        first; `place` is 0..3.
        """
        x = torch.relu(context + self.before(before) + self.place.weight[place])
        result: Tensor = torch.einsum("btvc,vsc->btvs", x, self.out) + self.out_bias
        return result

    def forward(
        self, symbols: Tensor, holes: Tensor, key: Tensor, from_start: Tensor, to_end: Tensor
    ) -> Tensor:
        """Return log odds where all is known within the beats, shape (B, T, 4, 4, symbols)."""
        context = self.context(symbols, holes, key, from_start, to_end)
        first = torch.full_like(symbols[..., 0], 47)
        steps = []
        for place in range(4):
            before = first if place == 0 else symbols[..., place - 1]
            steps.append(self.step(context, before, place))
        return torch.stack(steps, dim=3)


class ChoraleModel:
    """A network with its card."""

    def __init__(self, network: ChoraleNetwork, description: Mapping[str, Any]) -> None:
        self.network = network.eval()
        self.description = dict(description)


def load_chorale_model(path: Path) -> ChoraleModel:
    """Return the model of an archive; no code of it runs.

    Raises InputError for a file that is no archive of a chorale model.
    """
    description, weights = read_archive(path)
    if description.get("kind") != KIND:
        raise InputError(path, "kind", f"{KIND!r}, a model of chorales", description.get("kind"))
    network = ChoraleNetwork()
    try:
        network.load_state_dict({name: each.float() for name, each in weights.items()})
    except RuntimeError as error:
        raise InputError(path, "weights", "those of a chorale model", "others") from error
    return ChoraleModel(network, description)


def save_chorale_model(path: Path, network: ChoraleNetwork, card: Mapping[str, Any]) -> None:
    """Write a network as an archive with its card; weights are stored as 16-bit floats."""
    halves = {name: each.half() for name, each in network.state_dict().items()}
    write_archive(path, network.half(), halves, {"kind": KIND, "instruments": [], **card})
