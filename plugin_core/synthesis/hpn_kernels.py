"""The baseline of DDX7 frame by frame: loudness and pitch in, harmonics and noise out.

The decoder that Caspe et al. 2022, section 5.2.1, compare with: that of DDSP for solo instruments
(Engel et al. 2020, appendix B.2) with the inputs of DDX7. Two networks of three layers read pitch
and loudness, a GRU remembers, three more layers and a head say what sounds:

    amplitude = e(o[0]), shares = e(o[1..100]) / sum, noise = e(o[101..165]),
    e(x) = 2 * sigmoid(x)^ln(10) + 1e-7

`hpn_decoder` trains them; a test holds both together. Weights are one flat array and a table of
layers, as those of a live model are.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point, kernel
from plugin_core.audio.nn import dense, gru, layer_norm, leaky_relu, sigmoid
from plugin_core.engine.ddx7_layout import INPUTS, NOISE_FLOOR, NOISE_PEAK, NOISE_POWER
from plugin_core.engine.ddx7_network import ddx7_inputs
from plugin_core.engine.live_layout import LayerKind, LayoutColumn, layer_size
from plugin_core.types import HARMONICS, NOISE_BANDS

HIDDEN = 512
"""Width of every hidden layer, and of the GRU."""

OUTPUTS = 1 + HARMONICS + NOISE_BANDS
"""An amplitude, the harmonics' shares, the noise bands; the paper's has 121 outputs in all."""

STACK = 3
"""Dense layers in a row, each with a layer norm and a leaky ReLU."""

_PITCH, _LOUDNESS = 0, 2 * STACK
_LEAVE = 4 * STACK + 1


class HpnLayer(IntEnum):
    """The layers in the order of their rows; NORM follows what it norms."""

    PITCH_1 = _PITCH
    PITCH_1_NORM = 1
    PITCH_2 = 2
    PITCH_2_NORM = 3
    PITCH_3 = 4
    PITCH_3_NORM = 5
    LOUDNESS_1 = _LOUDNESS
    LOUDNESS_1_NORM = 7
    LOUDNESS_2 = 8
    LOUDNESS_2_NORM = 9
    LOUDNESS_3 = 10
    LOUDNESS_3_NORM = 11
    GRU = 12
    """Of what both made."""
    LEAVE_1 = _LEAVE
    """Of the GRU's state, the pitch and the loudness."""
    LEAVE_1_NORM = 14
    LEAVE_2 = 15
    LEAVE_2_NORM = 16
    LEAVE_3 = 17
    LEAVE_3_NORM = 18
    HEAD = 19


HPN_SCRATCH = 3 * HIDDEN + INPUTS + 6 * HIDDEN + OUTPUTS
"""Numbers of scratch memory that a step needs; nothing in it outlives the step."""

Numbers = NDArray[np.float32]
Layout = NDArray[np.int32]
Frames = NDArray[np.float64]

_KIND, _OFFSET = int(LayoutColumn.KIND), int(LayoutColumn.OFFSET)
_INPUTS, _OUTPUTS = int(LayoutColumn.INPUTS), int(LayoutColumn.OUTPUTS)
_GRU, _HEAD = int(HpnLayer.GRU), int(HpnLayer.HEAD)

_WIDTH_IN = {
    HpnLayer.PITCH_1: 1,
    HpnLayer.LOUDNESS_1: 1,
    HpnLayer.GRU: 2 * HIDDEN,
    HpnLayer.LEAVE_1: HIDDEN + INPUTS,
}


def hpn_layout() -> Layout:
    """Return the layer table, shape (layers, 5), the layers without gaps."""
    rows, offset = [], 0
    for layer in HpnLayer:
        kind = LayerKind.DENSE
        if layer == HpnLayer.GRU:
            kind = LayerKind.GRU
        elif layer.name.endswith("NORM"):
            kind = LayerKind.LAYER_NORM
        inputs = _WIDTH_IN.get(layer, HIDDEN)
        outputs = OUTPUTS if layer == HpnLayer.HEAD else HIDDEN
        rows.append((int(kind), inputs, outputs, 0, offset))
        offset += layer_size(kind, inputs, outputs)
    return np.array(rows, np.int32)


