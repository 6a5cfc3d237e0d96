"""Training of the baseline of DDX7: on the analysed parameters first, then on audio.

In the framework of `ddx7_training`: the same recordings, excerpts, room and multi-scale loss (Caspe
et al. 2022, section 5.2.1). What the decoder says is what the analysis measures, so that harmonics
and noise are nearly right before the first second of audio is rendered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from plugin_core.audio.differentiable.filtered_noise import filtered_noise
from plugin_core.audio.differentiable.harmonic import harmonic
from plugin_core.audio.differentiable.reverb import delayed
from plugin_core.engine.ddx7_layout import LOUDNESS_FLOOR_DB
from plugin_core.synthesis.ddx7_model import ROOM_RATE, Room, network_inputs
from plugin_core.synthesis.hpn_decoder import HpnDecoder, Sound
from plugin_core.training.checkpoints import Part
from plugin_core.training.ddx7_data import Material
from plugin_core.training.ddx7_excerpts import Excerpts, draw, take_shares
from plugin_core.training.half_gru import half_gru
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.runs import Progress, descend, go_on, learning_share, set_learning_rate
from plugin_core.training.spectral_losses import MultiScaleLoss
from plugin_core.types import HARMONICS

_CHECKPOINT_S = 60.0
_CONTEXT = 50
"""Frames at the beginning of an excerpt that only fill the memory."""
_HARMONICS_HEARD = 60
"""Those under 8 kHz of all that three instruments play are fewer."""
_LEAST_LINE = 1e-5
_LEAST_BAND = 1e-6
_ROOM_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class HpnSettings:
    """All that decides a run besides its data."""

    steps: int = 1500
    measured_steps: int = 225
    """The first steps learn what the analysis measured, all others audio."""
    warm_up: int = 50
    batch: int = 8
    frames: int = 250
    learning_rate: float = 1e-3
    measured_weight: float = 0.2
    """Of what was measured, while audio is learnt."""
    largest_gradient: float = 3.0
    favoured: str = "urmp"
    favoured_share: float = 0.6
    seed: int = 0


class HpnModel(nn.Module):
    """A decoder and the room that the recordings were made in."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder = HpnDecoder()
        self.room = Room(ROOM_RATE)

    def forward(self, batch: Excerpts) -> Sound:
        """Return the sound of excerpts; in training to the precision that training needs."""
        inputs = network_inputs(batch.loudness_db, batch.f0_hz)
        if not self.training:
            exact: Sound = self.decoder(inputs)
            return exact
        with torch.autocast("cpu", torch.bfloat16):
            remembered = half_gru(self.decoder.entered(inputs), self.decoder.gru)
            hidden = self.decoder.hidden(inputs, remembered)
        return self.decoder.said(hidden.float())


def train_hpn(
    material: Material,
    settings: HpnSettings,
    folder: Path,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> HpnModel:
    """Train a baseline, or go on from the checkpoint in `folder`; return it.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    torch.manual_seed(settings.seed)
    run = HpnRun(material, settings)
    go_on(run, settings.steps, folder / "hpn.checkpoint", every_s=_CHECKPOINT_S, progress=progress)
    return run.model.eval()


class HpnRun:
    """A training, step by step (`runs.Run`)."""

    device = "cpu"

    def __init__(self, material: Material, settings: HpnSettings) -> None:
        self.settings = settings
        self.step = 0
        self.takes = material.training
        self.shares = take_shares(self.takes, settings.favoured, settings.favoured_share)
        self.model = HpnModel().train()
        self.distance = MultiScaleLoss()
        self.optimizer = torch.optim.AdamW(
            [
                {"params": self.model.decoder.parameters(), "weight_decay": 1e-3, "share": 1.0},
                {"params": self.model.room.parameters(), "weight_decay": 0.0, "share": _ROOM_SHARE},
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
        batch = draw(random, self.takes, self.shares, settings.batch, settings.frames)
        sound = self.model(batch)
        loss = measured_loss(sound, batch)
        if self.step >= settings.measured_steps:
            audio = render(sound, batch, self.model.room, seed=self.step)
            # What is digitally silent is not judged, as in `ddx7_losses.audio_loss`.
            judged = batch.loudness_db > LOUDNESS_FLOOR_DB
            judged[:, :_CONTEXT] = False
            heard = judged.repeat_interleave(FRAME_SAMPLES, dim=1)
            distance = self.distance(audio * heard, batch.audio * heard).mean()
            loss = settings.measured_weight * loss + distance
        self.step += 1
        return descend(self.optimizer, loss, self.model.parameters(), settings.largest_gradient)

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"model": self.model, "optimizer": self.optimizer}


def measured_loss(sound: Sound, batch: Excerpts) -> Tensor:
    """Return the mean distance from the analysed parameters.

    Of harmonics under the highest known frequency: amplitudes relative to their sum, and their
    logarithms; of noise bands the logarithms. Soft ones count as well: the spectral distance is
    mostly of them.
    """
    made = torch.exp(sound.amplitude.unsqueeze(-1) + sound.shares)[:, _CONTEXT:]
    lines, noise = batch.lines[:, _CONTEXT:], batch.noise[:, _CONTEXT:]
    number = torch.arange(1, HARMONICS + 1, device=lines.device)
    hz = number * batch.f0_hz[:, _CONTEXT:].unsqueeze(-1)
    known = (hz < batch.highest_hz[:, None, None]).float()
    total = (lines * known).sum(-1, keepdim=True) + _LEAST_LINE
    linear = ((made - lines).abs() * known / total).sum(-1).clamp(max=4.0)
    logarithmic = ((made + _LEAST_LINE).log() - (lines + _LEAST_LINE).log()).abs() * known
    bands = batch.known_bands()
    noises = torch.exp(sound.noise[:, _CONTEXT:]) + _LEAST_BAND
    hiss = (noises.log() - (noise + _LEAST_BAND).log()).abs() * bands
    return (
        0.5 * linear.mean()
        + (logarithmic.sum(-1) / known.sum(-1).clamp(min=1)).mean()
        + hiss.sum() / (bands.sum() * hiss.shape[1]).clamp(min=1)
    )


def render(sound: Sound, batch: Excerpts, room: Room, *, seed: int) -> Tensor:
    """Return the sound in the room at 16 kHz, shape (B, 64 F)."""
    samples = batch.f0_hz.shape[1] * FRAME_SAMPLES
    shares = torch.exp(sound.shares[..., :_HARMONICS_HEARD])
    tone = harmonic(batch.f0_hz, torch.exp(sound.amplitude), shares, AUDIO_RATE, samples)
    audio = tone + filtered_noise(torch.exp(sound.noise), AUDIO_RATE, samples, seed=seed)
    return audio + delayed(audio, room.response().expand(len(audio), -1))
