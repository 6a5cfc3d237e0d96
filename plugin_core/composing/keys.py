"""Keys: their names, and the key of given notes.

A key is 0..23: the tonic's pitch class, plus 12 in minor. The key of notes is the one whose profile
correlates best with how long each pitch class sounds (Krumhansl and Kessler 1982, probe tones).
"""

import re

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import InputError

KEYS = 24
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHOWN = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_NAME = re.compile(r"\s*([A-Ga-g])([#b]?)\s*(m|min|minor|maj|major)?\s*", re.ASCII)


def _standard(profile: tuple[float, ...]) -> NDArray[np.float64]:
    values = np.array(profile)
    standard: NDArray[np.float64] = (values - values.mean()) / values.std()
    return standard


_PROFILES = np.array(
    [np.roll(_standard(mode), tonic) for mode in (_MAJOR, _MINOR) for tonic in range(12)]
)


def key_named(name: str) -> int:
    """Return a key by name: `G`, `G major`, `f#m`, `Bb minor`. Raises InputError."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise InputError("--key", "", "auto, or a key such as G, F#m or Bb minor", repr(name))
    tonic = _NATURALS[found[1].upper()] + {"#": 1, "b": -1, "": 0}[found[2]]
    return tonic % 12 + 12 * ((found[3] or "").startswith("m") and found[3] not in ("maj", "major"))


def key_name(key: int) -> str:
    """Return the name of a key: `G major`."""
    return f"{_SHOWN[key % 12]} {'minor' if key >= 12 else 'major'}"


def key_of(pitches: NDArray[np.integer], weights: NDArray[np.floating] | None = None) -> int:
    """Return the key of notes, pitches of any shape, `weights` how long each sounds.

    Raises ValueError where there is no note.
    """
    pitch = np.asarray(pitches).ravel()
    if not len(pitch):
        raise ValueError("a key needs at least one note")
    weight = None if weights is None else np.asarray(weights).ravel()
    sounding = np.bincount(pitch % 12, weight, minlength=12).astype(np.float64)
    return int(np.argmax(_PROFILES @ (sounding - sounding.mean())))


def transposed(key: int, semitones: int) -> int:
    """Return a key, moved by semitones."""
    return (key % 12 + semitones) % 12 + 12 * (key >= 12)
