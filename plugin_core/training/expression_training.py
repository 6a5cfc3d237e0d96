"""Training of the Expression Generator (MIDI-DDSP, section 3.4).

The loss is the mean square error of every note's controls, each in units of its own deviation,
given the notes and how those before were played (teacher forcing), and the likelihood of that
error, which trains the spread alone. Each network of the generator sees other windows. A run is
decided by its settings and seed, writes checkpoints and goes on from them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plugin_core.expression.generator import ExpressionGenerator, Player, Sizes
from plugin_core.expression.performer import KIND, Performer, save_performer
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.checkpoints import Part
from plugin_core.training.expression_data import (
    Batch,
    ExpressionData,
    instrument_means,
    played,
)
from plugin_core.training.expression_evaluation import evaluate, figures
from plugin_core.training.performed import Performed
from plugin_core.training.runs import Progress, go_on, learning_share, set_learning_rate
from plugin_core.types import CONTROLS

ORIGINS = ("performance", "note", "contour")
"""What is learnt from: expression that was drawn does not follow from the notes."""

_CHECKPOINT_S = 60.0
_LARGEST_GRADIENT = 1.0
_PRIOR_NOTES = 10.0
"""Notes without any correlation that are counted beside the training's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a run besides its data."""

    steps: int = 5500
    """Of all networks together."""
    members: int = 5
    warm_up: int = 50
    batch: int = 40
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    performances: float = 0.7
    notes: float = 0.1
    contours: float = 0.2
    """How often each origin is drawn, where there is such."""
    unknown_instrument: float = 0.1
    """Share of windows whose instrument is hidden."""
    without_past: float = 0.15
    """Share of windows that are not told how the notes before were played."""
    past_noise: float = 0.1
    """Error of what they are told, in deviations of each control: it will be its own and wrong."""
    feature_noise: float = 0.03
    spread_weight: float = 0.2
    seed: int = 0


