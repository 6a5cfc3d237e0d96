"""What is played before a recording that begins in the middle of sound, and thrown away.

A model that begins with the recording has an empty room and a network fresh from silence, where the
recording's room already rings: the first second of four of a flute scored a distance of 12.5, the
others 5.6. So pitch and loudness go on before the beginning, mirrored there, until room and network
are as they would have been.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.sounding import SILENT_DB, SOUNDING_DB
from plugin_core.types import FRAME_RATE

_Curve = TypeVar("_Curve", bound=np.generic)

LEAD_IN = round(1.5 * FRAME_RATE)
"""Frames: a second of room, and half a second that the network sees."""


def lead_in_frames(loudness_db: NDArray[np.float32]) -> int:
    """Return how many frames are to be played before a recording; 0 if it begins in silence.

    `loudness_db`, shape (frames,), is as recorded.
    """
    if len(loudness_db) < 2:
        return 0
    first_db = float(loudness_db[0])
    sounds = first_db > max(SILENT_DB, float(loudness_db.max()) - SOUNDING_DB)
    return LEAD_IN if sounds else 0


def with_lead_in(curve: NDArray[_Curve], frames: int) -> NDArray[_Curve]:
    """Return a curve, shape (T, ...), with `frames` frames before it, mirrored at its first one.

    What is shorter than the lead-in is mirrored again and again. Raises ValueError for a curve of
    less than two frames, which has nothing to mirror.
    """
    if frames and len(curve) < 2:
        raise ValueError(f"a curve to be mirrored has two frames or more, found {len(curve)}")
    return np.pad(curve, [(frames, 0), *[(0, 0)] * (curve.ndim - 1)], mode="reflect")