def hpn_size() -> int:
    """Return how many numbers the flat array has."""
    last = hpn_layout()[-1]
    head = layer_size(LayerKind.DENSE, int(last[_INPUTS]), int(last[_OUTPUTS]))
    return int(last[_OFFSET]) + head


@kernel
def _stack(
    weights: Numbers, layout: Layout, first: int, x: Numbers, y: Numbers, z: Numbers
) -> None:
    """Run the three layers from row `first` on: `x` to `y`; `z` is as long as `y`."""
    for index in range(STACK):
        row, norm = layout[first + 2 * index], layout[first + 2 * index + 1]
        source, target = (x, y) if index == 0 else (z, y) if index % 2 == 0 else (y, z)
        dense(weights, row[_OFFSET], row[_INPUTS], HIDDEN, source, target)
        layer_norm(weights, norm[_OFFSET], HIDDEN, target)
        leaky_relu(target, HIDDEN)


@kernel
def hpn_step(
    weights: Numbers,
    layout: Layout,
    state: Numbers,
    x: Numbers,
    scratch: Numbers,
    shares: Numbers,
    noise: Numbers,
) -> float:
    """Take a step; return the amplitude and write shares (100,), of sum 1, and noise (65,).

    `x` is what `ddx7_inputs` writes. `state`, shape (HIDDEN,), is what the GRU remembers, zeros at
    first. `scratch` has HPN_SCRATCH numbers. All that sounds is linear.
    """
    both = scratch[: 2 * HIDDEN]
    spare = scratch[2 * HIDDEN : 3 * HIDDEN]
    wide = scratch[3 * HIDDEN + INPUTS : 9 * HIDDEN + INPUTS]
    out = scratch[9 * HIDDEN + INPUTS : 9 * HIDDEN + INPUTS + OUTPUTS]
    _stack(weights, layout, _PITCH, x[1:2], both[:HIDDEN], spare)
    _stack(weights, layout, _LOUDNESS, x[0:1], both[HIDDEN:], spare)
    gru(weights, layout[_GRU, _OFFSET], 2 * HIDDEN, HIDDEN, both, state, wide)
    told = scratch[: HIDDEN + INPUTS]
    for index in range(HIDDEN):
        told[index] = state[index]
    told[HIDDEN] = x[1]
    told[HIDDEN + 1] = x[0]
    hidden = wide[:HIDDEN]
    _stack(weights, layout, _LEAVE, told, hidden, wide[HIDDEN : 2 * HIDDEN])
    dense(weights, layout[_HEAD, _OFFSET], HIDDEN, OUTPUTS, hidden, out)
    sigmoid(out, OUTPUTS)
    for index in range(OUTPUTS):
        out[index] = np.float32(NOISE_PEAK * out[index] ** NOISE_POWER + NOISE_FLOOR)
    total = np.float32(0.0)
    for index in range(HARMONICS):
        total += out[1 + index]
    for index in range(HARMONICS):
        shares[index] = out[1 + index] / total
    for band in range(NOISE_BANDS):
        noise[band] = out[1 + HARMONICS + band]
    return float(out[0])


@entry_point
def run_hpn(
    weights: Numbers,
    layout: Layout,
    state: Numbers,
    loudness_db: Frames,
    pitch: Frames,
    amplitude: Numbers,
    shares: Numbers,
    noise: Numbers,
) -> None:
    """Run the decoder over frames, on from `state`; `amplitude` (F,), shares and noise get rows.

    `loudness_db` (F,) is A-weighted in the model's scale, `pitch` (F,) are MIDI pitches.
    """
    scratch = np.zeros(HPN_SCRATCH, np.float32)
    x = np.zeros(INPUTS, np.float32)
    for frame in range(len(loudness_db)):
        ddx7_inputs(loudness_db[frame], pitch[frame], x)
        amplitude[frame] = hpn_step(weights, layout, state, x, scratch, shares[frame], noise[frame])
