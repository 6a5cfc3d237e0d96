"""The networks of a live model, one frame or one note at a time.

The reference is `synthesis.streaming.StreamingModel`; here the same layers run over the flat array
of weights, without allocating. A frame is made in three steps: its pitch, then its levels (which
hear the pitch), then what the synthesizer plays.
"""

import math

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel
from plugin_core.audio.nn import dense, gru, layer_norm, leaky_relu, relu, softmax
from plugin_core.engine.live_layout import (
    DEVIATIONS,
    FEATURES,
    NOTE_FEATURES,
    WIDEST,
    Layer,
    LayoutColumn,
)
from plugin_core.types import CONTROLS, HARMONICS, NOISE_BANDS

MOST_EMBEDDED = 64
NETWORK_SCRATCH = (FEATURES + NOTE_FEATURES + DEVIATIONS + MOST_EMBEDDED) + 10 * WIDEST
"""Numbers of scratch memory that a step needs; nothing in it outlives the step."""

VOLUME_FLOOR_DB = -90.0
VOLUME_RANGE_DB = 60.0
NOISE_BASE_DB = -85.0
"""What the networks' noise outputs count from, in nepers."""

NEPERS = math.log(10.0) / 20.0
"""Of a decibel."""

CENTROID = 12.0
LEAST_CENTROID, MOST_CENTROID = 1.2, 24.0
"""Harmonic numbers: what brightness 1 is, and the bounds of the spectrum that it asks for."""

GLIDE_DECAY_S = 0.04
"""The longer the pause before a note, the less of the interval it glides."""

SEEN_SEMITONES = 2.0
"""Pitch deviations beyond this look the same to the level network."""

_DEVIATION_SCALE, _STEP_SCALE = 1.0, 5.0
_LOUDEST, _QUIETEST = 1.0, -16.0
_INPUTS, _OUTPUTS, _OFFSET = (
    int(LayoutColumn.INPUTS),
    int(LayoutColumn.OUTPUTS),
    int(LayoutColumn.OFFSET),
)
_PITCH_IN, _PITCH_MID, _PITCH_OUT = int(Layer.PITCH_IN), int(Layer.PITCH_MID), int(Layer.PITCH_OUT)
_ENTER, _ENTER_NORM, _GRU = int(Layer.ENTER), int(Layer.ENTER_NORM), int(Layer.GRU)
_LEAVE, _LEAVE_NORM, _OUT = int(Layer.LEAVE), int(Layer.LEAVE_NORM), int(Layer.OUT)
_PERFORMER_IN, _PERFORMER_MID = int(Layer.PERFORMER_IN), int(Layer.PERFORMER_MID)
_PERFORMER_OUT, _EMBEDDING = int(Layer.PERFORMER_OUT), int(Layer.EMBEDDING)
_TYPICAL = int(Layer.TYPICAL)
_CONTROLS = len(CONTROLS)

Numbers = NDArray[np.float32]
Layout = NDArray[np.int32]


@kernel
def apply_dense(weights: Numbers, layout: Layout, layer: int, x: Numbers, y: Numbers) -> int:
    """Run a dense layer by its row of the layout; return how many outputs it has."""
    row = layout[layer]
    dense(weights, row[_OFFSET], row[_INPUTS], row[_OUTPUTS], x, y)
    return row[_OUTPUTS]


@kernel
def embed(weights: Numbers, layout: Layout, instrument: int, x: Numbers, at: int) -> None:
    """Write an instrument's embedding into `x`, from place `at`."""
    row = layout[_EMBEDDING]
    width = row[_OUTPUTS]
    first = row[_OFFSET] + instrument * width
    for column in range(width):
        x[at + column] = weights[first + column]


@kernel
def predict_pitch(
    weights: Numbers,
    layout: Layout,
    instrument: int,
    features: Numbers,
    octaves: float,
    gap_s: float,
    scratch: Numbers,
) -> float:
    """Return how far a frame's pitch is from its note's in semitones, vibrato and drift aside.

    `features` are those of the frame, shape (FEATURES,); `octaves` is the interval from the note
    before (`live_features.octaves_from`), from whose pitch a legato note glides; `gap_s` is the
    pause between the two.
    """
    x = scratch[4 * WIDEST :]
    a = scratch[:WIDEST]
    b = scratch[WIDEST : 2 * WIDEST]
    for index in range(FEATURES):
        x[index] = features[index]
    embed(weights, layout, instrument, x, FEATURES)
    leaky_relu(a, apply_dense(weights, layout, _PITCH_IN, x, a))
    leaky_relu(b, apply_dense(weights, layout, _PITCH_MID, a, b))
    apply_dense(weights, layout, _PITCH_OUT, b, a)
    left = 1.0 / (1.0 + math.exp(-a[0]))
    nearness = math.exp(-max(0.0, gap_s) / GLIDE_DECAY_S)
    return math.tanh(a[1]) - 12.0 * octaves * nearness * left


