"""What the live model is trained for: recorded levels and pitch, long spectra, asked controls.

The levels are compared as logarithms where they can be heard (Grechin and Groves train their
decoder on spectra alone; analysed parameters are cheaper by far, DESIGN.md, section 7); the
spectrum of a whole note once more by itself, since that is what a timbre is known by. The
control-consistency loss extracts the six controls from what was made.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from plugin_core.engine import live_network
from plugin_core.expression import differentiable_extraction as extraction
from plugin_core.synthesis.streaming import StreamingModel
from plugin_core.training.live_excerpts import Batch
from plugin_core.types import CONTROLS, HARMONICS, NOISE_BANDS

_NEPERS = live_network.NEPERS
_AUDIBLE_DB = -95.0
"""Levels below this matter less and less: 60 dB under a loud note's amplitude."""
_UNDER_DB = 20.0
_SPECTRUM_DB = 60.0
_ATTACK_FRAMES = 10
_VOLUME, _BRIGHTNESS = CONTROLS.index("volume"), CONTROLS.index("brightness")
_WIDEST_MISS = 1.0
_SHORTEST_NOTE = 12


_EDGES_HZ = 1000.0 * 2.0 ** ((torch.arange(-15, 10) - 0.5) / 3.0)
"""Of the third octaves from 31 Hz to 6.3 kHz."""
_NOISE_STEP_HZ = 375.0
_NOISE_DENSITY = 1.0 / 3.0 / 24000.0
"""Power in each Hz of noise of magnitude 1: uniform in +-1 at 48 kHz."""


def _noise_in_bands() -> Tensor:
    """Return the power in each third octave of each noise magnitude squared, (65, 24)."""
    centres = torch.sqrt(_EDGES_HZ[1:] * _EDGES_HZ[:-1])
    place = centres / _NOISE_STEP_HZ
    bands = torch.arange(NOISE_BANDS).unsqueeze(1)
    hats = (1.0 - (place - bands).abs()).clamp(min=0.0)
    return hats * (_EDGES_HZ[1:] - _EDGES_HZ[:-1]) * _NOISE_DENSITY


_NOISE_IN_BANDS = _noise_in_bands()


class Levels(NamedTuple):
    """Natural logarithms of synthesis parameters, for batches of B excerpts of F frames."""

    amplitude: Tensor
    """Sum of the harmonics' peak amplitudes, shape (B, F)."""
    harmonics: Tensor
    """Shares, their exponentials sum to 1, shape (B, F, 100)."""
    noise: Tensor
    """Noise magnitudes, shape (B, F, 65)."""


def levels_of(model: StreamingModel, batch: Batch) -> Levels:
    """Return what the model makes of a batch whose pitch is the recorded one."""
    raw, _ = model(
        batch.features, batch.deviation, batch.instrument, model.start(len(batch.instrument))
    )
    return finished(raw, batch.controls)


def finished(raw: Tensor, controls: Tensor) -> Levels:
    """Return the levels that raw outputs mean: `engine.live_network.finish_levels` on batches.

    `raw` (B, F, LEVEL_OUTPUTS), `controls` (B, F, 6).
    """
    volume = controls[..., _VOLUME].clamp(-0.5, 1.5)
    base = (live_network.VOLUME_FLOOR_DB + live_network.VOLUME_RANGE_DB * volume) * _NEPERS
    centroid = (live_network.CENTROID * controls[..., _BRIGHTNESS]).clamp(
        live_network.LEAST_CENTROID, live_network.MOST_CENTROID
    )
    fall = torch.log(1.0 - 1.0 / centroid).unsqueeze(-1)
    shares = raw[..., 1 : 1 + HARMONICS] + fall * torch.arange(HARMONICS, device=raw.device)
    return Levels(
        (base + raw[..., 0]).clamp(-16.0, 1.0),
        torch.log_softmax(shares, dim=-1),
        (live_network.NOISE_BASE_DB * _NEPERS + raw[..., 1 + HARMONICS :]).clamp(-16.0, 1.0),
    )


