"""How loud a recording is where it sounds: the level that recordings are compared by."""

import numpy as np
from numpy.typing import NDArray

SOUNDING_DB = 40.0
"""A frame sounds if it is less than so much below the loudest one."""

LEAST_DB = -75.0
"""What is softer throughout is read as so loud: silence is not to be raised to a performance."""

SILENT_DB = -100.0
"""Below this nothing was recorded: dither of 16 bits reads more."""

_LOUD_QUANTILE = 0.95


def loud_level_db(loudness_db: NDArray[np.float32]) -> float:
    """Return the 95th percentile of the loudness of the sounding frames, LEAST_DB at least.

    `loudness_db`, shape (frames,), is what `analysis.loudness` measures, in dB. Raises ValueError
    where there are no frames.
    """
    if not len(loudness_db):
        raise ValueError("no frames to measure the level of")
    sounding = loudness_db[loudness_db > loudness_db.max() - SOUNDING_DB]
    return max(LEAST_DB, float(np.quantile(sounding, _LOUD_QUANTILE)))


def silence_gate(loudness_db: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 0 where a recording is digitally silent and 1 elsewhere, shape (frames,), float32.

    `loudness_db`, shape (frames,), is as recorded, in dB of full scale: what is resynthesized of
    nothing is nothing, and no room rings on in a file's padding.
    """
    return (loudness_db > SILENT_DB).astype(np.float32)
