"""The six controls that MIDI2Params gives to the notes of a performed phrase.

MIDI-DDSP, section 4.2: for table 1b from notes alone, for table 1c with the truth of all past notes
before each note and its own output within it. What the recording's sample rate cannot hold is left
out of its output too, so that both are measured alike.
"""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from plugin_core.expression.extraction import expression, extract, note_frames
from plugin_core.synthesis.midi2params import NO_LOUDNESS, NO_PITCH, Midi2Params, as_curves
from plugin_core.synthesis.midi2params_network import (
    STEP_FRAMES,
    loudness_values,
    note_steps,
    pitch_values,
)
from plugin_core.training.midi2params_data import Stepped, stepped, whole
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Frames

_BEFORE_STEPS = 60
_AFTER_STEPS = 12
"""What the autoencoder hears around a note: a second of truth before, its own output after."""
_NOTES_AT_ONCE = 32
_NOISE_STEP_HZ = 375.0


def free_running(
    model: Midi2Params, performed: Performed, *, seed: int = 0, temperature: float = 1.0
) -> NDArray[np.float64]:
    """Return the raw controls, (notes, 6), of notes played from their pitches and times alone."""
    notes = [row.note for row in performed.notes]
    frames = model.perform(
        notes,
        performed.instrument,
        seed=seed,
        frames=len(performed.frames),
        temperature=temperature,
    )
    found = extract(within_band(frames, performed.sample_rate), notes, gain_db=0.0)
    return np.array([row.expression for row in found])


def teacher_forced(
    model: Midi2Params, performed: Performed, *, seed: int = 0, temperature: float = 1.0
) -> NDArray[np.float64]:
    """Return the raw controls of every note, (notes, 6), each played on after the true past."""
    phrase = stepped(performed)
    spans = note_steps([row.note for row in performed.notes])
    states = _true_states(model, phrase)
    controls = np.full((len(spans), len(CONTROLS)), np.nan)
    inside = np.flatnonzero(spans[:, 0] < len(phrase))
    by_length = inside[np.argsort(spans[inside, 1] - spans[inside, 0], kind="stable")]
    for first in range(0, len(by_length), _NOTES_AT_ONCE):
        rows = by_length[first : first + _NOTES_AT_ONCE]
        starts, ends = spans[rows].T
        steps = int((ends - starts).max()) + _AFTER_STEPS
        at = np.minimum(starts[:, None] + np.arange(steps), len(phrase) - 1)
        deviation, loudness_db = model.generate(
            phrase.notes[at],
            performed.instrument,
            states[starts],
            before=_classes_before(phrase, starts),
            seed=seed + first,
            temperature=temperature,
        )
        curves = [
            _with_past(phrase, start, phrase.note_pitch[at[row]] + deviation[row], loudness_db[row])
            for row, start in enumerate(starts)
        ]
        made = model.levels_of(curves, performed.instrument)
        for index, start, frames in zip(rows, starts, made, strict=True):
            where = note_frames(performed.notes[index].note, len(performed.frames))
            shift = (start - _BEFORE_STEPS) * STEP_FRAMES
            here = slice(where.start - shift, min(where.stop - shift, len(frames)))
            controls[index] = expression(within_band(frames, performed.sample_rate), here, 0.0)
    return controls


def within_band(frames: Frames, sample_rate: int) -> Frames:
    """Return frames without the noise that a recording at `sample_rate` cannot hold."""
    hz = np.arange(frames.noise.shape[1]) * _NOISE_STEP_HZ
    return replace(frames, noise=frames.noise * (hz <= sample_rate / 2).astype(np.float32))


def _true_states(model: Midi2Params, phrase: Stepped) -> torch.Tensor:
    """Return the network's state before every step of a phrase, (T, H), the truth at its input."""
    batch = whole(phrase)
    silence = model.network.silence(1)
    with torch.inference_mode():
        _, _, states = model.network(
            batch.notes, batch.instrument, batch.pitch_before, batch.loudness_before, silence
        )
        return torch.cat((silence, states[0, :-1]))


def _classes_before(
    phrase: Stepped, starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    has_past, before = starts > 0, np.maximum(starts - 1, 0)
    return (
        np.where(has_past, phrase.pitch[before], NO_PITCH),
        np.where(has_past, phrase.loudness[before], NO_LOUDNESS),
    )


def _with_past(
    phrase: Stepped, start: int, semitones: NDArray[np.float64], loudness_db: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the curves of a note after a second of truth, or of silence before the phrase."""
    at = np.arange(start - _BEFORE_STEPS, start)
    past = np.maximum(at, 0)
    true_semitones = phrase.note_pitch[past] + pitch_values()[phrase.pitch[past]]
    classes = np.where(at >= 0, phrase.loudness[past], NO_LOUDNESS)
    return as_curves(
        np.concatenate((true_semitones, semitones)),
        np.concatenate((loudness_values()[classes], loudness_db)),
        (len(at) + len(semitones)) * STEP_FRAMES,
    )
