"""Baselines for sequences of classes: uniform, unigram, trigram.

The trigram backs off to the bigram, that to the unigram, by interpolated absolute discounting (Ney,
Essen and Kneser 1994): each count gives a share away to what was not seen after the same classes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

_DISCOUNT = 0.75
_PRIOR = 0.5
_START = -1


class Ngrams:
    """Counts of classes after the two before, up to `order` 3."""

    def __init__(self, sequences: Iterable[Sequence[int]], classes: int) -> None:
        self.classes = classes
        self._counts: list[dict[tuple[int, ...], Counter[int]]] = [
            defaultdict(Counter) for _ in range(3)
        ]
        for sequence in sequences:
            one = two = _START
            for each in sequence:
                self._counts[0][()][each] += 1
                self._counts[1][one,][each] += 1
                self._counts[2][two, one][each] += 1
                one, two = each, one
        self._totals = [
            {history: sum(counted.values()) for history, counted in counts.items()}
            for counts in self._counts
        ]

    def probability(self, each: int, history: tuple[int, ...]) -> float:
        """Return how likely a class is after up to two others, the nearest last."""
        if not history:
            total = self._totals[0].get((), 0)
            count = self._counts[0][()][each]
            return (count + _PRIOR) / (total + _PRIOR * self.classes)
        shorter = self.probability(each, history[1:])
        order = len(history)
        total = self._totals[order].get(history, 0)
        if not total:
            return shorter
        counted = self._counts[order][history]
        given = _DISCOUNT * len(counted) / total
        return max(counted[each] - _DISCOUNT, 0.0) / total + given * shorter

    def nats(self, sequences: Iterable[Sequence[int]], order: int) -> float:
        """Return the negative log likelihood of all classes of some sequences together, in nats.

        `order` 3 is the trigram, 1 the unigram, 0 uniform.
        """
        total = 0.0
        for sequence in sequences:
            if order == 0:
                total += len(sequence) * float(np.log(self.classes))
                continue
            one = two = _START
            for each in sequence:
                history = (two, one)[3 - order :] if order > 1 else ()
                total -= float(np.log(self.probability(each, history)))
                one, two = each, one
        return total
