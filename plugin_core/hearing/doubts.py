"""What speaks against trusting what was heard: silence, clipping, no sure pitch.

Of all but clipping there is too much at some point: then no notes are made up.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from plugin_core.hearing.frames_file import FrameStore
from plugin_core.hearing.recording import Recording

SILENT_DB = -75.0
"""A recording nowhere louder than this is silence; A-weighted, dB relative to full scale."""

_SOUNDING_DB = 30.0
"""What is further than this below the loud passages does not count as sounding."""
_SURE = 0.5
_SURE_SHARE = 0.6
_UNDERSTOOD_SHARE = 0.48
"""The corpus is sure in 54 % (double stops) and more of what sounds, speech in about 43 %."""
_CLIPPED_SHARE = 0.01
_FLAT = 0.98


def doubts(recording: Recording, frames: FrameStore) -> tuple[str, ...]:
    """Return a line for everything that makes the analysis doubtful, none if all is well."""
    share = _sure_share(frames.curve("loudness_db"), frames.curve("confidence"))
    if share is None:
        return (f"silence: nothing is louder than {SILENT_DB:g} dB",)
    return (*_unsure(share), *_clipped(recording))


def is_understood(frames: FrameStore) -> bool:
    """Tell whether one voice is heard well enough for its notes to mean something."""
    share = _sure_share(frames.curve("loudness_db"), frames.curve("confidence"))
    return share is not None and share >= _UNDERSTOOD_SHARE


def _sure_share(loudness: NDArray[np.float32], confidence: NDArray[np.float32]) -> float | None:
    """Return in how much of what sounds a single pitch is sure, 0..1; None in silence."""
    loudest = float(np.percentile(loudness, 99)) if len(loudness) else -np.inf
    if loudest < SILENT_DB:
        return None
    sounding = loudness > max(loudest - _SOUNDING_DB, SILENT_DB)
    return float(np.mean(confidence[sounding] > _SURE)) if sounding.any() else 0.0


def _unsure(share: float) -> Iterator[str]:
    if share < _SURE_SHARE:
        told = "" if share >= _UNDERSTOOD_SHARE else "; no notes are made of it"
        yield (
            f"a single pitch is sure in {share:.0%} of what sounds: noise, speech and several "
            f"voices at once are not understood{told}"
        )


def _clipped(recording: Recording) -> Iterator[str]:
    """Tell of samples that stay at the peak from one to the next."""
    peak = max(float(np.abs(piece).max()) for piece in recording.pieces())
    flat = sum(
        int(np.count_nonzero((np.diff(piece) == 0) & (np.abs(piece[1:]) > _FLAT * peak)))
        for piece in recording.pieces()
    )
    if flat > _CLIPPED_SHARE * recording.samples:
        yield f"{flat / recording.samples:.0%} of the samples are clipped: harmonics are not true"
