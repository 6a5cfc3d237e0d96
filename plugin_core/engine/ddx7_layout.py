"""The parts of a DDX7 model: layers, tables, and the scale of what its network sees and says.

A model is one flat array of weights and a table of layers, as a live model's is (`live_layout`),
in the same slots of the engine; its first layer is a convolution, which tells the two apart. The
network is the causal TCN of Caspe, McPherson and Sandler 2022, section 3.2 (after Bai, Kolter and
Koltun 2018): five residual blocks of two convolutions, each a layer here, with weight norm folded
into the weights. Beyond the paper a dense layer makes noise magnitudes of the last hidden values.

    block n: y = conv_b(relu(conv_a(x))), then relu, except in the last; output = y + skip(x)

where skip is a dense layer (a convolution with one tap) in the first and in the last block, else
nothing. share = sigmoid(last output): an operator's level is its share of 1 if it is a carrier
(linear amplitude), of I_max if it is a modulator (radians); an operator that is absent has level 0.
"""

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.fields import FIELD_INDEX, FIELDS, OPERATORS
from plugin_core.engine.live_layout import LayerKind
from plugin_core.types import CONTROLS, NOISE_BANDS

INPUTS = 2
"""What a frame knows: `ddx7_network.ddx7_inputs` makes it of loudness and pitch."""

WIDTH = 128
"""Channels of the hidden layers."""

TAPS = 3
"""Of every convolution."""

DILATIONS = (1, 2, 4, 8, 16)
"""Of the five blocks."""

SEEN_FRAMES = 1 + 2 * (TAPS - 1) * sum(DILATIONS)
"""The receptive field: the present frame and 124 before it."""

ATTACK_FRAMES = 50
RELEASE_FRAMES = 75
LIFE_COLUMNS = 4

LOUDNESS_FLOOR_DB = -100.0
"""A-weighted dB (`analysis.loudness`, in the scale where the 95th percentile of the sounding frames
is REFERENCE_DB) at which the loudness input is 0; it is 1 at 0 dB."""

PITCH_GATE = 0.15
"""The pitch input falls to 0 below this loudness input: silence looks alike at every pitch."""

NOISE_FLOOR = 1e-7
NOISE_PEAK = 2.0
NOISE_POWER = float(np.log(10.0))
"""Noise magnitude = NOISE_SCALE * (NOISE_PEAK * sigmoid(output)^NOISE_POWER + NOISE_FLOOR): Engel
et al. 2020, equation 5 of its appendix."""


class Ddx7Layer(IntEnum):
    """The layers of a DDX7 model: each is this row of its table."""

    IN_A = 0
    IN_B = 1
    B2_A = 2
    B2_B = 3
    B3_A = 4
    B3_B = 5
    B4_A = 6
    B4_B = 7
    OUT_A = 8
    OUT_B = 9
    SKIP_IN = 10
    """From the inputs to the first block's output."""
    SKIP_OUT = 11
    """From the last block's input to its output."""
    NOISE = 12
    """From relu(OUT_A) to the noise magnitudes; all zeros where there is no noise."""
    TYPICAL = 13
    """The six controls that the instrument usually has, at which they change nothing: 0..1. Volume
    and attack noise count from here, fluctuation adds to here, vibrato is what extraction reads."""
    LIFE = 14
    """`Life`."""
    VOICE = 15
    """The DX7 voice that the model plays, stored values in the order of `dx7.fields.FIELDS`, as
    `playing_voice` makes it of the patch."""
    PLAYING = 16
    """`Playing`."""
    ATTACK = 17
    """Mean loudness of recorded notes in dB relative to the note's own (its median from frame
    ATTACK_FRAMES on, so that the last entries are near 0), at frames 0.. after an onset that
    follows a pause. The last one holds on."""
    RELEASE = 18
    """The same from the note's end on, relative to the loudness that the note ended with: begins
    with about 0 and falls. It falls on with the slope of its last third, 30 dB/s at least."""


class Life(IntEnum):
    """The columns of LIFE."""

    VIBRATO_HZ = 0
    DRIFT_CENTS = 1
    """Standard deviation of the slow wandering of the pitch."""
    MODULATION = 2
    """How much modulators are turned up with the loudness that a note is asked for, dB per dB over
    a usual note of its pitch, 0..1: what recordings brighten more than the network does."""
    SPARE_3 = 3


class Playing(IntEnum):
    """The columns of PLAYING: what the engine needs to play notes on the model."""

    I_MAX = 0
    """Modulation index in radians at share 1."""
    ALGORITHM = 1
    """The routing that the model was trained with, 1..32."""
    OPERATORS = 2
    """The operators that are present: a bit mask, operator 1 lowest; 63 if all are."""
    FEEDBACK = 3
    """The feedback that the model was trained with, 0..7; 0 unless asked for."""
    REFERENCE_DB = 4
    """95th percentile of the loudness of the sounding training frames, A-weighted dB."""
    NOTE_DB = 5
    """Loudness of a usual note of MIDDLE_PITCH (key velocity 64, volume typical), dB over
    REFERENCE_DB; below 0."""
    MIDDLE_PITCH = 6
    """The median MIDI pitch of the training frames."""
    SLOPE_DB = 7
    """How much louder usual notes are per octave above MIDDLE_PITCH, dB."""
    VELOCITY_DB = 8
    """How much louder a note is at key velocity 127 than at 64, dB; as much softer at 1."""
    QUIETEST_DB = 9
    """The least loudness that the network is asked for, dB over REFERENCE_DB (say the 5th
    percentile of the sounding frames): what is softer is this, turned down."""
    LOUDEST_DB = 10
    """The greatest that it is asked for, dB over REFERENCE_DB (above 0): what is louder is this,
    turned up."""
    GAIN_DB = 11
    """From the level of the recordings to the one at which instruments are heard."""
    NOISE = 12
    """Whether there is noise: 0 or 1."""
    NOISE_SCALE = 13
    """A linear factor on the noise magnitudes."""
    LOWEST_PITCH = 14
    """The lowest MIDI pitch that the network is told; what is lower is played with its levels."""
    HIGHEST_PITCH = 15
    """The highest one."""


