"""The spectrum of generated notes made to read the brightness that was asked.

A tilt of the harmonics by a power of their number, constant over a note and led over to the next
note's in 32 ms.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression import scales
from plugin_core.expression.extraction import brightness
from plugin_core.expression.level_fitting import LEAD_FRAMES, TOLERANCE
from plugin_core.types import HARMONICS

Curve = NDArray[np.float64]
Table = NDArray[np.float32]

_STEEPEST = 24.0
_ROUNDS = 24
_FRESH_STEPS = 6
_ACCURACY = 0.0005
_AUDIBLE_HZ = 20_000.0
_NUMBERS = np.arange(1, HARMONICS + 1, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class AskedBrightness:
    """The frames of a note and its brightness, on the raw scale; NaN: as it is."""

    where: slice
    reading: float


def fitted_harmonics(harmonics: Table, f0_hz: Table, notes: Sequence[AskedBrightness]) -> Table:
    """Return the harmonics of a phrase with each note's brightness as asked, (frames, K).

    Rows sum as before. `f0_hz`: shape (frames,). What no tilt can reach gets the nearest; partials
    above 20 kHz are given to those that are heard. The notes come in order and do not overlap.
    """
    tilts = [_Tilt(harmonics, f0_hz, note) for note in notes]
    exponents = np.zeros(len(harmonics))
    for _ in range(_ROUNDS):
        exponents = _led_over(len(harmonics), tilts)
        improved = [tilt.improve(exponents[tilt.where]) for tilt in tilts]
        if not any(improved):
            break
    fitted = harmonics.copy()
    for tilt in tilts:
        fitted[tilt.where] = tilt.heard
    changed = np.flatnonzero(exponents)
    fitted[changed] = _tilted(fitted[changed], exponents[changed])
    return fitted


class _Tilt:
    """The tilt of one note, found by Newton's rule between two bounds."""

    def __init__(self, harmonics: Table, f0_hz: Table, note: AskedBrightness) -> None:
        self.where, self.asked = note.where, note.reading
        self.exponent = 0.0
        self._low, self._high = -_STEEPEST, _STEEPEST
        self._steps = 0
        own = harmonics[note.where]
        self.heard = own
        self._accuracy = TOLERANCE
        if not np.isfinite(note.reading):
            self.asked = brightness(own)
        elif abs(brightness(own) - note.reading) > TOLERANCE:
            self.heard = _audible(own, f0_hz[note.where])
            self._accuracy = _ACCURACY
        shares = self.heard[:, : scales.BRIGHTNESS_HARMONICS].astype(np.float64)
        self._shares = shares[shares.sum(axis=1) > 0]
        self._has_some = shares.sum(axis=1) > 0

    def improve(self, exponents: Curve) -> bool:
        """Measure the note with these exponents, (frames,), and correct its own; False if right."""
        if not len(self._shares):
            return False
        centroid, slope = self._read(exponents[self._has_some])
        error = centroid - self.asked * scales.BRIGHTNESS_SPAN
        if abs(error) <= self._accuracy * scales.BRIGHTNESS_SPAN:
            return False
        self._accuracy = _ACCURACY
        if error > 0:
            self._high = min(self._high, self.exponent)
        else:
            self._low = max(self._low, self.exponent)
        found = self.exponent - error / max(slope, 1e-9)
        if not self._low < found < self._high:
            found = (self._low + self._high) / 2
        self._steps += 1
        if self._steps % _FRESH_STEPS == 0:  # The neighbours have moved as well.
            self._low, self._high = -_STEEPEST, _STEEPEST
        is_moved = abs(found - self.exponent) > 1e-6
        self.exponent = found
        return is_moved

    def _read(self, exponents: Curve) -> tuple[float, float]:
        """Return the mean centroid and how fast it rises with the exponent."""
        numbers = _NUMBERS[: self._shares.shape[1]]
        logs = np.log(numbers)
        is_led = exponents != self.exponent
        powers = numbers**self.exponent
        moments = np.stack([np.ones_like(numbers), numbers, logs, numbers * logs], axis=1)
        sums = self._shares @ (powers[:, None] * moments)
        if is_led.any():
            own = numbers ** exponents[is_led, None]
            sums[is_led] = (self._shares[is_led] * own) @ moments
        total = np.maximum(sums[:, 0], 1e-300)
        centroids, means, products = sums[:, 1] / total, sums[:, 2] / total, sums[:, 3] / total
        return float(centroids.mean()), float((products - centroids * means).mean())


def _led_over(count: int, tilts: Sequence[_Tilt]) -> Curve:
    """Return the exponent of every frame: each note's, its tail's, and between them a soft step."""
    exponents = np.zeros(count)
    if not tilts or not any(tilt.exponent for tilt in tilts):
        return exponents
    exponents[: tilts[0].where.start] = tilts[0].exponent
    for tilt, following in zip(tilts, [*tilts[1:], None], strict=True):
        end = count if following is None else following.where.start
        exponents[tilt.where.start : end] = tilt.exponent
    for before, after in itertools.pairwise(tilts):
        onset = after.where.start
        first = onset - min(LEAD_FRAMES, (onset - before.where.start) // 3)
        end = onset + min(LEAD_FRAMES, (after.where.stop - onset) // 3)
        if onset > before.where.stop:  # There is time before the onset: the note is left alone.
            first, end = max(onset - 2 * LEAD_FRAMES, before.where.stop), onset
        share = (np.arange(end - first) + 1) / (end - first + 1)
        rise = 0.5 - 0.5 * np.cos(np.pi * share)
        exponents[first:end] = before.exponent + rise * (after.exponent - before.exponent)
    return exponents


def _audible(harmonics: Table, f0_hz: Table) -> Table:
    """Return the distribution without what nobody hears, rows sum as before."""
    is_heard = f0_hz[:, None] * _NUMBERS[: harmonics.shape[1]] <= _AUDIBLE_HZ
    if is_heard.all():
        return harmonics
    kept = harmonics * is_heard
    total = kept.sum(axis=1, keepdims=True)
    sums = harmonics.sum(axis=1, keepdims=True)
    return np.where(total > 0, kept * (sums / np.where(total > 0, total, 1.0)), harmonics)


def _tilted(harmonics: Table, exponents: Curve) -> Table:
    numbers = np.log(_NUMBERS[: harmonics.shape[1]])
    shares = harmonics * np.exp(exponents[:, None] * numbers)
    total = shares.sum(axis=1, keepdims=True)
    sums = harmonics.sum(axis=1, keepdims=True)
    return np.asarray(shares * (sums / np.where(total > 0, total, 1.0)), dtype=np.float32)
