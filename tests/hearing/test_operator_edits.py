"""Affordances as lanes: what each of them does to shares, and what a file of them may say."""

import numpy as np
import pytest

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.hearing.operator_edits import (
    EDIT_LANES,
    OperatorEdits,
    edited_shares,
    highest_levels,
    read_edit_lanes,
)
from plugin_core.types import InputError, Lane


def edits(**lanes: object) -> OperatorEdits:
    return OperatorEdits(
        {
            name: lane if isinstance(lane, Lane) else Lane.constant(float(lane))  # type: ignore[arg-type]
            for name, lane in lanes.items()
        }
    )


TIMES_S = np.arange(500) / 250


@pytest.fixture
def shares() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (500, 6)).astype(np.float32)


def test_without_lanes_nothing_changes(shares):
    np.testing.assert_array_equal(edited_shares(shares, OperatorEdits(), TIMES_S), shares)


def test_scale_is_a_factor_on_one_operator(shares):
    out = edited_shares(shares, edits(op2_scale=0.5), TIMES_S)
    np.testing.assert_allclose(out[:, 1], 0.5 * shares[:, 1])
    np.testing.assert_array_equal(np.delete(out, 1, axis=1), np.delete(shares, 1, axis=1))


def test_a_swap_exchanges_two_operators(shares):
    out = edited_shares(shares, edits(swap_2_4=1), TIMES_S)
    np.testing.assert_allclose(out, shares[:, [0, 3, 2, 1, 4, 5]], atol=1e-6)


def test_half_a_swap_makes_both_the_mean(shares):
    out = edited_shares(shares, edits(swap_1_6=0.5), TIMES_S)
    mean = (shares[:, 0] + shares[:, 5]) / 2
    np.testing.assert_allclose(out[:, [0, 5]], np.stack([mean, mean], axis=1), atol=1e-6)


def test_a_lane_is_read_at_the_time_of_the_frame(shares):
    """From 0 at 0 s to 1 at 1 s; frame 125 is at 0.5 s."""
    out = edited_shares(shares, edits(op1_scale=Lane.of([(0, 0), (1, 1)])), 0.5 + TIMES_S)
    np.testing.assert_allclose(out[:125, 0], shares[:125, 0] * np.arange(125, 250) / 250, rtol=1e-6)
    np.testing.assert_array_equal(out[125:, 0], shares[125:, 0])


def test_an_algorithm_steps():
    lane = edits(algorithm=Lane.of([(1, 5), (2, 9)]))
    times = np.array([0.0, 1.0, 1.99, 2.0, 7.0])
    np.testing.assert_array_equal(lane.at("algorithm", times, 1.0), [5, 5, 5, 9, 9])


@pytest.mark.parametrize("number", [1, 5, 16, 18, 32])
def test_highest_levels_are_one_of_carriers_and_i_max_of_modulators(number):
    levels = highest_levels([number], 6.28)[0]
    carriers = ALGORITHMS[number - 1].carriers
    for op in range(1, 7):
        assert levels[op - 1] == pytest.approx(1.0 if op in carriers else 6.28)


def test_an_unknown_lane_is_an_error():
    with pytest.raises(ValueError, match="op7_ratio"):
        edits(op7_ratio=1)


def test_a_file_of_lanes(tmp_path):
    path = tmp_path / "lanes.csv"
    path.write_text("time_s,op3_ratio,algorithm\n0,1,2\n2,3,\n4,,7\n")
    read = read_edit_lanes(path)
    assert set(read.lanes) == {"op3_ratio", "algorithm"}
    np.testing.assert_allclose(read.at("op3_ratio", np.array([1.0, 4.0]), 0.0), [2.0, 3.0])
    np.testing.assert_allclose(read.at("algorithm", np.array([3.9, 4.0]), 0.0), [2, 7])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_s,op7_ratio\n0,1\n", "line 1, column 2: expected one of op1_ratio"),
        ("time_s,op1_ratio\n0,63\n", "line 2, op1_ratio: expected a number in 0..62"),
        ("time_s,algorithm\n0,2.5\n", "algorithm: expected a whole number, found 2.5"),
        ("time_s,algorithm\n0,33\n", "line 2, algorithm: expected a number in 1..32"),
        ("time_s,op1_scale\n0,\n", "expected a column of op1_ratio"),
    ],
)
def test_what_a_file_cannot_say(text, told, tmp_path):
    path = tmp_path / "lanes.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_edit_lanes(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_every_lane_has_a_range_in_which_nothing_is_a_value():
    for name, allowed in EDIT_LANES.items():
        neutral = {"swap": 0.0, "algorithm": 1, "feedback": 0.0}
        assert allowed.low <= neutral.get(name.split("_")[0], 1.0) <= allowed.high, name
