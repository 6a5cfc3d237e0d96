"""Training of the level generator of the Synthesis Generator.

In three stages of one run: the recorded levels and the asked controls alone (cheap), then with a
discriminator (LSGAN, feature matching), at the end with the multi-scale spectral loss of the audio
in the instrument's room. True f0 is given, as in MIDI-DDSP, section 3.3. A run is decided by its
settings and data, writes a checkpoint every few minutes and goes on from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plugin_core.audio.differentiable.filtered_noise import filtered_noise
from plugin_core.audio.differentiable.harmonic import harmonic
from plugin_core.audio.differentiable.reverb import Reverb
from plugin_core.synthesis.hearing_model import ROOM_RATE
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.level_generator import LevelGenerator, Levels
from plugin_core.training.checkpoints import Part
from plugin_core.training.level_data import Batch, LevelData
from plugin_core.training.level_losses import (
    Discriminator,
    adversarial_losses,
    control_loss,
    discriminator_loss,
    recorded_levels,
    recorded_loss,
)
from plugin_core.training.runs import Progress, go_on, learning_share, set_learning_rate
from plugin_core.training.spectral_losses import MultiScaleLoss

_HARMONICS_HEARD = 60
_CHECKPOINT_S = 120.0
_LARGEST_GRADIENT = 1.0
_ROOM_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class LevelSettings:
    """All that decides a run besides its data."""

    steps: int = 2400
    warm_up: int = 100
    batch: int = 16
    frames: int = 1000
    learning_rate: float = 2e-3
    adversarial_from: float = 0.45
    """The share of the steps after which the discriminator takes part."""
    spectral_from: float = 0.9
    """The share of the steps after which every other one hears audio, on shorter batches."""
    spectral_batch: int = 8
    spectral_frames: int = 500
    control_weight: float = 1.0
    adversarial_weight: float = 0.05
    matching_weight: float = 0.5
    spectral_weight: float = 0.3
    seed: int = 0


class Trained(nn.Module):
    """What the run trains besides its discriminator: the level generator and the rooms."""

    def __init__(self) -> None:
        super().__init__()
        self.levels = LevelGenerator(len(INSTRUMENTS))
        self.reverb = Reverb(ROOM_RATE, instruments=len(INSTRUMENTS))


def train_levels(
    data: LevelData,
    settings: LevelSettings,
    folder: Path,
    *,
    rooms: Mapping[str, Tensor] | None = None,
    device: str = "cpu",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Trained:
    """Train a level generator, or go on from the checkpoint in `folder`; return it.

    `rooms` is the state that the rooms begin with. Raises InputError if the checkpoint there is of
    a run with other settings.
    """
    torch.manual_seed(settings.seed)
    run = _Run(data, settings, device)
    if rooms is not None:
        run.trained.reverb.load_state_dict(rooms)
    go_on(
        run, settings.steps, folder / "levels.checkpoint", every_s=_CHECKPOINT_S, progress=progress
    )
    return run.trained


class _Run:
    def __init__(self, data: LevelData, settings: LevelSettings, device: str) -> None:
        self.data, self.settings, self.device = data, settings, device
        self.step = 0
        self.trained = Trained().to(device)
        self.discriminator = Discriminator(len(INSTRUMENTS)).to(device)
        self.distance = MultiScaleLoss().to(device)
        self.optimizer = torch.optim.AdamW(
            [
                {"params": self.trained.levels.parameters(), "weight_decay": 1e-3, "share": 1.0},
                {
                    "params": self.trained.reverb.parameters(),
                    "weight_decay": 0.0,
                    "share": _ROOM_SHARE,
                },
            ],
            betas=(0.9, 0.98),
        )
        self.judging = torch.optim.AdamW(self.discriminator.parameters(), lr=3e-4, betas=(0.5, 0.9))

    def advance(self) -> float:
        """Do one step; return its loss, without what the discriminator says."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        # Every step draws from its own generator, so a resumed run sees what it would have seen.
        random = np.random.default_rng((settings.seed, self.step))
        hears = self.step >= settings.spectral_from * settings.steps and self.step % 2 == 0
        size, frames = settings.batch, settings.frames
        if hears:
            size, frames = settings.spectral_batch, settings.spectral_frames
        batch = moved(self.data.draw(random, size, frames, with_audio=hears), self.device)
        levels = levels_of(self.trained.levels, batch)
        told = recorded_loss(levels, batch) + settings.control_weight * control_loss(levels, batch)
        loss = told
        if self.step >= settings.adversarial_from * settings.steps:
            loss = loss + self._adversarial(levels, batch)
        if hears and batch.audio is not None:
            made = render(self.trained.reverb, levels, batch, seed=self.step) * batch.fade
            loss = loss + settings.spectral_weight * self.distance(made, batch.audio).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.trained.parameters(), _LARGEST_GRADIENT)
        if torch.isfinite(norm):  # else this step would be the last that means anything
            self.optimizer.step()
        self.step += 1
        return float(told.detach())

    def _adversarial(self, levels: Levels, batch: Batch) -> Tensor:
        """Train the discriminator for a step; return what it makes the generator pay."""
        settings, truth = self.settings, recorded_levels(batch)
        detached = Levels(*(each.detach() for each in levels))
        judged = discriminator_loss(
            self.discriminator(truth, batch), self.discriminator(detached, batch)
        )
        self.judging.zero_grad(set_to_none=True)
        judged.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.discriminator.parameters(), _LARGEST_GRADIENT)
        self.judging.step()
        with torch.no_grad():
            real = self.discriminator(truth, batch)
        self.discriminator.requires_grad_(requires_grad=False)
        fooling, matching = adversarial_losses(real, self.discriminator(levels, batch))
        self.discriminator.requires_grad_(requires_grad=True)
        return settings.adversarial_weight * fooling + settings.matching_weight * matching

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {
            "trained": self.trained,
            "discriminator": self.discriminator,
            "optimizer": self.optimizer,
            "judging": self.judging,
        }


def levels_of(generator: LevelGenerator, batch: Batch) -> Levels:
    """Return what a level generator makes of a batch's conditioning and true pitch."""
    levels: Levels = generator(
        batch.features,
        batch.pitch,
        batch.controls,
        batch.tuned_hz,
        batch.instrument,
        batch.chance,
    )
    return levels


def render(reverb: Reverb, levels: Levels, batch: Batch, *, seed: int) -> Tensor:
    """Return the audio of the levels at 16 kHz in the instruments' rooms, shape (B, 64 F)."""
    samples = batch.fade.shape[1]
    shares = torch.exp(levels.harmonics[..., :_HARMONICS_HEARD])
    tone = harmonic(batch.f0_hz, torch.exp(levels.amplitude), shares, ROOM_RATE, samples)
    noise = filtered_noise(torch.exp(levels.noise), ROOM_RATE, samples, seed=seed)
    audio: Tensor = reverb(tone + noise, batch.instrument)
    return audio


def moved(batch: Batch, device: str) -> Batch:
    """Return the batch on a device."""
    if device == "cpu":
        return batch
    columns: dict[str, Any] = {
        name: None if (value := getattr(batch, name)) is None else value.to(device)
        for name in Batch.__slots__
    }
    return Batch(**columns)
