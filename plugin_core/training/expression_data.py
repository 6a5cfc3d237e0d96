"""Batches of phrases for the Expression Generator: notes, and how they were played.

In: performed phrases. Out: windows of up to 48 notes of the training side, their features, and the
six controls, NaN where no one knows them. A phrase may be drawn a little faster or slower, higher
or lower than it was played, and with its velocities hidden.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.expression.note_features import VELOCITY, WIDTH, note_features
from plugin_core.expression.performer import usual
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Expression, InputError

WINDOW = 48
"""Notes of a window at most."""
_VARIANTS = ((0, 1.0), (-2, 1.08), (-1, 0.92), (1, 1.05), (2, 0.96))
"""Semitones higher and times slower than it was played."""
_KNOWN_SHARE = 0.5
"""Share of windows whose velocities are told."""

_MOVEMENTS = [
    CONTROLS.index(name) for name in ("volume_fluctuation", "volume_peak_position", "vibrato")
]

_Window = tuple[NDArray[np.float32], NDArray[np.float64], int]


class Batch(NamedTuple):
    """B windows of N notes at most."""

    features: Tensor
    """Shape (B, N, WIDTH)."""
    instrument: Tensor
    """Shape (B,)."""
    controls: Tensor
    """Raw scale, NaN where unknown and from `lengths` on, shape (B, N, 6)."""
    lengths: Tensor
    """Notes of every window, shape (B,)."""


class _Phrase:
    """A phrase as it was played, and a few ways in which it is drawn, made when they are."""

    def __init__(self, performed: Performed) -> None:
        self.notes = tuple(row.note for row in performed.notes)
        self.controls = played(performed)
        self.instrument = INSTRUMENTS.index(performed.instrument)
        self._features: dict[int, NDArray[np.float32]] = {}

    def window(self, random: np.random.Generator) -> _Window:
        """Return the features and controls of some of the notes, and the instrument."""
        variant = int(random.integers(len(_VARIANTS)))
        if variant not in self._features:
            self._features[variant] = self._varied(*_VARIANTS[variant])
        first = int(random.integers(0, max(len(self.notes) - WINDOW, 0) + 1))
        features = self._features[variant][first : first + WINDOW]
        if random.random() >= _KNOWN_SHARE:
            features = features.copy()
            features[:, VELOCITY] = 0.0
        return features, self.controls[first : first + WINDOW], self.instrument

    def _varied(self, higher: int, slower: float) -> NDArray[np.float32]:
        varied = [
            replace(
                note,
                onset_s=note.onset_s * slower,
                offset_s=note.offset_s * slower,
                midi_pitch=note.midi_pitch + higher,
            )
            for note in self.notes
        ]
        return note_features(varied, is_velocity_known=True)


class ExpressionData:
    """The training side of a corpus, by origin."""

    def __init__(self, performed: Sequence[Performed], shares: dict[str, float]) -> None:
        """Draw each origin as often as its share says, where there is such.

        Raises InputError if there is nothing to train on.
        """
        trained = [each for each in performed if not each.is_held_out and each.notes]
        self._phrases = {
            origin: [_Phrase(each) for each in trained if each.origin == origin]
            for origin in shares
        }
        self._origins = [origin for origin, some in self._phrases.items() if some]
        weights = np.array([shares[origin] for origin in self._origins])
        if weights.sum() <= 0:
            raise InputError("corpus", "", "performances to train on", "none")
        self._shares = weights / weights.sum()
        self._row_shares = {origin: _by_length(self._phrases[origin]) for origin in self._origins}
        self.typical = typical_controls(performed)

    def draw(self, random: np.random.Generator, batch: int) -> Batch:
        """Return `batch` random windows."""
        windows = []
        for _ in range(batch):
            origin = self._origins[int(random.choice(len(self._origins), p=self._shares))]
            rows = self._phrases[origin]
            phrase = rows[int(random.choice(len(rows), p=self._row_shares[origin]))]
            windows.append(phrase.window(random))
        return _batch(windows)


def played(performed: Performed) -> NDArray[np.float64]:
    """Return the controls of the notes of a phrase, shape (notes, 6), within what is usual."""
    table = np.array([row.expression for row in performed.notes], np.float64)
    return usual(table.reshape(-1, len(CONTROLS)))


def means(performed: Sequence[Performed], origins: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Return the mean controls of the training notes of every instrument that has some.

    NaN where a control is known of none of them.
    """
    notes: dict[str, list[NDArray[np.float64]]] = {}
    for each in performed:
        if each.origin in origins and not each.is_held_out and each.notes:
            notes.setdefault(each.instrument, []).append(played(each))
    return {name: _mean(np.concatenate(tables)) for name, tables in notes.items()}


def typical_controls(performed: Sequence[Performed]) -> dict[str, Expression]:
    """Return what is typical of every instrument: the mean of its notes, alone and in phrases.

    An instrument without notes has the mean of all.
    """
    known = means(performed, ("performance", "note"))
    if not known:
        known = means(performed, ("contour", "assembled"))
    all_of_them = _mean(np.stack(list(known.values())))
    table = {name: known.get(name, all_of_them) for name in INSTRUMENTS}
    return {
        name: Expression(*np.where(np.isfinite(row), row, all_of_them))
        for name, row in table.items()
    }


def instrument_means(performed: Sequence[Performed]) -> NDArray[np.float64]:
    """Return the mean controls of every instrument's performances, shape (13, 6).

    This is what a prediction must beat. An instrument without performances sounds as its single
    notes do, and moves (fluctuation, peak position, vibrato) as the others do in their phrases.
    """
    typical = typical_controls(performed)
    table = np.array([typical[name] for name in INSTRUMENTS])
    played_in_phrases = means(performed, ("performance",))
    if played_in_phrases:
        table[:, _MOVEMENTS] = _mean(np.stack(list(played_in_phrases.values())))[_MOVEMENTS]
    for name, row in played_in_phrases.items():
        known = np.isfinite(row)
        table[INSTRUMENTS.index(name), known] = row[known]
    return table


def _mean(table: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(table)
    total = np.where(known, table, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)


def _by_length(phrases: Sequence[_Phrase]) -> NDArray[np.float64]:
    """Return how often each phrase is drawn: between all alike and by its notes."""
    shares = np.sqrt([len(phrase.notes) for phrase in phrases])
    whole: NDArray[np.float64] = shares / shares.sum()
    return whole


def _batch(windows: Sequence[_Window]) -> Batch:
    longest = max(len(controls) for _, controls, _ in windows)
    features = np.zeros((len(windows), longest, WIDTH), np.float32)
    controls = np.full((len(windows), longest, len(CONTROLS)), np.nan, np.float32)
    for row, (known, how, _) in enumerate(windows):
        features[row, : len(known)] = known
        controls[row, : len(how)] = how
    return Batch(
        torch.from_numpy(features),
        torch.tensor([instrument for _, _, instrument in windows]),
        torch.from_numpy(controls),
        torch.tensor([len(how) for _, how, _ in windows]),
    )
