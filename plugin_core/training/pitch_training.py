"""Training of the pitch generator: how likely is every pitch that was played, given those before?

Cross-entropy over the bins of deviation, with the real history (teacher forcing), a little blurred
so that the network does not trust its own past to the last cent. A run is decided by its settings
and seed, writes a checkpoint every minute and goes on from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.pitch_generator import PitchGenerator, step_history
from plugin_core.training.checkpoints import Part
from plugin_core.training.performed import Performed
from plugin_core.training.pitch_data import Piece, PitchBatch, PitchData, batch_of
from plugin_core.training.runs import Progress, go_on, learning_share, set_learning_rate

_CHECKPOINT_S = 60.0
_LARGEST_GRADIENT = 1.0
_WARM_UP = 50
_BLUR = 0.01
"""Semitones, the standard deviation of what is added to a piece's history is up to this."""
_PIECES_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class PitchSettings:
    """All that decides a run besides its data."""

    steps: int = 1800
    batch: int = 16000
    """Steps of 16 ms that are learnt at once: 256 s."""
    copies: int = 2
    """In other vibratos, besides every phrase as it was played."""
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0


def train_pitch(
    phrases: Sequence[Performed],
    settings: PitchSettings,
    folder: Path,
    *,
    device: str = "cpu",
    preparing: Callable[[int, int], None] = lambda _done, _all: None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> PitchGenerator:
    """Train a pitch generator, or go on training it from the checkpoint in `folder`; return it.

    `preparing` is called with the phrases prepared and all, `progress` after each step. Raises
    InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    model = PitchGenerator(len(INSTRUMENTS)).to(device)

    def prepare() -> PitchData:
        return PitchData(phrases, copies=settings.copies, seed=settings.seed, progress=preparing)

    run = _Run(model, prepare, settings, device)
    go_on(
        run, settings.steps, folder / "pitch.checkpoint", every_s=_CHECKPOINT_S, progress=progress
    )
    return run.model.eval()


class _Run:
    def __init__(
        self,
        model: PitchGenerator,
        prepare: Callable[[], PitchData],
        settings: PitchSettings,
        device: str,
    ) -> None:
        self._prepare = prepare
        self.model, self.settings, self.device = model, settings, device
        self.step = 0
        self.optimizer = torch.optim.AdamW(
            model.parameters(), weight_decay=settings.weight_decay, betas=(0.9, 0.98)
        )

    @cached_property
    def data(self) -> PitchData:
        """What is drawn from; a run that is done needs none."""
        return self._prepare()

    def advance(self) -> float:
        """Do one step; return its loss."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, _WARM_UP)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        # Every step draws from its own generator, so a resumed run sees what it would have seen.
        random = np.random.default_rng((settings.seed, self.step))
        torch.manual_seed(int(random.integers(1 << 31)))
        batch = self.data.draw(random, settings.batch)
        pitch = batch.pitch + _BLUR * torch.rand(len(batch.pitch), 1) * torch.randn_like(
            batch.pitch
        )
        loss = surprise(self.model.train(), batch, pitch, device=self.device)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"model": self.model, "optimizer": self.optimizer}


def surprise(
    model: PitchGenerator, batch: PitchBatch, seen: Tensor, *, device: str = "cpu"
) -> Tensor:
    """Return the mean surprise of a batch's pitches, nats; the history is `seen`, shape (B, S)."""
    history = step_history(seen, batch.is_known, batch.reference)
    odds = model(*(each.to(device) for each in (batch.features, batch.instrument, history)))
    judged = batch.is_judged.to(device)
    return nn.functional.cross_entropy(odds[judged], batch.target.to(device)[judged])


def held_out_surprise(model: PitchGenerator, pieces: Sequence[Piece]) -> dict[str, float]:
    """Return the mean surprise by instrument, nats a step."""
    sums: dict[str, list[float]] = {}
    with torch.inference_mode():
        for index, name in enumerate(INSTRUMENTS):
            own = sorted(
                (piece for piece in pieces if piece.instrument == index),
                key=lambda piece: len(piece.pitch),
            )
            for first in range(0, len(own), _PIECES_AT_ONCE):
                batch = batch_of(own[first : first + _PIECES_AT_ONCE])
                count = float(batch.is_judged.sum())
                total = sums.setdefault(name, [0.0, 0.0])
                total[0] += count * float(surprise(model.eval(), batch, batch.pitch))
                total[1] += count
    return {name: total / count for name, (total, count) in sums.items()}
