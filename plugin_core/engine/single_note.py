"""One note, dry: the way in which sounds are compared, from outside and in tests."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from plugin_core.engine.live_model import LiveInstrument
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.records import EVENT, EventType
from plugin_core.types import Mono


class Move(NamedTuple):
    """A controller movement at a sample: `number` and `value` as `EventType` says."""

    sample: int
    type: EventType
    number: int
    value: float


def play_note(
    sound: Voice | LiveInstrument,
    *,
    pitch: int,
    velocity: int,
    on_samples: int,
    total_samples: int,
    sample_rate: float = 44100,
    parameters: Mapping[str, float] | None = None,
    moves: Sequence[Move] = (),
    block: int = 4096,
) -> Mono:
    """Return one note of a sound, shape (total_samples,): one full carrier peaks at 0.125.

    The key goes down at sample 0 and comes up at `on_samples`; `parameters` hold from the start.
    Raises KeyError for an unknown parameter, ValueError for a sample rate out of range.
    """
    settings = [
        (0, EventType.PARAMETER, 0, 0, -1, PARAMETER_INDEX[parameter_id], value)
        for parameter_id, value in (parameters or {}).items()
    ]
    # At one sample the note-on comes after the settings and the note-off before the movements.
    timed = [
        (0, EventType.NOTE_ON, 0, pitch, -1, 0, velocity),
        (max(1, on_samples), EventType.NOTE_OFF, 0, pitch, -1, 0, 0),
        *((move.sample, move.type, 0, 0, -1, move.number, move.value) for move in moves),
    ]
    timed.sort(key=lambda event: event[0])
    if isinstance(sound, LiveInstrument):
        engine = Engine(sample_rate, [Voice.initial().patch()], [sound.model])
        settings = [(0, EventType.MODEL, 0, 0, -1, 0, sound.row), *settings]
    else:
        engine = Engine(sample_rate, [sound.patch()])
    return engine.play(np.array(settings + timed, dtype=EVENT), total_samples, block=block)
