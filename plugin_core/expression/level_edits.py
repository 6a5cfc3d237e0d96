"""The level of a note over its time: as loud, as lively and peaking where it shall."""

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales

_ROUNDS = 40


def shaped_levels(
    levels_db: NDArray[np.float64], volume: float, fluctuation: float, peak_position: float | None
) -> NDArray[np.float64]:
    """Return a note's levels with these controls, dB, shape (frames,) as given.

    `peak_position`: None leaves the peak where it is. The envelope is warped in time so that its
    maximum moves; then its deviation from the mean is scaled and the mean put right. A steady note
    gets a rise to its peak and a fall from it.
    """
    shape = levels_db
    if peak_position is not None:
        shape = _with_peak_at(levels_db, peak_position)
    deviation = shape - shape.mean()
    if deviation.std() < scales.STEADY_DB:
        deviation = _tent(len(levels_db), peak_position or 0.0)
    mean_db = scales.VOLUME_ZERO_DB + volume * scales.VOLUME_SPAN_DB
    spread_db = max(fluctuation, 0.0) * scales.FLUCTUATION_SPAN_DB
    scale, offset = spread_db / max(float(deviation.std()), 1e-9), mean_db
    found: NDArray[np.float64] = np.maximum(offset + scale * deviation, scales.FLOOR_DB)
    for _ in range(_ROUNDS):
        # The floor cuts what falls below it: scale and offset have to make up for that.
        scale *= spread_db / max(float(found.std()), 1e-9) if spread_db else 0.0
        offset += mean_db - float(found.mean())
        found = np.maximum(offset + scale * deviation, scales.FLOOR_DB)
    return found


def _with_peak_at(levels_db: NDArray[np.float64], position: float) -> NDArray[np.float64]:
    """Return the envelope, warped so that its first maximum is at `position`, 0..1.

    Each side of the peak is stretched or compressed. A side that has no frames is made of the other
    one's reflection.
    """
    count = len(levels_db)
    last = count - 1
    old = int(np.argmax(levels_db))
    new = round(min(max(position, 0.0), 1.0) * last)
    if old == new:
        return levels_db
    frames = np.arange(count)
    before = old if old > 0 else -min(last, round(new * last / max(last - new, 1)))
    after = last if old < last else last + min(last, round((last - new) * last / max(new, 1)))
    warped = np.interp(frames, [0, new], [old - before, old]) if new > 0 else np.full(count, old)
    if new < last:
        warped = np.where(frames <= new, warped, np.interp(frames, [new, last], [old, after]))
    reflected = np.abs(warped)
    reflected = last - np.abs(last - reflected)
    return np.asarray(np.interp(reflected, frames, levels_db))


def _tent(count: int, peak_position: float) -> NDArray[np.float64]:
    position = np.linspace(0.0, 1.0, count)
    away = np.abs(position - peak_position) / max(peak_position, 1.0 - peak_position)
    return np.asarray(away.mean() - away)
