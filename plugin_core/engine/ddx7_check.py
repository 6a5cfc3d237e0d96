"""Whether a slot's weights are a DDX7 model that can be played."""

import math

import numpy as np

from plugin_core.audio.jit import kernel
from plugin_core.dx7.fields import FIELDS, OPERATORS
from plugin_core.engine.ddx7_layout import (
    SHAPES,
    Ddx7Layer,
    Playing,
    ddx7_extra,
    ddx7_kind,
    ddx7_size,
)
from plugin_core.engine.ddx7_network import DDX7_SCRATCH, Layout, Numbers, ddx7_settle
from plugin_core.engine.live_faults import LIVE_FAULTS
from plugin_core.engine.live_layout import LayerKind, LayoutColumn
from plugin_core.engine.live_records import WEIGHTS_CAPACITY
from plugin_core.engine.patch import Record
from plugin_core.types import NOISE_BANDS

_FINE, _SIZE, _BOUNDS, _NOT_FINITE = 0, 1, 5, 7
_LAYERS_FAULT, _SHAPE_FAULT, _VOICE_FAULT, _PLAYING_FAULT = range(8, 12)
assert len(LIVE_FAULTS) == 12

_LAYERS = len(Ddx7Layer)
_CONVOLUTION = int(LayerKind.CAUSAL_CONV)
_KIND, _OFFSET = int(LayoutColumn.KIND), int(LayoutColumn.OFFSET)
_COLUMNS = int(LayoutColumn.OFFSET)
_EXPECTED = np.array(
    [(int(ddx7_kind(layer)), *SHAPES[layer], ddx7_extra(layer)) for layer in Ddx7Layer],
    dtype=np.int32,
)
_SIZES = np.array([ddx7_size(layer) for layer in Ddx7Layer], dtype=np.int64)
_MAXIMA = np.array([field.maximum for field in FIELDS], dtype=np.float32)
_VOICE, _PLAYING = int(Ddx7Layer.VOICE), int(Ddx7Layer.PLAYING)

_ANY_DB = (-200.0, 200.0)
_RANGES = {
    Playing.I_MAX: (0.0, 100.0),
    Playing.ALGORITHM: (1.0, 32.0),
    Playing.OPERATORS: (0.0, 63.0),
    Playing.FEEDBACK: (0.0, 7.0),
    Playing.MIDDLE_PITCH: (0.0, 127.0),
    Playing.QUIETEST_DB: (-200.0, 0.0),
    Playing.LOUDEST_DB: (0.0, 200.0),
    Playing.NOISE: (0.0, 1.0),
    Playing.NOISE_SCALE: (0.0, 1e6),
    Playing.LOWEST_PITCH: (0.0, 127.0),
    Playing.HIGHEST_PITCH: (0.0, 127.0),
}
_LIMITS = np.array([_RANGES.get(column, _ANY_DB) for column in Playing], dtype=np.float32)


@kernel
def is_ddx7(layout: Layout) -> bool:
    """Tell whether a model's table of layers is that of a DDX7 model: by its first row."""
    return layout[0, _KIND] == _CONVOLUTION


@kernel
def hear_silence(model: Record, weights: Numbers) -> None:
    """Write what the network of a model without fault remembers of endless silence."""
    scratch = model.silent[:DDX7_SCRATCH]
    shares = model.silent[DDX7_SCRATCH : DDX7_SCRATCH + OPERATORS]
    noise = model.silent[DDX7_SCRATCH + OPERATORS : DDX7_SCRATCH + OPERATORS + NOISE_BANDS]
    ddx7_settle(weights, model.layout, model.silence, scratch, shares, noise)


@kernel
def find_ddx7_fault(model: Record, weights: Numbers, size: int) -> int:
    """Return the first fault of a DDX7 model, 0 if there is none."""
    if size > WEIGHTS_CAPACITY:
        return _SIZE
    if model.layers != _LAYERS:
        return _LAYERS_FAULT
    for layer in range(_LAYERS):
        row = model.layout[layer]
        for column in range(_COLUMNS):
            if row[column] != _EXPECTED[layer, column]:
                return _SHAPE_FAULT
        if row[_OFFSET] < 0 or int(row[_OFFSET]) + _SIZES[layer] > size:
            return _BOUNDS
    for index in range(size):
        if not math.isfinite(weights[index]):
            return _NOT_FINITE
    voice = model.layout[_VOICE, _OFFSET]
    for field in range(len(_MAXIMA)):
        value = weights[voice + field]
        if value < 0.0 or value > _MAXIMA[field] or value != math.floor(value):
            return _VOICE_FAULT
    first = model.layout[_PLAYING, _OFFSET]
    for column in range(len(_LIMITS)):
        value = weights[first + column]
        if value < _LIMITS[column, 0] or value > _LIMITS[column, 1]:
            return _PLAYING_FAULT
    return _FINE
