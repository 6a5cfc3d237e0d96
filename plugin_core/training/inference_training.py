"""Training of DDSP Inference and of its baseline, the DDSP autoencoder.

The loss is the multi-scale spectral distance between the recording and what is synthesized from the
levels, at 16 kHz; above 8 kHz, where that is deaf, the measured levels are the aim. A run is
decided by its settings and seed, writes a checkpoint every few minutes and goes on from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plugin_core.audio.differentiable.filtered_noise import filtered_noise
from plugin_core.audio.differentiable.harmonic import harmonic
from plugin_core.synthesis.hearing_model import HearingModel
from plugin_core.synthesis.inference import Levels
from plugin_core.training.checkpoints import Part
from plugin_core.training.hearing_cache import AUDIO_RATE
from plugin_core.training.hearing_data import Batch, HearingData
from plugin_core.training.runs import Progress, go_on, learning_share, set_learning_rate
from plugin_core.training.spectral_losses import MultiScaleLoss
from plugin_core.types import HARMONICS

_HARMONICS_HEARD = 60
_CHECKPOINT_S = 120.0
_LARGEST_GRADIENT = 1.0
_NOISE_STEP_HZ = 375.0
_ROOM_SHARE = 0.2
"""A room's learning rate: its taps are small and many, and it is hardly mixed at first."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a run besides its data."""

    kind: str
    steps: int = 4000
    warm_up: int = 200
    measured_steps: int = 0
    """Steps at the start that aim at the measured levels only: cheap, for a model that must learn
    them from nothing."""
    batch: int = 16
    frames: int = 250
    learning_rate: float = 1e-3
    measured_weight: float = 0.5
    seed: int = 0


def train(
    data: HearingData,
    settings: Settings,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Callable[[Progress], None] = lambda _: None,
) -> HearingModel:
    """Train a model, or go on training it from the checkpoint in `folder`; return it.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    model = HearingModel(settings.kind).to(device)
    run = _Run(model, data, settings, device)
    go_on(
        run,
        settings.steps,
        folder / f"{settings.kind}.checkpoint",
        every_s=_CHECKPOINT_S,
        progress=progress,
    )
    return model


class _Run:
    def __init__(
        self, model: HearingModel, data: HearingData, settings: Settings, device: str
    ) -> None:
        self.model, self.data, self.settings, self.device = model, data, settings, device
        self.step = 0
        self.distance = MultiScaleLoss().to(device)
        self.optimizer = torch.optim.AdamW(
            [
                {"params": model.network.parameters(), "weight_decay": 1e-3, "share": 1.0},
                {"params": model.reverb.parameters(), "weight_decay": 0.0, "share": _ROOM_SHARE},
            ],
            betas=(0.9, 0.98),
        )

    def advance(self) -> float:
        """Do one step; return its loss."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        # Every step draws from its own generator, so a resumed run sees what it would have seen.
        random = np.random.default_rng((settings.seed, self.step))
        batch = _moved(self.data.draw(random, settings.batch, settings.frames), self.device)
        if not self.model.hears_relative_levels:
            batch = batch.at_own_level()
        levels = self.model.network(batch.heard, batch.instrument)
        loss = settings.measured_weight * measured_loss(
            levels, batch, everywhere=settings.kind == "autoencoder"
        )
        if self.step >= settings.measured_steps:
            audio = render(self.model, levels, batch, seed=self.step)
            loss = loss + self.distance(audio * batch.fade, batch.audio).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"model": self.model, "optimizer": self.optimizer}


def held_out_distances(model: HearingModel, data: HearingData) -> dict[str, float]:
    """Return the spectral distance from the held-out recordings by instrument, at 16 kHz.

    A recording counts by its length.
    """
    distance = MultiScaleLoss()
    sums: dict[str, tuple[float, int]] = {}
    with torch.inference_mode():
        for instrument, heard in data.held_out():
            batch = heard if model.hears_relative_levels else heard.at_own_level()
            audio = render(model, model.network(batch.heard, batch.instrument), batch, seed=0)
            samples = audio.shape[1]
            total, length = sums.get(instrument, (0.0, 0))
            total += samples * float(distance(audio, batch.audio))
            sums[instrument] = total, length + samples
    return {instrument: total / length for instrument, (total, length) in sums.items()}


def render(model: HearingModel, levels: Levels, batch: Batch, *, seed: int) -> Tensor:
    """Return the audio of the levels at 16 kHz, shape (B, 64 F), at the recording's own level."""
    samples = batch.audio.shape[1]
    gain = batch.gain.unsqueeze(-1)
    amplitudes = torch.exp(levels.harmonics[..., :_HARMONICS_HEARD] - gain)
    amplitude = amplitudes.sum(-1)
    shares = amplitudes / amplitude.unsqueeze(-1).clamp(min=1e-12)
    tone = harmonic(batch.heard.f0_hz, amplitude, shares, AUDIO_RATE, samples)
    noise = filtered_noise(torch.exp(levels.noise - gain), AUDIO_RATE, samples, seed=seed)
    audio: Tensor = model.reverb(tone + noise, batch.instrument)
    return audio


def measured_loss(levels: Levels, batch: Batch, *, everywhere: bool) -> Tensor:
    """Return the mean distance from the measured levels, in nepers, where the recording has sound.

    Without `everywhere` only above 8 kHz, which the spectral distance does not hear.
    """
    heard = batch.heard
    nyquist = batch.nyquist_hz.unsqueeze(-1)
    numbers = torch.arange(1, HARMONICS + 1, device=nyquist.device)
    bands = torch.arange(heard.noise.shape[-1], device=nyquist.device) * _NOISE_STEP_HZ
    total = torch.zeros((), device=nyquist.device)
    for predicted, measured, hz in (
        (levels.harmonics, heard.harmonics, numbers * heard.f0_hz.unsqueeze(-1)),
        (levels.noise, heard.noise, bands.expand_as(heard.noise)),
    ):
        counts = hz < nyquist
        if not everywhere:
            counts = counts & (hz > AUDIO_RATE / 2)
        # What is 90 dB under full scale matters less and less.
        weight = counts * torch.sigmoid((measured + 10.0) / 1.5)
        total = total + (weight * (predicted - measured).abs()).sum() / weight.sum().clamp(min=1.0)
    return total


def _moved(batch: Batch, device: str) -> Batch:
    if device == "cpu":
        return batch
    heard = type(batch.heard)(*(tensor.to(device) for tensor in batch.heard))
    rest = (batch.gain, batch.instrument, batch.nyquist_hz, batch.audio, batch.fade)
    return Batch(heard, *(tensor.to(device) for tensor in rest))
