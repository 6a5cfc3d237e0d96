"""How a player phrases a part: the six controls of every note, from prediction and lanes.

    effective = clip(lane + performer * (predicted - typical), 0, 1)

(DESIGN.md, section 5). A lane counts with its mean over the note, that of the attack noise with its
mean over the attack. Where there is none it is the instrument's typical value, and what the
performer does on the raw scale is not clipped.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.scales import ATTACK_FRAMES
from plugin_core.performing.control_lanes import ControlLanes
from plugin_core.performing.models import ExpressionPerformer
from plugin_core.types import (
    CONTROLS,
    FRAME_RATE,
    Expression,
    ExpressiveNote,
    Lane,
    Note,
    Part,
)

TYPICAL_VELOCITY = 80
"""The velocity at which a score means an instrument's typical level."""

TEMPERATURE = 0.7
"""How freely a performer draws, unless it is said otherwise: 1 is as players differ, 0 not at all.
"""

_MODEL_VELOCITY = 64
_MODEL_STEPS = 0.6
"""Steps of the models' velocity, 0.01 of volume each, for one of the score's."""
_VOLUME_STEP = 0.01


def interpret(
    performer: ExpressionPerformer,
    part: Part,
    instrument: str,
    *,
    lanes: Mapping[str, Lane] | None = None,
    seed: int | None = None,
    temperature: float = 1.0,
) -> tuple[ExpressiveNote, ...]:
    """Return the notes of a monophonic part, by onset, with their effective controls.

    `lanes` are by parameter id and win over the part's controllers; `performer` is one of them, how
    much of the prediction counts. Velocities are dynamics: where they are all the same, the volume
    follows that one, and the performer does the rest. With a `seed` the performer draws how to
    play, the `temperature` says how freely; without one it plays the same every time.
    """
    if not part.notes:
        return ()
    driven = ControlLanes(part, lanes or {})
    typical = np.array(performer.typical(instrument), np.float64)
    heard = [replace(note, velocity=model_velocity(note.velocity)) for note in part.notes]
    predicted = np.array(
        performer.predict(heard, instrument, seed=seed, temperature=temperature), np.float64
    )
    if len({note.velocity for note in heard}) == 1:
        louder = _VOLUME_STEP * (heard[0].velocity - _MODEL_VELOCITY)
        volume = CONTROLS.index("volume")
        predicted[:, volume] = np.clip(predicted[:, volume] + louder, 0.0, 1.0)
    effective = []
    for note, player in zip(part.notes, predicted, strict=True):
        pairs = zip(CONTROLS, typical, strict=True)
        lane = np.array([lane_mean(driven, name, note, usual) for name, usual in pairs])
        share = lane_mean(driven, "performer", note, 1.0)
        is_driven = np.array([driven.is_driven(name, note.channel) for name in CONTROLS])
        wanted = lane + share * (player - typical)
        values = np.where(is_driven, np.clip(wanted, 0.0, 1.0), wanted)
        effective.append(ExpressiveNote(note, Expression(*map(float, values))))
    return tuple(effective)


def model_velocity(velocity: int) -> int:
    """Return a score's velocity, 1..127, on the scale of the models."""
    steps = _MODEL_STEPS * (velocity - TYPICAL_VELOCITY)
    return int(np.clip(round(_MODEL_VELOCITY + steps), 1, 127))


def note_times(note: Note) -> NDArray[np.float64]:
    """Return the times of a note's frames in seconds, at least one."""
    first = round(note.onset_s * FRAME_RATE)
    last = max(round(note.offset_s * FRAME_RATE), first + 1)
    return np.arange(first, last) / FRAME_RATE


def lane_mean(driven: ControlLanes, name: str, note: Note, default: float) -> float:
    """Return what a control's lane or controller says of a note as a whole."""
    if not driven.is_driven(name, note.channel):
        return default
    times_s = note_times(note)
    if name == "attack_noise":
        times_s = times_s[:ATTACK_FRAMES]
    return float(driven.at(name, times_s, channel=note.channel, default=default).mean())
