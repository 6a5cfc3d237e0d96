"""Dense random performances: notes, pedals, controllers, parameters and changes of sound."""

import numpy as np

from plugin_core.dx7.fields import STORED_FIELDS
from plugin_core.dx7.voice import Voice
from plugin_core.engine.parameters import PARAMETERS
from plugin_core.engine.records import EVENT, EventType

_KINDS = {
    EventType.NOTE_ON: 30,
    EventType.NOTE_OFF: 24,
    EventType.NOTE_LENGTH: 2,
    EventType.NOTE_CONTROL: 6,
    EventType.CONTROLLER: 16,
    EventType.PITCH_BEND: 5,
    EventType.PRESSURE: 3,
    EventType.KEY_PRESSURE: 3,
    EventType.PARAMETER: 30,
    EventType.SOUND: 2,
}
_CONTROLLERS = (
    1,
    2,
    4,
    5,
    6,
    7,
    11,
    20,
    21,
    55,
    64,
    64,
    65,
    66,
    73,
    74,
    98,
    100,
    101,
    120,
    121,
    123,
)


def random_voice(random: np.random.Generator) -> Voice:
    """A voice whose every parameter is drawn from its range, sounding as often as not."""
    values = [int(random.integers(0, field.maximum + 1)) for field in STORED_FIELDS]
    voice = Voice(bytes(values) + b"RANDOM    ")
    loud = {f"op{n}_level": int(random.integers(70, 100)) for n in range(1, 7)}
    fast = {f"op{n}_eg_rate{m}": int(random.integers(50, 100)) for n in range(1, 7) for m in (1, 4)}
    return voice.edited(**loud, **fast)


def random_events(
    random: np.random.Generator,
    count: int,
    samples: int,
    *,
    sounds: int = 1,
    channels: int = 3,
    note_ids: bool = False,
    keys: tuple[int, int] = (36, 84),
) -> np.ndarray:
    """Return `count` events in `samples`, sorted, many of them at the same sample."""
    table = np.zeros(count, EVENT)
    table["offset"] = np.sort(random.integers(0, samples, count) // 3 * 3)
    weights = np.array(list(_KINDS.values())) / sum(_KINDS.values())
    kinds = random.choice([int(kind) for kind in _KINDS], count, p=weights)
    table["type"] = kinds
    table["channel"] = random.integers(0, channels, count)
    table["key"] = random.integers(*keys, count)
    table["note_id"] = random.integers(0, 6, count) if note_ids else -1
    for event in table:
        kind = event["type"]
        if kind == EventType.PARAMETER:
            event["index"] = random.integers(0, len(PARAMETERS))
            parameter = PARAMETERS[event["index"]]
            event["value"] = random.uniform(parameter.low, parameter.high)
        elif kind == EventType.CONTROLLER:
            event["index"] = random.choice(_CONTROLLERS)
            event["value"] = random.integers(0, 128)
        elif kind == EventType.PITCH_BEND:
            event["value"] = random.integers(0, 16384)
        elif kind == EventType.NOTE_CONTROL:
            event["index"] = random.integers(0, 6)
            event["value"] = random.uniform(0, 1)
        elif kind == EventType.SOUND:
            event["index"] = random.integers(0, sounds)
        elif kind == EventType.NOTE_LENGTH:
            event["value"] = random.uniform(0, 2)
        else:
            event["value"] = random.integers(1, 128)
    return table
