"""How sure it is that one pitch sounds: from periodicity and harmonicity."""

import numpy as np
from numpy.typing import NDArray

_NONE, _SURE = 0.4, 0.9
"""Periodicity of noise, and of a tone that leaves no doubt."""


def confidence(
    strength: NDArray[np.float64], opinion: NDArray[np.float64], harmonicity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the confidence, 0..1, all (frames,), 0 where the strength is 0."""
    periodicity = np.maximum(strength, harmonicity)
    return np.where(strength > 0, np.clip((periodicity - _NONE) / (_SURE - _NONE), 0, 1), 0)
