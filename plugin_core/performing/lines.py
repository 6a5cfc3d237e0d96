"""Who plays what: a part as an instrument can play it, one line for every player.

In: a part of a score. Out: monophonic parts. On the way the pedals hold notes, octaves bring them
into the instrument's range, and what sounds together is divided.
"""

from dataclasses import dataclass, replace

from plugin_core.performing.divisi import divide
from plugin_core.performing.ranges import RANGES, into_range
from plugin_core.score.pedals import SOSTENUTO, SUSTAIN, sounding_notes
from plugin_core.types import ControllerKind, Part

_KEYS = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


@dataclass(frozen=True, slots=True)
class Lines:
    """The parts of the players, the highest first, each with all controllers but the pedals.

    There is at least one. `warnings` say what could not be played as it is written.
    """

    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()


def lines(part: Part, instrument: str) -> Lines:
    """Return what the players of an instrument play; raises KeyError for an unknown one.

    The second player's part is named "NAME 2", and so on. Notes of a part are by onset and none
    overlaps the next.
    """
    notes, moved = into_range(sounding_notes(part), instrument)
    controllers = tuple(
        controller
        for controller in part.controllers
        if controller.kind is not ControllerKind.CONTROL
        or controller.index not in (SUSTAIN, SOSTENUTO)
    )
    parts = tuple(
        replace(
            part,
            name=part.name if number == 1 else f"{part.name} {number}",
            notes=played,
            controllers=controllers,
        )
        for number, played in enumerate(divide(notes) or ((),), start=1)
    )
    return Lines(parts, (_warning(moved, len(notes), instrument),) if moved else ())


def key_name(midi_pitch: int) -> str:
    """Return a key as musicians call it, middle C as C4."""
    return f"{_KEYS[midi_pitch % 12]}{midi_pitch // 12 - 1}"


def _warning(moved: int, count: int, instrument: str) -> str:
    reach = RANGES[instrument]
    return (
        f"{moved} of {count} notes are moved by octaves into the range of the "
        f"{instrument.replace('_', ' ')}, {key_name(reach.lowest)} to {key_name(reach.highest)}"
    )
