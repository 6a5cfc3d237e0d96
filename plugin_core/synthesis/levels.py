"""Levels as the models of this package see them: natural logarithms, at one loudness for all."""

import numpy as np
from numpy.typing import NDArray

SILENT = -16.0
"""The natural logarithm of the least level that is told from silence (-139 dB)."""

REFERENCE_LOUDNESS_DB = -20.0
"""Where the 95th percentile of a recording's loudness is put before a model hears it."""

NEPER_PER_DB = float(np.log(10) / 20)

_LOUD_QUANTILE = 0.95


def reference_gain(loudness_db: NDArray[np.float32]) -> float:
    """Return the gain in nepers that puts a recording's loud passages where models expect them."""
    if not len(loudness_db):
        return 0.0
    loud_db = float(np.quantile(loudness_db, _LOUD_QUANTILE))
    return (REFERENCE_LOUDNESS_DB - loud_db) * NEPER_PER_DB


def log_levels(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the natural logarithm of linear levels, shape as given, silence as `SILENT`."""
    logs: NDArray[np.float32] = np.log(np.maximum(levels, np.exp(SILENT))).astype(np.float32)
    return logs
