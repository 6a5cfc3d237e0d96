"""Training of the three networks of the solo composer, one after the other.

Each sees excerpts of performances, moved by up to half an octave, and learns every note's classes
from what is before. A run goes on from its checkpoint; each network has its own.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.composing.solo import Sequences
from plugin_core.composing.solo_features import features, tokens_of
from plugin_core.composing.solo_network import (
    ClassNetwork,
    DurationNetwork,
    SoloNetworks,
)
from plugin_core.training.checkpoints import Part
from plugin_core.training.runs import Progress, descend, go_on, learning_share, set_learning_rate
from plugin_core.training.solo_corpus import Piece

NETWORKS = ("pitch", "duration", "velocity")
FURTHEST_MOVE = 5
"""Semitones by which pieces are moved at most, for the networks and for the trigrams alike."""

_CHECKPOINT_S = 60.0
_LARGEST_GRADIENT = 1.0
_SPREAD = 0.3
_NO_AIM = -100
Rows = NDArray[np.int16]
_AIMS = ("step", "value", "timing", "articulation")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides the run of one network besides its data."""

    network: str
    steps: int = 1200
    warm_up: int = 50
    batch: int = 24
    notes: int = 96
    learning_rate: float = 5e-3
    weight_decay: float = 1e-2
    seed: int = 0


def run_folder(work: Path, pieces: Sequence[Piece], settings: Sequence[Settings]) -> Path:
    """Return where the checkpoints of a training are: its name tells all that decides the run."""
    digest = hashlib.sha256(f"{settings}".encode())
    for piece in pieces:
        digest.update(np.stack(astuple(piece.notes)).tobytes())
    return work / f"composer-{digest.hexdigest()[:12]}"


def train_network(
    networks: SoloNetworks,
    pieces: Sequence[Piece],
    settings: Settings,
    checkpoint: Path,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Train one of the three networks, or go on training it from its checkpoint.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    network = getattr(networks, settings.network)
    for part in network.modules():
        if isinstance(part, nn.Linear | nn.LSTM):
            part.reset_parameters()
        elif isinstance(part, nn.Embedding):
            nn.init.normal_(part.weight, std=_SPREAD)
    run = _Run(network.train(), pieces, settings)
    go_on(run, settings.steps, checkpoint, every_s=_CHECKPOINT_S, progress=progress)
    network.eval()


class _Run:
    device = "cpu"

    def __init__(
        self,
        network: ClassNetwork | DurationNetwork,
        pieces: Sequence[Piece],
        settings: Settings,
    ) -> None:
        self.network, self.pieces, self.settings = network, pieces, settings
        self.step = 0
        self.known: dict[tuple[int, int], tuple[Rows, dict[str, Rows]]] = {}
        lengths = np.array([len(piece.notes) for piece in pieces], np.float64)
        self.shares = lengths / lengths.sum()
        self.optimizer = torch.optim.AdamW(
            network.parameters(), weight_decay=settings.weight_decay, betas=(0.9, 0.98)
        )

    def advance(self) -> float:
        """Do one step; return its loss."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        random = np.random.default_rng((settings.seed, self.step))
        rows = [self._excerpt(random) for _ in range(settings.batch)]
        seen = torch.from_numpy(np.stack([row[0] for row in rows]))
        aims = {
            name: torch.from_numpy(np.stack([row[1][name] for row in rows])) for name in rows[0][1]
        }
        loss = network_loss(self.network, seen, aims)
        self.step += 1
        return descend(self.optimizer, loss, self.network.parameters(), _LARGEST_GRADIENT)

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"network": self.network, "optimizer": self.optimizer}

    def _excerpt(
        self, random: np.random.Generator
    ) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
        count = self.settings.notes
        piece = int(random.choice(len(self.pieces), p=self.shares))
        whole, all_aims = self._moved(
            piece, int(random.integers(-FURTHEST_MOVE, FURTHEST_MOVE + 1))
        )
        # Beyond the end a little, so that endings are seen as often as what is before them.
        first = max(int(random.integers(0, max(len(whole) - count // 2, 1))), 0)
        seen = np.zeros((count, whole.shape[1]), np.int64)
        inside = whole[first : first + count]
        seen[: len(inside)] = inside
        aims = {}
        for name, aim in all_aims.items():
            padded = np.full(count, _NO_AIM, np.int64)
            padded[: len(inside)] = aim[first : first + count]
            aims[name] = padded
        return seen, aims

    def _moved(self, piece: int, move: int) -> tuple[Rows, dict[str, Rows]]:
        """Return what is seen and told of a whole piece, moved by semitones."""
        if (piece, move) not in self.known:
            told = self.pieces[piece]
            notes, network = told.notes.moved(move), self.settings.network
            aims = {name: aim.astype(np.int16) for name, aim in aims_of(network, notes).items()}
            seen = features(network, notes, told.texture).astype(np.int16)
            self.known[piece, move] = seen, dict(aims)
        return self.known[piece, move]


def aims_of(network: str, notes: Sequences) -> dict[str, NDArray[np.int64]]:
    """Return what a network is to tell of notes, by class; what is not to be told is negative."""
    if network == "pitch":
        return {"pitch": tokens_of(notes)}
    if network == "velocity":
        return {"velocity": notes.velocity}
    heads = notes.together == 0
    return {
        "step": np.where(heads, notes.step, -1 - notes.step),
        "value": notes.value,
        "timing": np.where(heads, notes.timing, -1 - notes.timing),
        "articulation": notes.articulation,
    }


def network_loss(
    network: ClassNetwork | DurationNetwork, seen: Tensor, aims: dict[str, Tensor]
) -> Tensor:
    """Return the mean negative log likelihood of a note, in nats."""
    total = note_losses(network, seen, aims)
    counted = next(aim for name, aim in aims.items() if name in ("pitch", "velocity", "value"))
    return total.sum() / (counted != _NO_AIM).sum()


def note_losses(
    network: ClassNetwork | DurationNetwork, seen: Tensor, aims: dict[str, Tensor]
) -> Tensor:
    """Return the negative log likelihood of each note, in nats, shape (B, T)."""
    if isinstance(network, ClassNetwork):
        return _cost(network(seen), next(iter(aims.values())))
    # What is not told of a note is known all the same, as -1 - class.
    known = {name: torch.where(aims[name] < 0, -1 - aims[name], aims[name]) for name in _AIMS}
    known = {name: torch.where(aim > 90, 0, aim) for name, aim in known.items()}
    odds = network(seen, known["step"], known["value"], known["timing"])
    total = torch.zeros(seen.shape[:2])
    for name in _AIMS:
        total = total + _cost(getattr(odds, name), aims[name])
    return total


def _cost(odds: Tensor, aim: Tensor) -> Tensor:
    hidden = torch.where(aim < 0, _NO_AIM, aim)
    cost = nn.functional.cross_entropy(
        odds.flatten(0, 1), hidden.flatten(), reduction="none", ignore_index=_NO_AIM
    )
    return cost.reshape(aim.shape)
