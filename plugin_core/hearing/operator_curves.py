"""What six operators play, as curves that people can edit: `levels.csv` and the value behind it.

A row for each frame, 250 a second; in an edited table rows may lie anywhere, and what is between
them is on a straight line. The columns:

    time_s          seconds
    f0_hz           the pitch
    loudness_db     A-weighted, in the model's scale: what the network hears besides the pitch
    op1_level ..    operator levels as the network says: a carrier's linear amplitude, 0 to 1, a
                    modulator's index in radians, 0 to I_max
    noise           the network's noise magnitudes times this
    gain_db         how much louder the sound is at last, after the room: from the model's scale to
                    the recording's; -200 where the recording is digital silence
    note            which note sounds, from 1; 0 between notes: where envelopes begin and end
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.fields import OPERATORS
from plugin_core.hearing.operator_edits import frame_times
from plugin_core.score.columns import TIME, Columns, read_columns
from plugin_core.score.values import LaneRange
from plugin_core.types import FRAME_RATE, InputError, Note

LEVELS = tuple(f"op{op}_level" for op in range(1, OPERATORS + 1))

NO_SOUND_DB = -200.0
"""The gain of nothing."""

COLUMNS = {
    "f0_hz": LaneRange(0.0, 20_000.0),
    "loudness_db": LaneRange(-200.0, 60.0),
    **dict.fromkeys(LEVELS, LaneRange(0.0, 100.0)),
    "noise": LaneRange(0.0, 100.0),
    "gain_db": LaneRange(NO_SOUND_DB, 200.0),
    "note": LaneRange(0, 1_000_000),
}
"""The columns beside `time_s` and what may stand there."""

LARGEST_TABLE = 512 * 2**20
"""Bytes: some hours."""

LONGEST_S = 6 * 3600.0
_ROWS_AT_ONCE = 5000

Curve = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OperatorCurves:
    """What six operators play, 250 frames a second; frame i is at i / 250 s."""

    f0_hz: Curve = field(repr=False)
    """Shape (frames,); 0 where nothing was ever voiced."""
    loudness_db: Curve = field(repr=False)
    """A-weighted, in the model's scale, shape (frames,)."""
    levels: Curve = field(repr=False)
    """Shape (frames, 6), operator 1 first: carriers linear, modulators in radians."""
    noise: Curve = field(repr=False)
    """A factor on the noise magnitudes, shape (frames,)."""
    gain_db: Curve = field(repr=False)
    """Shape (frames,)."""
    note: NDArray[np.int32] = field(repr=False)
    """Which note sounds, from 1, or 0; shape (frames,)."""

    def __len__(self) -> int:
        return len(self.f0_hz)

    def note_spans(self) -> NDArray[np.int64]:
        """Return the first frame of each note and the one after its last, shape (notes, 2)."""
        edges = np.flatnonzero(np.diff(self.note, prepend=0, append=0))
        spans = np.stack([edges[:-1], edges[1:]], axis=1) if len(edges) else np.zeros((0, 2))
        spans = spans.astype(np.int64)
        return spans[self.note[spans[:, 0]] > 0] if len(spans) else spans


def heard_curves(
    f0_hz: Curve, loudness_db: Curve, note: NDArray[np.int32], *, gain_db: Curve | None = None
) -> OperatorCurves:
    """Return curves of pitch and loudness, shape (frames,), on which nothing plays yet.

    By default the gain is 0 dB.
    """
    frames = len(f0_hz)
    return OperatorCurves(
        f0_hz=f0_hz,
        loudness_db=loudness_db,
        levels=np.zeros((frames, OPERATORS), np.float32),
        noise=np.ones(frames, np.float32),
        gain_db=np.zeros(frames, np.float32) if gain_db is None else gain_db,
        note=note,
    )


