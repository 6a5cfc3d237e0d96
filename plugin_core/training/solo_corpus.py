"""Performances to learn solo pieces from: a folder's scores and how they were played.

A folder holds, per piece, `midi_score.mid` and performances of it beside (as the ASAP dataset),
or single MIDI files played to a beat (what is written is then what they are nearest to), or
`jsb-chorales-16th.json`: lines and chords, which our own phrase rules play. Of what has chords the
upper line is a piece as well, so that melodies are learnt, too.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from plugin_core.composing.chorale import VOICES, Grid
from plugin_core.composing.chorale_parts import written_voice
from plugin_core.composing.phrase_rules import perform
from plugin_core.composing.solo import Played, Sequences, Written, sequences_of
from plugin_core.composing.solo_features import CHORDS, MELODY
from plugin_core.score import Score, read_midi
from plugin_core.training.chorale_data import FILE, read_chorales
from plugin_core.training.score_matching import match
from plugin_core.types import InputError, Note

SCORE = "midi_score.mid"
HELD_OUT_EVERY = 6
"""Of pieces by name, every sixth is held out, with all its performances."""

UPPER_LINE = " upper line"
"""The end of the names of pieces that are the upper lines of others."""

CHORALE_LINES = "chorale-lines"
SOURCES = {
    "bach-performances": (
        "Bach performances of the ASAP dataset (fosfrancesco/asap-dataset; from MAESTRO and the "
        "Yamaha e-Competition)",
        "CC BY-NC-SA 4.0, which this model carries as well: no commercial use",
    ),
}
"""Where folders by these names are from, and their terms."""

_OWN = ("MIDI files of your own", "those of the files")
FEWEST_NOTES = 24
_GRID = 48
_SLOW, _QUICK = 0.9, 0.55
"""Beats in seconds between which the rules play chorales."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One performance."""

    name: str
    work: str
    texture: int
    notes: Sequences
    performed: tuple[Played, ...]
    """The notes as they were played, not moved to any class."""
    beat_s: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """Performances to learn from, those held out, and where they are from."""

    name: str
    train: tuple[Piece, ...]
    test: tuple[Piece, ...]
    source: str
    licence: str
    played_by: str


