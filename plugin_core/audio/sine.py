"""The sine of a phase that counts 2^32 to the cycle, as float32 arithmetic that vectorises.

Wrapping is the wrapping of the integer; the quarter wave is an odd polynomial of degree 9 (minimax
over the quarter, error below 4e-9, under float32's own).
"""

import numpy as np

from plugin_core.audio.jit import kernel

_C1 = np.float32(1.57079629)
_C3 = np.float32(-0.64596336)
_C5 = np.float32(0.0796884805)
_C7 = np.float32(-0.00467222792)
_C9 = np.float32(0.000150820562)
_QUARTER = np.int32(2**30)
_MINUS_QUARTER = np.int32(-(2**30))
_HALF = np.int32(-(2**31))
_PER_QUARTER = np.float32(2.0**-30)


@kernel
def sine(phase: np.uint32) -> np.float32:
    """Return sin(2 pi phase / 2^32)."""
    signed = np.int32(phase)
    if signed < _MINUS_QUARTER or signed >= _QUARTER:
        signed = np.int32(_HALF - signed)
    x = np.float32(signed) * _PER_QUARTER
    square = x * x
    return x * (_C1 + square * (_C3 + square * (_C5 + square * (_C7 + square * _C9))))