def train(
    performed: Sequence[Performed],
    settings: Settings,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Performer:
    """Train a generator, or go on from the checkpoint in `folder`; return its performer.

    Held-out phrases are left alone. Raises InputError if the checkpoint there is of a run with
    other settings, and if there is nothing to train on.
    """
    run = _Run(performed, settings, device)
    go_on(
        run, settings.steps, folder / f"{KIND}.checkpoint", every_s=_CHECKPOINT_S, progress=progress
    )
    typical = {name: list(row) for name, row in run.data.typical.items()}
    description = {"instruments": list(INSTRUMENTS), "typical": typical}
    performer = Performer(run.generator.cpu(), description)
    run.generator.together.copy_(torch.linalg.cholesky(correlations(performer, performed)))
    return performer


def correlations(performer: Performer, performed: Sequence[Performed]) -> Tensor:
    """Return how the controls of training notes are off together what is expected, (6, 6)."""
    off = []
    for phrase in performed:
        if not phrase.is_held_out and phrase.origin == "performance" and phrase.notes:
            notes = [row.note for row in phrase.notes]
            truth = played(phrase)
            off.append(truth - performer.foresee(notes, phrase.instrument, truth))
    table = np.concatenate(off) if off else np.zeros((0, len(CONTROLS)))
    table = table[np.isfinite(table).all(axis=1)]
    # A little of what is known of no one keeps it positive definite where notes are few.
    prior = _PRIOR_NOTES * np.eye(len(CONTROLS))
    scale = np.sqrt((table**2).mean(axis=0) if len(table) else np.ones(len(CONTROLS)))
    scaled = table / np.maximum(scale, 1e-6)
    both = (scaled.T @ scaled + prior) / (len(table) + _PRIOR_NOTES)
    unit = np.sqrt(np.diag(both))
    return torch.from_numpy(both / np.outer(unit, unit))


def measure(model: Performer, performed: Sequence[Performed]) -> dict[str, Any]:
    """Return the root mean square errors of Table 1c, and how large the generator is."""
    parameters = sum(each.numel() for each in model.generator.parameters())
    return {"parameters": parameters, **figures(evaluate(performed, model))}


def save(path: Path, model: Performer, description: Mapping[str, Any]) -> None:
    """Write a performer as an archive with its card."""
    save_performer(path, model, description)


class _Run:
    def __init__(self, performed: Sequence[Performed], settings: Settings, device: str) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.device, self.step = settings, device, 0
        self.data = ExpressionData(
            performed,
            {
                "performance": settings.performances,
                "note": settings.notes,
                "contour": settings.contours,
            },
        )
        sizes = Sizes(len(INSTRUMENTS), settings.members)
        self.generator = ExpressionGenerator(sizes, dropout=settings.dropout)
        mean = instrument_means(performed)
        self.generator.mean.copy_(
            torch.from_numpy(np.concatenate((mean, mean.mean(axis=0, keepdims=True))))
        )
        self.generator.scale.copy_(torch.from_numpy(_deviations(performed, mean)))
        self.generator.to(device).train()
        self.optimizers = [
            torch.optim.AdamW(
                member.parameters(), weight_decay=settings.weight_decay, betas=(0.9, 0.98)
            )
            for member in self.generator.members
        ]

    def advance(self) -> float:
        """Do one step of the network whose turn it is; return its loss."""
        settings = self.settings
        turn = self.step % settings.members
        optimizer, member = self.optimizers[turn], self.generator.members[turn]
        assert isinstance(member, Player)
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(optimizer, settings.learning_rate * share)
        # Every step draws from its own seed, so a resumed run sees what it would have seen.
        torch.manual_seed(settings.seed * 1_000_003 + self.step)
        random = np.random.default_rng((settings.seed, self.step))
        batch = Batch(*(each.to(self.device) for each in self.data.draw(random, settings.batch)))
        loss = self._loss(member, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(member.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        self.step += 1
        return float(loss.detach())

    def _loss(self, member: Player, batch: Batch) -> Tensor:
        settings, generator = self.settings, self.generator
        hidden = torch.rand(len(batch.instrument)) < settings.unknown_instrument
        unknown = torch.full_like(batch.instrument, len(INSTRUMENTS))
        instrument = torch.where(hidden.to(self.device), unknown, batch.instrument)
        known = torch.isfinite(batch.controls).float()
        # Distances are always from the instrument's own mean: a hidden name must not show in them.
        mean = generator.mean[batch.instrument].unsqueeze(1)
        distances = (torch.nan_to_num(batch.controls) - mean) / generator.scale * known
        is_told = torch.rand(len(known), 1, 1, device=self.device) >= settings.without_past
        told = known * is_told
        wrong = settings.past_noise * torch.randn_like(distances)
        before = generator.memory((distances + wrong) * told, told)
        features = batch.features + settings.feature_noise * torch.randn_like(batch.features)
        read = member.read(features, instrument, batch.lengths)
        expected, spread, _ = member.write(read, before, None)
        squares = known * (expected - distances) ** 2
        likelihood = known * (spread + 0.5 * squares.detach() * torch.exp(-2.0 * spread))
        total = squares.sum() + settings.spread_weight * likelihood.sum()
        return total / known.sum().clamp(min=1.0)

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {
            "members": self.generator.members,
            **{f"optimizer-{index}": each for index, each in enumerate(self.optimizers)},
        }


def _deviations(performed: Sequence[Performed], mean: np.ndarray) -> np.ndarray:
    """Return how far the training notes are from their instrument's mean, root mean square."""
    rows = [
        played(each) - mean[INSTRUMENTS.index(each.instrument)]
        for each in performed
        if not each.is_held_out and each.notes
    ]
    squares = np.concatenate(rows) ** 2
    known = np.isfinite(squares)
    total = np.where(known, squares, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    deviations: np.ndarray = np.maximum(np.sqrt(total), 1e-3)
    return deviations
