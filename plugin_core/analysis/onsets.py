"""Where notes begin: candidates weighed by a small network on what is heard around them."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.onset_evidence import Evidence, candidates, features
from plugin_core.analysis.onset_weights import HIDDEN_BIAS, HIDDEN_WEIGHTS, OUT_BIAS, OUT_WEIGHTS

LEAST_PROBABILITY = 0.28
"""Where precision and recall on performances are nearest to each other."""
NEAREST_FRAMES = 15
"""Two onsets are at least 60 ms apart."""

_LONGEST_ATTACK = 30
_ATTACK_RANGE_DB = 40.0
_ABOVE_DIP_DB = 3.0
_CUT_INTO_DB = 15.0
_FULL_DB = 7.0
"""Half a window in a sudden note, its level is 6 dB below what it will be."""
_SEEN_BEFORE = 3
"""Frames: half the window of the levels."""


def find_onsets(evidence: Evidence) -> NDArray[np.int64]:
    """Return the frames at which notes begin, ascending."""
    frames = candidates(evidence)
    return pick(attack_starts(evidence, frames), onset_probability(evidence, frames))


def onset_probability(evidence: Evidence, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how likely a note begins near each of `frames`, 0..1, shape (len(frames),)."""
    found = features(evidence, frames)
    hidden = np.tile(HIDDEN_BIAS, (len(frames), 1))
    for name, weights in HIDDEN_WEIGHTS.items():
        hidden += found[name][:, None] * weights
    logit = np.tanh(hidden) @ OUT_WEIGHTS + OUT_BIAS
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def pick(onsets: NDArray[np.int64], probability: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the likely ones of `onsets`, ascending: of two that are too near, the likelier."""
    kept: list[int] = []
    blocked = np.zeros(int(onsets.max(initial=0)) + 1, dtype=bool)
    for index in np.argsort(-probability, kind="stable"):
        if probability[index] < LEAST_PROBABILITY:
            break
        frame = int(onsets[index])
        if not blocked[frame]:
            kept.append(frame)
            blocked[max(frame - NEAREST_FRAMES + 1, 0) : frame + NEAREST_FRAMES] = True
    return np.array(sorted(kept), dtype=np.int64)


def attack_starts(evidence: Evidence, frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the attack begins that has its sign at each of `frames`, shape as given.

    From the sign back to the bottom of the climb, at most 120 ms, then forth to within 40 dB of the
    note's peak, but not into the dip. The window of the levels sees an attack before it begins:
    that is made up for, as far as the note is not as loud already as half a window of it would be.
    What sounds in the first frame begins there.
    """
    level = evidence.level_db
    starts = np.empty_like(frames)
    for index, frame in enumerate(frames):
        bottom = int(frame)
        earliest = max(bottom - _LONGEST_ATTACK, 0)
        # A third of a dB downhill is still flat.
        while bottom > earliest and level[bottom - 1] <= level[bottom] + 0.3:
            bottom -= 1
        peak = level[frame : frame + 50].max()
        if bottom == 0 and level[0] > peak - _CUT_INTO_DB:
            starts[index] = 0
            continue
        enough = max(peak - _ATTACK_RANGE_DB, level[bottom] + _ABOVE_DIP_DB)
        start = _first_above(level, bottom, int(frame), enough)
        latest = _first_above(level, start, int(frame), peak - _FULL_DB)
        starts[index] = min(start + _SEEN_BEFORE, latest)
    return starts


def _first_above(level: NDArray[np.float32], first: int, last: int, enough: float) -> int:
    above = np.flatnonzero(level[first:last] >= enough)
    return first + int(above[0]) if len(above) else last
