"""How loud a recording is for a DDX7 model: the one number that its loudness is shifted by.

A model knows loudness in the scale in which the 95th percentile of the sounding frames is its
reference; another recording is shifted there, and what is made of it is turned back.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.hearing.doubts import SILENT_DB, SOUNDING_DB

_LOUD_PERCENTILE = 95.0


def sounding_level_db(loudness_db: NDArray[np.floating]) -> float:
    """Return the 95th percentile of the loudness of the sounding frames, A-weighted dB.

    `loudness_db` has shape (frames,). Sounding is what lies at most 30 dB under the 99th percentile
    and over -75 dB; where nothing does, the level is -75 dB.
    """
    if len(loudness_db) == 0:
        return SILENT_DB
    floor = max(float(np.percentile(loudness_db, 99)) - SOUNDING_DB, SILENT_DB)
    sounding = loudness_db[loudness_db > floor]
    return float(np.percentile(sounding, _LOUD_PERCENTILE)) if len(sounding) else SILENT_DB
