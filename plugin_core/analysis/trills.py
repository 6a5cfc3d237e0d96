"""Trills: keys that alternate so fast that they are one note."""

import itertools

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch_steps import REST

LONGEST_FRAMES = 26
"""104 ms; what alternates slower than this is a figure of notes."""
FEWEST_TURNS = 4
WIDEST_KEYS = 2
_MARGIN = 8
"""Frames after the beginning of a trill in which its own onset may be."""


def without_trills(keys: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Return the keys with every trill on its lower key, and where trills go on, both (frames,).

    A trill is four or more turns between two keys at most a whole tone apart, none longer than
    104 ms; its first may be twice as long, its last as long as it likes.
    """
    flat, inside = keys.copy(), np.zeros(len(keys), dtype=bool)
    edges = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1, append=keys[-1:] - 1)).tolist()
    turns = [(first, end, int(keys[first])) for first, end in itertools.pairwise(edges)]
    at = 0
    while at < len(turns):
        run = _trill(turns, at)
        if len(run) >= FEWEST_TURNS:
            first, end = run[0][0], run[-1][1]
            flat[first:end] = min(key for _, _, key in run)
            inside[first + _MARGIN : end] = True
        at += max(len(run) - 1, 1)
    return flat, inside


def _trill(turns: list[tuple[int, int, int]], at: int) -> list[tuple[int, int, int]]:
    """Return the turns from `at` on that may be one trill."""
    run = turns[at : at + 2]
    keys = {key for _, _, key in run}
    is_held = turns[at][1] - turns[at][0] > 2 * LONGEST_FRAMES
    if is_held or REST in keys or len(keys) < 2 or max(keys) - min(keys) > WIDEST_KEYS:
        return run[:1]
    for turn in turns[at + 2 :]:
        first, end, _ = run[-1]
        if turn[2] not in keys or end - first > LONGEST_FRAMES:
            break
        run.append(turn)
    return run
