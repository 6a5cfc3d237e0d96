from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.score.lanes import LaneSetting, controller_of, read_lane
from plugin_core.score.tempo import TempoMap
from plugin_core.score.values import LaneRange
from plugin_core.types import Controller, ControllerKind, InputError, Lane, Part

UNIT = LaneRange(0, 1)
SETTING = LaneSetting("s.toml", tempo=TempoMap.constant(60 / 2))  # a beat lasts 2 s


def points(lane: Lane) -> list[tuple[float, float]]:
    return list(zip(lane.times_s.tolist(), lane.values.tolist(), strict=True))


def read(value: object, allowed: LaneRange = UNIT, setting: LaneSetting = SETTING) -> Lane:
    return read_lane(value, allowed, "brightness", setting)


def playing(*moves: tuple[float, int], kind: str = "control", index: int = 1) -> LaneSetting:
    controllers = tuple(Controller(t, ControllerKind(kind), index, v) for t, v in moves)
    return LaneSetting("s.toml", part=Part("Lead", controllers=controllers))


@pytest.mark.parametrize("value", [0.25, 1, 0])
def test_a_number_is_constant(value: float):
    assert read(value).at(np.array([-1.0, 0.0, 99.0])).tolist() == [value] * 3


def test_a_label_is_its_value():
    assert read("sine", LaneRange(1, 3, ("saw", "sine", "square"))).values.tolist() == [2]


def test_breakpoints_in_seconds_and_in_beats():
    written = [[0, 0.2], [4, 0.8], [4, 0.1]]
    assert points(read(written)) == [(0, 0.2), (4, 0.8), (4, 0.1)]
    in_beats = {"points": written, "unit": "beats"}
    assert points(read(in_beats)) == [(0, 0.2), (8, 0.8), (8, 0.1)]


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), min_size=1).map(
        lambda pairs: sorted(pairs, key=lambda pair: pair[0])
    )
)
def test_breakpoints_in_range_are_kept_as_they_are(pairs: list[tuple[float, float]]):
    assert points(read([list(pair) for pair in pairs])) == pairs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,0\n2,1\n", [(0, 0), (2, 1)]),
        ("time_s,value\r\n0,0\r\n2,1\r\n", [(0, 0), (2, 1)]),
        ("\ufeffbeat,value\n0,0\n2,1", [(0, 0), (4, 1)]),
        ('# a swell\n\n "0" , 0.5\n', [(0, 0.5)]),
    ],
)
def test_a_csv_file_is_its_breakpoints(
    tmp_path: Path, text: str, expected: list[tuple[float, float]]
):
    (tmp_path / "swell.csv").write_text(text, encoding="utf-8", newline="")
    setting = LaneSetting("s.toml", tmp_path, tempo=SETTING.tempo)
    assert points(read("swell.csv", setting=setting)) == expected


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "expected at least one breakpoint, found none"),
        (b"0,0\n1\n", "line 2: expected two columns: time, value, found 1"),
        (b"0,0\n1,x\n", "line 2: expected two numbers, found '1,x'"),
        (b"0,0\ntime_s,value\n", "line 2: expected two numbers, found 'time_s,value'"),
        (b"when,what\n", "line 1: expected a header time_s,value or beat,value, found 'when,what'"),
        (b"0,0\n\n3,0\n2,0\n", "line 4: expected a time not before 3 seconds, found 2"),
        (b"0,0\n1,1.5\n", "line 2: expected a value in 0..1, found 1.5"),
        (b"-1,0\n", "line 1: expected a time of 0..1e+06 seconds, found -1"),
        (b"0,nan\n", "line 1: expected two numbers, found '0,nan'"),
        (b"0,0\n\xff,1\n", "line 2: expected UTF-8 text, found other bytes"),
    ],
)
def test_a_csv_error_names_the_line(tmp_path: Path, data: bytes, line: str):
    path = tmp_path / "swell.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        read("swell.csv", setting=LaneSetting("s.toml", tmp_path))
    assert str(error.value) == f"{path}: {line}"


