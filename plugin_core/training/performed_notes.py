"""The notes of a recording: as annotated, or as heard; when each begins and how long it is played.

In: frames, and an annotation where there is one. Out: notes in order that do not overlap. A note
ends where its release has died away: 24 dB below its loudest frame, or where the next one begins.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy.ndimage import uniform_filter1d

from plugin_core.analysis.notes import detect_notes
from plugin_core.analysis.onset_curves import onset_curves
from plugin_core.analysis.pitch import PitchTrack
from plugin_core.expression.extraction import level_db, note_frames
from plugin_core.expression.scales import VOICED_CONFIDENCE
from plugin_core.training.note_alignment import aligned_notes, pitch_agreement
from plugin_core.training.phrases import attack_s
from plugin_core.types import FRAME_RATE, Frames, Mono, Note

SHORTEST_FRAMES = 12
RELEASE_DB = 24.0
"""How far below its loudest frame a note counts as over."""

VELOCITY = 64
UNSURE = 1000.0

_SMOOTH_FRAMES = 5
_FARTHEST_SEMITONES = 0.8


def heard_notes(audio: Mono, sample_rate: float, frames: Frames) -> tuple[Note, ...]:
    """Return the notes that `analyze` hears in a recording, shape (samples,), with these frames."""
    curves = onset_curves(audio, sample_rate, frames=len(frames))
    return tuple(detect_notes(PitchTrack(frames.f0_hz, frames.confidence), curves))


def best_notes(
    audio: Mono, sample_rate: float, frames: Frames, annotated: Sequence[Note] | None
) -> list[Note]:
    """Return the notes of a recording as annotated, put right, or as heard: what agrees better.

    That is, with the pitch of the frames. A few of the corpus' annotations are an octave off.
    """
    candidates = [heard_notes(audio, sample_rate, frames)]
    if annotated is not None:
        candidates.insert(0, tuple(annotated))
    played = [played_notes(frames, aligned_notes(frames, notes)) for notes in candidates]
    return max(played, key=lambda notes: pitch_agreement(frames, notes))


def single_note(audio: Mono, sample_rate: int, frames: Frames, midi_pitch: int) -> list[Note]:
    """Return the one note of a recording of a note, none if it is too short or not to be heard."""
    last_s = len(frames) / FRAME_RATE
    onset_s = attack_s(audio, sample_rate) if np.abs(audio).max(initial=0.0) > 0 else last_s
    return played_notes(frames, [Note(onset_s, last_s, midi_pitch, VELOCITY)])


def played_notes(frames: Frames, notes: Sequence[Note]) -> list[Note]:
    """Return the notes as they are played: none overlapping, each ending with its release.

    Notes shorter than 48 ms, and those without a sure pitch, are left out. A note that sounds at
    another pitch than it should has the one at which it sounds.
    """
    if not notes:
        return []
    ordered = sorted(notes, key=lambda note: note.onset_s)
    ends = [after.onset_s for _, after in pairwise(ordered)] + [len(frames) / FRAME_RATE]
    levels = uniform_filter1d(level_db(frames.amplitude), _SMOOTH_FRAMES, mode="nearest")
    sharper = tuning(frames, ordered)
    played = []
    for note, end_s in zip(ordered, ends, strict=True):
        where = note_frames(replace(note, offset_s=min(note.offset_s, end_s)), len(frames))
        inside = levels[where]
        audible = np.flatnonzero(inside > inside.max() - RELEASE_DB)
        length = int(audible[-1]) + 1
        onset_s = where.start / FRAME_RATE
        offset = pitch_offset(frames, where, note.midi_pitch) - sharper
        if length >= SHORTEST_FRAMES and offset < UNSURE / 2:
            offset_s = (where.start + length) / FRAME_RATE
            wrong = round(offset) if abs(offset) > _FARTHEST_SEMITONES else 0
            played.append(Note(onset_s, offset_s, note.midi_pitch + wrong, VELOCITY))
    return played


def pitch_offset(frames: Frames, where: slice, midi_pitch: int) -> float:
    """Return how much higher than its key a note sounds, semitones; `UNSURE` if no pitch is."""
    f0_hz = frames.f0_hz[where]
    sure = (frames.confidence[where] > VOICED_CONFIDENCE) & (f0_hz > 0)
    if not sure.any():
        return UNSURE
    return float(np.median(69 + 12 * np.log2(f0_hz[sure].astype(np.float64) / 440)) - midi_pitch)


def tuning(frames: Frames, notes: Sequence[Note]) -> float:
    """Return how much sharper than A = 440 Hz the notes sound in the median, semitones."""
    offsets = [
        (pitch_offset(frames, note_frames(note, len(frames)), note.midi_pitch), note)
        for note in notes
    ]
    known = [
        (offset, note.offset_s - note.onset_s) for offset, note in offsets if offset < UNSURE / 2
    ]
    if not known:
        return 0.0
    known.sort()
    shares = np.cumsum([seconds for _, seconds in known])
    return known[int(np.searchsorted(shares, shares[-1] / 2))][0]
