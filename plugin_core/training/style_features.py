"""How a note begins, dies away and is coloured: what tells articulations apart, from audio alone.

In: audio at 16 kHz and when its notes begin. Out: attack time, decay slope and spectral centroid of
each note, and a linear discriminant (Fisher 1936) between two classes of notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.training.realism import SPECTRUM_RATE
from plugin_core.types import Mono, Note

FEATURES = ("attack", "decay", "centroid")

_HOP = 64
_WINDOW = 512
"""Samples of 4 ms and of 32 ms: that holds a period of the lowest notes."""
_AHEAD_S, _ATTACK_WITHIN_S, _LONGEST_S = 0.03, 0.3, 1.0
_RISE_FROM_DB, _RISE_TO_DB = 20.0, 3.0
_FALLEN_DB = 24.0
_FLOOR_DB = -120.0
_SHORTEST_FRAMES = 4
_STEEPEST_DB_PER_S, _SLOPE_DB_PER_S = 600.0, 20.0
_SHRINKAGE = 0.05


class NoteFeatures(NamedTuple):
    """One note, in units in which its differences count alike at every size."""

    attack: float
    """Natural logarithm of the seconds from 20 dB (or the dip before) to 3 dB below its peak."""
    decay: float
    """Slope from there to 24 dB below the peak, or to the next note: with s in dB/s,
    sign(s) log(1 + |s| / 20)."""
    centroid: float
    """Spectral centroid while it sounds, octaves above the fundamental of its key."""


def note_features(audio: Mono, notes: Sequence[Note]) -> list[NoteFeatures | None]:
    """Return the features of every note, None of one that is not heard.

    `audio` has shape (samples,) at 16 kHz; `notes` are by onset and do not sound together. A note
    is looked at until the next one begins, a second at most, whenever its key comes up.
    """
    ends = [after.onset_s for _, after in pairwise(notes)] + [len(audio) / SPECTRUM_RATE]
    power = _spectra(audio)
    levels = 10 * np.log10(np.maximum(power.sum(axis=1), 10 ** (_FLOOR_DB / 10)))
    return [
        _of_note(levels, power, note, min(end_s, note.onset_s + _LONGEST_S))
        for note, end_s in zip(notes, ends, strict=True)
    ]


def _spectra(audio: Mono) -> NDArray[np.float64]:
    """Return power spectra every 4 ms, shape (frames, bins); frame i is centred at i * 4 ms."""
    window = np.hanning(_WINDOW)
    padded = np.pad(np.asarray(audio, np.float64), (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][
        : len(audio) // _HOP + 1
    ]
    spectrum = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    scaled: NDArray[np.float64] = spectrum / (window.sum() / 2) ** 2
    return scaled


def _of_note(
    levels: NDArray[np.float64], power: NDArray[np.float64], note: Note, end_s: float
) -> NoteFeatures | None:
    begin = max(round((note.onset_s - _AHEAD_S) * SPECTRUM_RATE / _HOP), 0)
    end = min(round((end_s - _AHEAD_S) * SPECTRUM_RATE / _HOP), len(levels))
    own = levels[begin:end]
    if len(own) < _SHORTEST_FRAMES or own.max() <= _FLOOR_DB:
        return None
    # The note before may end within that time, and louder.
    quietest = int(np.argmin(own[: round(2 * _AHEAD_S * SPECTRUM_RATE / _HOP)]))
    begin, own = begin + quietest, own[quietest:]
    rise = own[: round((_AHEAD_S + _ATTACK_WITHIN_S) * SPECTRUM_RATE / _HOP)]
    peak = int(np.argmax(rise))
    soft = np.flatnonzero(rise[: peak + 1] < rise[peak] - _RISE_FROM_DB)
    bottom = int(soft[-1]) if len(soft) else int(np.argmin(rise[: peak + 1]))
    top = bottom + int(np.argmax(rise[bottom : peak + 1] >= rise[peak] - _RISE_TO_DB))
    fallen = np.flatnonzero(own[peak:] < own[peak] - _FALLEN_DB)
    stop = peak + int(fallen[0]) + 1 if len(fallen) else len(own)
    slope = _slope_db_per_s(own[top:stop])
    sounding = np.flatnonzero(own[:stop] > own[peak] - _FALLEN_DB)
    return NoteFeatures(
        float(np.log((top - bottom + 1) * _HOP / SPECTRUM_RATE)),
        float(np.sign(slope) * np.log1p(min(abs(slope), _STEEPEST_DB_PER_S) / _SLOPE_DB_PER_S)),
        _centroid_octaves(power[begin + sounding], note.midi_pitch),
    )


def _slope_db_per_s(levels: NDArray[np.float64]) -> float:
    if len(levels) < 3:
        return -_STEEPEST_DB_PER_S
    seconds = np.arange(len(levels)) * _HOP / SPECTRUM_RATE
    return float(np.polyfit(seconds, levels, 1)[0])


def _centroid_octaves(power: NDArray[np.float64], midi_pitch: int) -> float:
    """Return the mean centroid of amplitudes, octaves above the key's fundamental."""
    fundamental_hz = 440 * 2 ** ((midi_pitch - 69) / 12)
    hz = np.arange(power.shape[1]) * SPECTRUM_RATE / _WINDOW
    heard = np.sqrt(power.mean(axis=0)) * (hz > 0.7 * fundamental_hz)
    return float(np.log2(max((heard * hz).sum() / max(heard.sum(), 1e-12), 1.0) / fundamental_hz))


@dataclass(frozen=True, slots=True)
class Discriminant:
    """A plane between two classes of notes."""

    direction: NDArray[np.float64]
    """Shape (3,)."""
    threshold: float

    def is_high(self, features: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which notes, shape (notes, 3), are on the side of the second class."""
        return np.asarray(features @ self.direction > self.threshold)


def discriminant(low: NDArray[np.float64], high: NDArray[np.float64]) -> Discriminant:
    """Return Fisher's discriminant of two classes, shape (notes, 3) each, both as likely.

    The pooled covariance is shrunk a little towards its diagonal. Raises ValueError for a class of
    fewer than two notes.
    """
    if min(len(low), len(high)) < 2:
        raise ValueError(f"a class needs two notes or more, found {len(low)} and {len(high)}")
    centres = [each.mean(axis=0) for each in (low, high)]
    # Every class counts alike, however many notes it has.
    within = sum(np.cov(each, rowvar=False) for each in (low, high)) / 2
    shrunk = (1 - _SHRINKAGE) * within + _SHRINKAGE * np.diag(np.diag(within))
    direction = np.linalg.solve(shrunk + 1e-6 * np.eye(len(shrunk)), centres[1] - centres[0])
    return Discriminant(direction, float(direction @ (centres[0] + centres[1]) / 2))
