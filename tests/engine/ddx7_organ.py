"""A DDX7 model whose every number is known, for the engine's tests: an organ.

Its convolutions are silent; what the inputs say goes around them. An operator's share is a fixed
one, or falls and rises with the loudness that is asked: so all that sounds follows from the note,
the controls and the DX7 voice alone.
"""

from collections.abc import Mapping

import numpy as np

from plugin_core.audio.nn import pack_dense
from plugin_core.dx7.fields import FIELD_INDEX, FIELDS
from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.ddx7_layout import (
    ATTACK_FRAMES,
    INPUTS,
    RELEASE_FRAMES,
    WEIGHTS,
    WIDTH,
    Ddx7Layer,
    Life,
    Playing,
    ddx7_layout,
    playing_voice,
)
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.types import CONTROLS, NOISE_BANDS, Expression

FOLLOWS = None
"""As a share: the loudness that is asked, as linear amplitude."""

OFF = 1e-9

TYPICAL = (0.5, 0.0, 0.5, 0.0, 0.5, 0.5)

PLAYING = {
    "I_MAX": 2.0,
    "ALGORITHM": 1.0,
    "OPERATORS": 63.0,
    "REFERENCE_DB": -40.0,
    "NOTE_DB": -10.0,
    "MIDDLE_PITCH": 69.0,
    "QUIETEST_DB": -30.0,
    "LOUDEST_DB": 10.0,
    "GAIN_DB": 30.0,
    "NOISE_SCALE": 1.0,
    "HIGHEST_PITCH": 127.0,
}
"""A note of velocity 64 is asked for at -50 dB and heard 30 dB above that."""

_LOGIT_PER_LOUDNESS = 100 * np.log(10) / 20


def ddx7_organ(
    shares: tuple[float | None, ...] = (FOLLOWS, OFF, OFF, OFF, OFF, OFF),
    *,
    algorithm: int = 32,
    fields: Mapping[str, float] | None = None,
    playing: Mapping[str, float] | None = None,
    attack: np.ndarray | None = None,
    release: np.ndarray | None = None,
    typical: tuple[float, ...] = TYPICAL,
    life: tuple[float, ...] = (5.5, 0.0),
    noise_logit: float | None = None,
) -> Ddx7Model:
    """Return the model.

    `shares` are of operators 1 to 6; `fields` are stored values of the patch by id; `playing` are
    columns of PLAYING other than those above. Without contours the attack is at once, and the
    release falls by 1 dB a frame.
    """
    weights = np.zeros(WEIGHTS, np.float32)
    through = np.zeros((WIDTH, INPUTS), np.float32)
    through[:INPUTS] = np.eye(INPUTS)
    put(weights, Ddx7Layer.SKIP_IN, pack_dense(through, np.zeros(WIDTH, np.float32)))
    out = np.zeros((6, WIDTH), np.float32)
    bias = np.zeros(6, np.float32)
    for operator, share in enumerate(shares):
        if share is FOLLOWS:
            out[operator, 0] = _LOGIT_PER_LOUDNESS
            bias[operator] = -_LOGIT_PER_LOUDNESS
        else:
            bias[operator] = np.log(share / (1 - share))
    put(weights, Ddx7Layer.SKIP_OUT, pack_dense(out, bias))
    if noise_logit is not None:
        hat = np.full(NOISE_BANDS, noise_logit, np.float32)
        put(weights, Ddx7Layer.NOISE, pack_dense(np.zeros((NOISE_BANDS, WIDTH), np.float32), hat))
    patch = np.array([field.default for field in FIELDS], np.float32)
    for name, value in {"algorithm": algorithm - 1, **(fields or {})}.items():
        patch[FIELD_INDEX[name]] = value
    voice = playing_voice(patch, feedback=0.0, operators=(1, 2, 3, 4, 5, 6))
    put(weights, Ddx7Layer.VOICE, voice)
    row = np.zeros(len(Playing), np.float32)
    table = {**PLAYING, "ALGORITHM": algorithm, "NOISE": noise_logit is not None, **(playing or {})}
    for name, value in table.items():
        row[Playing[name]] = value
    put(weights, Ddx7Layer.PLAYING, row)
    put(weights, Ddx7Layer.ATTACK, np.zeros(ATTACK_FRAMES) if attack is None else attack)
    falling = -np.arange(RELEASE_FRAMES, dtype=np.float64)
    put(weights, Ddx7Layer.RELEASE, falling if release is None else release)
    put(weights, Ddx7Layer.TYPICAL, np.array(typical))
    lives = np.zeros(len(Life))
    lives[: len(life)] = life
    put(weights, Ddx7Layer.LIFE, lives)
    return Ddx7Model(
        instruments=("organ",),
        typical={"organ": Expression(*typical)},
        styles={"organ": None},
        description={"kind": "ddx7", "instruments": ["organ"]},
        layout=ddx7_layout(),
        weights=weights,
        room=np.zeros(0, np.float32),
    )


def put(weights: np.ndarray, layer: Ddx7Layer, numbers: np.ndarray) -> None:
    """Put a layer's numbers into the flat array."""
    first = ddx7_layout()[layer, LayoutColumn.OFFSET]
    weights[first : first + np.size(numbers)] = np.ravel(numbers)


assert len(TYPICAL) == len(CONTROLS)
