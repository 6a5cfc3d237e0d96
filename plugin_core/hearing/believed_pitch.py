"""Which of the pitches that were heard can be meant, where an oscillator is to follow them.

Where one note rings into the next, the two have a common period far below both, and a tracker may
take that for a while: sound made of frames does not mind, an oscillator booms.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_closing

from plugin_core.analysis.sounding import SOUNDING_DB
from plugin_core.hearing.hear import INSTRUMENT_KEYS, pitch_range_hz
from plugin_core.types import FRAME_RATE

LONGEST_DIP_S = 0.1
LEAST_DIP_SEMITONES = 5.0

_SURE = 0.5
_IN_RANGE = 0.9

Curve = NDArray[np.float32]


def without_dips(f0_hz: Curve) -> Curve:
    """Return pitches, shape (frames,), without leaps down that come back within 0.1 s.

    Over a dip of five semitones and more below both sides the pitch before it goes on.
    """
    if not len(f0_hz):
        return f0_hz
    semitones = 12 * np.log2(np.maximum(f0_hz, 1.0))
    closed = grey_closing(semitones, size=round(LONGEST_DIP_S * FRAME_RATE) + 1, mode="nearest")
    return _held(f0_hz, closed - semitones < LEAST_DIP_SEMITONES)


def within_range(f0_hz: Curve, confidence: Curve, loudness_db: Curve, instrument: str) -> Curve:
    """Return pitches, shape (frames,), without those that the instrument hardly plays.

    Where nearly all that sounds lies in the instrument's range, over what lies outside the pitch
    before it goes on. A recording of something else, and one of an instrument that is not known,
    is left as it is.
    """
    if instrument not in INSTRUMENT_KEYS or not len(f0_hz):
        return f0_hz
    low_hz, high_hz = pitch_range_hz(instrument)
    inside = (f0_hz >= low_hz) & (f0_hz <= high_hz)
    sure = (confidence > _SURE) & (loudness_db > loudness_db.max() - SOUNDING_DB)
    if not inside.any() or np.count_nonzero(inside & sure) < _IN_RANGE * np.count_nonzero(sure):
        return f0_hz
    return _held(f0_hz, inside)


def followed(f0_hz: Curve, confidence: Curve, loudness_db: Curve, instrument: str) -> Curve:
    """Return the pitches, shape (frames,), that an oscillator follows: neither dips nor strays."""
    return within_range(without_dips(f0_hz), confidence, loudness_db, instrument)


def _held(f0_hz: Curve, believed: NDArray[np.bool_]) -> Curve:
    """Return each believed pitch, going on to the next; before the first one, that."""
    last = np.maximum.accumulate(np.where(believed, np.arange(len(f0_hz)), -1))
    return f0_hz[np.where(last < 0, np.argmax(believed), last)]
