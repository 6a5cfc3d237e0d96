"""Where feedback is chaotic, and that nothing but that parts two ways of reckoning the same FM.

At feedback 7 a loop of a high index amplifies what rounding leaves (`fm_by_definition`), until what
parts the kernel, the DX7 voices and PyTorch is but 6 dB below the sound: all are right in their own
way, as a reckoning in double precision parts as far from itself when its outputs are moved by a
24th bit. Everywhere else they are the same.
"""

import math

import numpy as np
import pytest

from tests.audio.fm_by_definition import Written, by_definition
from tests.audio.fm_of_levels import Phrase, by_engine, by_kernel, error_db, moving_levels

RATIOS = (1.0, 2.0, 3.2, 1.5, 0.5, 8.5)
RATE = 16000
LAST_BIT = 2.0**-24
"""Of a float32, and of the phase in the kernels."""
ORDERLY_DB, CHAOTIC_DB = 70.0, 120.0
"""Of growth between two samples; none of the 32 lies between."""
ALGORITHMS = range(1, 33)


def phrase(algorithm: int, feedback: float) -> Phrase:
    f0 = np.full(21, 220.0, np.float32)
    return Phrase(f0, moving_levels(algorithm, seed=algorithm), RATIOS, algorithm, feedback)


def growth_db(written: Written) -> float:
    return 20 * written.growth / math.log(10)


def held(index: float, ratio: float, feedback: float) -> Written:
    """Operator 6 on itself at a held index, for a second; algorithm 19."""
    levels = np.zeros((251, 6), np.float32)
    levels[:, 5] = index
    f0 = np.full(251, 220.0, np.float32)
    return by_definition(Phrase(f0, levels, (1.0,) * 5 + (ratio,), 19, feedback), RATE)


@pytest.mark.parametrize("feedback", [5.0, 6.0, 7.0])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_two_ways_of_reckoning_part_by_no_more_than_a_loop_amplifies(algorithm, feedback):
    given = phrase(algorithm, feedback)
    exact = by_definition(given, RATE)
    for found in (by_kernel(given, RATE), by_engine(given, RATE)):
        assert error_db(found, exact.sound) < -95 + growth_db(exact)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_chaotic_loop_parts_from_itself_by_a_last_bit(algorithm):
    given = phrase(algorithm, 7.0)
    exact = by_definition(given, RATE)
    nudged = error_db(by_definition(given, RATE, nudged=LAST_BIT).sound, exact.sound)
    growth = growth_db(exact)
    assert growth < ORDERLY_DB or growth > CHAOTIC_DB
    assert (nudged > -50) if growth > CHAOTIC_DB else (nudged < -95)


def test_seventeen_algorithms_are_chaotic_at_feedback_7_and_none_below():
    chaotic = {
        feedback: [
            algorithm
            for algorithm in ALGORITHMS
            if growth_db(by_definition(phrase(algorithm, feedback), RATE)) > CHAOTIC_DB
        ]
        for feedback in (6.0, 7.0)
    }
    assert chaotic[6.0] == []
    assert len(chaotic[7.0]) == 17
    assert 19 in chaotic[7.0]


@pytest.mark.parametrize("ratio", [0.5, 1.0, 8.5])
def test_up_to_feedback_6_a_loop_forgets_what_was_before(ratio):
    for feedback, index in ((5.0, 4 * math.pi), (6.0, 2 * math.pi), (7.0, math.pi)):
        assert held(index, ratio, feedback).per_sample < -0.2


def test_at_feedback_7_a_loop_of_index_two_pi_is_chaotic_where_it_is_fast():
    """8.5 times 220 Hz at 16 kHz: errors grow e-fold in eight samples; slow ones die away."""
    assert held(2 * math.pi, 8.5, 7.0).per_sample > 0.05
    assert held(2 * math.pi, 1.0, 7.0).per_sample < -0.2
    assert held(4 * math.pi, 1.0, 7.0).per_sample > 0.2
