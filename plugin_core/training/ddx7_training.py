"""Training of a DDX7 model: on periods first, then on audio, within the means of one core.

The paper trains 120 000 steps on audio; here the lines are nearly right before the first second of
audio is rendered. A run is decided by its settings and data, writes a checkpoint every minute and
goes on from it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from plugin_core.synthesis.ddx7_model import Configuration, Ddx7Model
from plugin_core.training.checkpoints import Part
from plugin_core.training.ddx7_data import Material
from plugin_core.training.ddx7_excerpts import draw, take_shares
from plugin_core.training.ddx7_losses import (
    audio_loss,
    band_loss,
    levels_of,
    period_loss,
    render,
)
from plugin_core.training.runs import Progress, descend, go_on, learning_share, set_learning_rate
from plugin_core.training.spectral_losses import MultiScaleLoss

_CHECKPOINT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ddx7Settings:
    """All that decides a run besides its data."""

    algorithm: int
    ratios: tuple[float, ...]
    operators: tuple[int, ...]
    i_max: float
    feedback: float
    noise: bool
    steps: int = 4000
    period_steps: int = 150
    """The first steps learn periods, all others audio."""
    warm_up: int = 50
    batch: int = 5
    frames: int = 500
    period_batch: int = 12
    period_frames: int = 300
    learning_rate: float = 2e-3
    dropout: float = 0.0
    """0.5 in the paper. What it drops shakes the levels and so fills the gaps between the lines,
    which the audio loss comes to rely on and nobody hears afterwards: a flute's held-out
    distance was 8.9 with 0.1, 7.7 with none."""
    largest_gradient: float = 2.0
    band_weight: float = 0.3
    period_weight: float = 0.0
    """Of the period loss beside audio: what holds the lines above 8 kHz, and the dry sound."""
    room_weight: float = 0.0
    """Of the room's energy: else it becomes an equalizer of the sound, which is then not dry."""
    favoured: str = "urmp"
    favoured_share: float = 0.7
    seed: int = 0

    @property
    def configuration(self) -> Configuration:
        """What is trained."""
        return Configuration(
            algorithm=self.algorithm,
            ratios=self.ratios,
            operators=self.operators,
            i_max=self.i_max,
            feedback=self.feedback,
            noise=self.noise,
        )


def settings_of(configuration: Configuration, **others: int | float | str) -> Ddx7Settings:
    """Return the settings that train a configuration; `others` are fields by name."""
    return Ddx7Settings(
        configuration.algorithm,
        configuration.ratios,
        configuration.operators,
        configuration.i_max,
        configuration.feedback,
        configuration.noise,
        **others,  # type: ignore[arg-type]
    )


def run_folder(work: Path, material: Material, settings: object) -> Path:
    """Return where the checkpoint of a training is: its name tells all that decides the run."""
    digest = hashlib.sha256(f"{settings}".encode())
    for take in material.training:
        digest.update(f"{take.name} {len(take)} {take.gain_db:.3f}".encode())
    return work / f"ddx7-{digest.hexdigest()[:12]}"


def train_ddx7(
    material: Material,
    settings: Ddx7Settings,
    folder: Path,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Ddx7Model:
    """Train a model, or go on from the checkpoint in `folder`; return it.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    run = Ddx7Run(material, settings)
    go_on(run, settings.steps, folder / "ddx7.checkpoint", every_s=_CHECKPOINT_S, progress=progress)
    return run.model.eval()


class Ddx7Run:
    """A training, step by step (`runs.Run`)."""

    device = "cpu"

    def __init__(self, material: Material, settings: Ddx7Settings) -> None:
        self.settings = settings
        self.step = 0
        self.takes = material.training
        self.shares = take_shares(self.takes, settings.favoured, settings.favoured_share)
        self.model = Ddx7Model(settings.configuration, dropout=settings.dropout).train()
        self.distance = MultiScaleLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters())

    def advance(self) -> float:
        """Do one step; return its loss."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        # Every step draws from its own generator, so a resumed run sees what it would have seen.
        random = np.random.default_rng((settings.seed, self.step))
        hears = self.step >= settings.period_steps
        size, frames = settings.period_batch, settings.period_frames
        if hears:
            size, frames = settings.batch, settings.frames
        batch = draw(random, self.takes, self.shares, size, frames)
        levels = levels_of(self.model, batch)
        loss = batch.audio.new_zeros(())
        if hears:
            audio = render(self.model, levels, batch, seed=self.step)
            loss = audio_loss(self.distance, audio, batch)
            if settings.room_weight:
                loss = loss + settings.room_weight * self.model.room.response().square().sum()
        weight = settings.period_weight if hears else 1.0
        if weight:
            loss = loss + weight * period_loss(levels, batch, self.model.configuration, random)
        if settings.noise:
            loss = loss + settings.band_weight * band_loss(levels, batch)
        self.step += 1
        return descend(self.optimizer, loss, self.model.parameters(), settings.largest_gradient)

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"model": self.model, "optimizer": self.optimizer}
