"""What the level generator is trained for: the recording's levels, its sound, the asked controls,
and to be taken for real by a discriminator.

Sources: MIDI-DDSP, section 3.3, equation 2 (spectral, LSGAN and feature-matching losses); the
control-consistency loss is ours (DESIGN.md, section 7).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from plugin_core.expression import differentiable_extraction as extraction
from plugin_core.synthesis.level_generator import Levels
from plugin_core.synthesis.note_conditioning import WIDTH
from plugin_core.training.level_data import Batch
from plugin_core.types import NOISE_BANDS

_NEPER_PER_DB = math.log(10.0) / 20.0
_AUDIBLE_DB = -95.0
"""Levels below this matter less and less: 60 dB under a loud note's amplitude."""
_HEARD_HARMONICS = 50
_EMBEDDING = 16
_WIDTH = 96


def recorded_loss(levels: Levels, batch: Batch) -> Tensor:
    """Return the mean distance from the recorded levels in nepers, where either is audible."""
    partials = levels.amplitude.unsqueeze(-1) + levels.harmonics
    return (
        _distance(levels.amplitude, batch.amplitude, torch.ones_like(batch.amplitude))
        + _distance(partials, batch.harmonics, batch.harmonics_known)
        + _distance(levels.noise, batch.noise, batch.noise_known)
    )


def _distance(made: Tensor, recorded: Tensor, known: Tensor) -> Tensor:
    louder = torch.maximum(made.detach(), recorded)
    weight = known * torch.sigmoid((louder - _AUDIBLE_DB * _NEPER_PER_DB) / 1.0)
    # What both have under the floor is no difference.
    least = (_AUDIBLE_DB - 20.0) * _NEPER_PER_DB
    distance = (made.clamp(min=least) - recorded.clamp(min=least)).abs()
    return (weight * distance).sum() / weight.sum().clamp(min=1.0)


def control_loss(levels: Levels, batch: Batch) -> Tensor:
    """Return the mean distance between the controls asked for and those that the levels have.

    Vibrato is the pitch generator's. The peak counts by how much the level moves.
    """
    if not len(batch.note_starts):
        return levels.amplitude.sum() * 0.0
    lengths = batch.note_lengths

    def of_notes(curve: Tensor) -> Tensor:
        return extraction.gather_notes(curve.flatten(0, 1), batch.note_starts, lengths)

    mask = extraction.note_mask(lengths)
    amplitude = of_notes(torch.exp(levels.amplitude))
    levels_db = extraction.level_db(amplitude)
    asked = batch.asked
    attack = torch.exp(of_notes(levels.noise)[:, :10])
    moves = (asked[:, 1] / 0.1).clamp(0.0, 1.0)
    misses = (
        2.0 * (extraction.volume(levels_db, mask) - asked[:, 0]).abs(),
        2.0 * (extraction.volume_fluctuation(levels_db, mask) - asked[:, 1]).abs(),
        0.5 * moves * (extraction.volume_peak_position(levels_db, mask) - asked[:, 2]).abs(),
        (extraction.brightness(of_notes(torch.exp(levels.harmonics)), mask) - asked[:, 4]).abs(),
        (extraction.attack_noise(attack, mask) - asked[:, 5]).abs(),
    )
    return torch.stack([miss.mean() for miss in misses]).sum()


class Judgement(NamedTuple):
    """What the discriminator makes of levels."""

    verdict: Tensor
    """1 is real, 0 is made, shape (B, F / 8)."""
    maps: tuple[Tensor, ...]
    """What its layers saw, for feature matching."""


class Discriminator(nn.Module):
    """Tells recorded from made levels, knowing the notes and the controls (LSGAN)."""

    def __init__(self, instruments: int) -> None:
        super().__init__()
        self.instrument = nn.Embedding(instruments, _EMBEDDING)
        width = WIDTH + _EMBEDDING + 2 + _HEARD_HARMONICS + NOISE_BANDS
        self.layers = nn.ModuleList(
            (
                nn.Conv1d(width, _WIDTH, 4, stride=2),
                nn.Conv1d(_WIDTH, _WIDTH, 4, stride=2),
                nn.Conv1d(_WIDTH, _WIDTH, 4, stride=2),
                nn.Conv1d(_WIDTH, _WIDTH, 5),
            )
        )
        self.leave = nn.Conv1d(_WIDTH, 1, 3)

    def forward(self, levels: Levels, batch: Batch) -> Judgement:
        """Return the verdicts on `levels`, whose conditioning is that of `batch`."""
        floor = _AUDIBLE_DB * _NEPER_PER_DB
        partials = levels.amplitude.unsqueeze(-1) + levels.harmonics[..., :_HEARD_HARMONICS]
        heard = partials.clamp(min=floor) * batch.harmonics_known[..., :_HEARD_HARMONICS]
        noise = levels.noise.clamp(min=floor - 2.0) * batch.noise_known
        key = 69.0 + 12.0 * torch.log2(batch.tuned_hz / 440.0)
        deviation = 4.0 * (key - batch.pitch).clamp(-1.0, 1.0)
        who = self.instrument(batch.instrument).unsqueeze(1)
        maps = torch.cat(
            (
                batch.features,
                who.expand(-1, batch.features.shape[1], -1),
                torch.stack((levels.amplitude.clamp(min=floor) + 5.0, deviation), -1),
                heard / 2.0 + 4.0,
                noise / 2.0 + 5.0,
            ),
            dim=-1,
        ).transpose(1, 2)
        seen = []
        for layer in self.layers:
            maps = nn.functional.leaky_relu(layer(maps), 0.2)
            seen.append(maps)
        return Judgement(self.leave(maps).squeeze(1), tuple(seen))


def recorded_levels(batch: Batch) -> Levels:
    """Return the levels of the recordings in the form of made ones."""
    return Levels(batch.amplitude, batch.harmonics - batch.amplitude.unsqueeze(-1), batch.noise)


def discriminator_loss(real: Judgement, made: Judgement) -> Tensor:
    """Return the least-squares loss of the discriminator (Mao et al. 2017)."""
    return (real.verdict - 1.0).square().mean() + made.verdict.square().mean()


def adversarial_losses(real: Judgement, made: Judgement) -> tuple[Tensor, Tensor]:
    """Return the generator's least-squares loss and the feature matching (Kumar et al. 2019)."""
    matching = torch.stack(
        [
            (ours - theirs.detach()).abs().mean() / theirs.detach().abs().mean().clamp(min=1e-3)
            for theirs, ours in zip(real.maps, made.maps, strict=True)
        ]
    )
    return (made.verdict - 1.0).square().mean(), matching.mean()
