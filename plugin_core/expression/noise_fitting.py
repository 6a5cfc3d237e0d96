"""The noise of generated notes: in the attack as was asked, else following the note's level.

The first 10 frames of a note have a gain of their own, led to before and from after. Notes softer
than players play are kept from drowning in noise that a network makes all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plugin_core.expression import scales
from plugin_core.expression.extraction import attack_noise
from plugin_core.expression.level_fitting import LEAD_FRAMES, TOLERANCE

Curve = NDArray[np.float64]
Table = NDArray[np.float32]

_DECAY_FRAMES = 10
_FOLLOWING_FRAMES = 4.0
_LEAST_DB, _MOST_DB = -40.0, 12.0
"""How much more noise may move than the note's level on the whole."""
_ROUNDS = 24
_ACCURACY = 0.0005
_LOUDEST_CHANGE_DB = 120.0
_SOFT_VOLUME, _SOFT_RATIO_DB, _RATIO_SLOPE_DB = 0.35, 14.0, 100.0
"""Of 99 % of all notes of the corpus the harmonics are 10 dB or more above the noise, soft or loud.
Below this volume, which they hardly ever have, so much is asked; above, less and less."""


@dataclass(frozen=True, slots=True)
class AskedNoise:
    """The frames of a note, its attack noise and its volume, on the raw scale; NaN: as it is."""

    where: slice
    attack_noise: float
    volume: float


def fitted_noise(
    noise: Table,
    notes: Sequence[AskedNoise],
    level_gains_db: Curve,
    power: Curve,
    gain_db: float,
) -> Table:
    """Return the noise of a phrase with each note's attack noise as asked, shape (frames, 65).

    `level_gains_db`: what was added to the level of every frame, which the noise follows but in the
    attack; `power`: of the harmonics, both (frames,). The notes come in order and do not overlap.
    """
    gains_db = np.zeros(len(noise))
    if level_gains_db.any():
        gains_db = gaussian_filter1d(level_gains_db, _FOLLOWING_FRAMES, mode="nearest")
    ends = [note.where.start for note in notes[1:]] + [len(noise)]
    for note, end in zip(notes, ends, strict=True):
        mean_db = float(level_gains_db[note.where].mean())
        own = gains_db[note.where]
        gains_db[note.where] = np.clip(own, mean_db + _LEAST_DB, mean_db + _MOST_DB)
        gains_db[note.where.start : end] -= _surplus_db(noise, note, gains_db, power)
    fitted = noise.copy()
    for note in notes:
        end = min(note.where.start + scales.ATTACK_FRAMES, note.where.stop)
        attack = slice(note.where.start, end)
        change_db = _attack_change_db(noise[attack], note.attack_noise, gain_db)
        if change_db is None:
            fitted[attack], change_db = 10 ** ((_attack_db(note) - gain_db) / 20), 0.0
        _lead_to_attack(gains_db, attack, note.where.stop, change_db)
    changed = gains_db != 0.0
    fitted[changed] *= (10 ** (gains_db[changed, None] / 20)).astype(np.float32)
    return fitted


def _surplus_db(noise: Table, note: AskedNoise, gains_db: Curve, power: Curve) -> float:
    """Return by how much a soft note has too much noise."""
    if not np.isfinite(note.volume):
        return 0.0
    above = max(note.volume - _SOFT_VOLUME, 0.0)
    wanted_db = _SOFT_RATIO_DB - _RATIO_SLOPE_DB * above
    if wanted_db < 0.0:
        return 0.0
    # A magnitude of 1 is white noise uniform in +-1: a power of 1 / 3.
    of_noise = np.square(noise[note.where], dtype=np.float64).mean(axis=1) / 3.0
    noise_power = float((of_noise * 10 ** (gains_db[note.where] / 10)).mean())
    ratio_db = 10 * np.log10(max(float(power[note.where].mean()), 1e-30) / max(noise_power, 1e-30))
    return max(wanted_db - float(ratio_db), 0.0)


def _attack_db(note: AskedNoise) -> float:
    return scales.ATTACK_NOISE_ZERO_DB + note.attack_noise * scales.ATTACK_NOISE_SPAN_DB


def _attack_change_db(attack: Table, reading: float, gain_db: float) -> float | None:
    """Return what makes the attack read so, in dB; None if it has no noise to scale."""
    if not np.isfinite(reading) or abs(attack_noise(attack, gain_db) - reading) <= TOLERANCE:
        return 0.0
    if not attack.any():
        return None
    with np.errstate(divide="ignore"):
        levels_db = 20 * np.log10(attack.astype(np.float64)) + gain_db
    wanted_db = scales.ATTACK_NOISE_ZERO_DB + reading * scales.ATTACK_NOISE_SPAN_DB
    change_db = 0.0
    for _ in range(_ROUNDS):
        moved = levels_db + change_db
        error_db = wanted_db - float(np.maximum(moved, scales.FLOOR_DB).mean())
        if abs(error_db) <= _ACCURACY * scales.ATTACK_NOISE_SPAN_DB:
            break
        sounding = max(float((moved > scales.FLOOR_DB).mean()), 0.1)
        change_db += error_db / sounding
    return float(np.clip(change_db, -_LOUDEST_CHANGE_DB, _LOUDEST_CHANGE_DB))


def _lead_to_attack(gains_db: Curve, attack: slice, end: int, change_db: float) -> None:
    """Write a note's attack into the gains, with a rise before and a decay after it."""
    first = max(attack.start - LEAD_FRAMES, 0)
    lead = slice(first, attack.start)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(LEAD_FRAMES) + 1) / (LEAD_FRAMES + 1))
    share = rise[LEAD_FRAMES - (attack.start - first) :]
    gains_db[lead] += share * (change_db - gains_db[lead])
    gains_db[attack] = change_db
    decay = slice(attack.stop, min(attack.stop + _DECAY_FRAMES, end))
    count = decay.stop - decay.start
    fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(count) + 1) / (_DECAY_FRAMES + 1))
    gains_db[decay] += fall * (change_db - gains_db[decay])