CONVOLUTIONS: dict[Ddx7Layer, int] = {
    Ddx7Layer(2 * block + half): dilation
    for block, dilation in enumerate(DILATIONS)
    for half in (0, 1)
}
"""The convolutions and their dilations."""


def ddx7_kind(layer: Ddx7Layer) -> LayerKind:
    """Return of which kind a layer is."""
    if layer in CONVOLUTIONS:
        return LayerKind.CAUSAL_CONV
    return LayerKind.DENSE if layer < Ddx7Layer.TYPICAL else LayerKind.TABLE


SHAPES: dict[Ddx7Layer, tuple[int, int]] = {
    **dict.fromkeys(CONVOLUTIONS, (WIDTH, WIDTH)),
    Ddx7Layer.IN_A: (INPUTS, WIDTH),
    Ddx7Layer.OUT_B: (WIDTH, OPERATORS),
    Ddx7Layer.SKIP_IN: (INPUTS, WIDTH),
    Ddx7Layer.SKIP_OUT: (WIDTH, OPERATORS),
    Ddx7Layer.NOISE: (WIDTH, NOISE_BANDS),
    Ddx7Layer.TYPICAL: (1, len(CONTROLS)),
    Ddx7Layer.LIFE: (1, len(Life)),
    Ddx7Layer.VOICE: (1, len(FIELDS)),
    Ddx7Layer.PLAYING: (1, len(Playing)),
    Ddx7Layer.ATTACK: (1, ATTACK_FRAMES),
    Ddx7Layer.RELEASE: (1, RELEASE_FRAMES),
}
"""Layer -> (inputs, outputs); of a table (rows, columns)."""


def ddx7_extra(layer: Ddx7Layer) -> int:
    """Return what the layer table holds in its column EXTRA."""
    return TAPS * 65536 + CONVOLUTIONS[layer] if layer in CONVOLUTIONS else 0


def ddx7_size(layer: Ddx7Layer) -> int:
    """Return how many numbers a layer has in the flat array, as `audio.nn` packs them."""
    inputs, outputs = SHAPES[layer]
    if layer in CONVOLUTIONS:
        return (TAPS * inputs + 1) * outputs
    return (inputs + (ddx7_kind(layer) == LayerKind.DENSE)) * outputs


def ddx7_layout() -> NDArray[np.int32]:
    """Return the layer table of every DDX7 model, shape (layers, 5), its layers without gaps."""
    rows, offset = [], 0
    for layer in Ddx7Layer:
        rows.append((int(ddx7_kind(layer)), *SHAPES[layer], ddx7_extra(layer), offset))
        offset += ddx7_size(layer)
    return np.array(rows, dtype=np.int32)


WEIGHTS = sum(ddx7_size(layer) for layer in Ddx7Layer)
"""Numbers of the flat array."""


def rounded_ratio(coarse: float, fine: float) -> float:
    """Return the multiple of f0 that a DX7 operator's coarse and fine settings are, in tenths.

    Rounded as the paper does (section 4.3), detune aside; exact, of whole hundredths.
    """
    return math.floor((coarse if coarse > 0.0 else 0.5) * (100.0 + fine) / 10.0 + 0.5) / 10.0


_KEPT = ("mode", "coarse", "fine")
_NEUTRAL = {
    "level": 99,
    **{f"eg_rate{stage}": 99 for stage in (1, 2, 3, 4)},
    **{f"eg_level{stage}": 99 for stage in (1, 2, 3)},
}


def playing_voice(
    patch: NDArray[np.float32], *, feedback: float, operators: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return the table VOICE for a patch, shape (1, FIELDS): its routing and its frequencies.

    Of `patch`, stored values in the order of FIELDS, the algorithm and the operators' modes and
    frequencies stay; everything else stands where it does nothing, so that what people edit is
    heard as a change of what the network plays: output levels and EG rates 99, no feedback but the
    given (0..7), the operators (1..6) that are not among `operators` switched off.

    Raises ValueError for a patch of another shape.
    """
    if patch.shape != (len(FIELDS),):
        raise ValueError(f"a patch has shape ({len(FIELDS)},), found {patch.shape}")
    voice = np.array([field.default for field in FIELDS], dtype=np.float32)
    for op in range(1, OPERATORS + 1):
        for name in _KEPT:
            place = FIELD_INDEX[f"op{op}_{name}"]
            voice[place] = patch[place]
        for name, value in _NEUTRAL.items():
            voice[FIELD_INDEX[f"op{op}_{name}"]] = value
        voice[FIELD_INDEX[f"op{op}_on"]] = op in operators
    voice[FIELD_INDEX["algorithm"]] = patch[FIELD_INDEX["algorithm"]]
    voice[FIELD_INDEX["feedback"]] = feedback
    return voice[None]
