"""Which row of an edited table of notes is which note of the original."""

from collections.abc import Sequence

import numpy as np

from plugin_core.types import ExpressiveNote, Note

SAME_ONSET_S = 0.002
"""Half a frame: what a table's rounding may move."""
FARTHEST_S = 0.5
_SECONDS_PER_KEY = 0.02


def match_notes(
    original: Sequence[ExpressiveNote], edited: Sequence[ExpressiveNote]
) -> tuple[int | None, ...]:
    """Return for every edited note the index of the original that it comes from, None if it is new.

    A note that still has the onset and the pitch of an original is that one. Of the others, if
    there are as many on both sides, each is the one in the same place of the order; if not, the
    nearest pairs are found, onsets at most 0.5 s apart, a semitone counting as 20 ms. What of the
    original is left over was deleted.
    """
    found: list[int | None] = [None] * len(edited)
    by_place = {_place(row.note): index for index, row in reversed(list(enumerate(original)))}
    free = set(range(len(original)))
    for row, expressive in enumerate(edited):
        index = _unchanged(expressive.note, original, by_place)
        if index is not None and index in free:
            found[row] = index
            free.remove(index)
    rows = [row for row, index in enumerate(found) if index is None]
    left = sorted(free)
    pairs = (
        list(zip(rows, left, strict=True))
        if len(rows) == len(left)
        else _nearest([edited[row].note for row in rows], [original[i].note for i in left])
    )
    if len(rows) != len(left):
        pairs = [(rows[row], left[index]) for row, index in pairs]
    for row, index in pairs:
        found[row] = index
    return tuple(found)


def _place(note: Note) -> tuple[int, int]:
    return round(note.onset_s / SAME_ONSET_S), note.midi_pitch


def _unchanged(
    note: Note, original: Sequence[ExpressiveNote], by_place: dict[tuple[int, int], int]
) -> int | None:
    step, pitch = _place(note)
    for near in (step, step - 1, step + 1):
        index = by_place.get((near, pitch))
        if index is not None:
            apart = abs(original[index].note.onset_s - note.onset_s)
            if apart <= SAME_ONSET_S:
                return index
    return None


def _nearest(edited: Sequence[Note], original: Sequence[Note]) -> list[tuple[int, int]]:
    """Return (edited, original) pairs, nearest first, each at most once."""
    onsets = np.array([note.onset_s for note in original])
    order = np.argsort(onsets)
    candidates = []
    for row, note in enumerate(edited):
        bounds = note.onset_s - FARTHEST_S, note.onset_s + FARTHEST_S
        first, end = np.searchsorted(onsets[order], bounds, side="left")
        for index in order[first:end]:
            apart = abs(onsets[index] - note.onset_s)
            keys = abs(original[index].midi_pitch - note.midi_pitch)
            candidates.append((apart + _SECONDS_PER_KEY * keys, row, int(index)))
    pairs: list[tuple[int, int]] = []
    rows, indices = set(), set()
    for _, row, index in sorted(candidates):
        if row not in rows and index not in indices:
            pairs.append((row, index))
            rows.add(row)
            indices.add(index)
    return pairs
