"""What each candidate is worth: its strength, the octave, and what the second opinion says."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import LOWEST_HZ, RANGES
from plugin_core.analysis.pitch.second_opinion import KNOWS_HZ

UNVOICED = 0.55
"""The score of no pitch."""

_OCTAVE = 0.02
"""A candidate an octave higher is worth so much more: every multiple of a period is a period."""

_OPINION = 0.1
"""What the second opinion's word for a candidate is worth."""

_CLOSE = 0.04
"""log2: half a semitone."""

_DOUBT = np.concatenate([np.full(part.candidates, part.doubt, np.float32) for part in RANGES])


def score_candidates(
    f0_hz: NDArray[np.float32],
    strength: NDArray[np.float32],
    opinion_hz: NDArray[np.float32],
    opinion_confidence: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the score of every candidate, (frames, CANDIDATES), -inf where there is none.

    `f0_hz` and `strength` are those of `autocorrelation_candidates`, the opinions (frames,).
    """
    there = f0_hz > 0
    log2_hz = np.log2(np.where(there, f0_hz, 1), dtype=np.float32)
    opinion = np.log2(np.where(opinion_hz > 0, opinion_hz, 1), dtype=np.float32)
    score = strength - _DOUBT + _OCTAVE * (log2_hz - np.float32(np.log2(LOWEST_HZ)))
    agrees = _agrees(log2_hz, opinion[:, None])
    score += np.where(agrees, np.float32(_OPINION) * opinion_confidence[:, None], 0)
    return np.where(there, score, -np.inf).astype(np.float32)


def _agrees(log2_hz: NDArray[np.float32], opinion: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which candidates the opinion is for; of those beyond its range it names an octave."""
    above = log2_hz - opinion
    agrees: NDArray[np.bool_] = np.abs(above) < _CLOSE
    lowest, highest = np.log2(KNOWS_HZ)
    agrees |= (log2_hz < lowest + _CLOSE) & (np.abs(above + 1) < _CLOSE)
    agrees |= (log2_hz > highest - _CLOSE) & (np.abs(above - 1) < _CLOSE)
    return agrees