def recorded_loss(levels: Levels, batch: Batch) -> Tensor:
    """Return the mean distance from the recorded levels in nepers, where either is audible."""
    partials = levels.amplitude.unsqueeze(-1) + levels.harmonics
    governed = batch.governed
    wide = governed.unsqueeze(-1)
    return (
        _distance(levels.amplitude, batch.amplitude, governed)
        + _distance(partials, batch.harmonics, batch.harmonics_known * wide)
        + 0.7 * _distance(levels.noise, batch.noise, batch.noise_known * wide)
    )


def _distance(made: Tensor, recorded: Tensor, known: Tensor) -> Tensor:
    louder = torch.maximum(made.detach(), recorded)
    weight = known * torch.sigmoid(louder - _AUDIBLE_DB * _NEPERS)
    least = (_AUDIBLE_DB - _UNDER_DB) * _NEPERS
    distance = (made.clamp(min=least) - recorded.clamp(min=least)).abs()
    return (weight * distance).sum() / weight.sum().clamp(min=1.0)


def pitch_loss(model: StreamingModel, batch: Batch) -> Tensor:
    """Return how far the model's own pitch is from the recorded one where a tone can be heard.

    In semitones, by the absolute value within one: vibrato averages out, slips do not pull.
    """
    out = model.pitch(batch.features, batch.instrument)
    octaves, gap_s = batch.joins.unbind(-1)
    nearness = torch.exp(-gap_s / live_network.GLIDE_DECAY_S)
    made = out[..., 1] - 12.0 * octaves * nearness * out[..., 0]
    miss = (made - batch.deviation[..., 0]).abs()
    weight = batch.governed * torch.sigmoid(batch.amplitude - (_AUDIBLE_DB + 15.0) * _NEPERS)
    bounded = torch.where(miss < _WIDEST_MISS, miss, _WIDEST_MISS + 0.1 * (miss - _WIDEST_MISS))
    return (weight * bounded).sum() / weight.sum().clamp(min=1.0)


def spectrum_loss(levels: Levels, batch: Batch) -> Tensor:
    """Return how far whole notes' mean spectra are from the recorded ones, in nepers.

    The power of each harmonic over a note, within 60 dB of its strongest.
    """
    long = batch.note_lengths >= _SHORTEST_NOTE
    if not long.any():
        return levels.amplitude.sum() * 0.0
    starts, lengths = batch.note_starts[long], batch.note_lengths[long]
    mask = extraction.note_mask(lengths).unsqueeze(-1)
    count = lengths.unsqueeze(-1).float()

    def mean_level(partials: Tensor) -> Tensor:
        gathered = extraction.gather_notes(partials.flatten(0, 1), starts, lengths)
        power = (torch.exp(2.0 * gathered) * mask).sum(1) / count
        return 0.5 * torch.log(power + math.exp(2.0 * -15.0))

    made = mean_level(levels.amplitude.unsqueeze(-1) + levels.harmonics)
    recorded = mean_level(batch.harmonics)
    known = extraction.gather_notes(batch.harmonics_known.flatten(0, 1), starts, lengths)
    known = (known * mask).sum(1) >= 0.9 * count
    heard = recorded > recorded.amax(1, keepdim=True) - _SPECTRUM_DB * _NEPERS
    weight = (known & heard).float()
    return (weight * (made - recorded).abs()).sum() / weight.sum().clamp(min=1.0)


