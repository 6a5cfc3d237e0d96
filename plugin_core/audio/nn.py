"""Layers of a neural network, one frame at a time, over one flat array of weights.

Every layer reads its weights from `offset` on, laid out as the `pack_` functions lay them: biases
first, then matrices with one row for each input, so that the inner loop runs over the outputs.
All numbers are float32; nothing is allocated; sums are taken in the same order everywhere. What is
not a number stays that. The layers are PyTorch's Linear, GRU, Conv1d and LayerNorm.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel, summing_kernel
from plugin_core.audio.sparse_product import add_sparse_product

Floats = NDArray[np.float32]

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_LEAK = np.float32(0.01)
_NORM_EPSILON = np.float32(1e-5)

_REACH = np.float32(80.0)
_LOG2_E = np.float32(1.4426950408889634)
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(-2.12194440e-4)
_ROUNDER = np.float32(1.5 * 2**23)
"""Added to a number below 2^22 it leaves the nearest integer in the last bits."""
_EXPONENT_0 = np.int32(0x4B400000 - 127)
"""The last bits of the sum less this are the exponent bits of that power of 2."""
# Cephes expf: relative error 2e-7 within +-ln(2) / 2.
_E2 = np.float32(5.0000001201e-1)
_E3 = np.float32(1.6666665459e-1)
_E4 = np.float32(4.1665795894e-2)
_E5 = np.float32(8.3334519073e-3)
_E6 = np.float32(1.3981999507e-3)
_E7 = np.float32(1.9875691500e-4)

_ROWS_AT_ONCE = 4


@kernel
def ring_length(taps: int, dilation: int) -> int:
    """Return how many steps a causal convolution looks over, the present one too."""
    return (taps - 1) * dilation + 1


@kernel
def dense(weights: Floats, offset: int, inputs: int, outputs: int, x: Floats, y: Floats) -> None:
    """Write the bias plus the weighted inputs into `y`, shape (outputs,) or longer.

    `x`, shape (inputs,) or longer, must not overlap `y`.
    """
    out = y[:outputs]
    _copy(weights[offset:], out)
    _add_product(out, weights[offset + outputs :], inputs, x)


@kernel
def _copy(source: Floats, out: Floats) -> None:
    # The assignment of a slice to a slice would allocate where the two overlap.
    for i in range(len(out)):
        out[i] = source[i]


@kernel
def _add_product(out: Floats, rows: Floats, inputs: int, x: Floats) -> None:
    n = len(out)
    whole = inputs - inputs % _ROWS_AT_ONCE
    for i in range(0, whole, _ROWS_AT_ONCE):
        _add_four(out, rows[i * n : (i + _ROWS_AT_ONCE) * n], x[i], x[i + 1], x[i + 2], x[i + 3])
    for i in range(whole, inputs):
        _add_one(out, rows[i * n : (i + 1) * n], x[i])


@kernel
def _add_four(
    out: Floats, rows: Floats, x0: np.float32, x1: np.float32, x2: np.float32, x3: np.float32
) -> None:
    n = len(out)
    for i in range(n):
        low = x0 * rows[i] + x1 * rows[n + i]
        out[i] += low + (x2 * rows[2 * n + i] + x3 * rows[3 * n + i])


@kernel
def _add_one(out: Floats, row: Floats, x: np.float32) -> None:
    for i in range(len(out)):
        out[i] += x * row[i]


@kernel
def gru(
    weights: Floats, offset: int, inputs: int, hidden: int, x: Floats, h: Floats, scratch: Floats
) -> None:
    """Take one step of a GRU cell: `h`, shape (hidden,) or longer, becomes the next state.

    PyTorch's GRU, with the gates in the order r, z, n. `scratch` is of 6 x hidden or more.
    """
    width = 3 * hidden
    from_x = scratch[:width]
    from_h = scratch[width : 2 * width]
    _copy(weights[offset:], from_x)
    _copy(weights[offset + width :], from_h)
    rows = weights[offset + 2 * width :]
    _add_product(from_x, rows, inputs, x)
    _add_product(from_h, rows[inputs * width :], hidden, h)
    gates = from_x[: 2 * hidden]
    for i in range(len(gates)):
        gates[i] = _sigmoid(gates[i] + from_h[i])
    _move_state(h[:hidden], from_x, from_h[2 * hidden :])


@kernel
def _move_state(h: Floats, gates: Floats, recalled: Floats) -> None:
    n = len(h)
    for i in range(n):
        new = _tanh(gates[2 * n + i] + gates[i] * recalled[i])
        h[i] = new + gates[n + i] * (h[i] - new)


@kernel
def causal_conv(
    weights: Floats,
    offset: int,
    inputs: int,
    outputs: int,
    taps: int,
    dilation: int,
    history: Floats,
    position: int,
    x: Floats,
    y: Floats,
) -> None:
    """Take one step of a convolution over time that looks back only.

    PyTorch's Conv1d over (taps - 1) * dilation zeros and the inputs so far; inputs that are 0 cost
    nothing. `position` counts the steps from 0; `history`, shape (ring_length(taps, dilation) *
    inputs,), is zeros at first and gets the new inputs. `x` must not overlap `y`, shape (outputs,).
    """
    length = ring_length(taps, dilation)
    now = position % length
    _copy(x, history[now * inputs : (now + 1) * inputs])
    out = y[:outputs]
    _copy(weights[offset:], out)
    for tap in range(taps):
        at = (now + 1 + tap * dilation) % length if tap < taps - 1 else now
        rows = weights[offset + outputs + tap * inputs * outputs :]
        add_sparse_product(out, rows, inputs, history[at * inputs : (at + 1) * inputs])


@kernel
def layer_norm(weights: Floats, offset: int, size: int, x: Floats) -> None:
    """Give the first `size` values mean 0 and variance 1, then the layer's gain and shift."""
    values = x[:size]
    gain = weights[offset : offset + size]
    shift = weights[offset + size : offset + 2 * size]
    mean = _sum(values) / np.float32(size)
    for i in range(size):
        values[i] -= mean
    scale = _ONE / np.sqrt(_sum_of_squares(values) / np.float32(size) + _NORM_EPSILON)
    for i in range(size):
        values[i] = values[i] * scale * gain[i] + shift[i]


