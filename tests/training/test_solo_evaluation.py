import numpy as np
import pytest

from plugin_core.composing.solo import Played, written_of
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
        Excerpt(
            mean + 10 * going_on(phi, 96, seed + 2 * i),
            *[going_on(0.0, 96, seed + 2 * i + 1)] * 2,
            i,
        )
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
    halves, same, louder, noise = distances(performed, others)
    assert (halves.velocities, halves.durations) == pytest.approx((1.0, 1.0))
    assert (same.velocities, same.durations) == (0, 0)
    assert louder.velocities > 1 > louder.durations
    assert (same.spread["velocity"], same.lags["velocity"]) == (0, 0)
    assert louder.spread["velocity"] == pytest.approx(7, abs=0.01)
    expected = np.sqrt(np.mean(0.8 ** (2 * np.arange(1, LAGS + 1))))
    assert noise.lags["velocity"] == pytest.approx(expected, abs=0.1)


def test_what_is_heard_is_cut_into_excerpts():
    _, model = untrained_solo()
    from plugin_core.composing.solo_sampling import compose

    notes = compose(model, 30, 1, MELODY)
    performed = tuple(Played(float(i), 0.5, 64 + i % 2) for i in range(len(notes)))
    pieces = [Piece("a", "a", MELODY, notes, performed, 0.5)]
    heard = hear(model, pieces, count=2)
    assert len(heard.performed) == len(heard.humanized.expressive) == max(len(notes) // 96, 1)
    for played in (heard.composed, heard.humanized):
        assert len(played.expressive) == len(played.shuffled) == len(played.flat)
        assert sorted(played.expressive[0].velocity) == sorted(played.shuffled[0].velocity)
        assert len(set(played.flat[0].velocity)) == 1
    # What is performed is taken as it was played, not as the nearest classes are.
    assert set(heard.performed[0].velocity) == {64, 65}
    assert set(heard.performed[0].duration) == {-1}
    # They sound half a second: what is written at half a second a beat, one beat, two octaves ...
    values = np.array([each.value for each in written_of(notes)])[: len(heard.performed[0].stretch)]
    assert heard.performed[0].stretch == pytest.approx(-np.log2(values))
    assert set(heard.humanized.flat[0].stretch.round(9)) == {0}


def test_one_work_has_no_halves():
    with pytest.raises(ValueError, match="at least 2 works"):
        distances(excerpts(0.5)[:1], {})
