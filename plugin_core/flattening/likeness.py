"""How like a flattened voice is to its model: the same note of both, dry, set side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.operator_synthesis import synthesize_operators
from plugin_core.dx7.envelopes import EnvelopeSpan
from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.engine.single_note import play_note
from plugin_core.flattening.flatten import SPAN, Flattened
from plugin_core.flattening.mean_notes import MIDDLE_VELOCITY, note_levels
from plugin_core.types import FRAME_RATE, Mono

HARMONICS = 30
AUDIBLE_DB = 50.0
"""Harmonics, and moments, further than this below the loudest do not count."""

_WINDOW_S = 0.05
_HOP_S = 0.02


@dataclass(frozen=True, slots=True)
class Likeness:
    """Root mean square differences over the note, dB."""

    level_db: float
    """Of the level over time, the mean aside."""
    harmonics_db: float
    """Of the harmonics, their sum aside, in the middle of the held note."""


def likeness(model: Ddx7Model, flattened: Flattened, pitch: int, sample_rate: int) -> Likeness:
    """Return how far the voice's note of middle velocity is from the model's."""
    wanted = model_note(model, pitch, SPAN, sample_rate)
    voice = flattened.voice.edited(lfo_pitch_depth=0)
    found = play_note(
        voice,
        pitch=pitch,
        velocity=MIDDLE_VELOCITY,
        on_samples=round(SPAN.on_s * sample_rate),
        total_samples=len(wanted),
        sample_rate=sample_rate,
    )
    levels = [_level_db(audio, sample_rate) for audio in (wanted, found)]
    heard = levels[0] > levels[0].max() - AUDIBLE_DB
    away = np.maximum(levels[1], levels[1].max() - AUDIBLE_DB) - levels[0]
    f0_hz = 440 * 2 ** ((pitch - 69) / 12)
    held = slice(round(0.4 * SPAN.on_s * sample_rate), round(0.9 * SPAN.on_s * sample_rate))
    lines = [_harmonics_db(audio[held], f0_hz, sample_rate) for audio in (wanted, found)]
    apart = lines[1] - lines[0]
    return Likeness(float(np.std(away[heard])), float(np.sqrt(np.mean(np.square(apart)))))


def model_note(model: Ddx7Model, pitch: int, span: EnvelopeSpan, sample_rate: int) -> Mono:
    """Return a note of the model at middle velocity, without noise, room and vibrato."""
    levels = note_levels(model, pitch, MIDDLE_VELOCITY, span)
    f0_hz = np.full(len(levels), 440 * 2 ** ((pitch - 69) / 12))
    return synthesize_operators(
        f0_hz,
        levels,
        None,
        model.ratios,
        int(model.playing(Playing.ALGORITHM)),
        sample_rate,
        round((len(levels) - 1) / FRAME_RATE * sample_rate),
        feedback=model.playing(Playing.FEEDBACK),
    )


def _level_db(audio: Mono, sample_rate: int) -> NDArray[np.float64]:
    """Return the level in windows of 50 ms, shape (windows,)."""
    size, hop = round(_WINDOW_S * sample_rate), round(_HOP_S * sample_rate)
    views = np.lib.stride_tricks.sliding_window_view(audio.astype(np.float64), size)[::hop]
    level: NDArray[np.float64] = 10 * np.log10(np.mean(np.square(views), axis=1) + 1e-14)
    return level


def _harmonics_db(audio: Mono, f0_hz: float, sample_rate: int) -> NDArray[np.float64]:
    """Return the levels of the harmonics over their sum, dB, those not heard at the floor."""
    window = np.hanning(len(audio))
    power = np.square(np.abs(np.fft.rfft(audio * window)))
    count = min(HARMONICS, int(0.48 * sample_rate / f0_hz))
    step = f0_hz * len(audio) / sample_rate
    around = max(2, round(0.1 * step))
    lines = []
    for harmonic in range(1, count + 1):
        middle = round(harmonic * step)
        lines.append(power[middle - around : middle + around + 1].sum())
    levels: NDArray[np.float64] = 10 * np.log10(np.array(lines) / np.sum(lines) + 1e-14)
    heard: NDArray[np.float64] = np.maximum(levels, levels.max() - AUDIBLE_DB)
    return heard
