"""What the analysis hears of audio whose notes are known: a synthesizer's, a recording's.

Pitch is looked for within 3 semitones of the notes' range, and where it is not sure, or at the edge
of a note already the neighbour's, the note's own is carried on.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import PitchTrack, track_pitch
from plugin_core.expression.extraction import note_frames
from plugin_core.expression.scales import VOICED_CONFIDENCE
from plugin_core.types import Frames, Mono, Note

_RANGE_SEMITONES = 3.0
_OWN_SEMITONES = 2.0
"""Frames further from a note's middle belong to its neighbours."""


def hear_notes(audio: Mono, sample_rate: int, notes: Sequence[Note]) -> Frames:
    """Return the synthesis parameters of audio, shape (samples,), in which these notes sound."""
    pitch = _track(audio, sample_rate, notes)
    heard = measure_frames(audio, sample_rate, pitch)
    return replace(heard, f0_hz=_of_the_notes(pitch, notes))


def hear_pitch(audio: Mono, sample_rate: int, notes: Sequence[Note]) -> NDArray[np.float32]:
    """Return the f0 in Hz of such audio alone, shape (frames,)."""
    return _of_the_notes(_track(audio, sample_rate, notes), notes)


def _track(audio: Mono, sample_rate: int, notes: Sequence[Note]) -> PitchTrack:
    keys = [note.midi_pitch for note in notes]
    lowest, highest = (
        440.0 * 2 ** ((key - 69) / 12)
        for key in (min(keys) - _RANGE_SEMITONES, max(keys) + _RANGE_SEMITONES)
    )
    return track_pitch(audio, sample_rate, lowest_hz=lowest, highest_hz=highest)


def _of_the_notes(pitch: PitchTrack, notes: Sequence[Note]) -> NDArray[np.float32]:
    f0_hz = pitch.f0_hz.copy()
    for note in notes:
        where = note_frames(note, len(f0_hz))
        f0_hz[where] = _own_pitch(f0_hz[where], pitch.confidence[where])
    return f0_hz


def _own_pitch(f0_hz: NDArray[np.float32], confidence: NDArray[np.float32]) -> NDArray[np.float32]:
    if not (f0_hz > 0).all():
        return f0_hz
    semitones = 12.0 * np.log2(f0_hz.astype(np.float64))
    near = np.abs(semitones - np.median(semitones)) < _OWN_SEMITONES
    sure = np.flatnonzero(near & (confidence >= VOICED_CONFIDENCE))
    if not len(sure):
        return f0_hz
    carried = np.interp(np.arange(len(f0_hz)), sure, semitones[sure])
    return np.asarray(2 ** (carried / 12), dtype=np.float32)
