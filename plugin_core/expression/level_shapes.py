"""The course of a generated note's level, as lively as asked and peaking where asked."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Curve = NDArray[np.float64]

_SMOOTH_FRAMES = 8.0
"""What is faster than this is the level's jitter, slower its envelope."""
_CALM_FRAMES = 8
"""To each side of a peak that was moved, in which the jitter rises from none."""
_PROMINENCE = 1.5
"""How far such a peak stands out at the note's far end, in standard deviations asked."""
_CREST = 0.1
"""Share of the note to each side in which its crest is a gentle slope, before it falls away."""
_CREST_FALL_DB = 500.0
_SLOPE_DB, _SLOPE_FRAMES = 0.04, 20
"""How a crest falls at least: a lead may take its first frames, or noise may cover them."""
_SOFT_DB = 1.0
_UNREST_DB = 3.0
_LINEAR_DB, _ROUND_DB = 6.0, 24.0
_ROUNDEST = 3.0
"""Swells of large deviations are round at their top: their peak must not be far above the mean."""


class LevelShape:
    """A family of courses of one note, by their standard deviation in dB, all of one peak.

    The note's own course is one of them. Smaller ones are it, scaled; larger ones have a swell to
    the peak and away from it besides.
    """

    def __init__(
        self, levels_db: Curve, peak: int, spread_db: float, *, is_crested: bool = False
    ) -> None:
        """Take a course, shape (frames,), the frame of its peak and about what will be asked.

        `is_crested` gives a peak that is there already a crest, as one that was moved has.
        """
        count = len(levels_db)
        away = np.abs(np.arange(count) - peak) / max(peak, count - 1 - peak, 1)
        base = levels_db
        if is_crested or levels_db[peak] < levels_db.max():
            base = _peaking(levels_db, peak, away, spread_db)
        roundness = np.clip((spread_db - _LINEAR_DB) / (_ROUND_DB - _LINEAR_DB), 0.0, 1.0)
        fall = 0.1 * away + 0.9 * away ** (1.0 + (_ROUNDEST - 1.0) * roundness)
        self._base: Curve = base - base.mean()
        self._fall: Curve = fall - fall.mean()
        self.spread_db = float(self._base.std())
        self._fall_variance = float(self._fall @ self._fall) / count
        self._covariance = float(self._base @ self._fall) / count

    def of(self, spread_db: float) -> Curve:
        """Return the course of this standard deviation, mean 0, dB, shape (frames,)."""
        if spread_db <= self.spread_db:
            return self._base * (spread_db / max(self.spread_db, 1e-12))
        if self._fall_variance == 0.0:
            return self._base
        missing = spread_db**2 - self.spread_db**2
        root = math.sqrt(self._covariance**2 + self._fall_variance * missing)
        return self._base - (self._covariance + root) / self._fall_variance * self._fall


def _peaking(levels_db: Curve, peak: int, away: Curve, spread_db: float) -> Curve:
    """Return the course with its highest frame at `peak`, under a gentle crest."""
    envelope = gaussian_filter1d(levels_db, min(_SMOOTH_FRAMES, len(levels_db) / 8), mode="nearest")
    frames = np.abs(np.arange(len(levels_db)) - peak)
    calm = np.clip(frames / max(min(_CALM_FRAMES, len(levels_db) // 8), 1), 0.0, 1.0)
    slope_db = _PROMINENCE * spread_db * away
    crest = envelope.max() - _CREST_FALL_DB * np.maximum(away - _CREST, 0.0) ** 2
    lifted = _SOFT_DB * np.logaddexp(envelope / _SOFT_DB, crest / _SOFT_DB)
    # What is lifted out of an attack or a release does not keep their own unrest.
    kept = calm**2 * (3.0 - 2.0 * calm) * np.exp((envelope - lifted) / _UNREST_DB)
    course = lifted + kept * (levels_db - envelope) - slope_db
    # A little beyond the crest's own height, so that the jitter beside it is hardly cut.
    top = float(course[peak]) + _SOFT_DB * 0.5
    course += 0.5 * _SOFT_DB * (1.0 - calm) ** 2
    stands_out_db = _SLOPE_DB * np.minimum(frames, _SLOPE_FRAMES)
    return np.asarray(np.minimum(course, top - 0.25 * slope_db - stands_out_db))
