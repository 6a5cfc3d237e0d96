"""Where sound sets in or breaks off within a window: which frame nearby stands for this one.

A window over the edge of a sound blurs it, and its spectrum shows what no harmonic and no noise is.
So such a frame borrows what a window wholly on its own side of the edge sees, as the filter of
Kuwahara et al. (1976) does in pictures: of the windows to both sides, the steadier.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

SILENCE_DB = -120.0
"""The level before and after a recording, and the least that counts."""


def steadier_frames(
    curve: NDArray[np.float64],
    reach: NDArray[np.int64],
    least_change: float,
    *,
    outside: float | None = SILENCE_DB,
) -> NDArray[np.int64]:
    """Return for every frame which one to look at in its place, mostly itself, shape (frames,).

    `curve` is the short-time level of each frame, or its pitch, and `reach`, not below 1, how many
    frames its window extends to each side. Where the curve changes within the window by over
    `least_change` more than within the one that begins or ends here, it is the centre of that.
    Before the recording and after it the curve is `outside`; None if that is no change.
    """
    frames = len(curve)
    above, below = (-np.inf, -np.inf) if outside is None else (outside, -outside)
    change = highest_within(curve, reach, above) + highest_within(-curve, reach, below)
    here = np.arange(frames)
    before = np.maximum(here - reach, 0)
    after = np.minimum(here + reach, frames - 1)
    steadier = np.where(change[before] < change[after], before, after)
    return np.where(change - change[steadier] > least_change, steadier, here)


def highest_within(
    level_db: NDArray[np.float64], reach: NDArray[np.int64], outside_db: float = SILENCE_DB
) -> NDArray[np.float64]:
    """Return the highest level within `reach` frames to each side of every frame."""
    highest = np.zeros(len(level_db))
    for each in np.unique(reach).tolist():
        around = maximum_filter1d(level_db, 2 * each + 1, mode="constant", cval=outside_db)
        highest = np.where(reach == each, around, highest)
    return highest