def band_loss(levels: Levels, batch: Batch) -> Tensor:
    """Return how far whole notes' long-term spectra are from the recorded ones, in nepers.

    Third octaves from that of the fundamental up to 6.3 kHz, tone and noise together, within 60 dB
    of the strongest, both at one power in these bands; the root mean square (`realism`).
    """
    long = batch.note_lengths >= _SHORTEST_NOTE
    if not long.any():
        return levels.amplitude.sum() * 0.0
    starts, lengths = batch.note_starts[long], batch.note_lengths[long]
    mask = extraction.note_mask(lengths).unsqueeze(-1)
    count = lengths.unsqueeze(-1).float()

    def mean(curve: Tensor) -> Tensor:
        gathered = extraction.gather_notes(curve.flatten(0, 1), starts, lengths)
        return (gathered * mask).sum(1) / count

    f0_hz = mean(batch.f0_hz.unsqueeze(-1))
    partials_hz = f0_hz * torch.arange(1, HARMONICS + 1, device=f0_hz.device)
    edges_hz = _EDGES_HZ.to(f0_hz.device)
    # Places 0 and 25 are what lies below and above all bands.
    band = torch.bucketize(partials_hz, edges_hz, right=True)
    of_noise = _NOISE_IN_BANDS.to(f0_hz.device)

    def spectrum(partials: Tensor, noise: Tensor) -> Tensor:
        tone = 0.5 * mean(torch.exp(2.0 * partials))
        summed = tone.new_zeros(len(tone), len(edges_hz) + 1).scatter_add(1, band, tone)
        return summed[:, 1:-1] + mean(torch.exp(2.0 * noise)) @ of_noise

    made = spectrum(levels.amplitude.unsqueeze(-1) + levels.harmonics, levels.noise)
    recorded = spectrum(batch.harmonics, batch.noise)
    known = mean(batch.noise_known)
    widest_hz = (known > 0.5).sum(1, keepdim=True) * _NOISE_STEP_HZ
    counted = (
        (edges_hz[1:] > f0_hz)
        & (edges_hz[1:] < widest_hz)
        & (recorded > recorded.amax(1, keepdim=True) * 10.0 ** (-_SPECTRUM_DB / 10.0))
    ).float()

    def logarithm(bands: Tensor) -> Tensor:
        share = bands / (bands * counted).sum(1, keepdim=True).clamp(min=1e-20)
        return 0.5 * torch.log(share.clamp(min=1e-9))

    square = (counted * (logarithm(made) - logarithm(recorded)).square()).sum(1)
    return torch.sqrt(square / counted.sum(1).clamp(min=1.0) + 1e-8).mean()


def control_misses(levels: Levels, batch: Batch) -> Tensor | None:
    """Return made minus asked controls of whole notes, shape (N, 6), None if there is no note.

    What is asked lies within 0..1; more or less than an end is no miss where that end is asked. The
    peak counts by how much the level moves; vibrato, which is the engine's, is 0; fluctuation and
    peak are 0 where the player did not know the note's length.
    """
    if not len(batch.note_starts):
        return None
    lengths = batch.note_lengths

    def of_notes(curve: Tensor) -> Tensor:
        return extraction.gather_notes(curve.flatten(0, 1), batch.note_starts, lengths)

    mask = extraction.note_mask(lengths)
    levels_db = extraction.level_db(of_notes(torch.exp(levels.amplitude)))
    attack = torch.exp(of_notes(levels.noise)[:, :_ATTACK_FRAMES])
    asked, known = batch.asked.clamp(0.0, 1.0), batch.length_known
    moves = (asked[:, 1] / 0.1).clamp(0.0, 1.0)
    made = (
        extraction.volume(levels_db, mask) - asked[:, 0],
        known * (extraction.volume_fluctuation(levels_db, mask) - asked[:, 1]),
        known * moves * (extraction.volume_peak_position(levels_db, mask) - asked[:, 2]),
        torch.zeros_like(known),
        extraction.brightness(of_notes(torch.exp(levels.harmonics)), mask) - asked[:, 4],
        extraction.attack_noise(attack, mask) - asked[:, 5],
    )
    misses = torch.stack(made, dim=1)
    beyond = ((asked <= 0.0) & (misses < 0.0)) | ((asked >= 1.0) & (misses > 0.0))
    return torch.where(beyond, torch.zeros_like(misses), misses)


_CONTROL_WEIGHTS = (2.0, 2.0, 1.0, 0.0, 1.5, 1.0)


def control_loss(levels: Levels, batch: Batch) -> Tensor:
    """Return the mean distance between the controls asked for and those that the levels have."""
    misses = control_misses(levels, batch)
    if misses is None:
        return levels.amplitude.sum() * 0.0
    return (misses.abs() * misses.new_tensor(_CONTROL_WEIGHTS)).mean(0).sum()
