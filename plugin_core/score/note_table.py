"""Notes with their expression as a table that people edit: `notes.csv`.

A row per note; the columns are `COLUMNS` of DESIGN.md, section 5: seconds, MIDI pitch and velocity,
then the six controls on the raw scale.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from plugin_core.score.user_file import read_user_file, text_of
from plugin_core.score.values import number_in_text, shown
from plugin_core.types import CONTROLS, Expression, ExpressiveNote, InputError, Note

COLUMNS = ("onset_s", "offset_s", "midi_pitch", "velocity", *CONTROLS)

LARGEST_TABLE = 16 * 2**20
LATEST_S = 1e6
FURTHEST_CONTROL = 1000.0
"""No control is further from 0 than this; extraction may read 20 where a pitch jumps."""

_DECIMALS = 6
_SEPARATORS = (",", ";", "\t")


def note_table(notes: Iterable[ExpressiveNote]) -> str:
    """Return the text of `notes.csv`: a header, then a line for each note, six decimals."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for each in notes:
        note = each.note
        times = (f"{time:.{_DECIMALS}f}" for time in (note.onset_s, note.offset_s))
        controls = (f"{control:.{_DECIMALS}f}" for control in each.expression)
        rows.writerow([*times, note.midi_pitch, note.velocity, *controls])
    return text.getvalue()


def read_note_table(path: Path) -> tuple[ExpressiveNote, ...]:
    """Return the notes in a file, in its order. Raises InputError, naming file and line."""
    return parse_note_table(read_user_file(path, LARGEST_TABLE, "a notes.csv"), source=str(path))


def parse_note_table(data: bytes, *, source: str) -> tuple[ExpressiveNote, ...]:
    """Return the notes in a table's bytes, in its order; `source` names it in errors.

    Columns may stand in any order and there may be others; they may be separated by commas,
    semicolons or tabs, and except between commas decimals may be written with one. Empty lines, and
    those that start with #, are skipped. Raises InputError with the number of the line.
    """
    text = text_of(data, LARGEST_TABLE, source=source)
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(text), skipinitialspace=True
    )
    places: dict[str, int] | None = None
    notes = []
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            place = f"line {rows.line_num}"
            if places is None:
                places = _places(cells, place, source)
            else:
                notes.append(_note(cells, places, place, source))
    except csv.Error as error:
        raise InputError(source, f"line {rows.line_num}", "a row of a table", str(error)) from error
    if places is None:
        raise InputError(source, "", f"a header {','.join(COLUMNS)}", "no rows")
    return tuple(notes)


def _separator(text: str) -> str:
    """Return what separates the columns of the first line that says something."""
    said = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    header = next(said, "")
    return max(_SEPARATORS, key=header.count)


def _places(header: Sequence[str], line: str, source: str) -> dict[str, int]:
    """Return where each column stands."""
    names = [name.lower() for name in header]
    for column in COLUMNS:
        count = names.count(column)
        if count != 1:
            found = f"{count}" if count else f"none in {shown(', '.join(header))}"
            raise InputError(source, line, f"one column {column}", found)
    return {column: names.index(column) for column in COLUMNS}


def _note(cells: Sequence[str], places: dict[str, int], line: str, source: str) -> ExpressiveNote:
    def number(column: str, low: float, high: float) -> float:
        text = cells[places[column]] if places[column] < len(cells) else ""
        value = number_in_text(text.replace(",", "."))
        if value is None or not low <= value <= high:
            raise InputError(
                source, f"{line}, {column}", f"a number in {low:g}..{high:g}", shown(text)
            )
        return value

    def whole(column: str, low: int, high: int) -> int:
        value = number(column, low, high)
        if value != int(value):
            raise InputError(source, f"{line}, {column}", "a whole number", f"{value:g}")
        return int(value)

    onset_s = number("onset_s", 0.0, LATEST_S)
    offset_s = number("offset_s", 0.0, LATEST_S)
    if offset_s <= onset_s:
        expected = f"a time after the onset at {onset_s:g} s"
        raise InputError(source, f"{line}, offset_s", expected, f"{offset_s:g} s")
    return ExpressiveNote(
        Note(onset_s, offset_s, whole("midi_pitch", 0, 127), whole("velocity", 1, 127)),
        Expression(*(number(control, -FURTHEST_CONTROL, FURTHEST_CONTROL) for control in CONTROLS)),
    )