@summing_kernel
def _sum(values: Floats) -> np.float32:
    total = _ZERO
    for i in range(len(values)):
        total += values[i]
    return total


@summing_kernel
def _sum_of_squares(values: Floats) -> np.float32:
    total = _ZERO
    for i in range(len(values)):
        total += values[i] * values[i]
    return total


@kernel
def relu(x: Floats, size: int) -> None:
    """Set the negative ones of the first `size` values to 0."""
    values = x[:size]
    for i in range(size):
        values[i] = _ZERO if values[i] < _ZERO else values[i]


@kernel
def leaky_relu(x: Floats, size: int) -> None:
    """Multiply the negative ones of the first `size` values by 0.01."""
    values = x[:size]
    for i in range(size):
        values[i] = _LEAK * values[i] if values[i] < _ZERO else values[i]


@kernel
def tanh(x: Floats, size: int) -> None:
    """Take the hyperbolic tangent of the first `size` values, to 1e-6."""
    values = x[:size]
    for i in range(size):
        values[i] = _tanh(values[i])


@kernel
def sigmoid(x: Floats, size: int) -> None:
    """Take the logistic function of the first `size` values, to 1e-6."""
    values = x[:size]
    for i in range(size):
        values[i] = _sigmoid(values[i])


@kernel
def softmax(x: Floats, size: int) -> None:
    """Make the first `size` values, at least one, positive with sum 1: their exponentials' parts.

    Values more than 80 below the greatest count as 80 below it.
    """
    values = x[:size]
    greatest = values[0]
    for i in range(1, size):
        greatest = values[i] if values[i] > greatest else greatest
    for i in range(size):
        values[i] = exponential(values[i] - greatest)
    scale = _ONE / _sum(values)
    for i in range(size):
        values[i] *= scale


@kernel
def _sigmoid(x: np.float32) -> np.float32:
    return _ONE / (_ONE + exponential(-x))


@kernel
def _tanh(x: np.float32) -> np.float32:
    return _ONE - _TWO / (_ONE + exponential(_TWO * x))


@kernel
def exponential(x: np.float32) -> np.float32:
    """Return e^x to a relative 1e-6, float32 for float32; x is held within +-80."""
    x = _REACH if x > _REACH else x
    x = -_REACH if x < -_REACH else x
    shifted = x * _LOG2_E + _ROUNDER
    whole = shifted - _ROUNDER
    r = x - whole * _LN2_HIGH - whole * _LN2_LOW
    p = ((((_E7 * r + _E6) * r + _E5) * r + _E4) * r + _E3) * r + _E2
    near = p * r * r + r + _ONE
    exponent = np.float32(shifted).view(np.int32) - _EXPONENT_0
    return near * np.int32(exponent << 23).view(np.float32)


def pack_dense(weight: Floats, bias: Floats) -> Floats:
    """Lay out a Linear's parameters, shapes (outputs, inputs) and (outputs,), for `dense`.

    Raises ValueError if the shapes do not fit together.
    """
    _expect(weight, (len(bias), weight.shape[-1]))
    return _flat(bias, weight.T)


def pack_gru(weight_ih: Floats, weight_hh: Floats, bias_ih: Floats, bias_hh: Floats) -> Floats:
    """Lay out a GRU's, shapes (3 H, inputs), (3 H, H), (3 H,) and (3 H,), in the order r, z, n.

    Raises ValueError if the shapes do not fit together.
    """
    width = len(bias_ih)
    _expect(bias_hh, (width,))
    _expect(weight_ih, (width, weight_ih.shape[-1]))
    _expect(weight_hh, (width, width // 3))
    return _flat(bias_ih, bias_hh, weight_ih.T, weight_hh.T)


def pack_conv(weight: Floats, bias: Floats) -> Floats:
    """Lay out a Conv1d's parameters, shapes (outputs, inputs, taps) and (outputs,).

    Raises ValueError if the shapes do not fit together.
    """
    _expect(weight, (len(bias), *weight.shape[-2:]))
    return _flat(bias, weight.transpose(2, 1, 0))


def pack_norm(gain: Floats, shift: Floats) -> Floats:
    """Lay out a LayerNorm's weight and bias, both shape (size,).

    Raises ValueError if the shapes do not fit together.
    """
    _expect(shift, gain.shape)
    return _flat(gain, shift)


def _expect(array: Floats, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"expected parameters of shape {shape}, found {array.shape}")


def _flat(*arrays: Floats) -> Floats:
    return np.concatenate([np.ravel(array) for array in arrays]).astype(np.float32)