def curves_of_table(table: Columns, source: Path) -> OperatorCurves:
    """Return the curves of a table that stands for itself, without a recording.

    Raises InputError, naming `source`, where pitch or loudness is missing.
    """
    frames = table_frames(table)
    curves = {}
    for name in ("f0_hz", "loudness_db"):
        column = column_at(table, name, frames)
        if column is None:
            raise InputError(source, "", f"a column {name}", "none")
        curves[name] = column
    nothing = np.zeros(frames, np.int32)
    return with_table(heard_curves(curves["f0_hz"], curves["loudness_db"], nothing), table)


def note_numbers(notes: Sequence[Note], frames: int) -> NDArray[np.int32]:
    """Return which of the notes, from 1, sounds at each frame, 0 for none, shape (frames,)."""
    numbers = np.zeros(frames, np.int32)
    for number, note in enumerate(notes, start=1):
        first, last = (round(time * FRAME_RATE) for time in (note.onset_s, note.offset_s))
        numbers[first : max(last, first + 1)] = number
    return numbers


def curve_rows(curves: OperatorCurves) -> Iterator[str]:
    """Yield the text of a table, some lines at a time; reading it gives the same numbers."""
    yield f"{TIME},{','.join(COLUMNS)}\n"
    for first in range(0, len(curves), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        columns = [
            [f"{time:.3f}" for time in frame_times(first, len(curves.f0_hz[rows]))],
            *(
                map(str, column[rows])
                for column in (
                    curves.f0_hz,
                    curves.loudness_db,
                    *curves.levels.T,
                    curves.noise,
                    curves.gain_db,
                    curves.note,
                )
            ),
        ]
        yield "".join(f"{','.join(row)}\n" for row in zip(*columns, strict=True))


def read_curve_table(path: Path) -> Columns:
    """Return a table as it stands, any of its columns. Raises InputError for anything else."""
    table = read_columns(path, COLUMNS, largest=LARGEST_TABLE, kind="a levels.csv")
    if table.times_s[-1] > LONGEST_S:
        expected = f"times of at most {LONGEST_S:g} s"
        raise InputError(path, "", expected, f"{table.times_s[-1]:g} s")
    numbers = table.values.get("note")
    if numbers is not None and (numbers[np.isfinite(numbers)] % 1 != 0).any():
        found = numbers[np.isfinite(numbers) & (numbers % 1 != 0)][0]
        raise InputError(path, "note", "whole numbers", f"{found:g}")
    if not any(table.lane(name) for name in table.values):
        raise InputError(path, "", f"a column of {', '.join(COLUMNS)}", "none with a number")
    return table


def table_frames(table: Columns) -> int:
    """Return how many frames a table has: up to its last row."""
    return round(float(table.times_s[-1]) * FRAME_RATE) + 1


def column_at(table: Columns, name: str, frames: int) -> Curve | None:
    """Return a column on straight lines at `frames` frames; None if it is not in the table."""
    lane = table.lane(name)
    return None if lane is None else lane.at(frame_times(0, frames)).astype(np.float32)


def with_table(curves: OperatorCurves, table: Columns) -> OperatorCurves:
    """Return the curves with those that the table has in their place, as many frames."""
    count = len(curves)
    levels = curves.levels.copy()
    for index, name in enumerate(LEVELS):
        column = column_at(table, name, count)
        if column is not None:
            levels[:, index] = column
    simple = ("f0_hz", "loudness_db", "noise", "gain_db")
    given = {name: column_at(table, name, count) for name in simple}
    return replace(
        curves,
        levels=levels,
        note=_notes_at(table, count) if table.lane("note") else curves.note,
        **{name: column for name, column in given.items() if column is not None},
    )


def _notes_at(table: Columns, frames: int) -> NDArray[np.int32]:
    """Return the note numbers at frames, each holding on to the next row that has one."""
    lane = table.lane("note")
    assert lane is not None
    last = np.searchsorted(lane.times_s, frame_times(0, frames), side="right") - 1
    return lane.values[np.maximum(last, 0)].astype(np.int32)
