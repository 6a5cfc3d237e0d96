import numpy as np
import pytest

from plugin_core.composing.solo_features import MELODY
from plugin_core.training.solo_corpus import Piece
from plugin_core.training.solo_evaluation import (
    LAGS,
    Excerpt,
    autocorrelation,
    classified,
    distances,
    hear,
)
from tests.composing.untrained import untrained_solo


def going_on(phi: float, count: int, seed: int) -> np.ndarray:
    """An autoregressive process of order 1, standard deviation 1."""
    luck = np.random.default_rng(seed).normal(size=count)
    values = [luck[0]]
    for each in luck[1:]:
        values.append(phi * values[-1] + np.sqrt(1 - phi**2) * each)
    return np.array(values)


def excerpts(phi: float, *, mean: float = 60.0, seed: int = 0) -> list[Excerpt]:
    return [
        Excerpt(mean + 10 * going_on(phi, 96, seed + 2 * i), going_on(0.0, 96, seed + 2 * i + 1), i)
        for i in range(60)
    ]


def test_autocorrelation_is_that_of_the_process():
    found = autocorrelation(going_on(0.8, 100_000, 0))
    assert found == pytest.approx(0.8 ** np.arange(1, LAGS + 1), abs=0.02)
    assert (autocorrelation(np.full(50, 64.0)) == 0).all()


def test_what_is_alike_cannot_be_told_apart():
    assert classified(excerpts(0.8), excerpts(0.8, seed=5000)) == pytest.approx(0.5, abs=0.12)


def test_what_goes_on_differently_can():
    assert classified(excerpts(0.9), excerpts(0.0, seed=5000)) > 0.95
    assert classified(excerpts(0.5), excerpts(0.5, mean=90, seed=5000)) > 0.95


def test_distances_are_those_of_the_distributions():
    performed = excerpts(0.8)
    others = {"same": performed, "louder": excerpts(0.8, mean=67), "noise": excerpts(0.0)}
    same, louder, noise = distances(performed, others)
    assert (same.velocity, same.velocity_lags) == (0, 0)
    assert louder.velocity == pytest.approx(7, abs=0.01)
    expected = np.sqrt(np.mean(0.8 ** (2 * np.arange(1, LAGS + 1))))
    assert noise.velocity_lags == pytest.approx(expected, abs=0.1)


def test_what_is_heard_is_cut_into_excerpts():
    _, model = untrained_solo()
    from plugin_core.composing.solo_sampling import compose

    pieces = [Piece("a", MELODY, compose(model, 30, 1, MELODY), 0.5)]
    heard = hear(model, pieces, count=2)
    assert len(heard.performed) == len(heard.humanized) == max(len(pieces[0].notes) // 96, 1)
    assert len(heard.composed) == len(heard.shuffled) == len(heard.flat)
    assert sorted(heard.composed[0].velocity) == sorted(heard.shuffled[0].velocity)
    assert len(set(heard.flat[0].velocity)) == 1
