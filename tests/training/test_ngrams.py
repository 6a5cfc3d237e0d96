import numpy as np
import pytest

from plugin_core.training.ngrams import Ngrams

CYCLE = [0, 1, 2, 1] * 200


def test_uniform_is_the_logarithm_of_the_classes():
    assert Ngrams([CYCLE], 8).nats([CYCLE], 0) / len(CYCLE) == pytest.approx(np.log(8))


def test_unigrams_reach_the_entropy_of_the_shares():
    found = Ngrams([CYCLE], 3).nats([CYCLE], 1) / len(CYCLE)
    assert found == pytest.approx(1.5 * np.log(2), abs=0.01)


def test_a_trigram_knows_what_two_classes_decide():
    # After 0 1 comes 2, after 2 1 comes 0: no bigram can know that.
    counts = Ngrams([CYCLE], 3)
    assert counts.nats([CYCLE], 3) / len(CYCLE) < 0.03
    assert counts.nats([CYCLE], 2) / len(CYCLE) == pytest.approx(0.5 * np.log(2), abs=0.02)


@pytest.mark.parametrize("history", [(), (1,), (0, 1), (2, 2), (-1, -1)])
def test_probabilities_sum_to_one(history: tuple[int, ...]):
    counts = Ngrams([[0, 1, 2, 1, 0, 0, 3], [2, 2, 1]], 5)
    assert sum(counts.probability(each, history) for each in range(5)) == pytest.approx(1.0)
