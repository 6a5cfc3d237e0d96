"""The Expression Generator: how a player would play the notes of a phrase.

MIDI-DDSP, section 3.4: a bidirectional GRU reads the notes, a two-layer autoregressive GRU writes
the six controls of one note after the other, knowing those of the notes before. Beyond the paper:
values are distances from the instrument's mean; each control has a spread, from which chance may
draw, the controls of a note together as in training; what the notes before had in common is read
beside the last of them; and several networks, trained from different seeds, are averaged.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from plugin_core.expression.note_features import WIDTH
from plugin_core.types import CONTROLS

_COUNT = len(CONTROLS)
_BEFORE = 3 * _COUNT
_FADING = 0.95
"""How much of what the notes before had in common is left a note later."""
_DOUBT = 1.0
"""Notes at the mean that are counted before the first: one note is not yet a habit."""
_WIDEST = 3.0
"""The logarithm of a spread lies within this, both ways."""


class Sizes(NamedTuple):
    """How large a generator is."""

    instruments: int
    members: int = 4
    embedding: int = 8
    context: int = 32
    hidden: int = 48


class Reversed(nn.Module):
    """A GRU that reads phrases from their last note to their first."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.recurrent = nn.GRU(width, hidden, batch_first=True)

    def forward(self, entered: Tensor, lengths: Tensor) -> Tensor:
        """Return what follows every note, (B, N, hidden); from `lengths` on there are none."""
        at = torch.arange(entered.shape[1], device=entered.device).unsqueeze(0)
        ends = lengths.unsqueeze(1)
        turned = torch.where(at < ends, ends - 1 - at, at).unsqueeze(-1)
        backward = torch.gather(entered, 1, turned.expand(-1, -1, entered.shape[2]))
        read, _ = self.recurrent(backward)
        return torch.gather(read, 1, turned.expand(-1, -1, read.shape[2]))


