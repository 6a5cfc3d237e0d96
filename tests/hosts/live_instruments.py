"""Live instruments for the host tests, and what the engine in Python plays with the same events."""

from collections.abc import Mapping

import numpy as np

from bridge.plugin_performance import BUFFER, normalised
from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.engine.records import EVENT, EventType
from plugin_core.performing.live import live_events, live_lanes, model_of
from plugin_core.performing.ranges import LIVE_RANGES
from plugin_core.sounds import LiveSound, load_sound
from plugin_core.synthesis.instruments import INSTRUMENTS, LIVE_ONLY
from plugin_core.types import Lane, Note, Part

NAMES = (*INSTRUMENTS, *LIVE_ONLY)
DDX7_NAMES = ("ddx7-violin", "ddx7-flute", "ddx7-trumpet")
A_SECOND = {"note_length": Lane.constant(1.0)}
"""Notes are reckoned to last as long as a keyboard player's: the plug-in cannot know better."""


def live(name: str) -> LiveSound:
    """Return a bundled live instrument."""
    sound = load_sound(name, model="live")
    assert isinstance(sound, LiveSound)
    return sound


def middle_key(name: str) -> int:
    """Return a key in the middle of an instrument's range."""
    reach = LIVE_RANGES[name.removeprefix("ddx7-")]
    return (reach.lowest + reach.highest) // 2


def melody(name: str, *, start_s: float = 0.013) -> Part:
    """Return two slurred notes, one attacked anew, and a chord of it and two more."""
    key = middle_key(name)
    notes = (
        (0.0, 0.28, key, 80),
        (0.25, 0.5, key + 3, 95),
        (0.55, 0.8, key + 2, 60),
        (0.9, 1.2, key - 5, 110),
        (0.91, 1.2, key, 110),
        (0.92, 1.1, key + 4, 110),
    )
    return Part(name, tuple(Note(start_s + a, start_s + b, p, v) for a, b, p, v in notes))


def held(name: str, *, on_s: float = 0.05, off_s: float = 2.05) -> Part:
    """Return a long note in the middle of the range."""
    return Part(name, (Note(on_s, off_s, middle_key(name), 80),))


def engine_audio(
    sound: LiveSound,
    part: Part,
    *,
    lanes: Mapping[str, Lane],
    rate: int,
    samples: int,
    seed: int = 0,
    buffer: int = BUFFER,
) -> np.ndarray:
    """Return what the engine here plays when it hears what a host says, and as often.

    That is without the lengths of notes, and lanes as one value a buffer.
    """
    lanes = live_lanes(part, lanes)
    still = {name: lane for name, lane in lanes.items() if np.ptp(lane.values) == 0}
    first = {name: Lane.constant(float(lane.at(np.zeros(1))[0])) for name, lane in lanes.items()}
    events = live_events(
        sound, part, lanes={**first, **still}, sample_rate=rate, samples=samples, seed=seed
    )
    events = events[events["type"] != EventType.NOTE_LENGTH]
    moves = [
        automation(name, lane, rate=rate, samples=samples, buffer=buffer)
        for name, lane in lanes.items()
        if name not in still
    ]
    # In a block the host's parameters come first, then MIDI; the instrument is already chosen.
    chosen, rest = events[:1], events[1:]
    played = np.concatenate([*moves, rest])
    order = np.argsort(played["offset"], kind="stable")
    engine = Engine(rate, [Voice.initial().patch()], models=[model_of(sound)])
    return engine.play(np.concatenate([chosen, played[order]]), samples)


def automation(name: str, lane: Lane, *, rate: int, samples: int, buffer: int) -> np.ndarray:
    """Return a lane as the events of a host that moves parameters once a buffer.

    A parameter with steps (all of them are whole numbers) goes to the nearest one.
    """
    parameter = PARAMETERS[PARAMETER_INDEX[name]]
    starts = np.arange(0, samples, buffer)
    share = normalised(name, lane.at(starts / rate))
    span = np.float32(parameter.high - parameter.low)
    events = np.zeros(len(starts), EVENT)
    events["offset"], events["type"] = starts, EventType.PARAMETER
    events["note_id"], events["index"] = -1, PARAMETER_INDEX[name]
    values = np.float32(parameter.low) + share * span
    events["value"] = np.floor(values + np.float32(0.5)) if parameter.step else values
    return events
