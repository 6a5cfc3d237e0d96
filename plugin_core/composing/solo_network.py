"""The three networks of the solo composer, as torch trains them: pitch, duration, velocity.

Each is an LSTM of its own, trained by itself (Simoes, Machado, Rodrigues 2019): features of a note,
`solo_features.TABLES`, become the sum of embeddings, and what the LSTM makes of them the log odds
of the note's classes. Of a duration the four classes are drawn in order, each knowing those drawn.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from plugin_core.composing.solo import ARTICULATIONS, NOTE_VALUES, TIMINGS, VELOCITIES
from plugin_core.composing.solo_features import rows
from plugin_core.composing.solo_pitches import PITCH_TOKENS

PLAYED = 64


class Size(NamedTuple):
    """Of a memory: features, what is remembered, and the share that training forgets."""

    embedding: int
    hidden: int
    dropout: float


PITCH, OTHERS = Size(96, 192, 0.15), Size(64, 128, 0.2)


class Durations(NamedTuple):
    """Log odds of the classes of durations, each of shape (B, T, classes)."""

    step: Tensor
    value: Tensor
    timing: Tensor
    articulation: Tensor


class Memory(nn.Module):
    """Features to what an LSTM remembers of them."""

    def __init__(self, table: int, size: Size) -> None:
        super().__init__()
        self.table = nn.Embedding(table, size.embedding)
        self.lstm = nn.LSTM(size.embedding, size.hidden, batch_first=True)
        self.dropout = nn.Dropout(size.dropout)

    def forward(self, features: Tensor) -> Tensor:
        """Return the memory at every note, (B, T, hidden), of rows (B, T, features)."""
        known = self.dropout(self.table(features).sum(dim=2))
        memory: Tensor = self.dropout(self.lstm(known)[0])
        return memory


class ClassNetwork(nn.Module):
    """An LSTM with one class to tell: pitches, or velocities."""

    def __init__(self, table: int, classes: int, size: Size) -> None:
        super().__init__()
        self.memory = Memory(table, size)
        self.out = nn.Linear(size.hidden, classes)

    def forward(self, features: Tensor) -> Tensor:
        """Return log odds, (B, T, classes)."""
        odds: Tensor = self.out(self.memory(features))
        return odds


class DurationNetwork(nn.Module):
    """An LSTM with four classes to tell: what is written, then how it is played."""

    def __init__(self, table: int) -> None:
        super().__init__()
        values = len(NOTE_VALUES)
        self.memory = Memory(table, OTHERS)
        self.step = nn.Linear(OTHERS.hidden, values)
        self.value = nn.Linear(OTHERS.hidden, values)
        self.value_of_step = nn.Embedding(values, values)
        self.played = nn.Linear(OTHERS.hidden, PLAYED)
        self.played_step = nn.Embedding(values, PLAYED)
        self.played_value = nn.Embedding(values, PLAYED)
        self.timing = nn.Linear(PLAYED, TIMINGS)
        self.articulation = nn.Linear(PLAYED, ARTICULATIONS)
        self.articulation_of_timing = nn.Embedding(TIMINGS, ARTICULATIONS)

    def forward(self, features: Tensor, step: Tensor, value: Tensor, timing: Tensor) -> Durations:
        """Return log odds where the classes, each (B, T), are known as far as they are drawn."""
        memory = self.memory(features)
        played = self.played(memory) + self.played_step(step) + self.played_value(value)
        played = torch.relu(played)
        return Durations(
            self.step(memory),
            self.value(memory) + self.value_of_step(step),
            self.timing(played),
            self.articulation(played) + self.articulation_of_timing(timing),
        )


class SoloNetworks(nn.Module):
    """The three networks in one archive."""

    def __init__(self) -> None:
        super().__init__()
        self.pitch = ClassNetwork(rows("pitch"), PITCH_TOKENS, PITCH)
        self.duration = DurationNetwork(rows("duration"))
        self.velocity = ClassNetwork(rows("velocity"), VELOCITIES, OTHERS)

    def forward(self, pitch: Tensor, velocity: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log odds of pitch tokens and of velocities, by their features."""
        return self.pitch(pitch), self.velocity(velocity)
