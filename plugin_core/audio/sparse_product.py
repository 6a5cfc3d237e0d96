"""A matrix times inputs of which most are 0, as behind a relu: those cost nothing."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel

Floats = NDArray[np.float32]

_ZERO = np.float32(0.0)


@kernel
def add_sparse_product(out: Floats, rows: Floats, inputs: int, x: Floats) -> None:
    """Add rows of a matrix, one after the other in `rows`, times the inputs, to `out`.

    `out` has shape (outputs,), `x` has (inputs,) or more. Four at a time of the inputs that are not
    0, in their order, so that the sums are the same everywhere.
    """
    n = len(out)
    a, b, c = 0, 0, 0
    waiting = 0
    for i in range(inputs):
        if x[i] == _ZERO:
            continue
        if waiting == 3:
            _add_any_four(
                out,
                rows[a * n : (a + 1) * n],
                rows[b * n : (b + 1) * n],
                rows[c * n : (c + 1) * n],
                rows[i * n : (i + 1) * n],
                x[a],
                x[b],
                x[c],
                x[i],
            )
            waiting = 0
            continue
        if waiting == 0:
            a = i
        elif waiting == 1:
            b = i
        else:
            c = i
        waiting += 1
    if waiting > 0:
        _add_one(out, rows[a * n : (a + 1) * n], x[a])
    if waiting > 1:
        _add_one(out, rows[b * n : (b + 1) * n], x[b])
    if waiting > 2:
        _add_one(out, rows[c * n : (c + 1) * n], x[c])


@kernel
def _add_any_four(
    out: Floats,
    row0: Floats,
    row1: Floats,
    row2: Floats,
    row3: Floats,
    x0: np.float32,
    x1: np.float32,
    x2: np.float32,
    x3: np.float32,
) -> None:
    for i in range(len(out)):
        out[i] += (x0 * row0[i] + x1 * row1[i]) + (x2 * row2[i] + x3 * row3[i])


@kernel
def _add_one(out: Floats, row: Floats, x: np.float32) -> None:
    for i in range(len(out)):
        out[i] += x * row[i]
