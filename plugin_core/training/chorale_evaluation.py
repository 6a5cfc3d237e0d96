"""What composed chorales are beside Bach's: voice leading, chords, likelihood, time.

Composed from nothing in the keys of the corpus, and around the sopranos of held-out chorales.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from plugin_core.composing.chorale import (
    REST,
    STEPS_PER_BAR,
    STEPS_PER_BEAT,
    VOICES,
    Grid,
)
from plugin_core.composing.chorale_network import ChoraleModel
from plugin_core.composing.chorale_sampling import Sampling, Task, sample
from plugin_core.composing.keys import KEYS, key_of
from plugin_core.composing.voice_leading import Rates, closing_chords, rates
from plugin_core.training.chorale_data import Corpus
from plugin_core.training.chorale_training import Settings, held_out_loss

BARS = 8
DELIVERED, UNMENDED, SOPRANO = "composed, mended", "composed, not mended", "soprano given, mended"
BACH = "Bach, held out"
_UNMENDED = Sampling(mending=0, drafts=1)
_MENDED = Sampling()


@dataclass(frozen=True, slots=True)
class Row:
    """Some chorales together."""

    name: str
    pieces: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a chorale model."""

    rows: tuple[Row, ...]
    nats: float
    """Negative log likelihood of what the holes of held-out excerpts hide, per sixteenth."""
    unigram_nats: float
    chords: int
    seconds: float
    """Wall clock of composing 8 bars from nothing, the median."""
    cpu_seconds: float


def evaluate_chorales(
    model: ChoraleModel,
    corpus: Corpus,
    *,
    count: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Evaluation:
    """Return the figures of `count` chorales of each kind."""
    known = closing_chords(corpus.train)
    counts = key_counts(corpus.train)
    composed: dict[str, list[Grid]] = {name: [] for name in (DELIVERED, UNMENDED, SOPRANO)}
    walls, cpus = [], []
    for number in range(count):
        key = int(np.random.default_rng((8, number)).choice(KEYS, p=counts / counts.sum()))
        task = _from_nothing(key)
        wall, cpu = time.perf_counter(), time.process_time()
        composed[DELIVERED].append(sample(model.network, task, number, _MENDED))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        composed[UNMENDED].append(sample(model.network, task, number, _UNMENDED))
        held = corpus.test[number % len(corpus.test)]
        composed[SOPRANO].append(sample(model.network, around_soprano(held), number, _MENDED))
        progress(number + 1, count)
    rows = [
        Row("Bach, learnt from", len(corpus.train), rates(corpus.train, known)),
        Row(BACH, len(corpus.test), rates(corpus.test, known)),
        *(Row(name, len(grids), rates(grids, known)) for name, grids in composed.items()),
    ]
    return Evaluation(
        tuple(rows),
        held_out_loss(model.network, corpus.test, Settings()),
        unigram_nats(corpus),
        len(known),
        float(np.median(walls)),
        float(np.median(cpus)),
    )


def key_counts(pieces: Sequence[Grid]) -> np.ndarray:
    """Return how many pieces are in each key, shape (24,)."""
    keys = [key_of(piece[piece != REST]) for piece in pieces]
    return np.bincount(keys, minlength=KEYS).astype(np.float64)


def _from_nothing(key: int) -> Task:
    grid = np.full((BARS * STEPS_PER_BAR, len(VOICES)), REST, np.int16)
    return Task(grid, np.ones((len(grid) // STEPS_PER_BEAT, len(VOICES)), bool), key)


def around_soprano(piece: Grid) -> Task:
    """Return the first 8 bars of a piece with its soprano alone, in the key of that."""
    grid = piece[: BARS * STEPS_PER_BAR]
    grid = grid[: len(grid) - len(grid) % STEPS_PER_BEAT].copy()
    grid[:, 1:] = REST
    free = np.ones((len(grid) // STEPS_PER_BEAT, len(VOICES)), bool)
    free[:, 0] = False
    return Task(grid, free, key_of(grid[:, 0][grid[:, 0] != REST]))


def unigram_nats(corpus: Corpus) -> float:
    """Return what each voice's pitches alone, counted, would reach on the pieces held out."""
    total, count = 0.0, 0
    for voice in range(len(VOICES)):
        learnt = np.concatenate([piece[:, voice] for piece in corpus.train]) - REST
        told = np.concatenate([piece[:, voice] for piece in corpus.test]) - REST
        counts = np.bincount(learnt, minlength=129) + 0.5
        total -= float(np.log(counts / counts.sum())[told].sum())
        count += len(told)
    return total / count
