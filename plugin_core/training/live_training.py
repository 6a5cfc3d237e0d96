"""Training of the frame networks of a live model: pitch and levels together.

Most of a run learns the analysed parameters and the asked controls; the last part hears the
multi-scale spectral loss of the audio as well, every other step. The true pitch is given to the
levels. A run is decided by its settings and data, writes a checkpoint every few minutes and goes on
from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plugin_core.audio.differentiable.filtered_noise import filtered_noise
from plugin_core.audio.differentiable.harmonic import harmonic
from plugin_core.engine.live_layout import Widths
from plugin_core.synthesis.streaming import WIDTHS, StreamingModel
from plugin_core.training.checkpoints import Part
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.live_data import LiveData
from plugin_core.training.live_excerpts import Batch
from plugin_core.training.live_losses import (
    Levels,
    band_loss,
    control_loss,
    levels_of,
    pitch_loss,
    recorded_loss,
    spectrum_loss,
)
from plugin_core.training.runs import Progress, descend, go_on, learning_share, set_learning_rate
from plugin_core.training.spectral_losses import MultiScaleLoss

_HARMONICS_HEARD = 60
_CHECKPOINT_S = 60.0
_LARGEST_GRADIENT = 1.0


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """All that decides a run besides its data."""

    steps: int = 5000
    warm_up: int = 100
    batch: int = 16
    frames: int = 600
    learning_rate: float = 2e-3
    spectral_from: float = 0.98
    """The share of the steps after which every other one hears audio, on shorter batches."""
    spectral_batch: int = 6
    spectral_frames: int = 500
    control_weight: float = 2.0
    spectrum_weight: float = 0.5
    band_weight: float = 1.5
    pitch_weight: float = 2.0
    spectral_weight: float = 0.3
    widths: tuple[int, int, int, int] = (*WIDTHS,)
    """The fields of `Widths`, plain, as checkpoints keep them."""
    seed: int = 0


def train_live(
    data: LiveData,
    settings: LiveSettings,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Callable[[Progress], None] = lambda _: None,
) -> StreamingModel:
    """Train a live model's frame networks, or go on from the checkpoint in `folder`; return it.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    run = _Run(data, settings, device)
    go_on(run, settings.steps, folder / "live.checkpoint", every_s=_CHECKPOINT_S, progress=progress)
    return run.model


class _Run:
    def __init__(self, data: LiveData, settings: LiveSettings, device: str) -> None:
        self.data, self.settings, self.device = data, settings, device
        self.step = 0
        self.model = StreamingModel(len(data.instruments), Widths(*settings.widths)).to(device)
        self.distance = MultiScaleLoss().to(device)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), weight_decay=1e-3, betas=(0.9, 0.98)
        )

    def advance(self) -> float:
        """Do one step; return its loss."""
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
        levels = levels_of(self.model, batch)
        loss = (
            recorded_loss(levels, batch)
            + settings.control_weight * control_loss(levels, batch)
            + settings.spectrum_weight * spectrum_loss(levels, batch)
            + settings.band_weight * band_loss(levels, batch)
            + settings.pitch_weight * pitch_loss(self.model, batch)
        )
        if hears and batch.audio is not None:
            heard = batch.governed.repeat_interleave(FRAME_SAMPLES, dim=1)
            made = render(levels, batch, seed=self.step)
            distance = self.distance(made * heard, batch.audio * heard).mean()
            loss = loss + settings.spectral_weight * distance
        self.step += 1
        return descend(self.optimizer, loss, self.model.parameters(), _LARGEST_GRADIENT)

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"model": self.model, "optimizer": self.optimizer}


def render(levels: Levels, batch: Batch, *, seed: int) -> Tensor:
    """Return the audio of the levels at 16 kHz, dry, shape (B, 64 F)."""
    samples = batch.f0_hz.shape[1] * FRAME_SAMPLES
    shares = torch.exp(levels.harmonics[..., :_HARMONICS_HEARD])
    tone = harmonic(batch.f0_hz, torch.exp(levels.amplitude), shares, AUDIO_RATE, samples)
    return tone + filtered_noise(torch.exp(levels.noise), AUDIO_RATE, samples, seed=seed)


def moved(batch: Batch, device: str) -> Batch:
    """Return the batch on a device."""
    if device == "cpu":
        return batch
    columns: dict[str, Any] = {}
    for each in fields(batch):
        value = getattr(batch, each.name)
        columns[each.name] = None if value is None else value.to(device)
    return Batch(**columns)