@kernel
def predict_levels(
    weights: Numbers,
    layout: Layout,
    instrument: int,
    features: Numbers,
    deviation: float,
    step: float,
    hidden: Numbers,
    scratch: Numbers,
    out: Numbers,
) -> None:
    """Write the raw levels of a frame into `out`, shape (LEVEL_OUTPUTS,), and move `hidden` on.

    `deviation` is how far the frame's pitch is from the note's in semitones, vibrato and drift
    included, bend not; `step` is how far the pitch (note and deviation) has moved since the frame
    before, 0 at a player's first frame.
    """
    x = scratch[4 * WIDEST :]
    for index in range(FEATURES):
        x[index] = features[index]
    x[FEATURES] = min(SEEN_SEMITONES, max(-SEEN_SEMITONES, deviation)) * _DEVIATION_SCALE
    x[FEATURES + 1] = min(1.0, max(-1.0, step * _STEP_SCALE))
    embed(weights, layout, instrument, x, FEATURES + DEVIATIONS)
    entered = scratch[:WIDEST]
    left = scratch[WIDEST : 2 * WIDEST]
    width = apply_dense(weights, layout, _ENTER, x, entered)
    layer_norm(weights, layout[_ENTER_NORM, _OFFSET], width, entered)
    leaky_relu(entered, width)
    # x is not needed any more: the scratch of the GRU begins where it lay.
    row = layout[_GRU]
    gru(weights, row[_OFFSET], row[_INPUTS], row[_OUTPUTS], entered, hidden, x)
    apply_dense(weights, layout, _LEAVE, hidden, left)
    for index in range(width):
        left[index] += entered[index]
    layer_norm(weights, layout[_LEAVE_NORM, _OFFSET], width, left)
    leaky_relu(left, width)
    apply_dense(weights, layout, _OUT, left, out)


@kernel
def geometric_fall(brightness: float) -> float:
    """Return the nepers by which each harmonic lies under the one before, below 0."""
    centroid = min(MOST_CENTROID, max(LEAST_CENTROID, CENTROID * brightness))
    return math.log(1.0 - 1.0 / centroid)


@kernel
def finish_levels(
    raw: Numbers,
    volume: float,
    brightness: float,
    flicker: Numbers,
    harmonics: Numbers,
    noise: Numbers,
) -> float:
    """Return the amplitude that raw levels mean, linear, and write what else sounds.

    The outputs count from what the effective controls alone say: a level (`volume` 0..1 is
    -90..-30 dB) and a geometric spectrum whose centroid is 12 harmonics times `brightness`.
    `flicker` is added to the harmonics in nepers, shape (HARMONICS,). `harmonics` (HARMONICS,) sum
    to 1, `noise` (NOISE_BANDS,) is linear.
    """
    base = (VOLUME_FLOOR_DB + VOLUME_RANGE_DB * volume) * NEPERS
    amplitude = math.exp(min(_LOUDEST, max(_QUIETEST, base + raw[0])))
    fall = geometric_fall(brightness)
    for k in range(HARMONICS):
        harmonics[k] = raw[1 + k] + fall * k + flicker[k]
    softmax(harmonics, HARMONICS)
    for band in range(NOISE_BANDS):
        level = NOISE_BASE_DB * NEPERS + raw[1 + HARMONICS + band]
        noise[band] = math.exp(min(_LOUDEST, max(_QUIETEST, level)))
    return amplitude


@kernel
def predict_controls(
    weights: Numbers,
    layout: Layout,
    instrument: int,
    note_features: Numbers,
    scratch: Numbers,
    controls: NDArray[np.float64],
) -> None:
    """Write the six controls that the performer expects of a note into `controls`, raw scale.

    `note_features` has shape (NOTE_FEATURES,).
    """
    x = scratch[4 * WIDEST :]
    a = scratch[:WIDEST]
    b = scratch[WIDEST : 2 * WIDEST]
    for index in range(NOTE_FEATURES):
        x[index] = note_features[index]
    embed(weights, layout, instrument, x, NOTE_FEATURES)
    relu(a, apply_dense(weights, layout, _PERFORMER_IN, x, a))
    relu(b, apply_dense(weights, layout, _PERFORMER_MID, a, b))
    apply_dense(weights, layout, _PERFORMER_OUT, b, a)
    usual = layout[_TYPICAL, _OFFSET] + instrument * _CONTROLS
    for index in range(_CONTROLS):
        controls[index] = weights[usual + index] + a[index]
