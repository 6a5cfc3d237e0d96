"""Whatever a session file holds, it loads or is one line: never another exception, never a hang."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plugin_core.score.midi import write_midi
from plugin_core.session import Session
from plugin_core.types import Controller, ControllerKind, InputError, Note, Part
from tests.score.damage import CASES, damaged

SESSION = b"""
name = "Demo"
midi = "one.mid"
sample_rate = 44100
bit_depth = "24"
length = 7.5
tempo = 96
time_unit = "beats"

[[track]]
name = "Lead"
track = 2
sound = "bank.syx#7"
gain = [[0, -6], [4, 0]]
pan = "cc10"
lanes = { brightness = "swell.csv", vibrato = { controller = "cc1", high = 0.5 }, op3_level = 50 }
effects = [{ name = "Reverb", room_size = 0.4 }]

[[track]]
mute = true
[track.lanes]
lfo_wave = "sine"
algorithm = [[0, 1], [1, 32]]

[master]
effects = [{ vst3 = "eq.vst3", parameters = { on = true } }]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("session")
    control = ControllerKind.CONTROL
    moves = tuple(Controller(0.5, control, index, 100) for index in (1, 10))
    write_midi(path / "one.mid", [Part("Lead", (Note(0.0, 1.0, 60, 64),), moves)])
    (path / "swell.csv").write_text("0,0\n4,1\n")
    return path


def loads_or_is_one_line(data: bytes, folder: Path) -> None:
    try:
        session = Session.parse(data, source="demo.toml", folder=folder)
    except InputError as error:
        line = str(error)
        assert "expected " in line
        assert ", found " in line
        assert len(line.splitlines()) == 1
        assert len(line) < 1000
        return
    assert session.tracks
    assert session.name.isprintable()


def test_the_session_that_is_damaged_here_is_whole(folder: Path):
    assert len(Session.parse(SESSION, source="demo.toml", folder=folder).tracks) == 2


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=damaged(SESSION) | st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(data=b"a = " + b"[" * 100_000)
@example(data=b"a" + b".a" * 100_000 + b" = 1")
@example(data=b"[a" + b' . " " ' * 100_000 + b"]")
@example(data=b"seed = " + b"9" * 10_000)
@example(data=b"seed = 0x" + b"f" * 10_000)
@example(data=b"tempo = 1e999")
@example(data=b"midi = '/'")
def test_damaged_session_files(data: bytes, folder: Path):
    loads_or_is_one_line(data, folder)


def toml(value: object) -> str:
    """Return a value as inline TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


anything = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text("ab.\0 é", max_size=6)
    | st.sampled_from(["one.mid", "swell.csv", "cc1", "cc10", "pitch_bend", "beats", "24", "sine"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["points", "csv", "controller", "unit", "name", "vst3", "x"]), inner
        )
    ),
    max_leaves=6,
)
points = st.lists(st.tuples(st.floats(-1, 9), st.floats(-2, 2)).map(list), max_size=3)


def some(*keys: str) -> st.SearchStrategy[dict[str, object]]:
    """Return tables with some of the keys, their values right, nearly right or anything."""
    nearly = st.integers(-1, 20) | points | anything
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, nearly))


tracks = st.tuples(
    some("name", "track", "channel", "sound", "gain", "pan", "mute", "effects", "x"),
    some("brightness", "vibrato", "algorithm", "lfo_wave", "seed", "op1_detune", "gain"),
).map(lambda parts: {**parts[0], "lanes": parts[1]})
sessions = st.tuples(
    some("name", "sample_rate", "bit_depth", "length", "tail", "tempo", "seed", "time_unit"),
    st.lists(tracks, max_size=2),
    some("effects"),
).map(lambda parts: {"midi": "one.mid", **parts[0], "track": parts[1], "master": parts[2]})


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=sessions)
def test_sessions_of_wrong_values(table: dict[str, object], folder: Path):
    data = "\n".join(f"{key} = {toml(value)}" for key, value in table.items()).encode()
    loads_or_is_one_line(data, folder)
