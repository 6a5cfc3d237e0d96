"""What the pitch network hears of the notes so far: those just before, and where in a chord it is.

A pitch token is the pitch (MIDI pitch - 21), plus `PITCHES` where the note begins with the one
before. Notes that begin together are a chord, from the highest down; a melody has chords of one.
"""

from collections.abc import Mapping

import numpy as np

from plugin_core.composing.solo import PITCHES

PITCH_TOKENS = 2 * PITCHES
NEAR = 4
"""Notes before that are told one by one."""

WIDEST = 13
"""Semitones from which on an interval is simply wide."""

_DEEPEST_PLACE, _LARGEST_CHORD = 5, 6

HEARD: Mapping[str, int] = {
    **{f"token_{back}_before": PITCH_TOKENS + 1 for back in range(1, NEAR + 1)},
    "class_before": 13,
    "interval_before": 2 * WIDEST + 1,
    "place": _DEEPEST_PLACE + 1,
    "size_before": _LARGEST_CHORD + 1,
    "same_place_before": PITCHES + 1,
    "highest": PITCHES + 1,
    "highest_before": PITCHES + 1,
    "lowest_before": PITCHES + 1,
}
"""Features with the number of their classes; the last class is "none", for an interval the 0."""


class PitchesHeard:
    """The notes so far, and what the network hears of them."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._chord: list[int] = []
        self._chord_before: list[int] = []

    def add(self, token: int) -> None:
        """Add a note."""
        self._tokens.append(token)
        if token >= PITCHES and self._chord:
            self._chord.append(token - PITCHES)
            return
        self._chord_before, self._chord = self._chord, [token % PITCHES]

    def features(self) -> list[int]:
        """Return the classes of what is heard before the next note, in the order of `HEARD`.

        The next note may begin with the chord that sounds; whether it does is not known.
        """
        tokens, chord, before = self._tokens, self._chord, self._chord_before
        place = len(chord)
        near = [
            tokens[-back] if len(tokens) >= back else PITCH_TOKENS for back in range(1, NEAR + 1)
        ]
        interval = 0
        if len(tokens) > 1:
            step = tokens[-1] % PITCHES - tokens[-2] % PITCHES
            interval = min(max(step, 1 - WIDEST), WIDEST - 1) + WIDEST
        return [
            *near,
            tokens[-1] % PITCHES % 12 if tokens else 12,
            interval,
            min(place, _DEEPEST_PLACE),
            min(len(before), _LARGEST_CHORD),
            before[place] if place < len(before) else PITCHES,
            chord[0] if chord else PITCHES,
            before[0] if before else PITCHES,
            before[-1] if before else PITCHES,
        ]

    def copied(self) -> "PitchesHeard":
        """Return the same notes, to go on from in another way."""
        other = PitchesHeard()
        other._tokens = list(self._tokens)
        other._chord, other._chord_before = list(self._chord), list(self._chord_before)
        return other


def heard(tokens: list[int]) -> np.ndarray:
    """Return what is heard before each of some notes, shape (notes, features of `HEARD`)."""
    so_far = PitchesHeard()
    rows = []
    for token in tokens:
        rows.append(so_far.features())
        so_far.add(token)
    return np.array(rows, np.int64).reshape(len(tokens), len(HEARD))
