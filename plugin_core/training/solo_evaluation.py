"""Whether the expression of composed pieces is that of performances, and not noise.

In: excerpts of performances, of composed pieces, of those shuffled, and of their flat twins. Out:
how far velocities and durations lie from those of the performances, as distributions and in how
they go on (autocorrelation at lags 1..8); and how often a logistic regression on just that can tell
composed from performed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from plugin_core.composing.solo import Sequences, Written, expressive, flat, written_of
from plugin_core.composing.solo_inference import SoloModel
from plugin_core.composing.solo_sampling import AS_LEARNT, compose, play
from plugin_core.training.solo_corpus import Piece
from plugin_core.types import Note

LAGS = 8
EXCERPT = 96
"""Notes of an excerpt."""

_FOLDS, _RIDGE, _NEWTON_STEPS = 5, 1.0, 20
_BARS = 24

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Velocities and durations (octaves of seconds) of some notes, and the piece they are of."""

    velocity: Rows
    duration: Rows
    piece: int


@dataclass(frozen=True, slots=True)
class Distance:
    """How far some pieces are from performances."""

    name: str
    velocity: float
    """Earth mover's distance of velocities, in steps of MIDI."""
    duration: float
    """The same of durations, in octaves."""
    velocity_lags: float
    """Root mean square difference of mean autocorrelations at lags 1..8."""
    duration_lags: float


def excerpt_of(notes: Sequence[Note], piece: int) -> Excerpt:
    """Return velocities and durations of notes, in the order in which they are given."""
    lengths = np.array([note.offset_s - note.onset_s for note in notes])
    velocity = np.array([float(note.velocity) for note in notes])
    return Excerpt(velocity, np.log2(np.maximum(lengths, 1e-3)), piece)


def autocorrelation(values: Rows) -> Rows:
    """Return the autocorrelation at lags 1..`LAGS`, zeros for what is constant."""
    centred = values - values.mean()
    power = float(centred @ centred)
    if power < 1e-9:
        return np.zeros(LAGS)
    found: Rows = np.array([centred[lag:] @ centred[:-lag] / power for lag in range(1, LAGS + 1)])
    return found


def distances(
    performed: Sequence[Excerpt], others: Mapping[str, Sequence[Excerpt]]
) -> list[Distance]:
    """Return how far each of the `others` is from what was performed."""

    def pooled(excerpts: Sequence[Excerpt], column: str) -> Rows:
        return np.concatenate([getattr(each, column) for each in excerpts])

    def lags(excerpts: Sequence[Excerpt], column: str) -> Rows:
        each = [autocorrelation(getattr(excerpt, column)) for excerpt in excerpts]
        mean: Rows = np.mean(each, axis=0)
        return mean

    found = []
    for name, excerpts in others.items():
        spread = [
            float(wasserstein_distance(pooled(performed, column), pooled(excerpts, column)))
            for column in ("velocity", "duration")
        ]
        apart = [
            float(np.sqrt(np.mean((lags(performed, column) - lags(excerpts, column)) ** 2)))
            for column in ("velocity", "duration")
        ]
        found.append(Distance(name, *spread, *apart))
    return found


def classified(performed: Sequence[Excerpt], composed: Sequence[Excerpt]) -> float:
    """Return how often a logistic regression is right about excerpts of pieces it has not seen.

    Features: mean and deviation of velocities and durations and their autocorrelations. All
    excerpts of a piece are in one of five folds; both classes weigh the same.
    """
    sides = [*((each, 1) for each in performed), *((each, 0) for each in composed)]
    rows = np.array([_features(each) for each, _ in sides])
    is_performed = np.array([label for _, label in sides], np.float64)
    fold = np.array([each.piece % _FOLDS for each, _ in sides])
    right = np.zeros(len(sides), bool)
    for each in range(_FOLDS):
        held = fold == each
        if held.all() or not held.any():
            continue
        mean, deviation = rows[~held].mean(0), rows[~held].std(0) + 1e-9
        known = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])
        weights = _regression(known[~held], is_performed[~held])
        right[held] = (known[held] @ weights > 0) == is_performed[held]
    return float(np.mean([right[is_performed == side].mean() for side in (0, 1)]))


def _features(excerpt: Excerpt) -> list[float]:
    return [
        value
        for column in (excerpt.velocity, excerpt.duration)
        for value in (column.mean(), column.std(), *autocorrelation(column))
    ]


def _regression(rows: Rows, labels: Rows) -> Rows:
    """Return the weights of a logistic regression with a ridge, by Newton's method."""
    weights = np.zeros(rows.shape[1])
    balance = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    ridge = _RIDGE * np.eye(rows.shape[1])
    ridge[-1, -1] = 1e-6
    for _ in range(_NEWTON_STEPS):
        odds = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (balance * (odds - labels)) + ridge @ weights
        bend = (rows * (balance * odds * (1 - odds))[:, None]).T @ rows + ridge
        weights = weights - np.linalg.solve(bend, slope)
    return weights


@dataclass(frozen=True, slots=True)
class Heard:
    """Excerpts of the performances, and of what is compared with them."""

    performed: list[Excerpt]
    composed: list[Excerpt]
    shuffled: list[Excerpt]
    flat: list[Excerpt]
    humanized: list[Excerpt]
    """The held-out pieces' own notes, played by the model."""


def hear(
    model: SoloModel,
    pieces: Sequence[Piece],
    *,
    count: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Heard:
    """Return excerpts of held-out performances and of as many composed pieces as `count`.

    Composed pieces have chords as often as the performances have.
    """
    heard = Heard([], [], [], [], [])
    for number, piece in enumerate(pieces):
        random = np.random.default_rng((5, number))
        heard.performed.extend(_cut(piece.notes, piece.beat_s, number, random))
        played = play(model, piece.notes, number, piece.texture, AS_LEARNT)
        heard.humanized.extend(_cut(played, piece.beat_s, number, random))
        progress(number + 1, len(pieces) + count)
    textures = [piece.texture for piece in pieces]
    for number in range(count):
        random = np.random.default_rng((6, number))
        texture = textures[int(random.integers(len(textures)))]
        composed = compose(model, _BARS, number, texture)
        beat_s = model.beat_s(number)
        excerpts = _cut(composed, beat_s, number, random)
        heard.composed.extend(excerpts)
        heard.shuffled.extend(_shuffled(each, random) for each in excerpts)
        heard.flat.extend(
            excerpt_of(flat(written, beat_s), number) for written in _written(composed)
        )
        progress(len(pieces) + number + 1, len(pieces) + count)
    return heard


def _cut(notes: Sequences, beat_s: float, piece: int, random: np.random.Generator) -> list[Excerpt]:
    played = expressive(written_of(notes), notes, beat_s, random)
    whole = max(len(played) // EXCERPT, 1)
    return [
        excerpt_of(played[EXCERPT * each : EXCERPT * (each + 1)], piece) for each in range(whole)
    ]


def _written(notes: Sequences) -> list[list[Written]]:
    written = written_of(notes)
    whole = max(len(written) // EXCERPT, 1)
    return [written[EXCERPT * each : EXCERPT * (each + 1)] for each in range(whole)]


def _shuffled(excerpt: Excerpt, random: np.random.Generator) -> Excerpt:
    return Excerpt(
        random.permutation(excerpt.velocity), random.permutation(excerpt.duration), excerpt.piece
    )
