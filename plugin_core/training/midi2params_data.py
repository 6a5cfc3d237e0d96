"""What MIDI2Params learns from: performed phrases step by step, and random excerpts of them.

A step is the mean of four frames, pitch and loudness as classes. An excerpt is filled with pieces
of phrases of one instrument, end to end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.expression.scales import VOICED_CONFIDENCE
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.midi2params import NO_LOUDNESS, NO_PITCH
from plugin_core.synthesis.midi2params_network import (
    STEP_FRAMES,
    loudness_classes,
    note_features,
    pitch_classes,
)
from plugin_core.training.performed import Performed
from plugin_core.types import InputError

_SHORTEST_PIECE = 25
ORIGIN_SHARE = {"performance": 1.0, "note": 0.25}
"""How often a second of each origin is drawn. Assembled phrases are left out: their expression is
drawn, it does not follow from the notes; and so are contours, whose loudness is another one."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A performed phrase as the network sees it; T steps."""

    instrument: int
    notes: NDArray[np.float32] = field(repr=False)
    """What is seen of the notes, shape (T, WIDTH)."""
    note_pitch: NDArray[np.float64] = field(repr=False)
    """Shape (T,)."""
    pitch: NDArray[np.int64] = field(repr=False)
    """Class of the pitch deviation, shape (T,)."""
    loudness: NDArray[np.int64] = field(repr=False)
    """Class of the loudness, shape (T,)."""
    is_voiced: NDArray[np.bool_] = field(repr=False)
    """Whether there is a pitch to learn, shape (T,)."""

    def __len__(self) -> int:
        return len(self.pitch)


def stepped(performed: Performed) -> Stepped:
    """Return the steps of a phrase: the means of four frames each, as classes."""
    frames = performed.frames
    count = max(len(frames) // STEP_FRAMES, 1)
    features, note_pitch = note_features([row.note for row in performed.notes], count)
    f0_hz = _folded(frames.f0_hz, count)
    heard: NDArray[np.bool_] = np.greater(f0_hz, 0.0)
    sure: NDArray[np.bool_] = heard & (_folded(frames.confidence, count) > VOICED_CONFIDENCE)
    semitones = 69.0 + 12.0 * np.log2(np.where(heard, f0_hz, 440.0) / 440.0)
    deviation = semitones - performed.tuning_semitones - note_pitch[:, None]
    # Frames that are sure count alone, where a step has some.
    weight = np.where(sure.any(axis=1, keepdims=True), sure, heard).astype(np.float64)
    total = weight.sum(axis=1)
    mean = (deviation * weight).sum(axis=1) / np.maximum(total, 1.0)
    return Stepped(
        INSTRUMENTS.index(performed.instrument),
        features,
        note_pitch,
        pitch_classes(mean),
        loudness_classes(_folded(frames.loudness_db, count).mean(axis=1)),
        np.asarray(sure.any(axis=1)),
    )


def _folded(column: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    whole = np.resize(column, (count * STEP_FRAMES,)) if len(column) < STEP_FRAMES else column
    return whole[: count * STEP_FRAMES].reshape(count, STEP_FRAMES).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Batch:
    """B excerpts of T steps."""

    instrument: Tensor
    """Shape (B,)."""
    notes: Tensor
    """Shape (B, T, WIDTH)."""
    pitch: Tensor
    """Classes, shape (B, T)."""
    loudness: Tensor
    """Classes, shape (B, T)."""
    pitch_before: Tensor
    """Classes of the step before, shape (B, T)."""
    loudness_before: Tensor
    """Classes of the step before, shape (B, T)."""
    is_voiced: Tensor
    """Shape (B, T)."""

    def to(self, device: str) -> "Batch":
        """Return the batch on a device."""
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


class Midi2ParamsData:
    """The training side of real performances and single notes, to draw excerpts from."""

    def __init__(self, performed: Sequence[Performed]) -> None:
        chosen = [
            each
            for each in performed
            if each.origin in ORIGIN_SHARE and each.notes and not each.is_held_out
        ]
        if not chosen:
            raise InputError("corpus", "", "performed phrases to train on", "none")
        self._phrases = [stepped(each) for each in chosen]
        of = np.array([phrase.instrument for phrase in self._phrases])
        lengths = np.array([len(phrase) for phrase in self._phrases], np.float64)
        shares = lengths * [ORIGIN_SHARE[each.origin] for each in chosen]
        totals = np.array([shares[of == index].sum() for index in range(len(INSTRUMENTS))])
        # Between "every instrument alike" and "every second alike".
        self._instrument_share = np.sqrt(totals) / np.sqrt(totals).sum()
        self._of = [np.flatnonzero(of == index) for index in range(len(INSTRUMENTS))]
        self._share = [shares[rows] / max(shares[rows].sum(), 1e-12) for rows in self._of]
        self.gain_db = _mean_gains_db(chosen)

    def draw(self, random: np.random.Generator, batch: int, steps: int) -> Batch:
        """Return `batch` random excerpts of `steps` steps."""
        rows = [self._excerpt(random, steps) for _ in range(batch)]
        instruments, *columns = zip(*rows, strict=True)
        return Batch(
            torch.tensor(instruments), *(torch.from_numpy(np.stack(each)) for each in columns)
        )

    def _excerpt(self, random: np.random.Generator, steps: int) -> tuple[Any, ...]:
        instrument = int(random.choice(len(INSTRUMENTS), p=self._instrument_share))
        pieces, missing = [], steps
        while missing:
            row = int(random.choice(self._of[instrument], p=self._share[instrument]))
            phrase = self._phrases[row]
            last = max(0, len(phrase) - min(missing, _SHORTEST_PIECE))
            first = int(random.integers(0, last + 1)) if len(phrase) > missing else 0
            pieces.append(_columns(phrase, slice(first, first + missing)))
            missing -= len(pieces[-1][1])
        return instrument, *(np.concatenate(each) for each in zip(*pieces, strict=True))


def _columns(phrase: Stepped, where: slice) -> tuple[NDArray[Any], ...]:
    """Return the columns of a `Batch` for a part of a phrase, the instrument left out."""
    pitch_before = np.concatenate(([NO_PITCH], phrase.pitch[:-1]))
    loudness_before = np.concatenate(([NO_LOUDNESS], phrase.loudness[:-1]))
    columns = (phrase.notes, phrase.pitch, phrase.loudness, pitch_before, loudness_before)
    return tuple(column[where] for column in (*columns, phrase.is_voiced))


def _mean_gains_db(performed: Sequence[Performed]) -> NDArray[np.float32]:
    """Return what an instrument's recordings were lifted by on average, by the second."""
    gains = np.zeros(len(INSTRUMENTS), np.float32)
    known = [each for each in performed if each.audio is not None]
    overall = np.mean([each.gain_db for each in known]) if known else 0.0
    for index, instrument in enumerate(INSTRUMENTS):
        of_it = [each for each in known if each.instrument == instrument]
        lengths = [len(each.frames) for each in of_it]
        if of_it:
            gains[index] = np.average([each.gain_db for each in of_it], weights=lengths)
        else:
            gains[index] = overall
    return gains


def whole(phrase: Stepped) -> Batch:
    """Return all of a phrase as a batch of one."""
    columns = (torch.from_numpy(column)[None] for column in _columns(phrase, slice(None)))
    return Batch(torch.tensor([phrase.instrument]), *columns)
