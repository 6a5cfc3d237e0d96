"""Recordings of players and where their notes are written down, in the layouts that there are."""

import csv
from pathlib import Path

from plugin_core.training.corpus import Recording
from plugin_core.training.phrases import playable
from plugin_core.types import InputError, Note

_UNPLAYED = ("flutter", "pizzicato", "mute", "subtone", "tremolo")
_COLUMNS = ("onset_s", "offset_s", "midi_pitch")


def is_usable(recording: Recording) -> bool:
    """Tell whether a recording is of the ordinary sound of its instrument, one note at a time."""
    if any(word in recording.articulation for word in _UNPLAYED):
        return False
    return not recording.is_note or bool(playable([recording]))


def annotated_notes(recording: Recording) -> tuple[Note, ...] | None:
    """Return the notes written down for a recording, None if there are none.

    Raises InputError for an annotation that cannot be read.
    """
    path = recording.path.with_suffix(".notes.csv")
    return notes_table(path) if path.is_file() else None


def notes_table(path: Path) -> tuple[Note, ...]:
    """Return the notes of a table with the columns onset_s, offset_s, midi_pitch."""
    try:
        rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise InputError(path, "line 1", f"columns {', '.join(_COLUMNS)}", rows.fieldnames)
        notes = []
        for line, row in enumerate(rows, start=2):
            try:
                onset_s, offset_s, key = (float(row[column]) for column in _COLUMNS)
            except (TypeError, ValueError) as error:
                raise InputError(path, f"line {line}", "numbers", error) from error
            if not (0 <= onset_s < offset_s and 0 <= key <= 127):
                expected = "0 <= onset_s < offset_s and a key of 0..127"
                raise InputError(path, f"line {line}", expected, f"{onset_s}, {offset_s}, {key}")
            notes.append(Note(onset_s, offset_s, round(key), 64))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, "", "a table of notes", error) from error
    return tuple(sorted(notes, key=lambda note: note.onset_s))
