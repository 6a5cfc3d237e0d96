"""What counts of voice leading: crossings, parallel fifths and octaves, chords at the ends of bars.

Voices cross where a lower one sounds above its neighbour. Two voices are parallel where both move
in one direction, and a fifth (or an octave or unison, also over octaves) becomes another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from plugin_core.composing.chorale import RANGES, REST, STEPS_PER_BAR, VOICES, Grid

_PERFECT = (0, 7)
Chord = frozenset[int]
"""Intervals above the bass, in semitones within an octave."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of what was counted, 0..1; `nan` where there was nothing to count."""

    crossing: float
    """Of sixteenths of neighbouring voices."""
    out_of_range: float
    """Of sixteenths of voices."""
    parallel: float
    """Of the moves of two voices at once."""
    parallel_by_chord: float
    """Parallels for every change of chord; two pairs of voices can be parallel at once."""
    known_bar_ends: float
    """Of bars whose last chord is known."""


def crossings(grid: Grid) -> NDArray[np.bool_]:
    """Return where neighbours cross, shape (steps, 3): soprano and alto first."""
    upper, lower = grid[:, :-1], grid[:, 1:]
    crossed: NDArray[np.bool_] = (upper != REST) & (lower != REST) & (lower > upper)
    return crossed


def out_of_range(grid: Grid) -> NDArray[np.bool_]:
    """Return where voices leave their ranges, shape (steps, 4)."""
    low, high = np.array(RANGES).T
    beyond: NDArray[np.bool_] = (grid != REST) & ((grid < low) | (grid > high))
    return beyond


def parallels(grid: Grid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where two voices move in parallel, and where two move at all.

    Both have shape (steps, 6 pairs): soprano and alto, soprano and tenor ...; a move is where the
    new notes begin.
    """
    pairs = list(combinations(range(len(VOICES)), 2))
    parallel = np.zeros((len(grid), len(pairs)), bool)
    moving = np.zeros_like(parallel)
    notes = grid.astype(np.int64)
    for column, (one, other) in enumerate(pairs):
        before, after = notes[:-1, [one, other]], notes[1:, [one, other]]
        steps = after - before
        sung = ((before != REST) & (after != REST)).all(1)
        both = sung & (steps != 0).all(1)
        interval = (before[:, 0] - before[:, 1]) % 12
        same = interval == (after[:, 0] - after[:, 1]) % 12
        together = steps[:, 0] * steps[:, 1] > 0
        moving[1:, column] = both
        parallel[1:, column] = both & same & together & np.isin(interval, _PERFECT)
    return parallel, moving


def chord_at(grid: Grid, step: int) -> Chord:
    """Return the chord of a step; no intervals where nobody sings."""
    sung = grid[step][grid[step] != REST].astype(np.int64)
    return frozenset(((sung - sung.min()) % 12).tolist()) if len(sung) else frozenset()


def bar_ends(grid: Grid) -> list[int]:
    """Return the last step of each whole bar."""
    return list(range(STEPS_PER_BAR - 1, len(grid), STEPS_PER_BAR))


def closing_chords(grids: Iterable[Grid]) -> set[Chord]:
    """Return every chord with which a bar of some grids ends."""
    return {chord_at(grid, step) for grid in grids for step in bar_ends(grid)}


def rates(grids: Iterable[Grid], known: set[Chord]) -> Rates:
    """Return the rates of some chorales together; `known` are those of a corpus."""
    counts = np.zeros((5, 2))
    for grid in grids:
        parallel, moving = parallels(grid)
        ends = [chord_at(grid, step) in known for step in bar_ends(grid)]
        crossed = crossings(grid)
        beyond = out_of_range(grid)
        counts += [
            (crossed.sum(), crossed.size),
            (beyond.sum(), beyond.size),
            (parallel.sum(), moving.sum()),
            (parallel.sum(), (np.diff(grid, axis=0) != 0).any(axis=1).sum()),
            (sum(ends), len(ends)),
        ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return Rates(*(counts[:, 0] / counts[:, 1]).tolist())


def faults(grid: Grid) -> NDArray[np.bool_]:
    """Return who takes part in a crossing or a parallel and when, shape (steps, 4).

    Of a parallel both the notes left and the notes reached count.
    """
    wrong = np.zeros(grid.shape, bool)
    crossed = crossings(grid)
    wrong[:, :-1] |= crossed
    wrong[:, 1:] |= crossed
    parallel, _ = parallels(grid)
    for column, pair in enumerate(combinations(range(len(VOICES)), 2)):
        for step in np.flatnonzero(parallel[:, column]):
            for voice in pair:
                wrong[step - 1 : step + 1, voice] = True
    return wrong
