"""Training of the causal performer: what is expected of a note from the notes before it.

In: performed phrases, and a live model whose other networks are trained: its embedding of the
instruments stays as it is. Out: the model's three performer layers. The loss is the square error of
every known control, each in units of its own deviation. Every note is met as the engine meets it
(`engine.live_phrases`), at its own key and speed and at others near them, with and without
velocities, with and without its style.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.audio.jit import entry_point
from plugin_core.engine.live_layout import NOTE_FEATURES
from plugin_core.engine.live_phrases import HISTORY, MIDDLE_VELOCITY, begin_note, end_note
from plugin_core.synthesis.streaming import StreamingModel
from plugin_core.training.expression_data import played
from plugin_core.training.performed import Performed
from plugin_core.training.runs import Progress, learning_share, set_learning_rate
from plugin_core.types import CONTROLS, InputError, Note

VELOCITIES_PER_VOLUME = 200.0
"""A volume 0.01 (0.6 dB) above what is typical is a velocity of 64 + 2, as keyboards are played."""
MIDDLE_STYLE = 0.5

_VARIANTS = ((0, 1.0), (-2, 1.08), (-1, 0.92), (1, 1.05), (2, 0.96))
"""Semitones higher and times slower than it was played."""
_LARGEST_GRADIENT = 1.0
_LEAST_SPREAD = 1e-3

Notes = Sequence[Note]
Styles = Mapping[str, float | None]
"""By the names of phrases, 0..1; a phrase that is not there, or None, has the middle style."""


@dataclass(frozen=True, slots=True)
class PerformerSettings:
    """All that decides a training besides its data."""

    steps: int = 2000
    warm_up: int = 50
    batch: int = 1024
    learning_rate: float = 3e-3
    weight_decay: float = 0.3
    dropout: float = 0.2
    feature_noise: float = 0.05
    performances: float = 0.5
    notes: float = 0.2
    contours: float = 0.3
    """How often a note is of each origin, where there is such."""
    seed: int = 0


@entry_point
def trace_notes(
    notes: NDArray[np.float64], style: float, history: NDArray[np.float64], q: NDArray[np.float32]
) -> None:
    """Write what is known at every note-on into `q`, shape (N, NOTE_FEATURES).

    `notes` (N, 4): onset, offset, pitch, velocity; sorted by onset, times in seconds. `history`
    (HISTORY,) goes on from what it holds.
    """
    for index in range(len(notes)):
        onset_s, pitch = notes[index, 0], notes[index, 2]
        if index > 0 and notes[index - 1, 1] <= onset_s:
            end_note(history, notes[index - 1, 2], notes[index - 1, 1])
        begin_note(history, pitch, notes[index, 3], onset_s, style, q[index])


def known_of_notes(
    notes: Notes, velocities: NDArray[np.float64] | None, style: float = MIDDLE_STYLE
) -> NDArray[np.float32]:
    """Return what the performer knows of each note, by onset, shape (notes, NOTE_FEATURES).

    Without `velocities`, 1..127 each, all are the middle one, which says nothing.
    """
    table = np.empty((len(notes), 4))
    for row, note in zip(table, notes, strict=True):
        row[:3] = note.onset_s, note.offset_s, note.midi_pitch
    table[:, 3] = MIDDLE_VELOCITY if velocities is None else velocities
    q = np.zeros((len(notes), NOTE_FEATURES), np.float32)
    trace_notes(table, style, np.zeros(HISTORY), q)
    return q


def velocities_of(
    controls: NDArray[np.float64], typical: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the velocities that tell the volumes of notes, 1..127, whole.

    `controls` (notes, 6), raw scale; `typical` (6,) those of the instrument.
    """
    volume = CONTROLS.index("volume")
    louder = np.nan_to_num(controls[:, volume] - typical[volume])
    told = np.round(MIDDLE_VELOCITY + VELOCITIES_PER_VOLUME * louder)
    velocities: NDArray[np.float64] = np.clip(told, 1.0, 127.0)
    return velocities


@dataclass(frozen=True, slots=True)
class _Table:
    """All notes in all the ways in which they are met, one row each."""

    features: Tensor
    instrument: Tensor
    away: Tensor
    """From what is typical, in deviations of each control, 0 where unknown."""
    is_known: Tensor
    until: NDArray[np.float64]
    """Sum of the shares of the rows so far, 1 at the end."""


