"""Batches of pitch curves for the pitch generator, in its steps.

In: performed phrases. Out: pieces of phrases, each as it was played and in varied copies
(`pitch_curves`), drawn so that instruments with few recordings count for more than their share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.note_conditioning import condition
from plugin_core.synthesis.pitch_curve import STEP_FRAMES, bin_of, course
from plugin_core.synthesis.pitch_generator import step_features
from plugin_core.training.performed import Performed
from plugin_core.training.pitch_curves import (
    PitchCurve,
    movements_of,
    pitch_curve,
    typical_expression,
)

ORIGIN_WEIGHTS = {"performance": 2.0, "contour": 1.0, "note": 1.0, "assembled": 0.7}
"""How much a second of each origin counts: joins are learnt from real performances."""

_LONGEST, _SHORTEST = 500, 6
_WARM_UP = 16
"""Steps of a piece that begins in the middle of a phrase which are not yet judged."""
_LENGTHS = (100, 150, 220, 330, _LONGEST)


@dataclass(frozen=True, slots=True)
class Piece:
    """S steps of one phrase."""

    features: NDArray[np.float16] = field(repr=False)
    """Shape (S, FEATURES)."""
    instrument: int
    pitch: NDArray[np.float32] = field(repr=False)
    reference: NDArray[np.float32] = field(repr=False)
    """MIDI pitch as played and of the note, shapes (S,)."""
    is_known: NDArray[np.bool_] = field(repr=False)
    """Whether the pitch is known, (S,)."""
    is_judged: NDArray[np.bool_] = field(repr=False)
    """Whether it is to be learnt, (S,)."""
    weight: float
    """How often it is to be drawn, in comparison."""


@dataclass(frozen=True, slots=True)
class PitchBatch:
    """B pieces, with empty steps at the end of the shorter ones."""

    features: Tensor
    instrument: Tensor
    pitch: Tensor
    reference: Tensor
    is_known: Tensor
    is_judged: Tensor
    target: Tensor
    """The bin of every pitch, shape (B, S)."""


def pieces_of(curve: PitchCurve, weight: float) -> list[Piece]:
    """Return the pieces of a pitch curve, each at most 8 s: none reaches over a long silence."""
    known = condition(curve.notes, curve.instrument, len(curve.keys))
    steps = course(known)
    features = step_features(known).astype(np.float16)
    pitch = curve.keys[::STEP_FRAMES]
    bins = bin_of(pitch - steps.reference)
    is_known = curve.is_known[::STEP_FRAMES] & steps.is_played
    is_known &= (bins >= steps.lowest) & (bins <= steps.highest)
    begins = np.flatnonzero(steps.is_start)
    pieces = []
    for begin, end in zip(begins, np.append(begins[1:], len(pitch)), strict=True):
        played = np.flatnonzero(steps.is_played[begin:end])
        end = int(begin + played[-1] + 1) if len(played) else begin
        for first in range(int(begin), end, _LONGEST - _WARM_UP):
            where = slice(first, min(first + _LONGEST, end))
            judged = is_known[where].copy()
            judged[: _WARM_UP if first > begin else 0] = False
            if judged.sum() < _SHORTEST:
                continue
            piece = Piece(
                features=features[where],
                instrument=known.instrument,
                pitch=pitch[where].astype(np.float32),
                reference=steps.reference[where],
                is_known=is_known[where],
                is_judged=judged,
                weight=weight * float(judged.sum()),
            )
            pieces.append(piece)
    return pieces


class PitchData:
    """The pieces of a training."""

    def __init__(
        self,
        phrases: Sequence[Performed],
        *,
        copies: int,
        seed: int,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> None:
        """Take the training phrases as they are, and `copies` times with other vibratos."""
        training = [each for each in phrases if not each.is_held_out and each.notes]
        movements, typical = movements_of(training), typical_expression(training)
        self.pieces: list[Piece] = []
        for index, phrase in enumerate(training):
            random = np.random.default_rng((seed, index))
            weight = ORIGIN_WEIGHTS[phrase.origin]
            for copy in range(copies + 1):
                curve = pitch_curve(phrase, typical, movements, random if copy else None)
                self.pieces += pieces_of(curve, weight)
            progress(index + 1, len(training))
        self._classes, self._shares, self._class_shares = self._sorted()
        self.steps = sum(int(each.is_judged.sum()) for each in self.pieces)

    def _sorted(
        self,
    ) -> tuple[list[NDArray[np.intp]], list[NDArray[np.float64]], NDArray[np.float64]]:
        """Return the pieces by length, and how often they are drawn."""
        weights = np.array([piece.weight for piece in self.pieces])
        instruments = np.array([piece.instrument for piece in self.pieces])
        # Between "every instrument alike" and "every second alike".
        totals = np.bincount(instruments, weights, minlength=len(INSTRUMENTS))
        weights /= np.sqrt(np.maximum(totals, 1.0))[instruments]
        lengths = np.array([len(piece.pitch) for piece in self.pieces])
        kinds = np.searchsorted(_LENGTHS, lengths)
        rows = [np.flatnonzero(kinds == kind) for kind in range(len(_LENGTHS))]
        rows = [each for each in rows if len(each)]
        sums = np.array([weights[each].sum() for each in rows])
        return rows, [weights[each] / weights[each].sum() for each in rows], sums / sums.sum()

    def draw(self, random: np.random.Generator, steps: int) -> PitchBatch:
        """Return pieces of similar length, `steps` steps in all or a little less."""
        kind = int(random.choice(len(self._classes), p=self._class_shares))
        rows, shares = self._classes[kind], self._shares[kind]
        lengths = [len(self.pieces[row].pitch) for row in rows]
        count = max(1, steps // max(lengths))
        return batch_of([self.pieces[row] for row in random.choice(rows, count, p=shares)])


def batch_of(pieces: Sequence[Piece]) -> PitchBatch:
    """Return pieces as a batch."""
    longest = max(len(piece.pitch) for piece in pieces)

    def stack(name: str, kind: type) -> NDArray[np.generic]:
        rows: list[NDArray[np.generic]] = [
            np.asarray(getattr(piece, name), kind) for piece in pieces
        ]
        table = np.zeros((len(rows), longest, *rows[0].shape[1:]), kind)
        for place, row in zip(table, rows, strict=True):
            place[: len(row)] = row
        return table

    pitch, reference = stack("pitch", np.float32), stack("reference", np.float32)
    deviation = np.asarray(pitch, np.float64) - np.asarray(reference, np.float64)
    return PitchBatch(
        features=torch.from_numpy(stack("features", np.float32)),
        instrument=torch.tensor([piece.instrument for piece in pieces]),
        pitch=torch.from_numpy(pitch),
        reference=torch.from_numpy(reference),
        is_known=torch.from_numpy(stack("is_known", np.bool_)),
        is_judged=torch.from_numpy(stack("is_judged", np.bool_)),
        target=torch.from_numpy(bin_of(deviation)),
    )


def held_out_pieces(phrases: Sequence[Performed]) -> list[Piece]:
    """Return the pieces of what is held out, as it was played."""
    typical = typical_expression(phrases)
    return [
        piece
        for phrase in phrases
        if phrase.is_held_out and phrase.notes
        for piece in pieces_of(pitch_curve(phrase, typical), 1.0)
    ]
