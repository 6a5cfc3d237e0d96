"""What every stretch of an edited performance is made of.

In: the notes as they were and as they shall be. Out: pieces, one behind the other without a gap:
what comes before the first note, then each note with what follows it up to the next.
"""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from plugin_core.expression.extraction import note_frames
from plugin_core.expression.note_matching import match_notes
from plugin_core.types import FRAME_RATE, ExpressiveNote

ADDED_TAIL_FRAMES = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the result. All counts are frames."""

    first: int
    """Where it begins in the result."""
    source_first: int
    """Where the frames begin that it is made of."""
    source_note: int
    """How many of them the note has; 0 before the first note."""
    source_tail: int
    """How many follow the note before the next one."""
    asked: int
    """How many the note shall have."""
    note: int
    """How many of these there are before the next note begins."""
    tail: int
    """How many follow it in the result, before the next one or the end."""
    original: ExpressiveNote | None = None
    """What it is made of."""
    edited: ExpressiveNote | None = None
    is_new: bool = False
    """The original is only where the sound comes from."""

    @property
    def semitones(self) -> int:
        """How far the note is transposed."""
        if self.original is None or self.edited is None:
            return 0
        return self.edited.note.midi_pitch - self.original.note.midi_pitch


def plan_edits(
    original: Sequence[ExpressiveNote], edited: Sequence[ExpressiveNote], frame_count: int
) -> tuple[Piece, ...]:
    """Return the pieces of the result, which is at least `frame_count` frames long.

    A note that is new is made of the original nearest in pitch (of those, in time). A note that
    the next one overtakes is cut there. Raises ValueError if there are edited notes but none in the
    original to make them of, for an offset that is not after its onset, an onset before 0, two
    onsets in one frame, and frames without end: an hour after the original's.
    """
    spans = _source_spans(original, frame_count)
    rows = sorted(zip(edited, match_notes(original, edited), strict=True), key=_onset)
    _require_sound(rows, original, frame_count)
    starts = [round(row.note.onset_s * FRAME_RATE) for row, _ in rows]
    intro = min((first for first, _, _ in spans), default=frame_count)
    end = frame_count
    pieces: list[Piece] = []
    for (row, index), start, following in zip(rows, starts, [*starts[1:], None], strict=False):
        of = _nearest_in_pitch(row, original) if index is None else index
        first, length, tail = spans[of]
        asked = _frames_of(row)
        if index is not None and asked == _frames_of(original[of]):
            asked = length  # Which the next note or the end of the frames may have cut.
        if index is None:
            tail = min(tail, ADDED_TAIL_FRAMES)
        if following is None:
            following = end = max(frame_count, start + asked + min(tail, ADDED_TAIL_FRAMES))
        sounding = min(asked, following - start)
        rest = following - start - sounding
        pieces.append(
            Piece(
                first=start,
                source_first=first,
                source_note=length,
                source_tail=tail,
                asked=asked,
                note=sounding,
                tail=rest,
                original=original[of],
                edited=row,
                is_new=index is None,
            )
        )
    before = starts[0] if starts else end
    return (Piece(0, 0, 0, intro, 0, 0, before), *pieces)


def _onset(row: tuple[ExpressiveNote, int | None]) -> float:
    return row[0].note.onset_s


def _frames_of(row: ExpressiveNote) -> int:
    first, end = (round(time_s * FRAME_RATE) for time_s in (row.note.onset_s, row.note.offset_s))
    return max(end - first, 1)


def _source_spans(
    original: Sequence[ExpressiveNote], frame_count: int
) -> list[tuple[int, int, int]]:
    """Return (first frame, frames of the note, frames after it) of every original note."""
    places = [note_frames(row.note, frame_count) for row in original]
    firsts = [*sorted(place.start for place in places), frame_count]
    spans = []
    for place in places:
        following = firsts[bisect.bisect_right(firsts, place.start)]
        end = min(place.stop, following)
        spans.append((place.start, end - place.start, following - end))
    return spans


def _require_sound(
    rows: Sequence[tuple[ExpressiveNote, int | None]],
    original: Sequence[ExpressiveNote],
    frame_count: int,
) -> None:
    if rows and not original:
        raise ValueError("a performance without notes has no sound to make notes of")
    latest = frame_count / FRAME_RATE + 3600
    before = -1
    for row, _ in rows:
        note = row.note
        if not 0 <= note.onset_s < note.offset_s <= latest:
            raise ValueError(
                f"a note must begin at 0 s or later, end after that and by {latest:g} s, "
                f"found {note.onset_s:g} to {note.offset_s:g} s"
            )
        start = round(note.onset_s * FRAME_RATE)
        if start == before:
            raise ValueError(f"two notes begin in the same 4 ms, at {note.onset_s:g} s")
        before = start


def _nearest_in_pitch(row: ExpressiveNote, original: Sequence[ExpressiveNote]) -> int:
    note = row.note
    return min(
        range(len(original)),
        key=lambda index: (
            abs(original[index].note.midi_pitch - note.midi_pitch),
            abs(original[index].note.onset_s - note.onset_s),
        ),
    )
