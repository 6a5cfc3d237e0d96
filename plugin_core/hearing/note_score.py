"""Heard notes as a part of a score, for `analysis.mid`: keys, velocities, controllers."""

from collections.abc import Iterable

from plugin_core.score.general_midi import PROGRAM_NAMES
from plugin_core.types import CONTROLS, Controller, ControllerKind, ExpressiveNote, Part

CONTROLLERS = {
    "volume": 11,
    "volume_fluctuation": 20,
    "volume_peak_position": 21,
    "vibrato": 1,
    "brightness": 74,
    "attack_noise": 73,
}
"""The MIDI controller of each of the six controls (DESIGN.md, section 5)."""

_PROGRAMS = {
    "violin": "Violin",
    "viola": "Viola",
    "cello": "Cello",
    "double_bass": "Contrabass",
    "flute": "Flute",
    "oboe": "Oboe",
    "clarinet": "Clarinet",
    "saxophone": "Alto Sax",
    "bassoon": "Bassoon",
    "trumpet": "Trumpet",
    "horn": "French Horn",
    "trombone": "Trombone",
    "tuba": "Tuba",
    "guitar": "Acoustic Guitar (nylon)",
}


def part_of(
    notes: Iterable[ExpressiveNote], *, name: str, instrument: str | None = None, end_s: float = 0.0
) -> Part:
    """Return the part that plays `notes`: each sets all six controllers at its onset.

    Controls are clipped to 0..1 and stand for 0..127. `instrument` chooses the program; one that
    General MIDI does not have leaves it open. A note that overlaps the next of the same key ends
    where that begins.
    """
    heard = sorted(notes, key=lambda each: each.note.onset_s)
    controllers = [
        Controller(
            each.note.onset_s,
            ControllerKind.CONTROL,
            CONTROLLERS[control],
            round(127 * min(max(value, 0.0), 1.0)),
        )
        for each in heard
        for control, value in zip(CONTROLS, each.expression, strict=True)
    ]
    program = _PROGRAMS.get(instrument or "")
    return Part(
        name=name,
        notes=tuple(each.note for each in heard),
        controllers=tuple(controllers),
        program=None if program is None else PROGRAM_NAMES.index(program),
        end_s=end_s,
    )