def test_a_controller_steps_from_value_to_value_over_the_whole_range():
    lane = read("cc1", LaneRange(-10, 10), playing((1.0, 127), (3.0, 0)))
    # 0 before the first move, as a wheel rests.
    assert points(lane) == [(0, -10), (1, -10), (1, 10), (3, 10), (3, -10)]
    assert lane.at(np.array([0.99, 1.0, 2.99, 3.0])).tolist() == [-10, 10, 10, -10]


def test_a_controller_may_drive_a_part_of_the_range_and_upside_down():
    lane = read({"controller": "cc1", "low": 0.9, "high": 0.4}, UNIT, playing((0.0, 127)))
    assert points(lane) == [(0, 0.4)]


def test_expression_rests_at_the_top():
    assert read("cc11", UNIT, playing((1.0, 0), index=11)).values[0] == 1.0


def test_a_centred_bend_is_in_the_middle():
    lane = read(
        "pitch_bend", LaneRange(-1, 1), playing((1, 0), (2, 16383), kind="pitch_bend", index=0)
    )
    assert lane.at(np.array([0.0, 1.0, 2.0])).tolist() == [0, -1, 1]


def test_the_last_of_several_moves_at_one_time_counts():
    assert points(read("pressure", UNIT, playing((0, 9), (0, 127), kind="pressure", index=0))) == [
        (0, 1)
    ]


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 127)), min_size=1))
def test_a_controller_lane_holds_what_was_sent_last(moves: list[tuple[float, int]]):
    moves.sort(key=lambda move: move[0])
    lane = read("cc1", LaneRange(0, 127), playing(*moves))
    for time, _ in moves:
        last = [value for at, value in moves if at == time][-1]
        assert lane.at(np.array([time]))[0] == pytest.approx(last)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (1.5, "brightness: expected a value in 0..1, found 1.5"),
        (
            True,
            "brightness: expected a number, breakpoints, a CSV file or a controller, found True",
        ),
        (float("nan"), "brightness: expected a number, .* found nan"),
        pytest.param(
            16**5000, "brightness: expected a number, .* found a int too long to show", id="huge"
        ),
        ([], "brightness: expected at least one breakpoint, found none"),
        ([[0, 0], [1]], r"brightness, breakpoint 2: expected \[time, value\], found \[1\]"),
        ([[0, 0], 1], r"brightness, breakpoint 2: expected \[time, value\], found 1"),
        (
            [[1, 0], [0, 0]],
            "brightness, breakpoint 2: expected a time not before 1 seconds, found 0",
        ),
        ([[0, "1"]], r"brightness, breakpoint 1: expected \[time, value\], found \[0, '1'\]"),
        ("cc0", "brightness: expected a .csv file or a controller"),
        ("cc128", "brightness: expected a .csv file or a controller"),
        ("cc74", "brightness: expected a part that plays cc74, found 'Lead' does not"),
        (
            "missing.csv",
            "brightness: expected a CSV file that can be read, found 'missing.csv': No",
        ),
        ("nul\0.csv", "brightness: expected a CSV file that can be read"),
        ({}, "brightness: expected one of points, csv, controller, found none of them"),
        ({"csv": "a", "points": []}, "brightness: expected one of .* found points and csv"),
        ({"points": 3}, r"brightness.points: expected \[\[time, value\], ...\], found 3"),
        ({"csv": 3}, "brightness.csv: expected the path of a file, found 3"),
        ({"points": [[0, 0]], "unit": "bars"}, 'brightness.unit: expected "seconds" or "beats"'),
        ({"points": [[0, 0]], "low": 0}, "brightness: expected points and unit, found 'low'"),
        ({"controller": "cc200"}, "brightness.controller: expected cc1..cc127, pitch_bend or"),
        ({"controller": "cc1", "high": 2}, "brightness.high: expected a value in 0..1, found 2"),
    ],
)
def test_what_is_no_lane_is_one_line(value: object, line: str):
    with pytest.raises(InputError, match=f"^s.toml: {line}"):
        read(value, UNIT, playing((0, 0)))


def test_which_controller_a_lane_takes():
    assert controller_of("cc1") == (ControllerKind.CONTROL, 1)
    assert controller_of({"controller": "pressure", "low": 0}) == (ControllerKind.PRESSURE, 0)
    assert controller_of("swell.csv") is None
    assert controller_of([[0, 1]]) is None
