from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.plan import plan_session
from plugin_core import Session, load_sound, render
from plugin_core.engine.parameters import PARAMETER_INDEX, VOICE_BASE
from plugin_core.performing.control_lanes import USED
from plugin_core.sounds import LiveSound, presets_folder
from plugin_core.synthesis.instruments import DDX7_INSTRUMENTS
from plugin_core.types import CONTROLS

SESSIONS = sorted((presets_folder() / "sessions").glob("*.toml"))
CHORALE = presets_folder() / "sessions" / "chorale.toml"


VOICES = [path for path in SESSIONS if path.stem in ("bass", "chorale", "ddx7")]
DDX7 = presets_folder() / "sessions" / "ddx7.toml"
ENSEMBLES = {
    "quartet": ["violin", "violin", "viola", "cello"],
    "winds": ["oboe", "clarinet", "horn", "bassoon"],
    "live": ["violin", "clarinet", "guitar", "double_bass"],
}


def test_there_are_six_demos():
    stems = [path.stem for path in SESSIONS]
    assert stems == ["bass", "chorale", "ddx7", "live", "quartet", "winds"]


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_a_demo_loads_without_a_warning_and_its_sounds_are_there(path: Path):
    session = Session.load(path)
    assert session.warnings == ()
    for track in session.tracks:
        sound = load_sound(track.sound, folder=session.folder, model=track.model)
        assert sound.warnings == ()


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.stem)
def test_a_demo_draws_controls_and_rewires_voices(path: Path):
    lanes = {lane for track in Session.load(path).tracks for lane in track.lanes}
    assert lanes & set(CONTROLS)
    assert any(PARAMETER_INDEX[lane] >= VOICE_BASE for lane in lanes)


@pytest.mark.parametrize(("name", "instruments"), ENSEMBLES.items())
def test_an_ensemble_plays_in_range_without_a_warning(name, instruments):
    plan = plan_session(Session.load(presets_folder() / "sessions" / f"{name}.toml"))
    assert [player.sound.reference for player in plan.players] == instruments
    assert plan.warnings == ()
    for player in plan.players:
        assert set(player.track.lanes) <= {*USED, "style"}
        assert player.track.lanes


def test_the_live_demo_is_live_and_draws_vibrato_brightness_and_style():
    plan = plan_session(Session.load(presets_folder() / "sessions" / "live.toml"))
    assert all(isinstance(player.sound, LiveSound) for player in plan.players)
    drawn = [{name for name, lane in p.track.lanes.items() if len(lane.values) > 1}
             for p in plan.players]  # fmt: skip
    assert drawn[0] >= {"volume", "vibrato", "brightness"}
    assert "style" in drawn[3]


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_starts_with_four_sounding_stems(name, tmp_path):
    opening = replace(Session.load(presets_folder() / "sessions" / f"{name}.toml"), length_s=2.0)
    render(opening, tmp_path / "out", jobs=1, report=False)
    levels_db = []
    for stem in sorted((tmp_path / "out" / "stems").glob("*.wav")):
        audio, _ = soundfile.read(stem)
        levels_db.append(20 * np.log10(np.sqrt(np.mean(audio**2))))
    assert len(levels_db) == 4
    assert min(levels_db) > -45
    assert max(levels_db) - min(levels_db) < 15


def test_the_ddx7_demo_moves_ratios_levels_and_modulation_of_the_bundled_models():
    plan = plan_session(Session.load(DDX7))
    assert plan.warnings == ()
    assert tuple(player.sound.reference for player in plan.players) == DDX7_INSTRUMENTS
    drawn = {name for player in plan.players for name, lane in player.track.lanes.items()
             if np.ptp(lane.values) > 0}  # fmt: skip
    assert drawn >= {"brightness", "attack_noise", "op5_coarse", "op2_level"}


def test_the_ddx7_demo_has_three_sounding_stems(tmp_path):
    session = replace(Session.load(DDX7), sample_rate=22050)
    render(session, tmp_path / "out", jobs=1, report=False)
    levels_db = []
    for stem in sorted((tmp_path / "out" / "stems").glob("*.wav")):
        audio, _ = soundfile.read(stem)
        levels_db.append(20 * np.log10(np.sqrt(np.mean(audio**2))))
    assert len(levels_db) == 3
    assert min(levels_db) > -35
    assert max(levels_db) - min(levels_db) < 12


def test_every_part_of_the_chorale_is_played_by_its_own_voice_with_lanes_of_its_own():
    tracks = Session.load(CHORALE).tracks
    assert len({track.sound for track in tracks}) == 4
    assert all(len(track.lanes) >= 2 and track.effects for track in tracks)


def test_the_chorale_starts_with_four_sounding_stems(tmp_path: Path):
    opening = replace(Session.load(CHORALE), length_s=2.0)
    render(opening, tmp_path / "out", jobs=1, report=False)
    stems = sorted((tmp_path / "out" / "stems").glob("*.wav"))
    assert len(stems) == 4
    for stem in stems:
        audio, _ = soundfile.read(stem)
        assert np.abs(audio).max() > 0.01, stem.name
