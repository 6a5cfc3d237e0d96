"""Whatever a file holds, it loads or is one line: never another exception, never a hang."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugin_core.score.breakpoints import parse_lane_csv
from plugin_core.score.lanes import LaneSetting, read_lane
from plugin_core.score.midi import parse_midi
from plugin_core.score.pedals import sounding_notes
from plugin_core.score.tempo import TempoMap
from plugin_core.score.values import LaneRange
from plugin_core.types import InputError, Lane
from tests.score.damage import CASES, damaged
from tests.score.smf import events, midi_file

MUSIC = events(
    "00 ff 03 04 42 61 73 73 00 c0 28 00 b0 40 7f 60 90 3c 40 10 3e 41 60 3c 00 00 e0 00 30"
    "00 d0 11 00 a0 3c 22 00 f0 03 43 00 f7 00 b0 40 00 81 00 3e 00 00 91 30 30 00 99 24 01"
)
TEMPO = events(
    "00 ff 51 03 07 a1 20 00 ff 58 04 04 02 18 08 00 ff 59 02 00 00 60 ff 51 03 0f 42 40"
)
MIDI_FILES = (
    midi_file(TEMPO, MUSIC, MUSIC),
    midi_file(MUSIC, file_type=0),
    midi_file(TEMPO, MUSIC, division=0xE728),
)
CSV_FILES = (
    b"time_s,value\n0,0\n1.5,0.25\n2,1\n",
    b"0,0\n1,1\n",
    b'"beat","value"\r\n0,0\r\n9,1\r\n',
)


@settings(max_examples=CASES, deadline=None)
@given(damaged(*MIDI_FILES) | st.binary(max_size=200).map(lambda body: midi_file(body)))
def test_damaged_midi_files(data: bytes):
    try:
        score = parse_midi(data, source="x.mid")
    except InputError as error:
        assert_is_one_line(error, "x.mid")
        return
    for entry in score.parts:
        part = entry.part
        assert part.notes
        assert part.name.isprintable()
        onsets = [note.onset_s for note in part.notes]
        assert onsets == sorted(onsets)
        assert all(0 <= n.onset_s < n.offset_s and np.isfinite(n.offset_s) for n in part.notes)
        assert all(0 <= n.midi_pitch <= 127 and 1 <= n.velocity <= 127 for n in part.notes)
        times = [controller.time_s for controller in part.controllers]
        assert times == sorted(times)
        pairs = zip(sounding_notes(part), part.notes, strict=True)
        assert all(held.offset_s >= note.offset_s for held, note in pairs)


@settings(max_examples=CASES, deadline=None)
@given(damaged(*CSV_FILES) | st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b'"' * 200_000)
@example(b"0,0\0\n")
@example(b"\r\r\n\n,,\n")
def test_damaged_csv_files(data: bytes):
    try:
        lane = parse_lane_csv(
            data, LaneRange(0, 1), "x.csv", unit="seconds", tempo=TempoMap.constant(90)
        )
    except InputError as error:
        assert_is_one_line(error, "x.csv")
        return
    assert_is_lane(lane)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
)
lane_like = st.fixed_dictionaries(
    {},
    optional={
        "points": anything | st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=2)),
        "csv": anything,
        "controller": anything | st.sampled_from(["cc1", "pressure"]),
        "unit": anything | st.sampled_from(["seconds", "beats"]),
        "low": anything,
    },
)


@settings(max_examples=CASES, deadline=None)
@given(anything | lane_like)
def test_whatever_stands_for_a_lane(value: object):
    try:
        lane = read_lane(value, LaneRange(0, 1), "brightness", LaneSetting("s.toml"))
    except InputError as error:
        assert_is_one_line(error, "s.toml")
        return
    assert_is_lane(lane)


def assert_is_one_line(error: InputError, source: str) -> None:
    line = str(error)
    assert line.startswith(f"{source}: ")
    assert "expected " in line
    assert ", found " in line
    assert len(line.splitlines()) == 1
    assert len(line) < 1000


def assert_is_lane(lane: Lane) -> None:
    assert lane.times_s.shape == lane.values.shape
    assert (np.diff(lane.times_s) >= 0).all()
    assert ((lane.values >= 0) & (lane.values <= 1)).all()
