"""How recordings brighten with loudness, and what a DDX7 model lacks of that.

Training varies the level of recordings, so that soft passages and soft recordings both sound right;
the price is a network that hardly brightens with loudness. What it lacks is measured here, and the
engine gives it to the modulators of notes that are played (`engine.ddx7_layout.Life.MODULATION`).
Brightness is the centroid of the harmonics in harmonic numbers (DESIGN.md, section 5), in octaves.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.engine.ddx7_layout import SEEN_FRAMES, Playing
from plugin_core.expression.extraction import harmonic_centroids
from plugin_core.synthesis.ddx7_export import PlayingTables
from plugin_core.synthesis.ddx7_model import Configuration
from plugin_core.training.ddx7_data import REFERENCE_DB, Take
from plugin_core.training.ddx7_losses import line_amplitudes
from plugin_core.training.ddx7_tables import pitch_of, sounding_together

Play = Callable[[Tensor, Tensor], Tensor]
"""Loudness in dB and f0 in Hz, both (batch, frames) -> operator levels (batch, frames, 6)."""

_HIGHEST_HZ = 20000.0
_FEWEST_FRAMES = 50
_PITCHES = (0.1, 0.3, 0.5, 0.7, 0.9)
_APART_DB = 10.0
_MODULATORS_DB = 2.0
_LEAST_EFFECT = 0.01
_MOST_MODULATION = 0.5


def recorded_brightening(takes: Sequence[Take]) -> float:
    """Return by how many octaves the centroid rises per dB of loudness, at one pitch.

    Within recordings of one level and within semitones: body and register colour what lies between.
    0 where too little was recorded.
    """
    apart = squares = 0.0
    for group in sounding_together(takes):
        semitones = np.concatenate([np.round(pitch_of(each.take)[each.where]) for each in group])
        loudness = np.concatenate([each.take.loudness_db[each.where] for each in group])
        bright = np.concatenate(
            [_centroid(each.take.lines[each.where], each.take.f0_hz[each.where]) for each in group]
        )
        for semitone in np.unique(semitones):
            own = semitones == semitone
            if np.count_nonzero(own) < _FEWEST_FRAMES:
                continue
            louder = loudness[own].astype(np.float64) - loudness[own].mean()
            apart += float(louder @ (bright[own] - bright[own].mean()))
            squares += float(louder @ louder)
    return apart / squares if squares > 0.0 else 0.0


def missing_modulation(
    play: Play, configuration: Configuration, takes: Sequence[Take], tables: PlayingTables
) -> float:
    """Return how much modulators are to be turned up with loudness, dB per dB, 0..0.5.

    So much that notes of usual pitches, 10 dB softer and louder than usual, brighten as recordings
    do.
    """
    semitones = np.concatenate(
        [
            np.round(pitch_of(each.take)[each.where])
            for group in sounding_together(takes)
            for each in group
        ]
        or [np.zeros(0)]
    )
    modulators = [op for op in configuration.operators if op not in configuration.carriers]
    if not len(semitones) or not modulators:
        return 0.0
    pitches = np.unique(np.quantile(semitones, _PITCHES))
    octaves = (pitches - tables.numbers[Playing.MIDDLE_PITCH]) / 12
    usual = REFERENCE_DB + tables.numbers[Playing.NOTE_DB]
    usual_db = usual + tables.numbers[Playing.SLOPE_DB] * octaves
    f0_hz = 440 * 2 ** ((pitches - 69) / 12)

    def bright(louder_db: float, modulators_db: float) -> NDArray[np.float64]:
        shape = (len(pitches), SEEN_FRAMES + 1)
        loudness = torch.from_numpy(usual_db + louder_db).float()[:, None].expand(shape)
        with torch.no_grad():
            levels = play(loudness, torch.from_numpy(f0_hz).float()[:, None].expand(shape))[:, -1]
            levels = levels.clone()
            for op in modulators:
                levels[:, op - 1] *= 10 ** (modulators_db / 20)
            lines = line_amplitudes(levels, configuration).numpy()
        return _centroid(lines, f0_hz)

    own = (bright(_APART_DB, 0.0) - bright(-_APART_DB, 0.0)).mean() / (2 * _APART_DB)
    effect = (bright(0.0, _MODULATORS_DB) - bright(0.0, -_MODULATORS_DB)).mean()
    effect /= 2 * _MODULATORS_DB
    if effect < _LEAST_EFFECT:
        return 0.0
    missing = (recorded_brightening(takes) - own) / effect
    return float(np.clip(missing, 0.0, _MOST_MODULATION))


def _centroid(lines: NDArray[np.float32], f0_hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the centroid of every frame's lines, (frames, harmonics), in octaves over f0."""
    number = np.arange(1, lines.shape[1] + 1)
    heard = number * np.asarray(f0_hz)[:, None] < _HIGHEST_HZ
    octaves: NDArray[np.float64] = np.log2(np.maximum(harmonic_centroids(lines * heard)[0], 1.0))
    return octaves
