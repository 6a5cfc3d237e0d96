"""A part played by a live instrument: the engine plays it, as the plug-in does in a DAW.

A DDX7 instrument is one, which has the routing, the frequencies and the levels of a DX7 voice
besides. What the score knows and a keyboard does not is told the engine here: how long each note
will be, and whether one player can play the part.
"""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from plugin_core.dx7.fields import OPERATORS
from plugin_core.dx7.voice import Voice
from plugin_core.engine.ddx7_file import Ddx7Model, read_ddx7_model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.engine.instrument import Engine, Events
from plugin_core.engine.live_frames import FADE_TO_S
from plugin_core.engine.live_model import LiveModel, read_live_model
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
from plugin_core.performing.ranges import LIVE_RANGES, PlayingRange
from plugin_core.score.pedals import sounding_notes
from plugin_core.sounds import Ddx7Sound, LiveSound
from plugin_core.types import CONTROLS, ControllerKind, InputError, Lane, Mono, Part

TAIL_S = FADE_TO_S + 0.02
"""After this time a note that was let go has faded, whatever the model says."""

_SLOT = 0
_PERFORMER, _STYLE = "performer", "style"
_POLY, _LEGATO = VOICE_MODES.index("poly"), VOICE_MODES.index("legato")
_ENDS = (0, 127)

_OF_OPERATORS = ("level", "mode", "coarse", "fine", "detune", "eg_rate1", "eg_rate4", "on")
_OF_ALL = ("algorithm", "feedback", "transpose")
DDX7_FIELDS = frozenset(
    (*_OF_ALL, *(f"op{op}_{name}" for op in range(1, OPERATORS + 1) for name in _OF_OPERATORS))
)
"""The parameters of a DX7 voice that a DDX7 instrument has; its network plays what others say."""


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
    engine = Engine(sample_rate, [Voice.initial().patch()], models=[model_of(sound)])
    return engine.play(events, samples, progress=progress)


def model_of(sound: LiveSound) -> LiveModel:
    """Return the model that plays a sound.

    Raises InputError, naming the sound and the file, for an archive that is none.
    """
    read = read_ddx7_model if isinstance(sound, Ddx7Sound) else read_live_model
    try:
        return read(sound.model)
    except InputError as error:
        raise InputError(sound.reference, "", "a model that can be played", error) from error


def range_warnings(sound: LiveSound, part: Part) -> Iterator[str]:
    """Yield what is to be told of notes: they are played as they are written."""
    what, reach = "the range of", LIVE_RANGES.get(sound.instrument)
    if isinstance(sound, Ddx7Sound):
        what, reach = "what was learnt by", _learnt(read_ddx7_model(sound.model))
    outside = sum(note.midi_pitch not in reach for note in part.notes) if reach else 0
    if reach and outside:
        yield (
            f"{outside} of {len(part.notes)} notes lie outside {what} the "
            f"{_called(sound)}, {key_name(reach.lowest)} to {key_name(reach.highest)}"
        )


def _learnt(model: Ddx7Model) -> PlayingRange | None:
    """Return the keys that a DDX7 model has learnt, None if it does not tell."""
    lowest = math.ceil(model.playing(Playing.LOWEST_PITCH))
    highest = math.floor(model.playing(Playing.HIGHEST_PITCH))
    return PlayingRange(lowest, highest, (lowest, highest)) if lowest < highest else None


def _called(sound: LiveSound) -> str:
    """Return a sound's name within a sentence."""
    first, _, rest = sound.name.partition(" ")
    return f"{first if first.isupper() else first.lower()} {rest.lower()}".rstrip()


def _moves_style(part: Part, lanes: Mapping[str, Lane]) -> bool:
    """Tell whether a lane or CC55 asks for a style."""
    return _STYLE in lanes or any(
        (each.kind, CONTROLLER_PARAMETERS.get(each.index)) == (ControllerKind.CONTROL, _STYLE)
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
    if _moves_style(part, lanes) and model_of(sound).styles.get(sound.instrument) is None:
        yield f"style does nothing on the {_called(sound)}, which has learnt one way of playing"
    useless = [name for name in lanes if not _is_heard(name, sound)]
    if useless:
        yield f"nothing in a {_called(sound)} is driven by {', '.join(useless)}"


def _is_heard(parameter_id: str, sound: LiveSound) -> bool:
    """Tell whether a live instrument has a parameter; the others are those of FM voices."""
    index = PARAMETER_INDEX[parameter_id]
    if index < VOICE_BASE:
        is_learnt = parameter_id != _PERFORMER or not isinstance(sound, Ddx7Sound)
        return is_learnt and PARAMETERS[index].group != "Controllers"
    return isinstance(sound, Ddx7Sound) and parameter_id in DDX7_FIELDS
