"""Performances of a score, note by note: which played note is which written one.

Onsets of the score and of the performance are grouped into chords; dynamic time warping over the
groups (cost: one minus the share of pitches in common) finds where in the score the player is, and
within groups that meet, notes of the same pitch are the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.composing.solo import Played, Written
from plugin_core.types import Note

CHORD_S = 0.035
"""Onsets of a performance this close to the one before belong to one chord."""

_NEIGHBOURS = 1
_BAND = 80
"""Groups by which a performance may be before or behind an even passage through the score."""


class Match(NamedTuple):
    """A written note and how it was played."""

    written: Written
    played: Played


def match(written: Sequence[Written], performed: Sequence[Note]) -> list[Match]:
    """Return the notes of a score that were played, in the order of the score.

    Both are ordered by onset. Notes of a chord share the onset of the one that was played first.
    """
    score = _groups([note.onset for note in written], 1e-6)
    heard = _groups([note.onset_s for note in performed], CHORD_S)
    score_keys = _keys(score, [note.pitch for note in written])
    heard_keys = _keys(heard, [note.midi_pitch for note in performed])
    shared = score_keys @ heard_keys.T
    either = score_keys.sum(1)[:, None] + heard_keys.sum(1)[None, :] - shared
    path = _path(1.0 - shared / either)
    meets: dict[int, list[int]] = {}
    for mine, theirs in path:
        meets.setdefault(mine, []).append(theirs)
    found: list[Match] = []
    taken: set[int] = set()
    for index, members in enumerate(score):
        near = meets[index]
        low, high = max(near[0] - _NEIGHBOURS, 0), min(near[-1] + _NEIGHBOURS, len(heard) - 1)
        candidates = [each for group in heard[low : high + 1] for each in group]
        here: list[tuple[Written, Note]] = []
        for member in members:
            same = [
                each
                for each in candidates
                if each not in taken and performed[each].midi_pitch == written[member].pitch
            ]
            if same:
                middle = performed[heard[near[0]][0]].onset_s
                best = min(same, key=lambda each: abs(performed[each].onset_s - middle))
                taken.add(best)
                here.append((written[member], performed[best]))
        if here:
            onset_s = min(note.onset_s for _, note in here)
            found += [
                Match(mine, Played(onset_s, note.offset_s - note.onset_s, note.velocity))
                for mine, note in here
            ]
    return _forward(found)


def _groups(onsets: Sequence[float], within: float) -> list[list[int]]:
    groups: list[list[int]] = []
    for index, onset in enumerate(onsets):
        if groups and onset - onsets[index - 1] <= within:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _keys(groups: Sequence[Sequence[int]], pitches: Sequence[int]) -> NDArray[np.float64]:
    keys = np.zeros((len(groups), 128))
    for row, members in enumerate(groups):
        keys[row, [pitches[member] for member in members]] = 1.0
    return keys


def _path(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the cheapest way from the first groups to the last, (score, performance) by step."""
    rows, columns = cost.shape
    band = max(_BAND, abs(rows - columns) + 20)
    total = [[np.inf] * (columns + 1) for _ in range(rows + 1)]
    total[0][0] = 0.0
    for i in range(1, rows + 1):
        centre = i * columns // rows
        line, above, costs = total[i], total[i - 1], cost[i - 1].tolist()
        for j in range(max(1, centre - band), min(columns, centre + band) + 1):
            # Standing still costs a little, so that equal chords go on together.
            least = min(above[j - 1], above[j] + 0.1, line[j - 1] + 0.1)
            line[j] = costs[j - 1] + least
    i, j = rows, columns
    path = []
    while i > 0 and j > 0:
        path.append((i - 1, j - 1))
        before = (total[i - 1][j - 1], total[i - 1][j] + 0.1, total[i][j - 1] + 0.1)
        choice = int(np.argmin(before))
        i, j = (i - 1, j - 1) if choice == 0 else (i - 1, j) if choice == 1 else (i, j - 1)
    return path[::-1]


def _forward(found: Sequence[Match]) -> list[Match]:
    """Leave out notes that were played before what is written before them."""
    kept: list[Match] = []
    for each in found:
        is_later = not kept or each.written.onset > kept[-1].written.onset
        if is_later and kept and each.played.onset_s <= kept[-1].played.onset_s:
            continue
        if not is_later and each.played.onset_s != kept[-1].played.onset_s:
            continue
        kept.append(each)
    return kept
