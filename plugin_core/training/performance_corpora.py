"""Recordings of players and where their notes are written down, in the layouts that there are.

A corpus with a `manifest.csv` (`corpus`); the URMP dataset as it is distributed; a user's own
folder: WAV or FLAC files in sub-folders named after instruments, or of one that is given.
"""

import csv
import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.score.midi import read_midi
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.corpus import MANIFEST, Recording, read_corpus
from plugin_core.training.phrases import playable
from plugin_core.types import InputError, Note

USER, URMP = "user", "urmp"
URMP_CODES = {
    "vn": "violin",
    "va": "viola",
    "vc": "cello",
    "db": "double_bass",
    "fl": "flute",
    "ob": "oboe",
    "cl": "clarinet",
    "sax": "saxophone",
    "bn": "bassoon",
    "tpt": "trumpet",
    "hn": "horn",
    "tbn": "trombone",
    "tba": "tuba",
}

_URMP_TERMS = "research data, terms unverified (doi:10.5061/dryad.ng3r749)"
_URMP_AUDIO = re.compile(r"AuSep_(\d+)_([a-z]+)_(\d+_.+)\.wav")
_AUDIO = (".wav", ".flac")
_UNPLAYED = ("flutter", "pizzicato", "mute", "subtone", "tremolo")
_COLUMNS = ("onset_s", "offset_s", "midi_pitch")
_SHORTEST_S = 0.01


def read_recordings(
    corpus: Path, *, instrument: str | None = None, without_sources: Collection[str] = ()
) -> tuple[Recording, ...]:
    """Return the recordings of a corpus, performances before single notes.

    `instrument` is that of files which lie directly in a user's folder. Raises InputError for a
    folder in none of the layouts, or without a recording.
    """
    if (corpus / MANIFEST).is_file():
        recordings = read_corpus(corpus, without_sources=without_sources)
        return tuple(sorted(recordings, key=lambda each: each.is_note))
    if not corpus.is_dir():
        raise InputError(corpus, "", "the folder of a corpus", "no such folder")
    found = tuple(_urmp(corpus)) or tuple(_own(corpus, instrument))
    if not found:
        expected = f"a {MANIFEST}, URMP's AuSep files, or WAV or FLAC files"
        raise InputError(corpus, "", expected, "none")
    return tuple(each for each in found if each.source not in without_sources)


def cache_name(corpus: Path, recordings: Collection[Recording]) -> str:
    """Return what tells the cache of one corpus from that of others: "" of one with a manifest.

    It changes with the files, their annotations too; a corpus with a manifest does not change.
    """
    if (corpus / MANIFEST).is_file():
        return ""
    content = [str(corpus.resolve())]
    for recording in recordings:
        for path in (recording.path, *_annotations(recording)):
            if path.is_file():
                facts = path.stat()
                content.append(f"{path} {facts.st_size} {facts.st_mtime_ns}")
    return "-" + hashlib.sha256("\n".join(content).encode()).hexdigest()[:12]


def is_usable(recording: Recording) -> bool:
    """Tell whether a recording is of the ordinary sound of its instrument, one note at a time."""
    if any(word in recording.articulation for word in _UNPLAYED):
        return False
    return not recording.is_note or bool(playable([recording]))


def annotated_notes(recording: Recording) -> tuple[Note, ...] | None:
    """Return the notes written down for a recording, None if there are none.

    `X.notes.csv`, `X.mid`, or `notes.csv` where X is alone in its folder; `Notes_X.txt` of URMP.
    Raises InputError for an annotation that cannot be read.
    """
    for path in _annotations(recording):
        if path.is_file() and not path.name.startswith("F0s_"):
            if path.suffix == ".txt":
                return _urmp_notes(path)
            return _midi_notes(path) if path.suffix == ".mid" else notes_table(path)
    return None


def annotated_f0(recording: Recording) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return URMP's times in seconds and f0 in Hz (0: unvoiced), None where there are none."""
    for path in _annotations(recording):
        if path.name.startswith("F0s_") and path.is_file():
            table = _number_table(path, 2)
            return table[:, 0], table[:, 1]
    return None


