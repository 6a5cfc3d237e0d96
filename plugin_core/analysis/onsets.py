"""Where notes begin: candidates weighed by a logistic regression on what is heard around them."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.onset_evidence import Evidence, candidates, features

WEIGHTS = {
    "key changes": 3.071,
    "key starts": 0.909,
    "key after": 0.340,
    "rest before": -0.234,
    "rise": 0.023,
    "slow rise": -0.384,
    "dip": 0.335,
    "dip and rise": 0.207,
    "high rise": -0.061,
    "high burst": -0.172,
    "least confidence": -0.100,
    "confidence after": 0.198,
    "confidence before": 1.416,
    "flux": -0.691,
    "flux over mean": 0.742,
    "flux, bounded": 2.335,
    "steepness": 1.456,
    "loudness": 0.348,
    "pitch step": -0.002,
    "pitch wobble": 0.475,
}
"""Fitted by `training.onset_fitting` on the training notes and performances of the corpus."""
BIAS = -5.454
LEAST_PROBABILITY = 0.35
NEAREST_FRAMES = 15
"""Two onsets are at least 60 ms apart."""

_LONGEST_ATTACK = 30
_ATTACK_RANGE_DB = 26.0
_ABOVE_DIP_DB = 3.0


def find_onsets(evidence: Evidence) -> NDArray[np.int64]:
    """Return the frames at which notes begin, ascending."""
    frames = candidates(evidence)
    return pick(attack_starts(evidence, frames), onset_probability(evidence, frames))


def onset_probability(evidence: Evidence, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how likely a note begins near each of `frames`, 0..1, shape (len(frames),)."""
    found = features(evidence, frames)
    logit = BIAS + sum(weight * found[name] for name, weight in WEIGHTS.items())
    return 1.0 / (1.0 + np.exp(-logit))


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

    From the sign back to the bottom of the climb, at most 120 ms, then forth to within 26 dB of the
    note's peak, but not into the dip.
    """
    level = evidence.level_db
    starts = np.empty_like(frames)
    for index, frame in enumerate(frames):
        bottom = int(frame)
        earliest = max(bottom - _LONGEST_ATTACK, 0)
        # A third of a dB downhill is still flat.
        while bottom > earliest and level[bottom - 1] <= level[bottom] + 0.3:
            bottom -= 1
        enough = max(
            level[frame : frame + 50].max() - _ATTACK_RANGE_DB, level[bottom] + _ABOVE_DIP_DB
        )
        start = bottom
        while start < frame and level[start] < enough:
            start += 1
        starts[index] = start
    return starts
