"""`hexachord render --through plugin`: the same folder, played by the built plug-in."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.graph import render_session
from bridge.plugin_node import PluginNode
from bridge.plugin_performance import plugin_performance
from plugin_core.session import Effect, Session, Track
from plugin_core.types import Controller, ControllerKind, InputError, Lane, Note, Part
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import FOLLOWS, ddx7_organ
from tests.hosts.voices import bundled

RATE = 44100


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float64")[0].T


@pytest.fixture
def session() -> Session:
    """Two tracks with everything that a track may have."""
    notes = tuple(Note(0.1 * n, 0.1 * n + 0.15, 48 + 5 * n, 90, channel=n % 3) for n in range(8))
    bend = Controller(0.0, ControllerKind.PITCH_BEND, 0, 9000, channel=1)
    return Session(
        name="Both",
        tracks=(
            Track(
                name="Lead",
                part=Part("Lead", notes, (bend,), end_s=1.0),
                sound="dx7/hexachord-2.syx#TRUMPET",
                lanes={"volume": Lane.of([(0, 0.3), (0.8, 0.7)]), "op2_level": Lane.constant(70)},
                effects=(Effect("Gain", {"gain_db": -3.0}),),
                pan=Lane.constant(-0.5),
            ),
            Track(
                name="Organ",
                part=Part("Organ", notes[:3], end_s=1.0),
                sound="dx7/hexachord-2.syx#DRAWBARS",
                lanes={"brightness": Lane.of([(0, 0.5), (0.5, 0.9)])},
            ),
        ),
        sample_rate=RATE,
        tail_s=0.3,
        seed=11,
        source="both.toml",
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_both_ways_render_the_same_session(plugin, session, tmp_path, jobs):
    for through in ("script", "plugin"):
        render_session(session, tmp_path / through, jobs=jobs, through=through)
    names = {
        through: sorted(
            str(path.relative_to(tmp_path / through))
            for path in (tmp_path / through).rglob("*")
            if path.is_file()
        )
        for through in ("script", "plugin")
    }
    assert names["script"] == names["plugin"]
    for name in ("stems/01-Lead.wav", "stems/02-Organ.wav", "mix.wav"):
        script, through_plugin = (read(tmp_path / way / name) for way in ("script", "plugin"))
        assert np.abs(script).max() > 0.05
        assert np.abs(script - through_plugin).max() < 10 ** (-60 / 20)


def test_the_record_says_who_played(plugin, session, tmp_path):
    records = []
    for through in ("script", "plugin"):
        render_session(session, tmp_path / through, through=through, jobs=1, report=False)
        records.append(json.loads((tmp_path / through / "render.json").read_text()))
    assert [record["through"] for record in records] == ["script", "plugin"]
    assert records[0]["tracks"][0]["sound_name"] == records[1]["tracks"][0]["sound_name"]


def test_two_renders_through_the_plug_in_are_the_same_bytes(plugin, session, tmp_path):
    for folder in ("a", "b"):
        render_session(session, tmp_path / folder, through="plugin", jobs=1)
    for name in ("stems/01-Lead.wav", "mix.wav", "render.json", "report.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_file_that_is_no_plug_in_is_one_line(session, tmp_path, monkeypatch):
    fake = tmp_path / "Hexachord.vst3"
    fake.write_bytes(b"no plug-in")
    monkeypatch.setenv("HEXACHORD_PLUGIN", str(fake))
    with pytest.raises(InputError, match="a plug-in that loads"):
        render_session(session, tmp_path / "out", through="plugin", jobs=1)
    assert not (tmp_path / "out").exists()


def test_a_node_plays_one_performance_after_the_other(plugin):
    part = Part("note", notes=(Note(0.05, 0.2, 60, 100),))
    plain, moved = (
        plugin_performance(bundled("hexachord-2", "STRINGS"), part, lanes=lanes, sample_rate=RATE)
        for lanes in (
            {},
            {"volume": Lane.of([(0, 0.1), (0.2, 0.9)]), "op1_level": Lane.constant(5)},
        )
    )
    node = PluginNode(plugin, sample_rate=RATE)
    first = node.render(plain, 8000)
    between = node.render(moved, 8000)
    assert not np.array_equal(first, between)
    assert np.array_equal(node.render(plain, 8000), first)


def assert_rendered_alike(session: Session, folder: Path) -> None:
    """Render a session both ways; stems and mix must be the same to -40 dBFS."""
    for through in ("script", "plugin"):
        render_session(session, folder / through, jobs=1, through=through, report=False)
    names = [path.relative_to(folder / "script") for path in (folder / "script").rglob("*.wav")]
    assert len(names) == len(session.tracks) + 1
    for name in names:
        script, through_plugin = (read(folder / way / name) for way in ("script", "plugin"))
        assert np.abs(script).max() > 0.01
        assert np.abs(script - through_plugin).max() < 10 ** (-40 / 20)


def test_live_instruments_are_rendered_alike_by_both(plugin, tmp_path):
    # The plug-in learns the lengths of notes by automation, and lanes once per 64 samples.
    notes = tuple(Note(0.4 * n, 0.4 * n + 0.45, 60 + 3 * n % 14, 80) for n in range(5))
    chord = tuple(Note(0.1, 1.6, pitch, 70) for pitch in (52, 59, 64))
    lanes = {"vibrato": Lane.of([(0, 0), (2, 1)]), "brightness": Lane.of([(0, 0.3), (2, 0.5)])}
    session = Session(
        name="Live",
        tracks=(
            Track("Violin", Part("Violin", notes), "violin", "live", lanes),
            Track("Guitar", Part("Guitar", chord), "guitar"),
        ),
        sample_rate=RATE,
        tail_s=0.5,
        source="live.toml",
    )
    assert_rendered_alike(session, tmp_path)


def test_ddx7_instruments_are_rendered_alike_by_both(plugin, tmp_path):
    """One of the user's own, rewired; its levels and controls move, its ratios stand still."""
    model = ddx7_organ((FOLLOWS, 0.3, 0.2, 0.2, FOLLOWS, 0.1), algorithm=5, noise_logit=-6.0)
    path = written(tmp_path / "ddx7-organ.ts", model=model)
    notes = tuple(Note(0.4 * n, 0.4 * n + 0.45, 60 + 3 * n % 14, 80) for n in range(5))
    lanes = {
        "vibrato": Lane.of([(0, 0), (2, 1)]),
        "brightness": Lane.of([(0, 0.3), (2, 0.6)]),
        "op2_coarse": Lane.constant(3),
        "op2_level": Lane.of([(0, 99), (1, 99), (2, 60)]),
        "algorithm": Lane.constant(8),
    }
    chord = tuple(Note(0.1, 1.6, pitch, 70) for pitch in (52, 59, 64))
    session = Session(
        name="DDX7",
        tracks=(
            Track("Line", Part("Line", notes), str(path), lanes=lanes),
            Track("Chord", Part("Chord", chord), str(path)),
        ),
        sample_rate=RATE,
        tail_s=0.5,
        source="ddx7.toml",
    )
    assert_rendered_alike(session, tmp_path)
