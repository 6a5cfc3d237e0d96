"""What is to be otherwise than it was heard, applied to frames on disk, however many.

Edited notes first (`expression.editing`), then semitones up, then the length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from plugin_core.expression.editing import (
    Source,
    edited_pieces,
    is_edited,
    stretch,
    transpose,
)
from plugin_core.expression.note_matching import match_notes
from plugin_core.hearing.frames_file import FrameStore, cut
from plugin_core.hearing.hear import Heard
from plugin_core.types import FRAME_RATE, ExpressiveNote, Frames, Note

_GROUP, _LONGEST_GROUP = 5000, 20000
"""Frames that are stretched at once: so many, then up to the next onset, but never more."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Notes (None: as heard) to be played instead, how many semitones up, how much longer."""

    notes: Sequence[ExpressiveNote] | None = None
    transpose: float = 0.0
    stretch: float = 1.0

    @property
    def are_none(self) -> bool:
        """Whether everything stays as it was heard."""
        return self.notes is None and self.transpose == 0 and self.stretch == 1


def count_edited(original: Sequence[ExpressiveNote], edited: Sequence[ExpressiveNote]) -> int:
    """Return how many notes are otherwise, added or removed."""
    sources = match_notes(original, edited)
    changed = sum(
        index is None or is_edited(row, original[index])
        for row, index in zip(edited, sources, strict=True)
    )
    return changed + len(set(range(len(original))) - set(sources))


def with_edited_notes(
    heard: Heard, frames: FrameStore, notes: Sequence[ExpressiveNote], folder: Path
) -> FrameStore:
    """Return the frames as the edited notes want them, in the new `folder`.

    `frames` are those of `heard`, measured or inferred. Raises ValueError for notes that cannot be:
    two that begin at once, or any where none was heard.
    """
    source = Source(
        read=frames.read,
        frame_count=len(frames),
        quietest=int(np.argmin(frames.curve("loudness_db"))),
        gain_db=heard.gain_db,
    )
    store = FrameStore.at(folder, frames.harmonics)
    for piece in edited_pieces(source, heard.notes, notes):
        store.append(piece)
    return store


def moved(frames: FrameStore, notes: Sequence[ExpressiveNote], edits: Edits) -> Iterator[Frames]:
    """Yield all frames, transposed and stretched; `notes` are those that sound in them.

    They are round((frames - 1) * stretch) + 1, or one more or less. Vibrato keeps its rate.
    """
    if edits.stretch == 1:
        for block in frames.blocks():
            yield transpose(block, edits.transpose)
        return
    written = 0
    for first, last, inside in _groups(frames, [each.note for each in notes]):
        block = transpose(frames.read(first, last + 1), edits.transpose)
        slow = stretch(block, edits.stretch, inside)
        wanted = round((last if last < len(frames) else last - 1) * edits.stretch) - written
        wanted += last == len(frames)
        yield cut(slow, 0, wanted)
        written += min(wanted, len(slow))


def _groups(frames: FrameStore, notes: Sequence[Note]) -> Iterator[tuple[int, int, list[Note]]]:
    """Yield (first frame, end, the notes inside at their times from there) of all frames."""
    notes = sorted(notes, key=lambda note: note.onset_s)
    onsets = [round(note.onset_s * FRAME_RATE) for note in notes]
    edges = [0]
    for onset in [*onsets, len(frames)]:
        while onset - edges[-1] > _LONGEST_GROUP:
            edges.append(edges[-1] + _GROUP)
        if onset - edges[-1] >= _GROUP or onset == len(frames):
            edges.append(onset)
    for first, last in pairwise(edges):
        begin_s = first / FRAME_RATE
        yield (
            first,
            last,
            [
                replace(note, onset_s=note.onset_s - begin_s, offset_s=note.offset_s - begin_s)
                for note, onset in zip(notes, onsets, strict=True)
                if first <= onset < last
            ],
        )
