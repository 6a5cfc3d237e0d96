"""How well found notes agree with true ones: precision, recall and F-measure.

Every true note is matched with at most one found note, as many as can be at once (a bipartite
matching, as in MIREX and mir_eval): onsets within a tolerance, the pitch too where that is asked.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from plugin_core.types import Note


class Agreement(NamedTuple):
    """Counts of one or of many recordings: they can be summed before the measures are taken."""

    matched: int
    true: int
    found: int

    @property
    def precision(self) -> float:
        """Share of the found notes that are true, 1 if none is found."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true notes that are found, 1 if there are none."""
        return self.matched / self.true if self.true else 1.0

    @property
    def f_measure(self) -> float:
        """Harmonic mean of precision and recall: 2 matched / (true + found)."""
        both = self.true + self.found
        return 2 * self.matched / both if both else 1.0


def total(agreements: Iterable[Agreement]) -> Agreement:
    """Return the counts of all together."""
    rows = list(agreements)
    return Agreement(*(sum(row[column] for row in rows) for column in range(3)))


def note_agreement(
    true: Sequence[Note],
    found: Sequence[Note],
    *,
    tolerance_s: float = 0.05,
    with_pitch: bool = False,
) -> Agreement:
    """Return how many notes match: onsets at most `tolerance_s` apart, on one pitch if asked.

    Raises ValueError for a negative tolerance.
    """
    if tolerance_s < 0:
        raise ValueError(f"an onset tolerance is at least 0 s, found {tolerance_s:g}")
    if not true or not found:
        return Agreement(0, len(true), len(found))
    apart = np.subtract.outer([n.onset_s for n in true], [n.onset_s for n in found])
    # A millisecond more than a float's error: 0.05 s apart is within 0.05 s.
    may_match = np.abs(apart) <= tolerance_s + 1e-9
    if with_pitch:
        may_match &= np.equal.outer([n.midi_pitch for n in true], [n.midi_pitch for n in found])
    partner = maximum_bipartite_matching(csr_matrix(may_match), perm_type="column")
    return Agreement(int((partner >= 0).sum()), len(true), len(found))