def train_performer(
    model: StreamingModel,
    instruments: Sequence[str],
    performed: Sequence[Performed],
    styles: Styles,
    settings: PerformerSettings | None = None,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> None:
    """Train the performer layers of a model in place; its typical controls must be set.

    `instruments` are the names of the model's rows. Held-out phrases are left alone. Raises
    InputError if there is nothing to train on.
    """
    settings = settings or PerformerSettings()
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    typical = model.get_buffer("typical").double().cpu().numpy()
    trained = [
        each
        for each in performed
        if not each.is_held_out and each.notes and each.instrument in instruments
    ]
    spread = _spread(trained, instruments, typical)
    table = _table(trained, instruments, styles, typical, spread, settings)
    embedding = _standard(model.embedding.weight.detach().cpu().float())
    network = _network(embedding.shape[1], model.widths.performer, settings.dropout)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=settings.weight_decay)
    for step in range(settings.steps):
        share = learning_share(step, settings.steps, settings.warm_up)
        set_learning_rate(optimizer, settings.learning_rate * share)
        drawn = np.searchsorted(table.until, random.random(settings.batch), side="right")
        rows = torch.from_numpy(np.minimum(drawn, len(table.until) - 1))
        features = table.features[rows]
        features = features + settings.feature_noise * torch.randn_like(features)
        expected = network(torch.cat((features, embedding[table.instrument[rows]]), dim=-1))
        is_known = table.is_known[rows]
        loss = (is_known * (expected - table.away[rows]) ** 2).sum() / is_known.sum().clamp(min=1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
        optimizer.step()
        progress(Progress(step + 1, settings.steps, float(loss.detach()), 0.0))
    _put_in(model, network, torch.from_numpy(spread).float())


def _network(embedded: int, hidden: int, dropout: float) -> nn.Sequential:
    last = nn.Linear(hidden, len(CONTROLS))
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(
        nn.Linear(NOTE_FEATURES + embedded, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        last,
    )


def _standard(embedding: Tensor) -> Tensor:
    """Return the embedding with columns of mean 0 and deviation 1, as the first layer is to see."""
    return (embedding - embedding.mean(dim=0)) / _deviation(embedding)


def _deviation(embedding: Tensor) -> Tensor:
    deviation = embedding.std(dim=0, unbiased=False)
    return torch.where(deviation > _LEAST_SPREAD, deviation, torch.ones_like(deviation))


@torch.no_grad()
def _put_in(model: StreamingModel, network: nn.Sequential, spread: Tensor) -> None:
    """Write a trained network into the model, its embedding and controls as they are there."""
    first, middle, last = (part for part in network if isinstance(part, nn.Linear))
    embedding = model.embedding.weight.detach().cpu().float()
    weight = first.weight.clone()
    weight[:, NOTE_FEATURES:] /= _deviation(embedding)
    model.performer_in.weight.copy_(weight)
    model.performer_in.bias.copy_(first.bias - weight[:, NOTE_FEATURES:] @ embedding.mean(dim=0))
    model.performer_mid.weight.copy_(middle.weight)
    model.performer_mid.bias.copy_(middle.bias)
    model.performer_out.weight.copy_(last.weight * spread[:, None])
    model.performer_out.bias.copy_(last.bias * spread)


def _spread(
    trained: Sequence[Performed], instruments: Sequence[str], typical: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far controls are from what is typical, root mean square, shape (6,)."""
    if not trained:
        raise InputError("corpus", "", "performances to train on", "none")
    away = [played(each) - typical[instruments.index(each.instrument)] for each in trained]
    squares = np.concatenate(away) ** 2
    known = np.isfinite(squares)
    mean = np.where(known, squares, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    spread: NDArray[np.float64] = np.maximum(np.sqrt(mean), _LEAST_SPREAD)
    return spread


def _table(
    trained: Sequence[Performed],
    instruments: Sequence[str],
    styles: Styles,
    typical: NDArray[np.float64],
    spread: NDArray[np.float64],
    settings: PerformerSettings,
) -> _Table:
    shares = {
        "performance": settings.performances,
        "note": settings.notes,
        "contour": settings.contours,
    }
    features, controls, rows, weights = [], [], [], []
    for origin, share in shares.items():
        phrases = [each for each in trained if each.origin == origin]
        whole = sum(np.sqrt(len(each.notes)) for each in phrases)
        for phrase in phrases:
            row = instruments.index(phrase.instrument)
            truth = played(phrase)
            ways = _ways(phrase, truth, typical[row], styles.get(phrase.name))
            # A long phrase counts for more than a short one, not for as much more as it is longer.
            each = share / whole / np.sqrt(len(phrase.notes)) / len(ways)
            features += ways
            controls += [(truth - typical[row]) / spread] * len(ways)
            rows += [np.full(len(truth), row)] * len(ways)
            weights += [np.full(len(truth), each)] * len(ways)
    if not features:
        raise InputError("corpus", "", "performances to train on", "none")
    away = np.concatenate(controls)
    known = np.isfinite(away)
    until = np.cumsum(np.concatenate(weights))
    return _Table(
        torch.from_numpy(np.concatenate(features)),
        torch.from_numpy(np.concatenate(rows)),
        torch.from_numpy(np.where(known, away, 0.0).astype(np.float32)),
        torch.from_numpy(known.astype(np.float32)),
        until / until[-1],
    )


def _ways(
    phrase: Performed,
    controls: NDArray[np.float64],
    typical: NDArray[np.float64],
    style: float | None,
) -> list[NDArray[np.float32]]:
    """Return what is known of the notes of a phrase in all the ways in which it is met."""
    velocities = velocities_of(controls, typical)
    told_styles = [MIDDLE_STYLE] if style is None else [MIDDLE_STYLE, style]
    ways = []
    for higher, slower in _VARIANTS:
        notes = [_moved(row.note, higher, slower) for row in phrase.notes]
        for told in told_styles:
            ways += [
                known_of_notes(notes, told_velocities, told)
                for told_velocities in (None, velocities)
            ]
    return ways


def _moved(note: Note, higher: int, slower: float) -> Note:
    return replace(
        note,
        onset_s=note.onset_s * slower,
        offset_s=note.offset_s * slower,
        midi_pitch=note.midi_pitch + higher,
    )
