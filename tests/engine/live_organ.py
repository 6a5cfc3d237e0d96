"""A neural model whose every number is known, for the engine's tests: an organ.

Its networks have weights by hand. Pitch: none of its own, no glide. Level: exactly what volume says
while the key is down, 104 dB less after. Spectrum: exactly what brightness says. No noise. So what
comes out follows from the controls alone.
"""

import math

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.nn import pack_dense, pack_gru, pack_norm
from plugin_core.engine.instrument import Engine
from plugin_core.engine.live_layout import (
    FEATURES,
    KINDS,
    LEVEL_OUTPUTS,
    OFF_DECAYS_S,
    ON_DECAYS_S,
    PITCH_BELLS,
    Layer,
    LayerKind,
    Widths,
    layer_shapes,
)
from plugin_core.engine.live_model import LiveModel
from plugin_core.engine.records import EVENT, EventType
from plugin_core.types import CONTROLS, HARMONICS, Expression

from .playing import SINE

IS_ON = PITCH_BELLS + 1 + len(ON_DECAYS_S)
"""The feature that is 1 while the key is down."""

TYPICAL = (0.8, 0.25, 0.375, 0.125, 0.25, 0.0625)
"""Of the first instrument; others have 1/16 less of each but of attack noise."""

WIDTHS = Widths(embedding=1, pitch=4, hidden=4, performer=4)
_OFF_NEPERS = -12.0
_LEAK = 0.01
_SILENT_NEPERS = -30.0

assert len(OFF_DECAYS_S) > 0


def organ(
    instruments: int = 2,
    *,
    widths: Widths = WIDTHS,
    shortest_s: float = 0.0,
    predicted: Expression | None = None,
    life: tuple[float, float, float, float] = (5.5, 0.0, 0.0, 0.1),
    off_nepers: float = _OFF_NEPERS,
    level_nepers: float = 0.0,
    noise_nepers: float = _SILENT_NEPERS,
    glide: bool = False,
) -> LiveModel:
    """Return the model; its instruments differ in their typical controls alone.

    With `shortest_s` style shortens notes to that; `predicted` is what the performer expects.
    """
    names = tuple(f"organ {index + 1}" for index in range(instruments))
    shapes = layer_shapes(instruments, widths)
    numbers: dict[Layer, NDArray[np.float32]] = {}
    typical = np.array([TYPICAL] * instruments, np.float32)
    typical[1:, :5] -= 1 / 16
    for layer, (inputs, outputs) in shapes.items():
        weight, bias = np.zeros((outputs, inputs), np.float32), np.zeros(outputs, np.float32)
        if layer == Layer.PITCH_OUT:
            bias[0] = 50.0 if glide else -50.0
        elif layer == Layer.ENTER:
            # The first unit is +1, the second -1 while the key is down, and the other way round.
            weight[0, IS_ON], bias[0] = 200.0, -100.0
            weight[1, IS_ON], bias[1] = -200.0, 100.0
        elif layer == Layer.OUT:
            _lay_levels(weight, bias, off_nepers, level_nepers, noise_nepers, outputs)
        elif layer == Layer.PERFORMER_OUT and predicted is not None:
            bias[:] = np.array(predicted) - typical[0]
        numbers[layer] = _packed(KINDS[layer], weight, bias)
    numbers[Layer.EMBEDDING] = np.zeros(instruments * widths.embedding, np.float32)
    numbers[Layer.TYPICAL] = typical.ravel()
    style = [float(shortest_s > 0), shortest_s]
    numbers[Layer.STYLE] = np.array(style * instruments, np.float32)
    numbers[Layer.LIFE] = np.array(life * instruments, np.float32)
    layout, offset = [], 0
    for layer in Layer:
        layout.append((int(KINDS[layer]), *shapes[layer], 0, offset))
        offset += len(numbers[layer])
    return LiveModel(
        instruments=names,
        typical={n: Expression(*map(float, row)) for n, row in zip(names, typical, strict=True)},
        styles=dict.fromkeys(names),
        description={},
        layout=np.array(layout, np.int32),
        weights=np.concatenate([numbers[layer] for layer in Layer]),
    )


def _lay_levels(
    weight: NDArray[np.float32],
    bias: NDArray[np.float32],
    off_nepers: float,
    level_nepers: float,
    noise_nepers: float,
    outputs: int,
) -> None:
    """Let the level outputs hear the second unit, which after two norms is -leak or root 2."""
    high = _settled(True)
    low = _settled(False)
    weight[0, 1] = off_nepers / (high - low)
    bias[0] = level_nepers - weight[0, 1] * low
    bias[1 + HARMONICS :] = noise_nepers
    assert outputs == LEVEL_OUTPUTS


def _settled(off: bool) -> float:
    """Return the second unit behind both norms, by hand."""
    units = np.array([-1.0, 1.0, 0.0, 0.0] if off else [1.0, -1.0, 0.0, 0.0]) * 100.0
    for _ in range(2):
        units = units - units.mean()
        units = units / math.sqrt(float(np.mean(units**2)) + 1e-5)
        units = np.where(units < 0, _LEAK * units, units)
    return float(units[1])


def _packed(
    kind: LayerKind, weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> NDArray[np.float32]:
    outputs = len(bias)
    if kind == LayerKind.LAYER_NORM:
        return pack_norm(np.ones(outputs, np.float32), bias)
    if kind == LayerKind.GRU:
        wide = np.zeros((3 * outputs, outputs), np.float32)
        return pack_gru(
            wide, wide, np.zeros(3 * outputs, np.float32), np.zeros(3 * outputs, np.float32)
        )
    if kind == LayerKind.DENSE:
        return pack_dense(weight, bias)
    return np.zeros(0, np.float32)


def load(sample: int = 0, instrument: int = 0, *, slot: int = 0):
    """Return the event that loads an instrument."""
    return (sample, EventType.MODEL, 0, 0, -1, slot, instrument)


def live_engine(*models: LiveModel, rate: float = 48000) -> Engine:
    return Engine(rate, [SINE.patch()], models or (organ(),))


def play_live(
    *table: tuple,
    samples: int,
    model: LiveModel | None = None,
    rate: float = 48000,
    block: int = 4096,
) -> NDArray[np.float32]:
    """Return what the first instrument makes of events, shape (samples,); it obeys the lanes."""
    engine = live_engine(*([model] if model else []), rate=rate)
    all_events = sorted([load(), *table], key=lambda event: event[0])
    return engine.play(np.array(all_events, EVENT), samples, block=block)


def amplitude(volume: float) -> float:
    """Return the sum of the harmonics' amplitudes that a volume asks for, as it is played."""
    return float(10 ** ((-90 + 60 * volume + 24) / 20))


def shares(brightness: float) -> NDArray[np.float64]:
    """Return the harmonics' shares that a brightness asks for: a geometric row."""
    ratio = 1 - 1 / (12 * brightness)
    row = ratio ** np.arange(HARMONICS)
    return row / row.sum()


assert len(CONTROLS) == len(TYPICAL)
assert FEATURES > IS_ON
