"""Chorale grids from and to parts of scores.

A score's beats are quarter notes of its own tempo; onsets are moved to the nearest sixteenth for
the grid, the notes themselves stay where they are.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from plugin_core.composing.chorale import (
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    VOICES,
    Grid,
    Tone,
    grid_of,
    tones_of,
)
from plugin_core.composing.phrase_rules import perform
from plugin_core.composing.solo import Written, flat
from plugin_core.score import Score, TempoMap
from plugin_core.types import InputError, Note, Part

PROGRAMS = (40, 41, 42, 43)
"""Violin, viola, cello, contrabass in General MIDI, counted from 0."""

LONGEST_BARS = 256


class Line(NamedTuple):
    """One melody, one note at a time."""

    written: tuple[Written, ...]
    """Its notes in beats, as they are in the score."""
    tones: tuple[Tone, ...]
    """The same on the grid."""
    steps: int
    """Sixteenths up to the end of its last bar."""


class Composed(NamedTuple):
    """Parts that are played together, their tempo, and the same notes unplayed."""

    parts: tuple[Part, ...]
    tempo: TempoMap
    written: tuple[tuple[Written, ...], ...]


def line_of(notes: Sequence[Note], tempo: TempoMap, source: str) -> Line:
    """Return the melody of some notes; of notes that begin together the highest counts.

    A note ends where the next begins. Raises InputError, naming `source`, where there is none, and
    for more than `LONGEST_BARS`.
    """
    if not notes:
        raise InputError(source, "", "a melody", "no notes")
    last_beat = float(tempo.beats(max(note.offset_s for note in notes)))
    if last_beat > LONGEST_BARS * 4:
        found = math.ceil(last_beat / 4)
        raise InputError(source, "", f"at most {LONGEST_BARS} bars", found)
    by_onset: dict[int, Written] = {}
    for note in sorted(notes, key=lambda each: (each.onset_s, each.midi_pitch)):
        onset, end = (float(tempo.beats(time)) for time in (note.onset_s, note.offset_s))
        by_onset[round(onset * STEPS_PER_BEAT)] = Written(onset, end - onset, note.midi_pitch)
    places = sorted(by_onset)
    last = by_onset[places[-1]]
    ends = [*places[1:], max(round((last.onset + last.value) * STEPS_PER_BEAT), places[-1] + 1)]
    written, tones = [], []
    for place, following in zip(places, ends, strict=True):
        note_at = by_onset[place]
        is_last = place == places[-1]
        left = note_at.value if is_last else by_onset[following].onset - note_at.onset
        written.append(Written(note_at.onset, min(note_at.value, left), note_at.pitch))
        end = round((note_at.onset + note_at.value) * STEPS_PER_BEAT)
        tones.append(Tone(place, min(max(end, place + 1), following), note_at.pitch))
    bars = -(-tones[-1].end // STEPS_PER_BAR)
    return Line(tuple(written), tuple(tones), bars * STEPS_PER_BAR)


def grid_of_score(score: Score) -> Grid:
    """Return a score of four parts as a grid, its parts from the highest to the lowest.

    Raises InputError for a score that has not four parts.
    """
    lines = lines_of_score(score)
    steps = max(line.steps for line in lines)
    return np.stack([grid_of(line.tones, steps) for line in lines], axis=1)


def lines_of_score(score: Score) -> list[Line]:
    """Return the four parts of a score as lines, from the highest to the lowest.

    Raises InputError for a score that has not four parts.
    """
    parts = [entry.part for entry in score.parts if not entry.is_drums]
    if len(parts) != len(VOICES):
        raise InputError(score.source, "", f"{len(VOICES)} parts with notes", len(parts))
    parts.sort(key=lambda part: -float(np.mean([note.midi_pitch for note in part.notes])))
    return [line_of(part.notes, score.tempo, score.source) for part in parts]


def written_voice(grid: Grid, voice: int) -> list[Written]:
    """Return one voice of a grid as written notes."""
    return [
        Written(tone.onset / STEPS_PER_BEAT, (tone.end - tone.onset) / STEPS_PER_BEAT, tone.pitch)
        for tone in tones_of(grid[:, voice])
    ]


def played_parts(
    voices: Sequence[Sequence[Written]], beat_s: float, seed: int, *, names: Sequence[str] = VOICES
) -> Composed:
    """Return the voices as our phrase rules play them, each a part of its own channel."""
    performance = perform(voices, beat_s, np.random.default_rng((seed, 7)))
    parts = []
    for channel, (name, voice, played) in enumerate(
        zip(names, voices, performance.voices, strict=True)
    ):
        notes = tuple(
            Note(each.onset_s, each.onset_s + each.length_s, note.pitch, each.velocity, channel)
            for note, each in zip(voice, played, strict=True)
        )
        end_s = max((note.offset_s for note in notes), default=0.0)
        parts.append(Part(name.capitalize(), notes, (), PROGRAMS[channel], end_s))
    return Composed(tuple(parts), performance.tempo, tuple(map(tuple, voices)))


def flat_twins(composed: Composed, beat_s: float) -> tuple[Part, ...]:
    """Return the parts as they are written: an even beat, one velocity."""
    twins = []
    for part, voice in zip(composed.parts, composed.written, strict=True):
        channel = part.notes[0].channel if part.notes else 0
        notes = tuple(replace(note, channel=channel) for note in flat(voice, beat_s))
        end_s = max((note.offset_s for note in notes), default=0.0)
        twins.append(replace(part, notes=notes, end_s=end_s))
    return tuple(twins)
