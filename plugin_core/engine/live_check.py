"""Whether a slot's weights are a model that can be played: told once, before anything plays it.

A model whose first layer is a convolution is a DDX7 model (`ddx7_check`), any other a live one.
"""

import math

import numpy as np

from plugin_core.audio.jit import entry_point, kernel
from plugin_core.engine.ddx7_check import find_ddx7_fault, hear_silence, is_ddx7
from plugin_core.engine.live_layout import (
    DEVIATIONS,
    FEATURES,
    KINDS,
    LEVEL_OUTPUTS,
    LIFE_COLUMNS,
    MOST_INSTRUMENTS,
    NOTE_FEATURES,
    PITCH_OUTPUTS,
    STYLE_COLUMNS,
    WIDEST,
    Layer,
    LayerKind,
    LayoutColumn,
)
from plugin_core.engine.live_network import MOST_EMBEDDED
from plugin_core.engine.live_records import LAYERS, WEIGHTS_CAPACITY, ModelKind
from plugin_core.engine.patch import Record
from plugin_core.types import CONTROLS

_FINE, _SIZE, _LAYERS, _KIND, _SHAPE, _BOUNDS, _INSTRUMENTS, _NOT_FINITE = range(8)
_LIVE, _DDX7 = int(ModelKind.LIVE), int(ModelKind.DDX7)
_KINDS = np.array([int(KINDS[layer]) for layer in Layer], dtype=np.int32)
_KIND_AT, _INPUTS_AT, _OUTPUTS_AT, _OFFSET_AT = (
    int(LayoutColumn.KIND),
    int(LayoutColumn.INPUTS),
    int(LayoutColumn.OUTPUTS),
    int(LayoutColumn.OFFSET),
)
_DENSE, _GRU_KIND, _NORM = int(LayerKind.DENSE), int(LayerKind.GRU), int(LayerKind.LAYER_NORM)
_PITCH_IN, _ENTER, _PERFORMER_IN = int(Layer.PITCH_IN), int(Layer.ENTER), int(Layer.PERFORMER_IN)
_EMBEDDING = int(Layer.EMBEDDING)

# Layer -> its inputs and outputs: a fixed number, or -1 - the index of the width in `_widths`.
_EMBEDDED, _PITCH, _HIDDEN, _PERFORMER, _ROWS = range(-1, -6, -1)
_SHAPES = {
    Layer.PITCH_IN: (FEATURES, _PITCH),
    Layer.PITCH_MID: (_PITCH, _PITCH),
    Layer.PITCH_OUT: (_PITCH, PITCH_OUTPUTS),
    Layer.ENTER: (FEATURES + DEVIATIONS, _HIDDEN),
    Layer.ENTER_NORM: (_HIDDEN, _HIDDEN),
    Layer.GRU: (_HIDDEN, _HIDDEN),
    Layer.LEAVE: (_HIDDEN, _HIDDEN),
    Layer.LEAVE_NORM: (_HIDDEN, _HIDDEN),
    Layer.OUT: (_HIDDEN, LEVEL_OUTPUTS),
    Layer.PERFORMER_IN: (NOTE_FEATURES, _PERFORMER),
    Layer.PERFORMER_MID: (_PERFORMER, _PERFORMER),
    Layer.PERFORMER_OUT: (_PERFORMER, len(CONTROLS)),
    Layer.EMBEDDING: (_ROWS, _EMBEDDED),
    Layer.TYPICAL: (_ROWS, len(CONTROLS)),
    Layer.STYLE: (_ROWS, STYLE_COLUMNS),
    Layer.LIFE: (_ROWS, LIFE_COLUMNS),
}
_SHAPE_TABLE = np.array([_SHAPES[layer] for layer in Layer], dtype=np.int32)


@kernel
def expected(model: Record, code: int) -> int:
    """Return the number that an entry of the shape table stands for in this model."""
    if code == _EMBEDDED:
        return model.layout[_EMBEDDING, _OUTPUTS_AT]
    if code == _PITCH:
        return model.layout[_PITCH_IN, _OUTPUTS_AT]
    if code == _HIDDEN:
        return model.layout[_ENTER, _OUTPUTS_AT]
    if code == _PERFORMER:
        return model.layout[_PERFORMER_IN, _OUTPUTS_AT]
    if code == _ROWS:
        return model.layout[_EMBEDDING, _INPUTS_AT]
    return code


@kernel
def shape_fits(model: Record, layer: int) -> bool:
    """Tell whether a layer has the size that those beside it give it."""
    row = model.layout[layer]
    inputs = expected(model, _SHAPE_TABLE[layer, 0])
    if layer in (_PITCH_IN, _ENTER, _PERFORMER_IN):
        inputs += expected(model, _EMBEDDED)
    return row[_INPUTS_AT] == inputs and row[_OUTPUTS_AT] == expected(model, _SHAPE_TABLE[layer, 1])


@kernel
def layer_numbers(kind: int, inputs: int, outputs: int) -> int:
    """Return how many numbers a layer has in the flat array."""
    if kind == _GRU_KIND:
        return 3 * outputs * (inputs + outputs + 2)
    if kind == _NORM:
        return 2 * inputs
    return inputs * outputs + (outputs if kind == _DENSE else 0)


@kernel
def find_fault(model: Record, weights: Record, size: int) -> int:
    """Return the first fault of a live model, 0 if there is none."""
    if size < 1 or size > WEIGHTS_CAPACITY:
        return _SIZE
    if model.layers != LAYERS:
        return _LAYERS
    rows = expected(model, _ROWS)
    if rows < 1 or rows > MOST_INSTRUMENTS:
        return _INSTRUMENTS
    if not 1 <= expected(model, _EMBEDDED) <= MOST_EMBEDDED:
        return _SHAPE
    for width in (_PITCH, _HIDDEN, _PERFORMER):
        if not 1 <= expected(model, width) <= WIDEST:
            return _SHAPE
    for layer in range(LAYERS):
        row = model.layout[layer]
        kind = row[_KIND_AT]
        if kind != _KINDS[layer]:
            return _KIND
        if not shape_fits(model, layer):
            return _SHAPE
        numbers = layer_numbers(kind, int(row[_INPUTS_AT]), int(row[_OUTPUTS_AT]))
        if row[_OFFSET_AT] < 0 or int(row[_OFFSET_AT]) + numbers > size:
            return _BOUNDS
    for index in range(size):
        if not math.isfinite(weights[index]):
            return _NOT_FINITE
    return _FINE


@entry_point
def check_model(models: Record, weights: Record, size: int) -> None:
    """Set a model record's `kind`, its `fault`, a number of LIVE_FAULTS, and its `instruments`.

    The record's `layers` and `layout` and the first `size` of `weights`, shape (WEIGHTS_CAPACITY,),
    are as a file gives them, whatever that is. A model with a fault has no instruments.
    """
    model = models[0]
    model.size = np.int32(size)
    model.instruments = np.int32(0)
    if is_ddx7(model.layout):
        model.kind = np.int32(_DDX7)
        model.fault = np.int32(find_ddx7_fault(model, weights, size))
        if model.fault == _FINE:
            model.instruments = np.int32(1)
            hear_silence(model, weights)
        return
    model.kind = np.int32(_LIVE)
    model.fault = np.int32(find_fault(model, weights, size))
    if model.fault == _FINE:
        model.instruments = np.int32(expected(model, _ROWS))
