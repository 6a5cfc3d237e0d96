"""The parts of a live model: which layers it has, in which order, and how wide they are.

A model is one flat array of weights and a table of layers (DESIGN.md, section 3). Its networks are
always wired alike; how wide the hidden layers are, and how many instruments there are, is the
model's own. What follows from a note and what a frame consists of is fixed here.
"""

from enum import IntEnum
from typing import NamedTuple

from plugin_core.types import CONTROLS, HARMONICS, NOISE_BANDS

LIVE_INSTRUMENTS = (
    "violin",
    "viola",
    "cello",
    "double_bass",
    "flute",
    "oboe",
    "clarinet",
    "saxophone",
    "bassoon",
    "trumpet",
    "horn",
    "trombone",
    "tuba",
    "guitar",
)
"""The instruments of the bundled model, in the order of their rows."""

MOST_INSTRUMENTS = 64
WIDEST = 256
"""The widest that a hidden layer may be."""

PITCH_BELLS = 16
ON_DECAYS_S = (0.008, 0.024, 0.072, 0.22, 0.65, 2.0)
OFF_DECAYS_S = (0.008, 0.024, 0.072, 0.22)
GAP_DECAYS_S = (0.04, 0.24)
PEAK_WIDTHS = (0.05, 0.2)

FEATURES = (
    PITCH_BELLS
    + 1
    + len(ON_DECAYS_S)
    + 3
    + len(OFF_DECAYS_S)
    + 1
    + len(GAP_DECAYS_S)
    + 3
    + len(CONTROLS)
    + 3
    + len(PEAK_WIDTHS)
    + 2
)
"""What a frame knows: see `live_features.write_features`."""

DEVIATIONS = 2
"""The pitch deviation of a frame and its step from the frame before."""

NOTE_FEATURES = PITCH_BELLS + 1 + 23
"""What the performer knows of a note: see `live_phrases.begin_note`."""

PITCH_OUTPUTS = 2
"""How much of the glide from the note before is left, and the deviation of its own."""

LEVEL_OUTPUTS = 1 + HARMONICS + NOISE_BANDS

STYLE_COLUMNS = 2
LIFE_COLUMNS = 4


class LayerKind(IntEnum):
    """What a row of the layer table describes."""

    DENSE = 0
    GRU = 1
    CAUSAL_CONV = 2
    LAYER_NORM = 3
    TABLE = 4


class Layer(IntEnum):
    """The layers of a live model: each is this row of its table."""

    PITCH_IN = 0
    PITCH_MID = 1
    PITCH_OUT = 2
    ENTER = 3
    ENTER_NORM = 4
    GRU = 5
    LEAVE = 6
    LEAVE_NORM = 7
    OUT = 8
    PERFORMER_IN = 9
    PERFORMER_MID = 10
    PERFORMER_OUT = 11
    EMBEDDING = 12
    """One row of numbers for each instrument, which all networks see."""
    TYPICAL = 13
    """The six controls that an instrument usually has."""
    STYLE = 14
    """Whether style does anything (0 or 1), and the seconds a note lasts at style 0."""
    LIFE = 15
    """Vibrato in Hz, drift of the pitch in cents, of the harmonics in dB, and its seconds."""


class LayoutColumn(IntEnum):
    """The columns of the layer table."""

    KIND = 0
    INPUTS = 1
    """Of a TABLE, its rows; of a LAYER_NORM, its size."""
    OUTPUTS = 2
    """Of a TABLE, its columns; of a LAYER_NORM, its size."""
    EXTRA = 3
    """Of a CAUSAL_CONV, taps * 65536 + dilation; else 0."""
    OFFSET = 4
    """Where its numbers begin in the flat array."""


KINDS: dict[Layer, LayerKind] = {
    layer: (
        LayerKind.TABLE
        if layer >= Layer.EMBEDDING
        else LayerKind.GRU
        if layer == Layer.GRU
        else LayerKind.LAYER_NORM
        if layer in (Layer.ENTER_NORM, Layer.LEAVE_NORM)
        else LayerKind.DENSE
    )
    for layer in Layer
}


class Widths(NamedTuple):
    """What a model may choose: the widths of its hidden layers."""

    embedding: int
    pitch: int
    hidden: int
    performer: int


def layer_shapes(instruments: int, widths: Widths) -> dict[Layer, tuple[int, int]]:
    """Return (inputs, outputs) of every layer of a model with these widths."""
    embedding, pitch, hidden, performer = widths
    return {
        Layer.PITCH_IN: (FEATURES + embedding, pitch),
        Layer.PITCH_MID: (pitch, pitch),
        Layer.PITCH_OUT: (pitch, PITCH_OUTPUTS),
        Layer.ENTER: (FEATURES + DEVIATIONS + embedding, hidden),
        Layer.ENTER_NORM: (hidden, hidden),
        Layer.GRU: (hidden, hidden),
        Layer.LEAVE: (hidden, hidden),
        Layer.LEAVE_NORM: (hidden, hidden),
        Layer.OUT: (hidden, LEVEL_OUTPUTS),
        Layer.PERFORMER_IN: (NOTE_FEATURES + embedding, performer),
        Layer.PERFORMER_MID: (performer, performer),
        Layer.PERFORMER_OUT: (performer, len(CONTROLS)),
        Layer.EMBEDDING: (instruments, embedding),
        Layer.TYPICAL: (instruments, len(CONTROLS)),
        Layer.STYLE: (instruments, STYLE_COLUMNS),
        Layer.LIFE: (instruments, LIFE_COLUMNS),
    }


def layer_size(kind: LayerKind, inputs: int, outputs: int) -> int:
    """Return how many numbers a layer has in the flat array, as `audio.nn` packs them."""
    if kind == LayerKind.GRU:
        return 3 * outputs * (inputs + outputs + 2)
    if kind == LayerKind.LAYER_NORM:
        return 2 * inputs
    return inputs * outputs + (outputs if kind == LayerKind.DENSE else 0)
