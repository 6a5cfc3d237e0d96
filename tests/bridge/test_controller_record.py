"""The `controllers` record of the reference manifest: what it asks, and how it can be wrong."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.controller_record import parse_controller_record, read_controller_record
from plugin_core.engine.records import EventType
from plugin_core.types import InputError

FULL = {
    "assign": {
        "mod_wheel": {"range": 99, "pitch": True, "amp": False, "eg_bias": False},
        "aftertouch": {"range": 50, "pitch": True, "amp": True, "eg_bias": False},
    },
    "pitch_bend_range_semitones": 12,
    "events": [
        {"sample": 100, "type": "mod_wheel", "value": 127},
        {"sample": 200, "type": "pitch_bend", "value": 16383},
        {"sample": 300, "type": "aftertouch", "value": 5},
        {"sample": 400, "type": "foot", "value": 6},
        {"sample": 500, "type": "breath", "value": 7},
    ],
}


def test_assignments_become_parameters():
    record = parse_controller_record(FULL, "x")
    assert record.parameters == {
        "pitch_bend_range": 12,
        "wheel_range": 99,
        "wheel_pitch": 1,
        "wheel_amp": 0,
        "wheel_eg_bias": 0,
        "aftertouch_range": 50,
        "aftertouch_pitch": 1,
        "aftertouch_amp": 1,
        "aftertouch_eg_bias": 0,
    }


def test_events_become_movements():
    moves = parse_controller_record(FULL, "x").moves
    assert [(m.sample, m.type, m.number, m.value) for m in moves] == [
        (100, EventType.CONTROLLER, 1, 127),
        (200, EventType.PITCH_BEND, 0, 16383),
        (300, EventType.PRESSURE, 0, 5),
        (400, EventType.CONTROLLER, 4, 6),
        (500, EventType.CONTROLLER, 2, 7),
    ]


def test_an_empty_record_asks_nothing():
    record = parse_controller_record({}, "x")
    assert (record.parameters, record.moves) == ({}, ())


def test_every_record_of_the_reference_is_read(shared: Path):
    manifest = json.loads((shared / "reference" / "dx7" / "manifest.json").read_text())
    records = [r["controllers"] for r in manifest["renders"] if "controllers" in r]
    assert len(records) == 7
    for record in records:
        assert len(parse_controller_record(record, "x").moves) == len(record["events"])


def test_a_file_may_hold_the_record_or_the_render_that_has_it(tmp_path: Path):
    path = tmp_path / "events.json"
    path.write_text(json.dumps(FULL))
    alone = read_controller_record(path)
    path.write_text(json.dumps({"file": "x.flac", "controllers": FULL}))
    assert read_controller_record(path) == alone


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "found a list"),
        ("x", "found a string"),
        (None, "found null"),
        ({"evnts": []}, "'evnts'"),
        ({"assign": []}, "assign"),
        ({"assign": {"wheel": {}}}, "'wheel'"),
        ({"assign": {"foot": {"rnge": 1}}}, "'rnge'"),
        ({"assign": {"foot": {"range": 100}}}, "assign.foot.range"),
        ({"assign": {"foot": {"range": "9"}}}, "assign.foot.range"),
        ({"assign": {"foot": 3}}, "assign.foot"),
        ({"pitch_bend_range_semitones": 49}, "pitch_bend_range_semitones"),
        ({"pitch_bend_range_semitones": 2.5}, "a whole number"),
        ({"pitch_bend_range_semitones": float("nan")}, "pitch_bend_range_semitones"),
        ({"events": {}}, "events"),
        ({"events": [3]}, "event 1"),
        ({"events": [{"sample": 1, "type": "wheel", "value": 1}]}, "event 1, type"),
        ({"events": [{"sample": 1, "type": ["foot"], "value": 1}]}, "event 1, type"),
        ({"events": [{"type": "foot", "value": 1}]}, "event 1, sample"),
        ({"events": [{"sample": -1, "type": "foot", "value": 1}]}, "event 1, sample"),
        ({"events": [{"sample": 2**31, "type": "foot", "value": 1}]}, "event 1, sample"),
        ({"events": [{"sample": 1, "type": "foot", "value": 128}]}, "event 1, value"),
        ({"events": [{"sample": 1, "type": "foot", "value": True}]}, "event 1, value"),
        ({"events": [{"sample": 1, "type": "pitch_bend", "value": 16384}]}, "event 1, value"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(content, place):
    with pytest.raises(InputError) as caught:
        parse_controller_record(content, "events.json")
    assert place in str(caught.value)
    assert str(caught.value).startswith("events.json")
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["assign", "events", "foot", "range", "sample", "type", "value", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_anything_else_is_one_line_or_a_record(content):
    line = ""
    try:
        parse_controller_record(content, "events.json")
    except InputError as error:
        line = str(error)
    assert "\n" not in line


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"events": [}', "\x00"])
def test_a_file_that_is_no_json_is_one_line(tmp_path: Path, text):
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_controller_record(path)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_one_line(tmp_path: Path):
    path = tmp_path / "events.json"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match=r"events\.json"):
        read_controller_record(path)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path):
    with pytest.raises(InputError, match="a JSON file"):
        read_controller_record(tmp_path / "none.json")


def test_a_file_without_end_is_one_line():
    with pytest.raises(InputError, match="at most"):
        read_controller_record(Path("/dev/zero"))
