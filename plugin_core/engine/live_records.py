"""The memory of neural voices: one record per player, one per model, one that all share.

A player is what a neural voice sounds with: it takes a frame every 1/250 s, counted from its note's
start, and keeps the interval between two frames rendered whole, so that blocks never show.
"""

from enum import IntEnum

import numpy as np

from plugin_core.audio.filtered_noise import MOST_TAPS
from plugin_core.audio.harmonic import ROW, SCRATCH
from plugin_core.audio.operators import OPERATOR_SCRATCH
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_layout import Ddx7Layer
from plugin_core.engine.ddx7_network import DDX7_HISTORY, DDX7_SCRATCH
from plugin_core.engine.live_layout import (
    FEATURES,
    LEVEL_OUTPUTS,
    WIDEST,
    Layer,
    LayoutColumn,
)
from plugin_core.engine.live_network import NETWORK_SCRATCH
from plugin_core.types import CONTROLS, FRAME_RATE, HARMONICS, NOISE_BANDS

FRAME_S = 1.0 / FRAME_RATE
"""Seconds per control frame of a neural voice."""

LIVE_VOICES = 8
"""How many neural voices sound at once; more players fade out what was stolen."""

PLAYERS = 12
MODEL_SLOTS = 16
"""More than there are players: a model that is to be loaded always finds a slot free."""

WEIGHTS_CAPACITY = 1 << 19
"""Numbers that a slot has room for."""

LAYERS = len(Layer)
"""Of a live model."""

MOST_LAYERS = max(LAYERS, len(Ddx7Layer))
"""Rows that a slot has room for."""


class ModelKind(IntEnum):
    """Which kind of model a slot holds."""

    LIVE = 0
    DDX7 = 1


def _lines(numbers: int) -> int:
    """Return how many float32 whole cache lines hold, so that what follows begins with one."""
    return -(-numbers // 16) * 16


PLAYER = np.dtype(
    [
        ("sound", np.float32, (ROW,)),
        ("white", np.float32, (ROW + 2 * MOST_TAPS,)),
        ("taps", np.float32, (2, MOST_TAPS)),
        ("hidden", np.float32, (WIDEST,)),
        ("partials", np.float32, (2, HARMONICS)),
        ("f0_hz", np.float64, (2,)),
        ("noisy", np.int64, (2,)),
        ("cycles", np.float64),
        ("seed", np.uint64),
        ("note", np.uint64),
        ("start", np.int64),
        ("heard", np.int64),
        ("frame", np.int64),
        ("length", np.int32),
        ("position", np.int32),
        ("whites", np.int32),
        ("faded", np.int32),
        ("pitch", np.float64),
        ("vibrato_cycles", np.float64),
        ("own_s", np.float64),
        ("phrased", np.float64, (len(CONTROLS),)),
        ("controls", np.float64, (len(CONTROLS),)),
        ("history", np.float32, (_lines(DDX7_HISTORY),)),
        ("shares", np.float32, (2, OPERATORS)),
        ("edge", np.float64, (2,)),
        ("gain", np.float64, (2,)),
        ("operator_cycles", np.float64, (OPERATORS,)),
        ("ratios", np.float64, (2, OPERATORS)),
        ("turning", np.float64, (2, OPERATORS)),
        ("fundamental", np.float64),
        ("fixed_hz", np.float64, (OPERATORS,)),
        ("limited_db", np.float64, (OPERATORS,)),
        ("memory", np.float64, (2,)),
        ("feedback", np.float64),
        ("algorithm", np.int32, (2,)),
        ("steps", np.int64),
        ("age", np.int64),
        ("loudness_db", np.float64),
        ("contour_db", np.float64),
        ("carried_db", np.float64),
        ("slurred_db", np.float64),
        ("carried_pitch", np.float64),
    ],
    align=True,
)
"""One player. Pairs are (at the earlier frame, at the later one).

`start` is the sample at which frame 0 lies, `frame` the later frame's number. The interval between
the two begins `heard` samples after the player's own beginning; `sound` holds its `length` samples,
of which `position` have been heard, `white` the noise that is filtered for it, of which `whites`
are there already. `taps` are half a filter, `partials` the harmonics' linear amplitudes, `cycles`
is the phase at the earlier frame, `f0_hz` 0 where nothing sounds. `pitch` is the MIDI pitch of the
later frame, bend aside, `own_s` how long the player has played. `phrased` is what the performer
adds to the lanes, `controls` the six as they were at the later frame.

From `history` on, all is of DDX7 voices. `history` is what the network remembers after so many
`steps`; `shares` are the operators' levels as shares of what each can be at most, edits included,
`edge` the factor of brightness on modulators, `gain` that on the sum of the carriers; `algorithm`
(from 1) routes the operators, whose frequencies are `ratios` of f0, or `fixed_hz` where that is not
0; `operator_cycles` are their phases at the earlier frame, `memory` the feedback's, `fundamental`
how many cycles f0 has turned by there, `turning` the ratios that the phases really turn by.
`limited_db` are the shares as the EG rates let them move. `age` counts frames from the attack;
`loudness_db` is what the note is played at and `contour_db` what of that is attack and release,
both at the later frame; `carried_db`, `slurred_db` and `carried_pitch` are what a note took over
from the one before.
"""

MODEL = np.dtype(
    [
        ("instruments", np.int32),
        ("layers", np.int32),
        ("size", np.int32),
        ("fault", np.int32),
        ("kind", np.int32),
        ("layout", np.int32, (MOST_LAYERS, len(LayoutColumn))),
        ("silence", np.float32, (_lines(DDX7_HISTORY),)),
        ("silent", np.float32, (_lines(DDX7_SCRATCH) + _lines(OPERATORS) + NOISE_BANDS,)),
    ],
    align=True,
)
"""A slot's model: `layers` rows of `layout` and `size` weights, as an archive gives them;
`check_model` sets `kind`, `fault` and, if that is 0, `instruments`. A slot without instruments is
empty. `silence` is what a DDX7 network remembers of endless silence, which `check_model` works out
with `silent` as its scratch."""

LIVE = np.dtype(
    [
        ("table", np.float32, (NOISE_BANDS * MOST_TAPS,)),
        ("synthesis", np.float32, (_lines(SCRATCH),)),
        ("operators", np.float32, (_lines(OPERATOR_SCRATCH),)),
        ("levels", np.float64, (2, OPERATORS)),
        ("other", np.float32, (ROW,)),
        ("network", np.float32, (_lines(max(NETWORK_SCRATCH, DDX7_SCRATCH)),)),
        ("features", np.float32, (_lines(FEATURES),)),
        ("raw", np.float32, (_lines(LEVEL_OUTPUTS),)),
        ("harmonics", np.float32, (_lines(HARMONICS),)),
        ("flicker", np.float32, (_lines(HARMONICS),)),
        ("noise", np.float32, (_lines(NOISE_BANDS),)),
        ("controls", np.float64, (len(CONTROLS),)),
        ("sample_rate", np.float64),
        ("frame_samples", np.float64),
        ("taps", np.int32),
        ("hold", np.int32),
    ],
    align=True,
)
"""What all neural voices share: `table` is the noise filters of `sample_rate`, `taps` wide, which
is the engine's own or, above 192 kHz, the `hold`-th part of it; the rest is scratch."""
