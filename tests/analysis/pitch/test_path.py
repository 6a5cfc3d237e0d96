"""The path is the best of all, and decided no earlier than it is certain."""

from itertools import pairwise, product

import numpy as np

from plugin_core.analysis.pitch.path import FURTHEST_COST, OCTAVE_COST, VOICING_COST, Path


def total(f0_hz: np.ndarray, score: np.ndarray, unvoiced: np.ndarray, choice: tuple) -> float:
    none = f0_hz.shape[1]
    value = sum(
        unvoiced[frame] if state == none else score[frame, state]
        for frame, state in enumerate(choice)
    )
    for frame, (before, here) in enumerate(pairwise(choice), start=1):
        if (before == none) != (here == none):
            value -= VOICING_COST
        elif here != none:
            octaves = abs(np.log2(f0_hz[frame, here] / f0_hz[frame - 1, before]))
            value -= min(OCTAVE_COST * octaves, FURTHEST_COST)
    return float(value)


def test_path_is_the_best_of_all() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        f0_hz = (100 * 2 ** random.uniform(0, 2, (6, 3))).astype(np.float32)
        score = random.uniform(0, 1, (6, 3)).astype(np.float32)
        unvoiced = random.uniform(0, 1, 6).astype(np.float32)
        # A first frame that is all the same leaves no say to where paths start.
        f0_hz[0], score[0], unvoiced[0] = 100, 0, 0
        path = Path(3)
        found = np.concatenate([path.add(f0_hz, score, unvoiced), path.finish()])
        best = max(total(f0_hz, score, unvoiced, way) for way in product(range(4), repeat=6))
        assert total(f0_hz, score, unvoiced, tuple(found)) >= best - VOICING_COST - 1e-5


def test_path_in_blocks_is_that_of_the_whole() -> None:
    random = np.random.default_rng(4)
    f0_hz = (100 * 2 ** random.uniform(0, 3, (500, 5))).astype(np.float32)
    score = random.uniform(0, 1, (500, 5)).astype(np.float32)
    unvoiced = np.full(500, 0.6, np.float32)
    whole = Path(5)
    expected = np.concatenate([whole.add(f0_hz, score, unvoiced), whole.finish()])
    path = Path(5)
    parts = [
        path.add(f0_hz[at : at + 7], score[at : at + 7], unvoiced[at : at + 7])
        for at in range(0, 500, 7)
    ]
    assert sum(len(part) for part in parts) > 300  # Decided before the end.
    assert np.array_equal(np.concatenate([*parts, path.finish()]), expected)
