"""Whether the expression of composed pieces is that of performances, and not noise.

In: excerpts of performances, of composed pieces, of those shuffled, and of their flat twins. Out:
how far velocities, durations and stretches (durations against what is written) lie from those of
the performances, as distributions and in how they go on (autocorrelation at lags 1..8); and how
often a logistic regression on velocities and durations can tell composed from performed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from plugin_core.composing.solo import Sequences, Written, expressive, flat, written_of
from plugin_core.composing.solo_features import MELODY, onsets
from plugin_core.composing.solo_inference import SoloModel
from plugin_core.composing.solo_sampling import AS_LEARNT, BEATS_PER_BAR, compose, play
from plugin_core.training.solo_corpus import Piece
from plugin_core.types import Note

LAGS = 8
EXCERPT = 96
"""Notes of an excerpt."""

_FOLDS, _RIDGE, _NEWTON_STEPS = 5, 1.0, 20
_MOST_BARS = 64

Rows = NDArray[np.float64]


HALVES = "performed, half to half"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some notes as they are played, a value each, and the work they are of."""

    velocity: Rows
    duration: Rows
    """Octaves of seconds."""
    stretch: Rows
    """Octaves by which they last longer than written, at an even beat."""
    work: int


QUANTITIES = ("velocity", "duration", "stretch")


@dataclass(frozen=True, slots=True)
class Distance:
    """How far some pieces are from performances, by quantity."""

    name: str
    spread: Mapping[str, float]
    """Earth mover's distance of the values: steps of MIDI, octaves."""
    lags: Mapping[str, float]
    """Root mean square difference of mean autocorrelations at lags 1..8."""
    velocities: float
    """Both figures together: their mean, each counted in what one half of the performances is
    from the other."""
    durations: float
    """The same of the four figures of durations and stretches."""