def read_performances(folder: Path) -> Corpus:
    """Return the performances in a folder. Raises InputError where there are none."""
    if not folder.is_dir():
        raise InputError(folder, "", "a folder of MIDI files", "none")
    files = [path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi")]
    if files:
        return _of_files(sorted(files), folder)
    if next(folder.rglob(FILE), None) is not None:
        return _of_chorales(folder)
    raise InputError(folder, "", f"MIDI files or {FILE}", "neither")


def _of_files(files: Sequence[Path], folder: Path) -> Corpus:
    scores = {path.parent: written_in(read_midi(path)) for path in files if path.name == SCORE}
    works: dict[str, list[Piece]] = {}
    for path in files:
        if path.name == SCORE:
            continue
        if path.parent in scores:
            # A prelude and its fugue, of one number, are held out together.
            work, texture = path.parent.name, CHORDS
            pairs = match(scores[path.parent], _by_onset(read_midi(path)))
            written = [pair.written for pair in pairs]
            played = [pair.played for pair in pairs]
        else:
            work = path.stem
            written, played = _quantised(read_midi(path))
            onsets = [note.onset for note in written]
            texture = CHORDS if len(set(onsets)) < len(onsets) else MELODY
        name = str(path.relative_to(folder))
        if len(written) >= FEWEST_NOTES:
            piece = _piece(name, work, texture, written, played)
            works.setdefault(work, []).append(piece)
        upper = upper_line(written, played) if texture == CHORDS else ([], [])
        if len(upper[0]) >= FEWEST_NOTES:
            works[work].append(_piece(f"{name}{UPPER_LINE}", work, MELODY, *upper))
    names = sorted(works)
    if len(names) < 2:
        expected = f"at least 2 works of {FEWEST_NOTES} notes or more"
        raise InputError(folder, "", expected, len(names))
    held = set(names[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY] or names[-1:])
    source, licence = SOURCES.get(folder.resolve().name, _OWN)
    return Corpus(
        folder.resolve().name,
        tuple(piece for name in names if name not in held for piece in works[name]),
        tuple(piece for name in names if name in held for piece in works[name]),
        source,
        licence,
        "the players of the files",
    )


def _of_chorales(folder: Path) -> Corpus:
    corpus = read_chorales(folder)
    train, test = (
        tuple(
            piece
            for number, grid in enumerate(grids)
            for piece in _of_grid(f"{side} {number}", grid)
        )
        for side, grids in (("train", corpus.train), ("test", corpus.test))
    )
    rules = "the phrase rules of Hexachord, no human player"
    return Corpus(CHORALE_LINES, train, test, corpus.source, corpus.licence, rules)


def _of_grid(name: str, grid: Grid) -> Iterator[Piece]:
    """Yield the four lines of a chorale, each alone, and all together."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    lines = [written_voice(grid, voice) for voice in range(len(VOICES))]
    beat_s = float(random.uniform(_QUICK, _SLOW))
    for voice, line in zip(VOICES, lines, strict=True):
        if len(line) >= FEWEST_NOTES:
            played = perform([line], beat_s, random).voices[0]
            yield _piece(f"{name} {voice}", name, MELODY, line, played)
    if all(lines):
        everyone = zip(lines, perform(lines, beat_s, random).voices, strict=True)
        notes = [pair for voice in everyone for pair in zip(*voice, strict=True)]
        # Of a unison one note is left.
        unique = {(note.onset, note.pitch): (note, played) for note, played in notes}
        ordered = sorted(unique.values(), key=lambda pair: (pair[0].onset, -pair[0].pitch))
        written, together = [pair[0] for pair in ordered], [pair[1] for pair in ordered]
        yield _piece(f"{name} chords", name, CHORDS, written, together)


def upper_line(
    written: Sequence[Written], played: Sequence[Played]
) -> tuple[list[Written], list[Played]]:
    """Return the notes that nothing sounds above, each up to the next of them at most.

    Notes are in the order of `solo`; of those that begin together the first is the highest.
    """
    line: list[tuple[Written, Played]] = []
    for note, how in zip(written, played, strict=True):
        if line:
            above, own = line[-1]
            ends = above.onset + above.value > note.onset + 1e-6
            if note.onset - above.onset < 1e-6 or (ends and note.pitch < above.pitch):
                continue
            value = min(above.value, note.onset - above.onset)
            length_s = own.length_s * value / above.value
            line[-1] = replace(above, value=value), replace(own, length_s=length_s)
        line.append((note, how))
    return [note for note, _ in line], [how for _, how in line]


def _piece(
    name: str, work: str, texture: int, written: Sequence[Written], played: Sequence[Played]
) -> Piece:
    span = written[-1].onset - written[0].onset
    beat_s = (played[-1].onset_s - played[0].onset_s) / max(span, 1e-6)
    return Piece(name, work, texture, sequences_of(written, played), tuple(played), beat_s)


def _by_onset(score: Score) -> list[Note]:
    notes = (note for entry in score.parts if not entry.is_drums for note in entry.part.notes)
    return sorted(notes, key=lambda note: (note.onset_s, -note.midi_pitch))


def written_in(score: Score) -> list[Written]:
    """Return what is written in a score, moved to 48ths of a beat, each pitch once at a time."""
    notes: dict[tuple[float, int], Written] = {}
    for note in _by_onset(score):
        onset, end = (
            round(float(score.tempo.beats(time)) * _GRID) / _GRID
            for time in (note.onset_s, note.offset_s)
        )
        notes[onset, -note.midi_pitch] = Written(onset, max(end - onset, 1 / 8), note.midi_pitch)
    return [notes[place] for place in sorted(notes)]


def _quantised(score: Score) -> tuple[list[Written], list[Played]]:
    """Return what a file played to its beat is nearest to, and how it was played."""
    both: dict[tuple[float, int], tuple[Written, Note]] = {}
    for note in _by_onset(score):
        beat, end = (float(score.tempo.beats(time)) for time in (note.onset_s, note.offset_s))
        onset = min((round(beat * each) / each for each in (4, 3)), key=lambda at: abs(at - beat))
        value = max(round((end - beat) * 4) / 4, 1 / 4)
        both[onset, -note.midi_pitch] = Written(onset, value, note.midi_pitch), note
    ordered = [both[place] for place in sorted(both)]
    first: dict[float, float] = {}
    for written, note in ordered:
        first[written.onset] = min(first.get(written.onset, np.inf), note.onset_s)
    played = [
        Played(first[written.onset], note.offset_s - note.onset_s, note.velocity)
        for written, note in ordered
    ]
    return [written for written, _ in ordered], played
