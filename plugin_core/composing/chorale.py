"""A chorale as a grid: what each of four voices sings at every sixteenth note.

A grid has shape (steps, 4), soprano first, MIDI pitches, `REST` where a voice is silent. As the
corpus of chorales, it does not tell a held note from one that is sung again. Beats are quarter
notes, bars have four of them.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import InputError

VOICES = ("soprano", "alto", "tenor", "bass")
STEPS_PER_BEAT = 4
BEATS_PER_BAR = 4
STEPS_PER_BAR = STEPS_PER_BEAT * BEATS_PER_BAR
REST = -1

RANGES = ((60, 81), (53, 74), (46, 69), (36, 64))
"""Lowest and highest pitch of each voice in the chorales of Bach that the models learn from."""

Grid = NDArray[np.int16]
"""Pitches, shape (steps, 4)."""


class Tone(NamedTuple):
    """A note of one voice, in steps of a grid."""

    onset: int
    end: int
    pitch: int


def tones_of(voice: NDArray[np.int16]) -> list[Tone]:
    """Return the notes of one voice of a grid, shape (steps,): equal neighbours are one note."""
    changes = np.flatnonzero(np.diff(voice)) + 1
    bounds = [0, *changes.tolist(), len(voice)]
    return [
        Tone(onset, end, int(voice[onset]))
        for onset, end in pairwise(bounds)
        if end > onset and voice[onset] != REST
    ]


def grid_of(tones: Sequence[Tone], steps: int) -> NDArray[np.int16]:
    """Return one voice as a grid, shape (steps,); what is beyond its end is left out."""
    voice = np.full(steps, REST, np.int16)
    for tone in tones:
        voice[tone.onset : tone.end] = tone.pitch
    return voice


def require_in_range(tones: Sequence[Tone], voice: int, source: str) -> None:
    """Raise InputError, naming `source`, for a note that its voice cannot sing."""
    low, high = RANGES[voice]
    for tone in tones:
        if not low <= tone.pitch <= high:
            bar, beat = divmod(tone.onset // STEPS_PER_BEAT, BEATS_PER_BAR)
            place = f"bar {bar + 1}, beat {beat + 1}"
            expected = f"a {VOICES[voice]} note, MIDI pitch in {low}..{high}"
            raise InputError(source, place, expected, tone.pitch)
