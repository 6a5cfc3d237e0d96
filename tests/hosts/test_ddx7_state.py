"""DDX7 instruments in a project: the DX7 voice that is shown, edits, MIDI, a user's own model."""

from pathlib import Path

import numpy as np
import pytest

from bridge.hosting import open_instrument
from bridge.plugin_bundle import require_model
from bridge.plugin_state import host_state
from plugin_core.dx7.fields import FIELDS
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.live_layout import LIVE_INSTRUMENTS
from plugin_core.engine.parameters import PARAMETER_INDEX, PARAMETERS
from plugin_core.sounds import LiveSound, load_sound
from plugin_core.types import CONTROLS
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import ddx7_organ
from tests.hosts.live_instruments import DDX7_NAMES, held, live
from tests.hosts.playing import HOSTS, RATE, level_db
from tests.hosts.test_ddx7 import either_host
from tests.hosts.test_live_state import edited, heard_after, play, sound, values
from tests.hosts.test_midi import EMPTY, KEY, OFF, ON, PROGRAM
from tests.hosts.test_state import reopened
from tests.hosts.voices import PAIR

each_instrument = pytest.mark.parametrize("name", DDX7_NAMES)


def voice_of(path: Path) -> dict[str, float]:
    """Return the DX7 voice of a model as people see it, by parameter id."""
    stored = read_ddx7_model(path).voice
    return {field.id: value + field.shown_from for field, value in zip(FIELDS, stored, strict=True)}


@each_instrument
def test_the_plug_in_has_the_bundled_models_inside(plugin, name):
    require_model(plugin, live(name).model)


@each_instrument
def test_chosen_it_shows_its_dx7_voice_and_its_usual_controls(plugin, name):
    state = reopened(plugin, host_state(live(name), {}))
    assert sound(state)["instrument"] == name
    assert "model_path" not in sound(state)
    found = values(state)
    assert {each: found[each] for each in voice_of(live(name).model)} == voice_of(live(name).model)
    typical = read_ddx7_model(live(name).model).typical[name]
    assert [found[control] for control in CONTROLS] == pytest.approx(list(typical), abs=1e-6)
    assert found["voice_mode"] == 2
    assert reopened(plugin, state) == state


@each_instrument
def test_what_the_host_shows_is_the_models_voice(plugin, name):
    instrument = open_instrument(plugin)
    instrument.raw_state = host_state(live(name), {})
    shown = {each.name: each for each in instrument.parameters.values()}
    for each, value in voice_of(live(name).model).items():
        parameter = PARAMETERS[PARAMETER_INDEX[each]]
        share = (value - parameter.low) / (parameter.high - parameter.low)
        assert shown[parameter.name].raw_value == pytest.approx(share, abs=1e-5), each
    # Nor does playing move anything.
    before = instrument.raw_state
    instrument.process([(bytes((ON, 69, 80)), 0.0)], duration=0.3, sample_rate=RATE, reset=False)
    assert instrument.raw_state == before


EDITS = {"op2_coarse": 3, "op1_level": 80, "algorithm": 7, "op6_on": 0, "feedback": 4}


def test_reopened_it_keeps_the_edits_of_its_voice_and_sounds_the_same(plugin, players):
    first = host_state(live("ddx7-violin"), {**EDITS, "vibrato": 0.9, "seed": 4})
    state = reopened(plugin, first)
    assert {name: values(state)[name] for name in EDITS} == EDITS
    heard = [play(players, of, host) for of in (first, state) for host in HOSTS]
    assert level_db(heard[0]) > -60
    assert all(np.array_equal(heard[0], other) for other in heard[1:])
    unedited = play(players, host_state(live("ddx7-violin"), {"vibrato": 0.9, "seed": 4}))
    assert not np.array_equal(heard[0], unedited)


