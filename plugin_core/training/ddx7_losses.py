"""What DDX7 models are trained on: one period of FM for a frame, then the audio of many.

The first loss is cheap: the FFT of a period is the line spectrum, which is compared with the
analysed harmonics. The second is equation 5 of Caspe et al. 2022, by the definition that Hexachord
is judged by (`spectral_losses`), of the sound in its room.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from plugin_core.audio.differentiable.filtered_noise import filtered_noise
from plugin_core.audio.differentiable.fm import fm_audio, fm_period
from plugin_core.audio.differentiable.reverb import delayed
from plugin_core.engine.ddx7_layout import LOUDNESS_FLOOR_DB
from plugin_core.synthesis.ddx7_model import Configuration, Ddx7Model, network_inputs
from plugin_core.training.ddx7_excerpts import CONTEXT, Excerpts
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.spectral_losses import MultiScaleLoss
from plugin_core.types import HARMONICS

_PERIOD_FRAMES = 512
_POINTS = 256
_LEAST_LINE = 2e-4
_LOG_LINE_WEIGHT = 0.5
_SILENCE_WEIGHT = 0.1
_LEAST_BAND = 1e-6
_LEAST_LEVEL = 1e-5


class Levels(NamedTuple):
    """What a model says of excerpts: (B, F, 6) and (B, F, 65)."""

    operators: Tensor
    noise: Tensor


def levels_of(model: Ddx7Model, batch: Excerpts) -> Levels:
    """Return the levels of excerpts."""
    return Levels(*model(network_inputs(batch.loudness_db, batch.f0_hz)))


def period_loss(
    levels: Levels, batch: Excerpts, configuration: Configuration, random: np.random.Generator
) -> Tensor:
    """Return how far the line spectra of some voiced frames are from the analysed ones.

    Amplitudes relative to their sum, their logarithms over the noise, and the logarithm of the
    whole; where nothing is voiced, carriers that are louder than the recording.
    """
    judged = torch.zeros_like(batch.is_voiced)
    judged[:, CONTEXT:] = True
    loss = _SILENCE_WEIGHT * _too_loud(levels, batch, configuration, judged & ~batch.is_voiced)
    rows = (judged & batch.is_voiced).nonzero()
    if not len(rows):
        return loss
    if len(rows) > _PERIOD_FRAMES:
        rows = rows[torch.from_numpy(random.permutation(len(rows))[:_PERIOD_FRAMES])]
    item, frame = rows.unbind(1)
    made = line_amplitudes(levels.operators[item, frame], configuration)
    known = min(made.shape[1], HARMONICS)
    made, lines = made[:, :known], batch.lines[item, frame][:, :known]
    number = torch.arange(1, known + 1, device=lines.device)
    heard = number * batch.f0_hz[item, frame][:, None] < batch.highest_hz[item][:, None]
    total = (lines * heard).sum(dim=1).clamp(min=_LEAST_LEVEL)
    floor = (batch.noise[item, frame].amax(dim=1) + _LEAST_LINE * total)[:, None]
    linear = ((made - lines).abs() * heard).sum(dim=1) / total
    logarithmic = ((made + floor).log() - (lines + floor).log()).abs() * heard
    apart = (_level(made * heard) - _level(lines * heard)).abs()
    return (
        loss
        + (linear + apart).mean()
        + _LOG_LINE_WEIGHT * (logarithmic.sum(dim=1) / heard.sum(dim=1).clamp(min=1)).mean()
    )


def line_amplitudes(operators: Tensor, configuration: Configuration) -> Tensor:
    """Return the amplitudes of the lines at whole multiples of the pitch, (N, 127) or so.

    `operators` are levels of N frames, (N, 6); what lies between the multiples is left out.
    """
    cycles = configuration.cycles
    size = _POINTS * cycles
    period = fm_period(
        operators,
        configuration.ratios,
        configuration.algorithm,
        cycles=cycles,
        size=size,
        feedback=configuration.feedback,
        operators=configuration.operators,
    )
    spectrum: Tensor = torch.fft.rfft(period)
    return spectrum.abs()[:, cycles : size // 2 : cycles] * (2 / size)


def band_loss(levels: Levels, batch: Excerpts) -> Tensor:
    """Return the mean distance of the noise from the analysed one, in nepers."""
    known = batch.known_bands()
    made, there = (each[:, CONTEXT:] + _LEAST_BAND for each in (levels.noise, batch.noise))
    distance = (made.log() - there.log()).abs() * known
    return distance.sum() / (known.sum() * distance.shape[1]).clamp(min=1)


def render(
    model: Ddx7Model, levels: Levels, batch: Excerpts, *, seed: int, is_dry: bool = False
) -> Tensor:
    """Return the sound of the levels at 16 kHz, (B, 64 F), in the model's room unless dry."""
    configuration = model.configuration
    samples = batch.f0_hz.shape[1] * FRAME_SAMPLES
    audio = fm_audio(
        batch.f0_hz,
        levels.operators,
        configuration.ratios,
        configuration.algorithm,
        AUDIO_RATE,
        samples,
        feedback=configuration.feedback,
        operators=configuration.operators,
    )
    if configuration.noise:
        audio = audio + filtered_noise(levels.noise, AUDIO_RATE, samples, seed=seed)
    if is_dry:
        return audio
    response = model.room.response()
    return audio + delayed(audio, response.expand(len(audio), -1))


def audio_loss(distance: MultiScaleLoss, audio: Tensor, batch: Excerpts) -> Tensor:
    """Return the multi-scale spectral distance of what was rendered, its context apart.

    Where the recording is digitally silent nothing is judged: nothing is heard of it
    (`analysis.sounding.silence_gate`), and the logarithm of nothing would outweigh all else.
    """
    since = CONTEXT * FRAME_SAMPLES
    heard = (batch.loudness_db > LOUDNESS_FLOOR_DB).repeat_interleave(FRAME_SAMPLES, dim=1)
    distances: Tensor = distance((audio * heard)[:, since:], (batch.audio * heard)[:, since:])
    return distances.mean()


def _too_loud(
    levels: Levels, batch: Excerpts, configuration: Configuration, where: Tensor
) -> Tensor:
    carriers = [op - 1 for op in configuration.carriers if op in configuration.operators]
    made = levels.operators[..., carriers].sum(dim=-1)[where]
    if not len(made):
        return levels.operators.sum() * 0.0
    there = 10 ** (batch.loudness_db[where] / 20)
    above = (made + _LEAST_BAND).log() - (there + _LEAST_LEVEL).log()
    return torch.relu(above).mean()


def _level(lines: Tensor) -> Tensor:
    return (lines.square().sum(dim=1) + _LEAST_LEVEL**2).log() / 2
