"""Training of the chorale network: fill the holes of excerpts.

The loss is the mean negative log likelihood of the sixteenths in the holes, every excerpt counting
the same however many it has (Huang et al. 2017, section 3.1). A run goes on from its checkpoint.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plugin_core.composing.chorale import Grid
from plugin_core.composing.chorale_network import OUTSIDE, ChoraleNetwork
from plugin_core.training.checkpoints import Part
from plugin_core.training.chorale_data import ChoraleData, Excerpts
from plugin_core.training.runs import Progress, descend, go_on, learning_share, set_learning_rate

_CHECKPOINT_S = 60.0
_LARGEST_GRADIENT = 1.0
_MEASURED_BATCHES = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a run besides its data."""

    steps: int = 2000
    warm_up: int = 100
    batch: int = 24
    beats: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0


def run_folder(work: Path, pieces: Sequence[Grid], settings: Settings) -> Path:
    """Return where the checkpoint of a training is: its name tells all that decides the run."""
    digest = hashlib.sha256(f"{settings}".encode())
    for piece in pieces:
        digest.update(piece.tobytes())
    return work / f"chorale-{digest.hexdigest()[:12]}"


def train_chorale(
    pieces: Sequence[Grid],
    settings: Settings,
    checkpoint: Path,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> ChoraleNetwork:
    """Train a network, or go on training it from the checkpoint; return it.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    run = _Run(ChoraleNetwork(), ChoraleData(pieces), settings)
    go_on(run, settings.steps, checkpoint, every_s=_CHECKPOINT_S, progress=progress)
    return run.network.eval()


class _Run:
    device = "cpu"

    def __init__(self, network: ChoraleNetwork, data: ChoraleData, settings: Settings) -> None:
        self.network, self.data, self.settings = network, data, settings
        self.step = 0
        self.optimizer = torch.optim.AdamW(
            network.parameters(), weight_decay=settings.weight_decay, betas=(0.9, 0.98)
        )

    def advance(self) -> float:
        """Do one step; return its loss."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        # Every step draws from its own generator, so a resumed run sees what it would have seen.
        random = np.random.default_rng((settings.seed, self.step))
        loss = hole_loss(self.network, self.data.draw(random, settings.batch, settings.beats))
        self.step += 1
        return descend(self.optimizer, loss, self.network.parameters(), _LARGEST_GRADIENT)

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"network": self.network, "optimizer": self.optimizer}


def hole_loss(network: ChoraleNetwork, excerpts: Excerpts) -> Tensor:
    """Return the mean negative log likelihood of what the holes hide, in nats per sixteenth."""
    odds = network(*excerpts)
    aims = torch.where(excerpts.symbols == OUTSIDE, 0, excerpts.symbols)
    cost = nn.functional.cross_entropy(odds.flatten(0, 3), aims.flatten(), reduction="none")
    hidden = excerpts.holes.unsqueeze(-1).expand_as(aims)
    cost = (cost.reshape(aims.shape) * hidden).sum(dim=(1, 2, 3))
    return (cost / hidden.sum(dim=(1, 2, 3)).clamp(min=1)).mean()


def held_out_loss(network: ChoraleNetwork, pieces: Sequence[Grid], settings: Settings) -> float:
    """Return the mean loss on excerpts of held-out pieces, the same every time."""
    data = ChoraleData(pieces)
    network.eval()
    with torch.inference_mode():
        losses = [
            float(
                hole_loss(
                    network,
                    data.draw(np.random.default_rng((1, each)), settings.batch, settings.beats),
                )
            )
            for each in range(_MEASURED_BATCHES)
        ]
    return float(np.mean(losses))