@pytest.mark.parametrize("other", ["horn", "ddx7-trumpet", None])
def test_after_other_sounds_it_plays_as_it_does_alone(plugin, other):
    alone = heard_after(plugin, host_state(live("ddx7-flute"), {}))
    before = host_state(live(other) if other else PAIR, EDITS)
    assert np.array_equal(heard_after(plugin, before, host_state(live("ddx7-flute"), {})), alone)
    assert level_db(alone) > -60


@pytest.mark.parametrize("after", [live("horn"), PAIR], ids=["an instrument", "a voice"])
def test_other_sounds_after_it_play_as_they_do_alone(plugin, after):
    alone = heard_after(plugin, host_state(after, {}))
    before = host_state(live("ddx7-violin"), EDITS)
    assert np.array_equal(heard_after(plugin, before, host_state(after, {})), alone)


@pytest.fixture
def own(tmp_path: Path) -> LiveSound:
    """A model of the user's own, in a file."""
    shares = (0.5, 0.2, 1e-9, 1e-9, 1e-9, 1e-9)
    fields, playing = {"op2_coarse": 3}, {"GAIN_DB": -10.0}
    model = ddx7_organ(shares, algorithm=5, fields=fields, playing=playing)
    found = load_sound(str(written(tmp_path / "ddx7-own.ts", model=model)), model="live")
    assert isinstance(found, LiveSound)
    return found


def test_a_users_model_comes_back_from_its_file_and_out_of_the_state(plugin, players, own):
    state = reopened(plugin, host_state(own, {"op2_level": 90}))
    assert sound(state)["instrument"] == own.instrument
    assert sound(state)["model_path"] == str(own.model)
    found = values(state)
    assert (found["op2_coarse"], found["algorithm"], found["op2_level"]) == (3, 5, 90)
    wanted = play(players, state)
    assert level_db(wanted) > -60
    own.model.unlink()
    assert np.array_equal(play(players, state), wanted)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_damaged_model_leaves_the_sound_that_played(plugin, own, share):
    whole = own.model.read_bytes()
    own.model.write_bytes(whole[: int(len(whole) * share)])
    # Without a copy in the state and with another sum.
    asked = edited(host_state(own, {}), model_file=None)
    wanted = heard_after(plugin, host_state(live("oboe"), {}))
    found = heard_after(plugin, host_state(live("oboe"), {}), asked)
    assert np.array_equal(found, wanted)


def test_every_instrument_can_be_chosen_one_after_the_other_while_notes_sound(plugin):
    # The old finding: no choice fails because of models that still sound.
    instrument = open_instrument(plugin)
    for number, name in enumerate((*DDX7_NAMES, *LIVE_INSTRUMENTS, *DDX7_NAMES)):
        instrument.raw_state = host_state(live(name), {"voice_mode": 0})
        note = [(bytes((ON, 48 + number, 80)), 0.0)]
        heard = instrument.process(note, duration=0.05, sample_rate=RATE, reset=False)
        assert np.isfinite(heard).all()
        assert sound(instrument.raw_state)["instrument"] == name


@pytest.mark.parametrize("host", HOSTS)
def test_a_program_change_chooses_a_voice_of_the_bank(players, host):
    messages = [(0.02, (PROGRAM, 3)), (0.1, (ON, KEY, 100)), (0.4, (OFF, KEY, 0))]
    heard = [
        players.play(host, PAIR, EMPTY, messages=messages, seconds=0.6, state=state)
        for state in (host_state(live("ddx7-flute"), {}), host_state(live("oboe"), {}))
    ]
    assert level_db(heard[0]) > -60
    assert np.array_equal(*heard)


@either_host
def test_a_note_goes_on_when_a_voice_is_chosen(players, host):
    part = held("ddx7-violin", off_s=0.8)
    alone = players.play(host, live("ddx7-violin"), part, seconds=0.8)
    change = [(0.4, (PROGRAM, 3))]
    heard = players.play(host, live("ddx7-violin"), part, messages=change, seconds=0.8)
    late = round(0.5 * RATE)
    assert level_db(heard[0, late:]) == pytest.approx(level_db(alone[0, late:]), abs=3)