def excerpts_of(
    velocity: Sequence[int], length_s: Sequence[float], written_s: Rows, work: int
) -> list[Excerpt]:
    """Return notes, in the order in which they are given, in excerpts of `EXCERPT` each.

    `written_s` is how long each would last at an even beat.
    """
    loud = np.array(velocity, np.float64)
    octaves = np.log2(np.maximum(np.array(length_s), 1e-3))
    stretch = octaves - np.log2(written_s)
    starts = range(0, max(len(loud) // EXCERPT, 1) * EXCERPT, EXCERPT)
    cuts = [slice(at, at + EXCERPT) for at in starts]
    return [Excerpt(loud[cut], octaves[cut], stretch[cut], work) for cut in cuts]


def _of_notes(
    notes: Sequence[Note], written: Sequence[Written], beat_s: float, work: int
) -> list[Excerpt]:
    lengths = [note.offset_s - note.onset_s for note in notes]
    written_s = np.array([each.value for each in written]) * beat_s
    return excerpts_of([note.velocity for note in notes], lengths, written_s, work)


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
    """Return how far each of the `others` is from what was performed.

    First comes how far one half of the performed works is from the other. Raises ValueError where
    there is only one work.
    """
    works = sorted({each.work for each in performed})
    if len(works) < 2:
        raise ValueError("performances of at least 2 works, found one")
    half = set(works[::2])
    halves = [[each for each in performed if (each.work in half) == side] for side in (True, False)]
    floor = _apart(halves[0], halves[1])
    rows = {HALVES: floor} | {name: _apart(performed, other) for name, other in others.items()}
    found = []
    for name, row in rows.items():
        counted = row / np.maximum(floor, 1e-9)
        spread, lags = (dict(zip(QUANTITIES, side.tolist(), strict=True)) for side in row)
        found.append(
            Distance(name, spread, lags, float(counted[:, 0].mean()), float(counted[:, 1:].mean()))
        )
    return found


def _apart(some: Sequence[Excerpt], others: Sequence[Excerpt]) -> Rows:
    """Return how far two sides are from each other: spread and lags, shape (2, quantities)."""

    def pooled(excerpts: Sequence[Excerpt], quantity: str) -> Rows:
        return np.concatenate([getattr(each, quantity) for each in excerpts])

    def lags(excerpts: Sequence[Excerpt], quantity: str) -> Rows:
        each = [autocorrelation(getattr(excerpt, quantity)) for excerpt in excerpts]
        mean: Rows = np.mean(each, axis=0)
        return mean

    spread = [wasserstein_distance(pooled(some, each), pooled(others, each)) for each in QUANTITIES]
    going = [np.sqrt(np.mean((lags(some, each) - lags(others, each)) ** 2)) for each in QUANTITIES]
    return np.array([spread, going])


def classified(performed: Sequence[Excerpt], composed: Sequence[Excerpt]) -> float:
    """Return how often a logistic regression is right about excerpts of works it has not seen.

    Features: mean and deviation of velocities and durations and their autocorrelations. All
    excerpts of a work are in one of five folds, each of which is told by what was learnt from the
    others; both classes weigh the same.
    """
    sides = [*((each, 1) for each in performed), *((each, 0) for each in composed)]
    rows = np.array([_features(each) for each, _ in sides])
    is_performed = np.array([label for _, label in sides], np.float64)
    fold = np.array([each.work % _FOLDS for each, _ in sides])
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
class Played:
    """Excerpts of some notes: as the model plays them, that shuffled, and as they are written."""

    expressive: list[Excerpt]
    shuffled: list[Excerpt]
    flat: list[Excerpt]


@dataclass(frozen=True, slots=True)
class Heard:
    """Excerpts of the performances, and of what is compared with them."""

    performed: list[Excerpt]
    composed: Played
    humanized: Played
    """The held-out pieces' own notes, played by the model."""


def hear(
    model: SoloModel,
    pieces: Sequence[Piece],
    *,
    count: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Heard:
    """Return excerpts of held-out performances and of as many composed pieces as `count`.

    Each composed piece has the texture and the bars of a performance by luck, up to `_MOST_BARS`;
    its notes, tempo and expression are the model's.
    """
    performed: list[Excerpt] = []
    humanized, composed = Played([], [], []), Played([], [], [])
    works = {name: number for number, name in enumerate(sorted({each.work for each in pieces}))}
    for number, piece in enumerate(pieces):
        work = works[piece.work]
        velocities = [each.velocity for each in piece.performed]
        lengths = [each.length_s for each in piece.performed]
        if piece.texture == MELODY:
            # Of a line every note counts up to the next, as in what is composed.
            ends = [each.onset_s for each in piece.performed[1:]] + [np.inf]
            lengths = [
                min(length, max(end - each.onset_s, 1e-3))
                for length, end, each in zip(lengths, ends, piece.performed, strict=True)
            ]
        values = np.array([each.value for each in written_of(piece.notes)])
        performed.extend(excerpts_of(velocities, lengths, values * piece.beat_s, work))
        notes = play(model, piece.notes, number, piece.texture, AS_LEARNT)
        _add(humanized, notes, piece.beat_s, work, np.random.default_rng((5, number)))
        progress(number + 1, len(pieces) + count)
    for number in range(count):
        random = np.random.default_rng((6, number))
        like = pieces[int(random.integers(len(pieces)))]
        bars = min(max(round(onsets(like.notes)[-1] / BEATS_PER_BAR), 1), _MOST_BARS)
        notes = compose(model, bars, number, like.texture)
        _add(composed, notes, model.beat_s(number), number, random)
        progress(len(pieces) + number + 1, len(pieces) + count)
    return Heard(performed, composed, humanized)


def _add(
    to: Played, notes: Sequences, beat_s: float, work: int, random: np.random.Generator
) -> None:
    written = written_of(notes)
    excerpts = _of_notes(expressive(written, notes, beat_s, random), written, beat_s, work)
    to.expressive.extend(excerpts)
    to.shuffled.extend(_shuffled(each, random) for each in excerpts)
    to.flat.extend(_of_notes(flat(written, beat_s), written, beat_s, work))


def _shuffled(excerpt: Excerpt, random: np.random.Generator) -> Excerpt:
    velocity, duration, stretch = (
        random.permutation(getattr(excerpt, quantity)) for quantity in QUANTITIES
    )
    return Excerpt(velocity, duration, stretch, excerpt.work)
