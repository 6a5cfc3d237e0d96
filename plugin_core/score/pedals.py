"""How long notes sound under the pedals, for pictures and note lengths.

Sustain (CC64) holds every key that comes up while it is down; sostenuto (CC66) holds the keys that
are down when it is pressed. A pedal is down from value 64. The engine follows the pedals by itself:
the notes of a part end where their keys come up.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace

from plugin_core.types import Controller, ControllerKind, Note, Part

SUSTAIN = 64
SOSTENUTO = 66
_RESET_ALL_CONTROLLERS = 121
_DOWN_FROM = 64

Press = tuple[float, float]
"""A pedal is down from the first time to the second, in seconds."""


def presses(controllers: Iterable[Controller], pedal: int, end_s: float) -> list[Press]:
    """Return when a pedal (controller number) is down; at the end it comes up by itself.

    `controllers` are those of one channel, by time.
    """
    found: list[Press] = []
    down_s: float | None = None
    for controller in controllers:
        if controller.kind is not ControllerKind.CONTROL:
            continue
        if controller.index not in (pedal, _RESET_ALL_CONTROLLERS):
            continue
        is_down = controller.index == pedal and controller.value >= _DOWN_FROM
        if is_down and down_s is None:
            down_s = controller.time_s
        elif not is_down and down_s is not None:
            found.append((down_s, controller.time_s))
            down_s = None
    if down_s is not None:
        found.append((down_s, max(end_s, down_s)))
    return found


def sounding_notes(part: Part) -> tuple[Note, ...]:
    """Return the notes of a part with the ends they get from sustain and sostenuto.

    Per channel; a pedal that is never lifted holds until the end of the part or its last key-up.
    """
    end_s = max([part.end_s, *(note.offset_s for note in part.notes)])
    held: dict[int, tuple[list[Press], list[Press]]] = {}
    for channel in {note.channel for note in part.notes}:
        controllers = [c for c in part.controllers if c.channel == channel]
        held[channel] = (
            presses(controllers, SUSTAIN, end_s),
            presses(controllers, SOSTENUTO, end_s),
        )
    return tuple(replace(note, offset_s=_end_s(note, *held[note.channel])) for note in part.notes)


def _end_s(note: Note, sustain: list[Press], sostenuto: list[Press]) -> float:
    end_s = note.offset_s
    pressed_before_key_up = bisect_left(sostenuto, (note.offset_s,))
    if pressed_before_key_up:
        down_s, up_s = sostenuto[pressed_before_key_up - 1]
        if down_s >= note.onset_s:
            end_s = max(end_s, up_s)
    pressed = bisect_right(sustain, (end_s, float("inf")))
    if pressed:
        end_s = max(end_s, sustain[pressed - 1][1])
    return end_s
