"""Envelopes of operators made slower or faster, while the notes stay where they are.

A note's attack (its first 0.3 s, at most half of it) is read from the level curve so many times
slower, and so is its decay (0.3 s after its end). What lies between, and the pause behind the
decay, makes up for it, so that every note still begins and ends in its place: the curve is read
along a path that is 0 at the onset, moves by 1 / factor through the attack, meets the end of the
note, and so on to the next onset.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import FRAME_RATE

ATTACK_S = 0.3
DECAY_S = 0.3
_MOST_OF_A_NOTE = 0.5
_MOST_OF_ITS_PLACE = 0.8
"""No attack takes more of a note, no decay more of a pause, than this."""


def retimed(
    curve: NDArray[np.float32], spans: NDArray[np.int64], factors: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return a level curve, shape (frames,), with each note's attack and decay slower by a factor.

    `spans`, shape (notes, 2), are the first frame of each note and the one after its last, by
    onset, one note at a time; `factors`, shape (notes,), are over 0, and 1 changes nothing. Frame i
    is at i / 250 s. Raises ValueError for factors that are not as many as notes or not over 0.
    """
    if len(factors) != len(spans) or not (factors > 0).all():
        raise ValueError(f"{len(spans)} notes take as many factors over 0, found {factors}")
    if len(curve) == 0 or len(spans) == 0:
        return curve.copy()
    end = len(curve) - 1
    places, sources = [0.0], [0.0]
    followers = [*spans[1:, 0], max(end, spans[-1, 1])]
    for (onset, offset), following, factor in zip(spans, followers, factors, strict=True):
        attack = min(ATTACK_S * FRAME_RATE, _MOST_OF_A_NOTE * (offset - onset))
        decay = DECAY_S * FRAME_RATE
        for begin, zone, room in (
            (onset, attack, offset - onset),
            (offset, decay, following - offset),
        ):
            # As far as the place allows for what is read and for how long that takes.
            taken = min(zone * factor, _MOST_OF_ITS_PLACE * min(room, room * factor))
            places += [begin, begin + taken]
            sources += [begin, begin + taken / factor]
    places.append(max(end, places[-1]))
    sources.append(max(end, sources[-1]))
    path = np.interp(np.arange(len(curve)), places, sources)
    return np.interp(path, np.arange(len(curve)), curve).astype(np.float32)
