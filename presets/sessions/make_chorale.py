"""The score of the chorale demo: `O Haupt voll Blut und Wunden`, J. S. Bach, BWV 244, no. 54.

Reads the four parts from music21's corpus (the work is in the public domain) and plays them as a
small choir would: phrases swell and fade, fermatas are held, singers breathe after them. Writes
chorale.mid and the lane chorale-vibrato.csv beside this file.
"""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from music21 import corpus, expressions

from plugin_core.score.midi import write_midi
from plugin_core.score.tempo import TempoMap
from plugin_core.types import Controller, ControllerKind, Note, Part

EXPRESSION = 11
BEATS_PER_MINUTE = 76.0
BEATS_PER_BAR = 4
PICKUP = 1
BREATH = 0.25
"""Beats of silence after a fermata."""

# name, General MIDI program (0..127), loudness against the others in velocity
SINGERS = (("Soprano", 68, 6), ("Alto", 71, -4), ("Tenor", 60, -2), ("Bass", 70, 3))
# How loud each phrase is at its height, in velocity. The first two phrases are sung twice.
PHRASE_PEAKS = (76, 82, 70, 78, 88, 96, 84, 72)


@dataclass(frozen=True)
class Tone:
    """One note of the score, in beats from the pickup."""

    onset: float
    length: float
    pitch: int
    fermata: bool

    @property
    def end(self) -> float:
        """Where the note stops, in beats."""
        return self.onset + self.length


def read_tones(part: Any) -> list[Tone]:
    """Return the notes of one part in order, tied notes as one."""
    tones: list[Tone] = []
    for note in part.flatten().notes:
        fermata = any(isinstance(mark, expressions.Fermata) for mark in note.expressions)
        tone = Tone(float(note.offset), float(note.quarterLength), note.pitch.midi, fermata)
        if note.tie is not None and note.tie.type in ("stop", "continue"):
            first = tones.pop()
            tone = Tone(first.onset, first.length + tone.length, tone.pitch, fermata)
        tones.append(tone)
    return tones


def tempo_map(fermatas: list[Tone]) -> TempoMap:
    """Return a walking tempo that yields before each fermata and rests on it, most at the end."""
    changes = {0.0: BEATS_PER_MINUTE}
    for held in fermatas:
        changes[held.onset - 1] = 0.92 * BEATS_PER_MINUTE
        changes[held.onset] = (0.6 if held.length <= 1 else 0.85) * BEATS_PER_MINUTE
        changes[held.end] = BEATS_PER_MINUTE
    last = fermatas[-1]
    for beats_before, share in ((5, 0.96), (4, 0.92), (3, 0.87), (2, 0.8), (1, 0.7), (0, 0.6)):
        changes[last.onset - beats_before] = share * BEATS_PER_MINUTE
    changes.pop(last.end)
    return TempoMap.of(sorted(changes.items()))


def velocity(tone: Tone, start: float, end: float, peak: float) -> int:
    """Return how loud a note is: a phrase peaks at two thirds of its length, a bar at its first."""
    position = (tone.onset - start) / (end - start)
    swell = math.sin(math.pi * position**1.7)
    beat = (tone.onset - PICKUP) % BEATS_PER_BAR
    accent = {0: 5, 2: 3}.get(beat, 0 if beat.is_integer() else -4)
    return round(peak - 22 * (1 - swell) + accent)


def sung_length(tone: Tone, following: Tone | None) -> float:
    """Return how long a note sounds: bound to the next, set off before a repeat and a breath."""
    if following is None:
        return tone.length
    if tone.fermata:
        return tone.length - BREATH
    return tone.length - (0.08 if following.pitch == tone.pitch else 0.02)


def sing(voice: int, tones: list[Tone], ends: list[float], tempo: TempoMap) -> Part:
    """Return one singer's part in seconds: notes, and a volume that swells with each phrase."""
    name, program, balance = SINGERS[voice]
    phrases = list(zip([0.0, *ends[:-1]], ends, PHRASE_PEAKS, strict=True))
    notes = []
    for tone, following in zip(tones, [*tones[1:], None], strict=True):
        start, end, peak = next(phrase for phrase in phrases if tone.onset < phrase[1])
        off = tone.onset + sung_length(tone, following)
        loudness = velocity(tone, start, end, peak + balance)
        onset_s, offset_s = tempo.seconds(tone.onset), tempo.seconds(off)
        notes.append(Note(onset_s, offset_s, tone.pitch, loudness, voice))
    swells = []
    for start, end, peak in phrases:
        for beat in np.arange(start, end, 0.25):
            value = round(
                54 + (peak - 84) / 4 + 14 * math.sin(math.pi * (beat - start) / (end - start))
            )
            swells.append(
                Controller(tempo.seconds(beat), ControllerKind.CONTROL, EXPRESSION, value, voice)
            )
    return Part(name, tuple(notes), tuple(swells), program, tempo.seconds(ends[-1]))


def vibrato(tones: list[Tone]) -> list[tuple[float, float]]:
    """Return (beat, vibrato) breakpoints: long notes begin straight and bloom."""
    points = [(0.0, 0.0)]
    for tone in tones:
        if tone.length > 1:
            depth = min(0.2 + 0.1 * tone.length, 0.5)
            end = tone.end - BREATH
            points += [
                (tone.onset + 0.25 * tone.length, 0.0),
                (tone.onset + 0.7 * tone.length, depth),
                (end, 0.8 * depth),
                (end, 0.0),
            ]
    return points


def write(folder: Path) -> None:
    """Write the MIDI file and the lane into `folder`."""
    score = corpus.parse("bach/bwv244.54").expandRepeats()
    parts = [read_tones(part) for part in score.parts]
    fermatas = [tone for tone in parts[0] if tone.fermata]
    tempo = tempo_map(fermatas)
    ends = [tone.end for tone in fermatas]
    sung = [sing(voice, tones, ends, tempo) for voice, tones in enumerate(parts)]
    write_midi(folder / "chorale.mid", sung, tempo=tempo)
    with (folder / "chorale-vibrato.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("beat", "vibrato"))
        table.writerows((f"{beat:g}", f"{value:.3g}") for beat, value in vibrato(parts[0]))


if __name__ == "__main__":
    write(Path(__file__).resolve().parent)
