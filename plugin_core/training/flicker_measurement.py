"""How much tones move by themselves in recordings: what `synthesis.flicker` adds to generated ones.

Inside long notes: the deviation of every harmonic's share in dB from its mean over 0.1 s, and of
that mean from the one over 0.4 s, by how large the share is; and that of the level from its mean
over 0.1 s. Of an instrument that is recorded in performances as well as in single notes, both count
the same.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.synthesis.flicker import SHARES_DB
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.performed_cache import Performed
from plugin_core.types import FRAME_RATE

_EDGE_FRAMES, _LEAST_FRAMES, _MOST_FRAMES = 25, 100, 400
_FAST_FRAMES, _SLOW_FRAMES = 25, 101
_HARMONICS = 30
_NOTES = 150
"""Of an instrument and an origin."""
_QUIET_DB = -60.0
_MOST_DB, _MOST_LEVEL_DB = 3.0, 0.8
_GENERATED_DB, _GENERATED_LEVEL_DB = 0.1, 0.2
"""What generated tones move by themselves."""
_STRINGS, _RESONANCE_DB = ("violin", "viola", "cello", "double_bass"), 2.5


def measure_flicker(performed: Sequence[Performed]) -> dict[str, dict[str, Any]]:
    """Return what `flickering` takes, by instrument, of the training recordings in `performed`."""
    found = {}
    for index, instrument in enumerate(INSTRUMENTS):
        tables = []
        for origin in ("performance", "note"):
            own = [
                each
                for each in performed
                if (each.instrument, each.origin, each.is_held_out) == (instrument, origin, False)
            ]
            notes = _movements(own)
            if len(notes) >= 5:
                tables.append(_typical(notes, np.nanmedian))
        if tables:
            typical = _typical(np.array(tables), np.nanmean)
            found[instrument] = _described(typical, instrument, index)
    return found


def _typical(
    notes: NDArray[np.float64], average: Callable[..., NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the average of each column, shape (columns,), NaN of one that is nothing else."""
    known = np.isfinite(notes).any(axis=0)
    typical = np.full(notes.shape[1], np.nan)
    typical[known] = average(notes[:, known], axis=0)
    return typical


def _described(deviations: NDArray[np.float64], instrument: str, index: int) -> dict[str, Any]:
    count = len(SHARES_DB)
    fast, slow = (
        _without(_filled(part), _GENERATED_DB, _MOST_DB)
        for part in (deviations[:count], deviations[count : 2 * count])
    )
    (level,) = _without(deviations[2 * count :], _GENERATED_LEVEL_DB, _MOST_LEVEL_DB)
    return {
        "fast_db": fast,
        "slow_db": slow,
        "level_db": level,
        "resonance_db": _RESONANCE_DB if instrument in _STRINGS else 0.0,
        "body": index,
    }


def _filled(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return deviations by share without gaps: of shares that never were, as of the next ones."""
    known = np.flatnonzero(np.isfinite(deviations))
    if not len(known):
        return np.zeros(len(deviations))
    return np.asarray(np.interp(np.arange(len(deviations)), known, deviations[known]))


def _without(deviations: NDArray[np.float64], generated: float, most: float) -> list[float]:
    rest = np.sqrt(np.maximum(np.square(deviations) - generated**2, 0.0))
    return [round(float(each), 3) for each in np.minimum(rest, most)]


def _movements(phrases: Sequence[Performed]) -> NDArray[np.float64]:
    """Return the deviations of long notes, shape (notes, 11), NaN for shares that are not there."""
    rows: list[list[float]] = []
    order = np.random.default_rng(0).permutation(len(phrases))
    for phrase in (phrases[index] for index in order):
        for note in (each.note for each in phrase.notes):
            first = round(note.onset_s * FRAME_RATE) + _EDGE_FRAMES
            last = round(note.offset_s * FRAME_RATE) - _EDGE_FRAMES
            last = min(last, len(phrase.frames), first + _MOST_FRAMES)
            if last - first < _LEAST_FRAMES or len(rows) >= _NOTES:
                continue
            level_db = _decibels(phrase.frames.amplitude[first:last, None])
            shares_db = _decibels(phrase.frames.harmonics[first:last, :_HARMONICS])
            if level_db.mean() > _QUIET_DB:
                rows.append(_deviations(shares_db, level_db))
        if len(rows) >= _NOTES:
            break
    return np.array(rows).reshape(-1, 2 * len(SHARES_DB) + 1)


def _deviations(shares_db: NDArray[np.float64], level_db: NDArray[np.float64]) -> list[float]:
    means = shares_db.mean(axis=0)
    smooth, smoother = (_moving_mean(shares_db, each) for each in (_FAST_FRAMES, _SLOW_FRAMES))
    inside = slice(_FAST_FRAMES // 2, -(_FAST_FRAMES // 2))
    found = []
    for curves in (shares_db - smooth, smooth - smoother):
        deviation = curves[inside].std(axis=0)
        for centre in SHARES_DB:
            such = np.abs(means - centre) <= (SHARES_DB[1] - SHARES_DB[0]) / 2
            found.append(float(deviation[such].mean()) if such.any() else np.nan)
    level = (level_db - _moving_mean(level_db, _FAST_FRAMES))[inside].std()
    return [*found, float(level)]


def _decibels(linear: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(np.maximum(linear.astype(np.float64), 1e-7)))


def _moving_mean(curves: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the mean of `width` frames around every one, shorter at the ends, shape as given."""
    sums = np.concatenate((np.zeros((1, curves.shape[1])), np.cumsum(curves, axis=0)))
    at = np.arange(len(curves))
    begin, end = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, len(curves))
    return np.asarray((sums[end] - sums[begin]) / (end - begin)[:, None])