def notes_table(path: Path) -> tuple[Note, ...]:
    """Return the notes of a table with the columns onset_s, offset_s, midi_pitch, by onset."""
    try:
        rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, "", "a table of notes", error) from error
    missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise InputError(path, "line 1", f"columns {', '.join(_COLUMNS)}", rows.fieldnames)
    notes = []
    for line, row in enumerate(rows, start=2):
        try:
            onset_s, offset_s, key = (float(row[column]) for column in _COLUMNS)
        except (TypeError, ValueError) as error:
            raise InputError(path, f"line {line}", "numbers", error) from error
        notes.append(_sane_note(path, line, onset_s, offset_s, key))
    return tuple(sorted(notes, key=lambda note: note.onset_s))


def _own(corpus: Path, instrument: str | None) -> Iterator[Recording]:
    if instrument is not None and instrument not in INSTRUMENTS:
        raise InputError("--instrument", "", f"one of {', '.join(INSTRUMENTS)}", instrument)
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() not in _AUDIO or not path.is_file():
            continue
        folders = path.relative_to(corpus).parts[:-1]
        named = [name.lower() for name in folders if name.lower() in INSTRUMENTS]
        if not named and instrument is None:
            expected = f"a sub-folder named after its instrument ({', '.join(INSTRUMENTS)})"
            raise InputError(path, "", f"{expected}, or --instrument", "neither")
        yield _performance(corpus, path, named[-1] if named else str(instrument), USER, "your own")


def _urmp(corpus: Path) -> Iterator[Recording]:
    for path in sorted(corpus.glob("*_*/AuSep_*.wav")):
        match = _URMP_AUDIO.fullmatch(path.name)
        code = match.group(2) if match else path.name
        if code not in URMP_CODES:
            raise InputError(
                path, "", f"AuSep_N_CODE_PIECE.wav, CODE {', '.join(URMP_CODES)}", code
            )
        yield _performance(corpus, path, URMP_CODES[code], URMP, _URMP_TERMS)


def _performance(corpus: Path, path: Path, instrument: str, source: str, licence: str) -> Recording:
    return Recording(
        path=path,
        name=path.relative_to(corpus).as_posix(),
        instrument=instrument,
        source=source,
        is_note=False,
        is_held_out=False,
        licence=licence,
    )


def _annotations(recording: Recording) -> tuple[Path, ...]:
    """Return where annotations of a recording may be, the best first."""
    path = recording.path
    if _URMP_AUDIO.fullmatch(path.name):
        stem = path.stem.removeprefix("AuSep_")
        return tuple(path.with_name(f"{kind}_{stem}.txt") for kind in ("Notes", "F0s"))
    beside = (path.with_suffix(".notes.csv"), path.with_suffix(".mid"))
    recordings = [each for each in path.parent.iterdir() if each.suffix.lower() in _AUDIO]
    return (*beside, path.with_name("notes.csv")) if len(recordings) == 1 else beside


def _urmp_notes(path: Path) -> tuple[Note, ...]:
    """Return the notes of URMP's tables: onset in seconds, pitch in Hz, duration in seconds."""
    table = _number_table(path, 3)
    notes = []
    for line, (onset_s, hz, length_s) in enumerate(table.tolist(), start=1):
        if hz <= 0:
            raise InputError(path, f"line {line}", "a pitch above 0 Hz", hz)
        key = 69 + 12 * np.log2(hz / 440)
        notes.append(_sane_note(path, line, onset_s, onset_s + max(length_s, _SHORTEST_S), key))
    return tuple(sorted(notes, key=lambda note: note.onset_s))


def _number_table(path: Path, columns: int) -> NDArray[np.float64]:
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, "", "a table of numbers", error) from error
    table = []
    for line, row in enumerate(rows, start=1):
        if not row:
            continue
        try:
            numbers = [float(cell) for cell in row[:columns]]
        except ValueError as error:
            raise InputError(path, f"line {line}", "numbers", error) from error
        if len(numbers) < columns or not np.isfinite(numbers).all():
            raise InputError(path, f"line {line}", f"{columns} numbers", " ".join(row))
        table.append(numbers)
    return np.array(table, np.float64).reshape(-1, columns)


def _midi_notes(path: Path) -> tuple[Note, ...]:
    notes = [note for entry in read_midi(path).parts for note in entry.part.notes]
    return tuple(sorted(notes, key=lambda note: note.onset_s))


def _sane_note(path: Path, line: int, onset_s: float, offset_s: float, key: float) -> Note:
    if not (0 <= onset_s < offset_s < np.inf and 0 <= round(key) <= 127):
        expected = "0 <= onset_s < offset_s and a key of 0..127"
        raise InputError(path, f"line {line}", expected, f"{onset_s}, {offset_s}, {key}")
    return Note(onset_s, offset_s, round(key), 64)
