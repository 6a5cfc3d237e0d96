"""A part played by a live instrument: the engine plays it, as the plug-in does in a DAW.

What the score knows and a keyboard does not is told the engine here: how long each note will be,
and whether one player can play the part.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine, Events
from plugin_core.engine.live_frames import FADE_TO_S
from plugin_core.engine.live_model import read_live_model
from plugin_core.engine.parameters import (
    CONTROLLER_PARAMETERS,
    PARAMETER_INDEX,
    PARAMETERS,
    VOICE_BASE,
    VOICE_MODES,
)
from plugin_core.engine.performance import overruled, part_events
from plugin_core.engine.records import EVENT, EventType
from plugin_core.performing.divisi import divide
from plugin_core.performing.lines import key_name
from plugin_core.performing.ranges import LIVE_RANGES
from plugin_core.score.pedals import sounding_notes
from plugin_core.sounds import LiveSound
from plugin_core.types import CONTROLS, ControllerKind, Lane, Mono, Part

TAIL_S = FADE_TO_S + 0.02
"""After this time a note that was let go has faded, whatever the model says."""

_SLOT = 0
_POLY, _LEGATO = VOICE_MODES.index("poly"), VOICE_MODES.index("legato")
_ENDS = (0, 127)


def live_lanes(part: Part, lanes: Mapping[str, Lane]) -> dict[str, Lane]:
    """Return the lanes with which a live instrument plays a part.

    Where no lane says the voice mode, a part that one player can play is played legato, in which
    overlapping notes are slurred; of any other, every note has a player of its own.
    """
    if "voice_mode" in lanes:
        return dict(lanes)
    one_player = len(divide(sounding_notes(part))) < 2
    return {**lanes, "voice_mode": Lane.constant(_LEGATO if one_player else _POLY)}


def live_events(
    sound: LiveSound,
    part: Part,
    *,
    lanes: Mapping[str, Lane],
    sample_rate: float,
    samples: int,
    seed: int = 0,
) -> Events:
    """Return the engine's events for a part, the instrument's choice first.

    `lanes` are as `live_lanes` returns them. Raises KeyError for a lane of an unknown parameter.
    """
    chosen = np.zeros(1, EVENT)
    chosen["type"] = EventType.MODEL
    chosen["note_id"] = -1
    chosen["index"], chosen["value"] = _SLOT, sound.row
    events = part_events(part, lanes=lanes, sample_rate=sample_rate, samples=samples, seed=seed)
    return np.concatenate([chosen, events])


def play_live(
    sound: LiveSound,
    part: Part,
    *,
    lanes: Mapping[str, Lane],
    sample_rate: float,
    samples: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Mono:
    """Play a part from time 0 and return float32 audio of shape (samples,).

    `lanes` are by parameter id; `progress` hears the share done. Raises KeyError for a lane of an
    unknown parameter, ValueError for a sample rate out of range, and InputError for an archive
    that is none.
    """
    events = live_events(
        sound,
        part,
        lanes=live_lanes(part, lanes),
        sample_rate=sample_rate,
        samples=samples,
        seed=seed,
    )
    engine = Engine(sample_rate, [Voice.initial().patch()], models=[read_live_model(sound.model)])
    return engine.play(events, samples, progress=progress)


def range_warnings(sound: LiveSound, part: Part) -> Iterator[str]:
    """Yield what is to be told of notes: they are played as they are written."""
    reach = LIVE_RANGES.get(sound.instrument)
    outside = sum(note.midi_pitch not in reach for note in part.notes) if reach else 0
    if reach and outside:
        yield (
            f"{outside} of {len(part.notes)} notes lie outside the range of the "
            f"{sound.name.lower()}, {key_name(reach.lowest)} to {key_name(reach.highest)}"
        )


def _moves_style(part: Part, lanes: Mapping[str, Lane]) -> bool:
    """Tell whether a lane or CC55 asks for a style."""
    return "style" in lanes or any(
        (each.kind, CONTROLLER_PARAMETERS.get(each.index)) == (ControllerKind.CONTROL, "style")
        for each in part.controllers
    )


def driving_warnings(sound: LiveSound, part: Part, lanes: Mapping[str, Lane]) -> Iterator[str]:
    """Yield what is to be told of controllers and lanes."""
    for number, parameter_id in CONTROLLER_PARAMETERS.items():
        moves = {
            each.value
            for each in part.controllers
            if (each.kind, each.index) == (ControllerKind.CONTROL, number)
            and not overruled(each, lanes)
        }
        if parameter_id in CONTROLS and len(moves) == 1 and moves <= set(_ENDS):
            value = int(moves.pop() > 0)
            yield (
                f"CC{number} stands at one end throughout, which sets {parameter_id} to {value}: "
                f"a lane {parameter_id} takes its place"
            )
    if _moves_style(part, lanes):
        styles = read_live_model(sound.model).styles
        if styles.get(sound.instrument) is None:
            name = sound.name.lower()
            yield f"style does nothing on the {name}, which has learnt one way of playing"
    useless = [name for name in lanes if not _is_heard(name)]
    if useless:
        yield f"nothing in a {sound.name.lower()} is driven by {', '.join(useless)}"


def _is_heard(parameter_id: str) -> bool:
    """Tell whether a live instrument has a parameter; the others are those of FM voices."""
    index = PARAMETER_INDEX[parameter_id]
    return index < VOICE_BASE and PARAMETERS[index].group != "Controllers"
