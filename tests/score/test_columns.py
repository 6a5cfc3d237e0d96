"""Tables of numbers over time: what a header names, and one line for whatever is wrong."""

import numpy as np
import pytest

from plugin_core.score.columns import parse_columns
from plugin_core.score.values import LaneRange
from plugin_core.types import InputError

ALLOWED = {"depth": LaneRange(0, 1), "speed": LaneRange(-5, 5)}


def parsed(text: str, largest: int = 10_000):
    return parse_columns(text.encode(), ALLOWED, source="t.csv", largest=largest)


@pytest.mark.parametrize(
    "text",
    [
        "time_s,depth,speed\n0,0.5,1\n1.5,,-2\n",
        "time_s;depth;speed\n0;0,5;1\n1,5;;-2\n",
        "# drawn by hand\n\nTIME_S\tDepth\tSPEED\n0\t0.5\t1\n\n1.5\t\t-2\n",
    ],
)
def test_a_header_names_the_columns(text):
    table = parsed(text)
    np.testing.assert_array_equal(table.times_s, [0, 1.5])
    np.testing.assert_array_equal(table.values["depth"], [0.5, np.nan])
    np.testing.assert_array_equal(table.values["speed"], [1, -2])


def test_a_lane_goes_through_the_cells_that_say_something():
    table = parsed("time_s,depth,speed\n0,0,1\n1,,2\n2,1,3\n")
    depth, speed = table.lane("depth"), table.lane("speed")
    assert depth is not None
    assert speed is not None
    np.testing.assert_allclose(depth.at(np.array([0.5, 1.0, 9.0])), [0.25, 0.5, 1.0])
    np.testing.assert_allclose(speed.at(np.array([1.5])), [2.5])
    assert table.lane("length") is None


def test_an_empty_column_is_no_lane():
    assert parsed("time_s,depth\n0,\n1,\n").lane("depth") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "t.csv: expected a header time_s,..., found no rows"),
        ("time_s,depth\n", "t.csv: expected at least one row under the header, found none"),
        ("beat,depth\n0,1\n", "line 1: expected a header that begins with time_s, found 'beat'"),
        ("time_s,dept\n0,1\n", "line 1, column 2: expected one of depth, speed, found 'dept'"),
        ("time_s,depth,depth\n0,1,1\n", "line 1: expected one column depth, found two"),
        ("time_s,depth\n0,1\n1,2\n", "line 3, depth: expected a number in 0..1, found '2'"),
        ("time_s,depth\n0,nan\n", "line 2, depth: expected a number in 0..1, found 'nan'"),
        ("time_s,depth\n0,high\n", "line 2, depth: expected a number in 0..1, found 'high'"),
        ("time_s,depth\n,1\n", "line 2, time_s: expected a number in 0..1e+06, found ''"),
        ("time_s,depth\n1,1\n0,1\n", "line 3: expected a time not before 1 s, found 0 s"),
        ("time_s,depth\n0,1,2\n", "line 2: expected 2 columns, found 3"),
        ("time_s,depth\n0,\xff\n", "line 2, depth: expected a number"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(text, told):
    with pytest.raises(InputError) as error:
        parsed(text)
    assert told in str(error.value)


def test_more_bytes_than_a_table_may_have_are_refused():
    with pytest.raises(InputError, match="at most 20 bytes"):
        parsed("time_s,depth\n" + "0,1\n" * 10, largest=20)
