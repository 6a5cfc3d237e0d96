"""What each candidate is worth: its strength, its octave, and what the second opinion says.

The weights were tuned on notes and phrases of the corpus and on tones with weak, missing, odd and
strong even harmonics; around these values the errors hardly depend on them.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.autocorrelation import LOWEST_HZ, RANGES
from plugin_core.analysis.pitch.second_opinion import KNOWS_HZ

_UNVOICED = 0.21
"""The score of no pitch: that of a strength of about 0.6; half if the second opinion is sure."""

_BLUR = 0.02
"""Aperiodicity (1 - strength) that is as good as none."""

_OCTAVE = 0.14
"""What an octave adds, of the score: higher ones first, for every multiple of a period is one."""

_FIT, _FIT_OF_NOTHING = np.float32(0.7), np.float32(0.45)
"""What the fit of the comb is worth, from that of a sound of no pitch on."""

_OPINION = 0.12
"""What the second opinion's word is worth, if it is sure."""

_CLOSE = 0.04  # log2: half a semitone.

_DOUBT = np.concatenate([np.full(part.candidates, part.doubt, np.float32) for part in RANGES])


def score_candidates(
    f0_hz: NDArray[np.float32],
    strength: NDArray[np.float32],
    fit: NDArray[np.float32],
    opinion_hz: NDArray[np.float32],
    opinion_confidence: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the scores of all candidates, (frames, CANDIDATES), and of no pitch, (frames,).

    `f0_hz`, `strength` and `fit` are those of `autocorrelation_candidates`, the opinions (frames,).
    The score of a candidate that is none is -inf. A score grows with the logarithm of the
    aperiodicity: between strengths of 0.99 and 0.96 lies as much as between 0.9 and 0.8.
    """
    there = f0_hz > 0
    octaves = np.log2(np.where(there, f0_hz / LOWEST_HZ, 1), dtype=np.float32)
    opinion = np.log2(np.where(opinion_hz > 0, opinion_hz / LOWEST_HZ, 1), dtype=np.float32)
    aperiodicity = np.minimum((1 - strength) * _DOUBT, 1) + np.float32(_BLUR)
    worth = np.log(aperiodicity) * np.float32(1 / np.log(_BLUR))
    worth += _FIT * (fit - _FIT_OF_NOTHING)
    worth += _OPINION * opinion_confidence[:, None] * _agrees(octaves, opinion[:, None])
    rank = 1 + np.float32(_OCTAVE) * octaves
    score = np.where(there, worth * rank, -np.inf).astype(np.float32)
    # Voicing is not to depend on the octave.
    rank_of_best = rank[np.arange(len(score)), score.argmax(axis=1)]
    return score, _UNVOICED * (1 - np.float32(0.5) * opinion_confidence) * rank_of_best


def _agrees(octaves: NDArray[np.float32], opinion: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which candidates the opinion is for; of one beyond its range it names an octave."""
    above = octaves - opinion
    lowest, highest = (np.log2(hz / LOWEST_HZ) for hz in KNOWS_HZ)
    agrees: NDArray[np.bool_] = np.abs(above) < _CLOSE
    agrees |= (octaves < lowest + _CLOSE) & (np.abs(above + 1) < _CLOSE)
    agrees |= (octaves > highest - _CLOSE) & (np.abs(above - 1) < _CLOSE)
    return agrees
