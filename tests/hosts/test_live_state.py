"""Saving and reopening with live instruments: bundled ones, a user's model, a damaged one."""

import base64
import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bridge.hosting import open_instrument
from bridge.plugin_bundle import require_model
from bridge.plugin_state import host_state, unwrapped, wrapped
from plugin_core.engine.live_model import read_live_model
from plugin_core.engine.parameters import PARAMETERS, VOICE_BASE
from plugin_core.sounds import LiveSound, load_sound, presets_folder
from plugin_core.types import CONTROLS, InputError
from tests.hosts.live_instruments import NAMES, held, live
from tests.hosts.playing import HOSTS, level_db
from tests.hosts.test_state import named, parsed, reopened
from tests.hosts.voices import PAIR, one_note

BUNDLED = presets_folder() / "instruments" / "live.ts"


def values(state: bytes) -> dict[str, float]:
    return {name: float(text) for name, text in parsed(state).find("parameters").attrib.items()}


def sound(state: bytes) -> dict[str, str]:
    return dict(parsed(state).find("sound").attrib)


def edited(state: bytes, **attributes: str | None) -> bytes:
    """Return a state with attributes of its sound changed, or left out where they are None."""
    root = ElementTree.fromstring(unwrapped(state))
    element = root.find("sound")
    for name, text in attributes.items():
        element.attrib.pop(name, None)
        if text is not None:
            element.set(name, text)
    return wrapped(ElementTree.tostring(root, encoding="unicode"))


def play(players, state: bytes, host: str = "pedalboard") -> np.ndarray:
    return players.play(host, PAIR, held("horn", off_s=0.5), state=state, seconds=0.6)


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """A copy of the bundled model with other names for its instruments."""
    path = tmp_path / "mine" / "own.ts"
    path.parent.mkdir()
    with zipfile.ZipFile(BUNDLED) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename.endswith("/extra/hexachord.json"):
                description = json.loads(data)
                names = [f"own_{name}" for name in description["instruments"]]
                for table in ("typical", "styles", "ranges"):
                    known = description.get(table, {}).items()
                    description[table] = {f"own_{name}": each for name, each in known}
                data = json.dumps({**description, "instruments": names}).encode()
            target.writestr(member.filename, data)
    return path


def own(path: Path, name: str = "own_horn") -> LiveSound:
    loaded = load_sound(f"{path}#{name}", model="live")
    assert isinstance(loaded, LiveSound)
    return loaded


def test_the_plug_in_has_the_bundled_model_inside(plugin, tmp_path):
    require_model(plugin, BUNDLED)
    other = tmp_path / "live.ts"
    other.write_bytes(BUNDLED.read_bytes()[:-1] + b"?")
    with pytest.raises(
        InputError, match=r"expected live.ts .* \(ci/build does it\), found another"
    ):
        require_model(plugin, other)


@pytest.mark.parametrize("name", NAMES)
def test_reopened_it_is_the_same_instrument_with_its_usual_controls(plugin, name):
    state = reopened(plugin, host_state(live(name), {}))
    assert sound(state)["instrument"] == name
    assert "model_path" not in sound(state)
    found = values(state)
    typical = read_live_model(BUNDLED).typical[name]
    assert [found[control] for control in CONTROLS] == pytest.approx(list(typical), abs=1e-6)
    assert found["voice_mode"] == 2
    assert reopened(plugin, state) == state


def test_reopened_it_keeps_what_was_changed_and_sounds_the_same(plugin, players):
    first = host_state(live("horn"), {"vibrato": 0.9, "style": 20, "voice_mode": 0, "seed": 4})
    state = reopened(plugin, first)
    found = values(state)
    assert found["vibrato"] == pytest.approx(0.9, abs=1e-6)
    assert (found["style"], found["voice_mode"], found["seed"]) == (20, 0, 4)
    heard = [play(players, of, host) for of in (first, state) for host in HOSTS]
    assert level_db(heard[0]) > -60
    assert all(np.array_equal(heard[0], other) for other in heard[1:])


