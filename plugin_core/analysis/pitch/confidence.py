"""How sure it is that one pitch sounds, and this one.

Four kinds of evidence: how periodic the sound is, whether the harmonics stand where the path says,
what the second opinion thinks, and whether lower harmonics are missing as they do where the f0 is
but the common subharmonic of a chord.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.pitch.second_opinion import KNOWS_HZ

_PERIODICITY = (0.55, 0.8, 0.88, 0.94, 0.98)
_CONFIDENCE = (0.02, 0.25, 0.5, 0.85, 1.0)
"""Confidence that a periodicity gives: noise stays below 0.6, chords mostly below 0.9."""

_BEYOND_DOUBT = 0.985
"""A periodicity that no other opinion can lower."""


def confidence(
    f0_hz: NDArray[np.float64],
    strength: NDArray[np.float64],
    opinion: NDArray[np.float64],
    harmonics: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return the confidence, 0..1, (frames,): 0 where f0_hz is 0.

    `strength` and `opinion` are the autocorrelation and the confidence of the second opinion,
    (frames,); `harmonics` those of `refine`.
    """
    periodicity = np.maximum(strength, np.minimum(harmonics.sum(axis=1), 1.0))
    sure = np.interp(periodicity, _PERIODICITY, _CONFIDENCE)
    asked = (f0_hz > 1.1 * KNOWS_HZ[0]) & (f0_hz < 0.95 * KNOWS_HZ[1])
    doubted = asked & (periodicity < _BEYOND_DOUBT)
    sure *= np.where(doubted, np.interp(opinion, (0.0, 0.3), (0.4, 1.0)), 1.0)
    sure *= np.interp(chord_evidence(harmonics), (1.0, 2.0), (1.0, 0.4))
    return np.where(f0_hz > 0, sure, 0.0)


def chord_evidence(harmonics: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how many of the harmonics are missing that an instrument would not leave out.

    Of a chord with the ratios 4 : 5 : 6, the subharmonic 1 has neither harmonics 1, 2, 3 nor 7.
    A missing fundamental counts 1, the first three together 2, and a gap at 3, 5 or 7 between
    stronger ones 1 each (the even ones are weak in a clarinet). Missing is what is 20 to 35 dB
    weaker than the others.
    """
    db = 10 * np.log10(harmonics.astype(np.float64) + 1e-9)
    evidence = _missing(db[:, 0], db.max(axis=1))
    evidence += _missing(db[:, :3].max(axis=1), db.max(axis=1))
    for place in (2, 4, 6):
        below = db[:, place - 2 : place].max(axis=1)
        above = db[:, place + 1 : place + 3].max(axis=1)
        evidence += _missing(db[:, place], np.minimum(below, above))
    return evidence


def _missing(db: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip((others - db - 20) / 15, 0, 1)
