"""The network of a DDX7 model, one frame at a time: loudness and pitch in, operator levels out.

Caspe, McPherson and Sandler 2022, section 3.2; `ddx7_layout` tells the layers. The convolutions
look back over rings of what they have seen; before the first frame lies endless silence, or zeros.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point, kernel
from plugin_core.audio.nn import causal_conv, dense, relu, ring_length, sigmoid
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_layout import (
    CONVOLUTIONS,
    DILATIONS,
    INPUTS,
    LOUDNESS_FLOOR_DB,
    NOISE_FLOOR,
    NOISE_PEAK,
    NOISE_POWER,
    PITCH_GATE,
    SHAPES,
    TAPS,
    WIDTH,
    Ddx7Layer,
    Playing,
)
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.types import NOISE_BANDS

Numbers = NDArray[np.float32]
Layout = NDArray[np.int32]
Frames = NDArray[np.float64]

_RINGS = [
    ring_length(TAPS, dilation) * SHAPES[layer][0] for layer, dilation in CONVOLUTIONS.items()
]
_RING_STARTS = np.concatenate([[0], np.cumsum(_RINGS)]).astype(np.int64)

DDX7_HISTORY = int(_RING_STARTS[-1])
"""Numbers that the convolutions remember: a ring for each, one after another."""

DDX7_SCRATCH = 3 * WIDTH + NOISE_BANDS
"""Numbers of scratch memory that a step needs; nothing in it outlives the step."""

CARRIERS = np.array(
    [sum(1 << (op - 1) for op in algorithm.carriers) for algorithm in ALGORITHMS], dtype=np.int64
)
"""Algorithm - 1 -> bit mask of its carriers, operator 1 lowest."""

_BLOCKS = len(DILATIONS)
_DILATIONS = np.array(DILATIONS, dtype=np.int64)
_INPUTS, _OUTPUTS, _OFFSET = (
    int(LayoutColumn.INPUTS),
    int(LayoutColumn.OUTPUTS),
    int(LayoutColumn.OFFSET),
)
_IN_A, _OUT_A, _OUT_B = int(Ddx7Layer.IN_A), int(Ddx7Layer.OUT_A), int(Ddx7Layer.OUT_B)
_SKIP_IN, _SKIP_OUT = int(Ddx7Layer.SKIP_IN), int(Ddx7Layer.SKIP_OUT)
_NOISE, _PLAYING = int(Ddx7Layer.NOISE), int(Ddx7Layer.PLAYING)
_I_MAX, _ALGORITHM, _PRESENT = int(Playing.I_MAX), int(Playing.ALGORITHM), int(Playing.OPERATORS)
_HAS_NOISE, _NOISE_SCALE = int(Playing.NOISE), int(Playing.NOISE_SCALE)


@kernel
def ddx7_inputs(loudness_db: float, pitch: float, x: Numbers) -> None:
    """Write what the network sees of a frame into `x`, shape (INPUTS,): loudness, then pitch.

    `loudness_db` is A-weighted, in the model's scale; `pitch` is a MIDI pitch. Silence is (0, 0).
    """
    loudness = min(1.0, max(0.0, 1.0 - loudness_db / LOUDNESS_FLOOR_DB))
    x[0] = loudness
    x[1] = min(127.0, max(0.0, pitch)) / 127.0 * min(1.0, loudness / PITCH_GATE)


@kernel
def playing(weights: Numbers, layout: Layout, column: int) -> float:
    """Return a number of the table PLAYING."""
    return float(weights[layout[_PLAYING, _OFFSET] + column])


@kernel
def _convolve(
    weights: Numbers,
    layout: Layout,
    layer: int,
    history: Numbers,
    steps: int,
    x: Numbers,
    y: Numbers,
) -> None:
    """Take a step of a convolution; `steps` below 0: as if it had seen `x` for ever."""
    row = layout[layer]
    inputs = row[_INPUTS]
    dilation = _DILATIONS[layer // 2]
    ring = history[_RING_STARTS[layer] : _RING_STARTS[layer + 1]]
    if steps < 0:
        for first in range(0, len(ring), inputs):
            for index in range(inputs):
                ring[first + index] = x[index]
        steps = 0
    causal_conv(weights, row[_OFFSET], inputs, row[_OUTPUTS], TAPS, dilation, ring, steps, x, y)


@kernel
def ddx7_step(
    weights: Numbers,
    layout: Layout,
    history: Numbers,
    steps: int,
    x: Numbers,
    scratch: Numbers,
    shares: Numbers,
    noise: Numbers,
) -> None:
    """Take a step of the network: write `shares`, shape (OPERATORS,), 0..1, of the levels' maxima.

    `x` is what `ddx7_inputs` writes; `steps` counts the steps from 0, or is below 0 for one that
    stands for endless time in which nothing changed. `history`, shape (DDX7_HISTORY,), is all zeros
    before the first step unless that is below 0. `scratch` has DDX7_SCRATCH numbers. Where the
    model has noise, `noise`, shape (NOISE_BANDS,), gets linear magnitudes, else zeros.
    """
    a, b, stream = scratch[:WIDTH], scratch[WIDTH : 2 * WIDTH], scratch[2 * WIDTH : 3 * WIDTH]
    _convolve(weights, layout, _IN_A, history, steps, x, a)
    relu(a, WIDTH)
    _convolve(weights, layout, _IN_A + 1, history, steps, a, b)
    relu(b, WIDTH)
    dense(weights, layout[_SKIP_IN, _OFFSET], INPUTS, WIDTH, x, stream)
    for channel in range(WIDTH):
        stream[channel] += b[channel]
    for block in range(1, _BLOCKS - 1):
        _convolve(weights, layout, 2 * block, history, steps, stream, a)
        relu(a, WIDTH)
        _convolve(weights, layout, 2 * block + 1, history, steps, a, b)
        relu(b, WIDTH)
        for channel in range(WIDTH):
            stream[channel] += b[channel]
    _convolve(weights, layout, _OUT_A, history, steps, stream, a)
    relu(a, WIDTH)
    _convolve(weights, layout, _OUT_B, history, steps, a, shares)
    dense(weights, layout[_SKIP_OUT, _OFFSET], WIDTH, OPERATORS, stream, b)
    for operator in range(OPERATORS):
        shares[operator] += b[operator]
    sigmoid(shares, OPERATORS)
    write_noise(weights, layout, a, noise)


@kernel
def write_noise(weights: Numbers, layout: Layout, hidden: Numbers, noise: Numbers) -> None:
    """Write the noise magnitudes of a frame, all zeros if the model has none."""
    if playing(weights, layout, _HAS_NOISE) < 0.5:
        for band in range(NOISE_BANDS):
            noise[band] = np.float32(0.0)
        return
    dense(weights, layout[_NOISE, _OFFSET], WIDTH, NOISE_BANDS, hidden, noise)
    sigmoid(noise, NOISE_BANDS)
    scale = playing(weights, layout, _NOISE_SCALE)
    for band in range(NOISE_BANDS):
        noise[band] = np.float32(scale * (NOISE_PEAK * noise[band] ** NOISE_POWER + NOISE_FLOOR))


@kernel
def ddx7_settle(
    weights: Numbers,
    layout: Layout,
    history: Numbers,
    scratch: Numbers,
    shares: Numbers,
    noise: Numbers,
) -> None:
    """Make the history one of endless silence; `shares` and `noise` get what that sounds like."""
    x = scratch[3 * WIDTH : 3 * WIDTH + INPUTS]
    for index in range(INPUTS):
        x[index] = np.float32(0.0)
    ddx7_step(weights, layout, history, -1, x, scratch, shares, noise)


@kernel
def highest_level(operator: int, algorithm: int, i_max: float) -> float:
    """Return an operator's level (from 0) at share 1 in an algorithm (from 1): DDX7's A_max."""
    return 1.0 if CARRIERS[algorithm - 1] & (1 << operator) else i_max


@entry_point
def run_steps(
    weights: Numbers,
    layout: Layout,
    history: Numbers,
    steps: int,
    loudness_db: Frames,
    pitch: Frames,
    levels: Numbers,
    noise: Numbers,
) -> None:
    """Run the network over frames; see `run_ddx7`. `steps` 0: what was before is silence."""
    scratch = np.zeros(DDX7_SCRATCH, np.float32)
    x = np.zeros(INPUTS, np.float32)
    shares = np.zeros(OPERATORS, np.float32)
    algorithm = int(playing(weights, layout, _ALGORITHM))
    i_max = playing(weights, layout, _I_MAX)
    present = int(playing(weights, layout, _PRESENT))
    if steps == 0:
        ddx7_settle(weights, layout, history, scratch, shares, noise[0])
    for frame in range(len(loudness_db)):
        ddx7_inputs(loudness_db[frame], pitch[frame], x)
        ddx7_step(weights, layout, history, steps + frame, x, scratch, shares, noise[frame])
        for operator in range(OPERATORS):
            level = shares[operator] * highest_level(operator, algorithm, i_max)
            levels[frame, operator] = level if present & (1 << operator) else 0.0


class Ddx7Run:
    """A DDX7 model along a recording, piece by piece; before the first piece lies silence.

    `weights`, shape (numbers,), and `layout`, shape (layers, 5), are those of a model that
    `engine.ddx7_file` has read.
    """

    def __init__(self, weights: Numbers, layout: Layout) -> None:
        self._weights = np.ascontiguousarray(weights, np.float32)
        self._layout = np.ascontiguousarray(layout, np.int32)
        self._history = np.zeros(DDX7_HISTORY, np.float32)
        self._steps = 0

    def process(
        self, loudness_db: NDArray[np.floating[Any]], pitch: NDArray[np.floating[Any]]
    ) -> tuple[Numbers, Numbers]:
        """Return the next frames' operator levels and noise magnitudes.

        `loudness_db` (frames,) is in the model's scale, `pitch` (frames,) are MIDI pitches. Levels,
        shape (frames, OPERATORS), have operator 1 first: linear amplitude of a carrier, radians of
        a modulator, 0 of an operator that is absent. Noise has shape (frames, NOISE_BANDS).

        Raises ValueError for pitches that are not as many as loudnesses.
        """
        frames = len(loudness_db)
        if loudness_db.shape != (frames,) or pitch.shape != (frames,):
            raise ValueError(
                f"loudness and pitch have one shape (frames,), found {loudness_db.shape} "
                f"and {pitch.shape}"
            )
        levels = np.zeros((frames, OPERATORS), np.float32)
        noise = np.zeros((frames, NOISE_BANDS), np.float32)
        if frames:
            run_steps(
                self._weights,
                self._layout,
                self._history,
                self._steps,
                np.ascontiguousarray(loudness_db, np.float64),
                np.ascontiguousarray(pitch, np.float64),
                levels,
                noise,
            )
        self._steps += frames
        return levels, noise


def run_ddx7(
    weights: Numbers,
    layout: Layout,
    loudness_db: NDArray[np.floating[Any]],
    pitch: NDArray[np.floating[Any]],
) -> tuple[Numbers, Numbers]:
    """Return the operator levels and the noise of a whole recording; see `Ddx7Run.process`."""
    return Ddx7Run(weights, layout).process(loudness_db, pitch)