def test_what_the_host_shows_is_the_instruments(plugin):
    other = open_instrument(plugin)
    other.raw_state = host_state(live("cello"), {})
    typical = read_live_model(BUNDLED).typical["cello"]
    assert named(other, "Volume").raw_value == pytest.approx(typical.volume, abs=1e-5)
    assert named(other, "Voice mode").string_value == "legato"


def test_the_voice_under_an_instrument_outlives_it(plugin, players):
    # The project keeps bank and voice beside the instrument.
    state = reopened(plugin, host_state(PAIR, {}))
    with_horn = reopened(plugin, edited(state, instrument="horn"))
    assert sound(with_horn)["instrument"] == "horn"
    assert sound(with_horn)["voice"] == sound(state)["voice"]
    assert level_db(play(players, with_horn)) > -60


def test_a_model_of_the_users_is_found_by_its_path(plugin, players, own_model):
    state = reopened(plugin, host_state(own(own_model), {}))
    assert sound(state)["instrument"] == "own_horn"
    assert sound(state)["model_path"] == str(own_model)
    assert sound(state)["model_sha256"] == hashlib.sha256(own_model.read_bytes()).hexdigest()
    bundled = play(players, host_state(live("horn"), {}))
    assert np.array_equal(play(players, state), bundled)


def test_a_model_that_has_gone_plays_from_the_copy_in_the_project(plugin, players, own_model):
    state = reopened(plugin, host_state(own(own_model), {}))
    assert base64.b64decode(sound(state)["model_file"]) == own_model.read_bytes()
    wanted = play(players, state)
    shutil.rmtree(own_model.parent)
    assert np.array_equal(play(players, state), wanted)
    assert sound(reopened(plugin, state))["model_file"] == sound(state)["model_file"]


def test_a_model_that_was_changed_plays_as_the_project_knew_it(plugin, players, own_model):
    state = reopened(plugin, host_state(own(own_model), {}))
    wanted = play(players, state)
    own_model.write_bytes(b"something else")
    assert np.array_equal(play(players, state), wanted)


DAMAGE = {
    "an unknown instrument": {"instrument": "kazoo"},
    "no such file": {"model_path": "/nowhere/x.ts", "model_file": None},
    "a copy that is none": {"model_path": "/nowhere/x.ts", "model_file": "bm8gYXJjaGl2ZQ=="},
    "a copy that is no base 64": {"model_path": "/nowhere/x.ts", "model_file": "%%%"},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
def test_a_sound_that_cannot_be_had_leaves_the_one_that_played(plugin, players, own_model, damage):
    good = reopened(plugin, host_state(own(own_model), {"output_gain": -6.0}))
    # The playing parameters of the state are taken, the sound is not.
    playing = {each.id: values(good)[each.id] for each in PARAMETERS[:VOICE_BASE]}
    wanted = heard_after(plugin, host_state(live("oboe"), playing))
    assert level_db(wanted) > -60
    found = heard_after(plugin, host_state(live("oboe"), {}), edited(good, **damage))
    assert np.array_equal(found, wanted)


def heard_after(plugin, *states: bytes) -> np.ndarray:
    """Return a note of a new instance after it was given states, one after the other.

    Pedalboard's own reset would make another instance and give it the last state alone.
    """
    instrument = open_instrument(plugin)
    for state in states:
        instrument.raw_state = state
    note = [(bytes((0x90, 69, 80)), 0.0), (bytes((0x80, 69, 0)), 0.4)]
    return instrument.process(note, duration=0.5, sample_rate=44100, reset=False)


def test_an_old_project_without_an_instrument_plays_its_voice(players):
    state = host_state(PAIR, {})
    heard = players.play("pedalboard", PAIR, one_note(), state=state, seconds=0.5)
    assert level_db(heard) > -60


def test_a_project_whose_model_is_missing_keeps_its_bank_and_its_voice(plugin):
    before = reopened(plugin, host_state(live("oboe"), {"brightness": 0.9, "op1_level": 42}))
    asked = edited(before, bank_name="MYBANK", program="5", model_path="/nowhere/x.ts")
    after = reopened(plugin, asked)
    for name in ("bank", "bank_name", "program", "instrument", "model_path"):
        assert sound(after)[name] == sound(asked)[name], name
    assert values(after)["op1_level"] == 42
    assert values(after) == values(asked)