class Player(nn.Module):
    """One network of the generator; all it knows of controls are scaled distances from a mean."""

    def __init__(self, sizes: Sizes, dropout: float) -> None:
        super().__init__()
        self.instrument = nn.Embedding(sizes.instruments + 1, sizes.embedding)
        self.enter = nn.Linear(WIDTH + sizes.embedding, sizes.hidden)
        self.ahead = nn.GRU(sizes.hidden, sizes.context, batch_first=True)
        self.back = Reversed(sizes.hidden, sizes.context)
        self.dropout = nn.Dropout(dropout)
        self.widest = _WIDEST
        width = sizes.hidden + 2 * sizes.context + _BEFORE
        self.writer = nn.GRU(width, sizes.hidden, num_layers=2, batch_first=True, dropout=dropout)
        self.leave = nn.Linear(width + sizes.hidden, 2 * _COUNT)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def read(self, features: Tensor, instrument: Tensor, lengths: Tensor) -> Tensor:
        """Return what is to be known of every note before any is played, shape (B, N, width)."""
        embedded = self.instrument(instrument).unsqueeze(1).expand(-1, features.shape[1], -1)
        entered = self.enter(torch.cat((features, embedded), dim=-1))
        entered = self.dropout(functional.gelu(entered))
        ahead, _ = self.ahead(entered)
        back = self.back(entered, lengths)
        return torch.cat((self.dropout(ahead), self.dropout(back), entered), dim=-1)

    def write(
        self, read: Tensor, before: Tensor, state: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the distances, the logarithms of their spreads (B, N, 6), and the state after."""
        entered = torch.cat((read, before), dim=-1)
        written, after = self.writer(entered, state)
        out = self.leave(torch.cat((entered, self.dropout(written)), dim=-1))
        told, spread = torch.chunk(out, 2, dim=-1)
        return told, self.widest * torch.tanh(spread / self.widest), after


class Memory(nn.Module):
    """What the notes so far tell the next one: of the last note, and of all, fading by note."""

    def __init__(self) -> None:
        super().__init__()
        self.fading, self.doubt = _FADING, _DOUBT

    def forward(self, distances: Tensor, known: Tensor) -> Tensor:
        """Return what every note is told of those before it, shape (B, N, 18).

        `distances` from the mean, (B, N, 6), 0 where they are not known; `known`: 1 or 0, alike.
        """
        count = distances.shape[1]
        at = torch.arange(count, device=distances.device)
        ago = (at.unsqueeze(1) - 1 - at.unsqueeze(0)).to(distances.dtype)
        weights = torch.where(
            ago >= 0, torch.pow(self.fading, ago.clamp(min=0.0)), torch.zeros_like(ago)
        )
        last = functional.pad(distances, (0, 0, 1, 0))[:, :count]
        is_known = functional.pad(known, (0, 0, 1, 0))[:, :count]
        sums = torch.einsum("ij,bjc->bic", weights, distances)
        counts = torch.einsum("ij,bjc->bic", weights, known)
        return torch.cat((last, is_known, sums / (counts + self.doubt)), dim=-1)


class ExpressionGenerator(nn.Module):
    """The players of all instruments: their means, and several networks that agree on the rest."""

    mean: Tensor
    scale: Tensor
    together: Tensor

    def __init__(self, sizes: Sizes, *, dropout: float = 0.3) -> None:
        super().__init__()
        self.sizes = sizes
        self.members = nn.ModuleList(Player(sizes, dropout) for _ in range(sizes.members))
        self.memory = Memory()
        # The last instrument is an unknown one.
        self.register_buffer("mean", torch.full((sizes.instruments + 1, _COUNT), 0.5))
        self.register_buffer("scale", torch.full((_COUNT,), 0.2))
        # How chance moves the controls of a note together: a triangular root of correlations.
        self.register_buffer("together", torch.eye(_COUNT))

    def forward(
        self, features: Tensor, instrument: Tensor, played: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return every note's controls and their spreads, given how those before it were played.

        `features`: (B, N, WIDTH). `instrument`: (B,). `played`: the controls of all notes, raw
        scale, NaN where unknown, (B, N, 6); those of a note tell only of the notes after it.
        `lengths`: notes of every phrase, (B,). Returns (B, N, 6) twice, raw scale.
        """
        mean = self.mean[instrument].unsqueeze(1)
        known = torch.isfinite(played)
        distances = torch.where(known, (played - mean) / self.scale, torch.zeros_like(played))
        before = self.memory(distances, known.to(distances.dtype))
        total = torch.zeros_like(distances)
        variance = torch.zeros_like(distances)
        for member in self.members:
            told, spread, _ = member.write(member.read(features, instrument, lengths), before, None)  # type: ignore[operator]
            total = total + told / len(self.members)
            variance = variance + torch.exp(2.0 * spread) / len(self.members)
        return mean + self.scale * total, self.scale * torch.sqrt(variance)

    @torch.jit.export
    def play(self, features: Tensor, instrument: Tensor, chance: Tensor) -> Tensor:
        """Return the controls of one phrase's notes, each knowing what was drawn before it.

        `features`: (1, N, WIDTH). `instrument`: (1,). `chance`: independent draws of the normal
        distribution, (1, N, 6), zeros for the expected performance. Returns (1, N, 6).
        """
        count = features.shape[1]
        chance = chance @ self.together.transpose(0, 1)
        lengths = torch.tensor([count])
        reads: list[Tensor] = []
        states: list[Tensor] = []
        for member in self.members:
            reads.append(member.read(features, instrument, lengths))  # type: ignore[operator]
            states.append(torch.zeros(0))
        last = torch.zeros_like(chance[:, :1])
        known = torch.zeros_like(last)
        sums, counts = torch.zeros_like(last), torch.zeros_like(last)
        notes: list[Tensor] = []
        for note in range(count):
            before = torch.cat((last, known, sums / (counts + self.memory.doubt)), dim=-1)
            total = torch.zeros_like(last)
            variance = torch.zeros_like(last)
            for index, player in enumerate(self.members):
                state = states[index] if note > 0 else None
                told, spread, after = player.write(reads[index][:, note : note + 1], before, state)  # type: ignore[operator]
                states[index] = after
                total = total + told / len(self.members)
                variance = variance + torch.exp(2.0 * spread) / len(self.members)
            last = total + torch.sqrt(variance) * chance[:, note : note + 1]
            known = torch.ones_like(last)
            sums = self.memory.fading * sums + last
            counts = self.memory.fading * counts + 1.0
            notes.append(last)
        return self.mean[instrument].unsqueeze(1) + self.scale * torch.cat(notes, dim=1)
