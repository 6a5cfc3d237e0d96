"""What each of the three networks sees at a note, as rows of its embedding table.

The pitch network sees the pitches before; the duration network the pitches, before and after, and
the durations before; the velocity network the pitches, what is written, and the velocities before.
Each feature is a class; a table says how many of them there are.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plugin_core.composing.solo import (
    ARTICULATIONS,
    NOTE_VALUES,
    PITCHES,
    TIMINGS,
    VELOCITIES,
    Column,
    Sequences,
)
from plugin_core.composing.solo_pitches import HEARD, WIDEST, heard

MELODY, CHORDS = 0, 1
"""Textures: one note at a time, or notes that begin together."""

SOONEST_END = 16
POSITIONS_PER_BEAT, POSITIONS = 4, 17
_INTERVALS = 2 * WIDEST + 1
_VALUES = len(NOTE_VALUES)

_SURROUNDINGS = {
    "pitch": PITCHES,
    "together": 2,
    "together_after": 2,
    "interval": _INTERVALS,
    "interval_after": _INTERVALS,
    "position": POSITIONS,
    "to_end": SOONEST_END + 1,
    "texture": 2,
}
TABLES: Mapping[str, Mapping[str, int]] = {
    "pitch": {
        **HEARD,
        "to_end": SOONEST_END + 1,
        "texture": 2,
    },
    "duration": {
        **_SURROUNDINGS,
        "step_before": _VALUES + 1,
        "value_before": _VALUES + 1,
        "timing_before": TIMINGS + 1,
        "articulation_before": ARTICULATIONS + 1,
    },
    "velocity": {
        **_SURROUNDINGS,
        "step": _VALUES,
        "value": _VALUES,
        "velocity_before": VELOCITIES + 1,
    },
}
"""Features by network, each with the number of its classes; the last class is "none before"."""


def offsets(network: str) -> NDArray[np.int64]:
    """Return where each feature's rows begin in the embedding table of a network."""
    sizes = list(TABLES[network].values())
    return np.concatenate(([0], np.cumsum(sizes)[:-1]))


def rows(network: str) -> int:
    """Return the rows of a network's embedding table."""
    return sum(TABLES[network].values())


def tokens_of(notes: Sequences) -> Column:
    """Return pitch tokens, shape (notes,)."""
    return notes.pitch + PITCHES * notes.together


def texture_of(notes: Sequences) -> int:
    """Return the texture of notes."""
    return CHORDS if notes.together.any() else MELODY


def before(column: Column, none: int) -> Column:
    """Return each note's predecessor, `none` for the first."""
    return np.concatenate(([none], column[:-1])) if len(column) else column


def to_end(count: int) -> Column:
    """Return how many notes follow each, at most `SOONEST_END`."""
    return np.minimum(np.arange(count)[::-1], SOONEST_END)


def position_class(onset: float) -> int:
    """Return where in its bar of four beats an onset lies; the last class is between sixteenths."""
    place = onset * POSITIONS_PER_BEAT
    nearest = round(place)
    if abs(place - nearest) > 0.1:
        return POSITIONS - 1
    return nearest % (POSITIONS - 1)


def onsets(notes: Sequences, start: float = 0.0) -> NDArray[np.float64]:
    """Return the onsets in beats, the first at `start`."""
    values = np.array(NOTE_VALUES)
    steps = np.where(notes.together == 0, values[notes.step], 0.0)
    starts: NDArray[np.float64] = start + np.cumsum(steps) - values[notes.step]
    return starts


def intervals(pitch: Column) -> tuple[Column, Column]:
    """Return the intervals from the note before and to the one after, as classes; 0 is none."""
    steps = np.clip(np.diff(pitch), 1 - WIDEST, WIDEST - 1) + WIDEST
    none = np.zeros(1, np.int64)
    return np.concatenate((none, steps)), np.concatenate((steps, none))


def surroundings(notes: Sequences, texture: int, start: float = 0.0) -> dict[str, Column]:
    """Return what is known of notes from their pitches, and from their onsets the positions."""
    interval, after = intervals(notes.pitch)
    count = len(notes)
    return {
        "pitch": notes.pitch,
        "together": notes.together,
        "together_after": np.concatenate((notes.together[1:], [0])),
        "interval": interval,
        "interval_after": after,
        "position": np.array([position_class(each) for each in onsets(notes, start)], np.int64),
        "to_end": to_end(count),
        "texture": np.full(count, texture, np.int64),
    }


def features(network: str, notes: Sequences, texture: int, start: float = 0.0) -> NDArray[np.int64]:
    """Return the rows of a network's table for whole sequences, shape (notes, features).

    The first note begins at beat `start`.
    """
    if network == "pitch":
        count = len(notes)
        end = np.column_stack([to_end(count), np.full(count, texture, np.int64)])
        return np.concatenate([heard(tokens_of(notes).tolist()), end], axis=1) + offsets(network)
    known = surroundings(notes, texture, start)
    known |= {
        "step": notes.step,
        "value": notes.value,
        "step_before": before(notes.step, _VALUES),
        "value_before": before(notes.value, _VALUES),
        "timing_before": before(notes.timing, TIMINGS),
        "articulation_before": before(notes.articulation, ARTICULATIONS),
        "velocity_before": before(notes.velocity, VELOCITIES),
    }
    columns = [known[name] for name in TABLES[network]]
    return np.stack(columns, axis=1) + offsets(network)
