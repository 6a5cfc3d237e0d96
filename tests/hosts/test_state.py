"""Saving and reopening: what a project file keeps of the plug-in."""

import base64
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import dawdreamer
import numpy as np
import pytest

from bridge.hosting import open_instrument
from bridge.plugin_state import STATE_VERSION, host_state, unwrapped, wrapped
from plugin_core.dx7.sysex import bank_dump, parse_voices, single_voice_dump
from plugin_core.engine.parameters import PARAMETERS
from tests.hosts.playing import level_db
from tests.hosts.voices import PAIR, SINE, bundled, one_note

TRUMPET = bundled("hexachord-2", "TRUMPET")


def named(instrument, name: str):
    """Return a parameter of a hosted instance by the name that people see."""
    return next(each for each in instrument.parameters.values() if each.name == name)


def parsed(state: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(unwrapped(state))


def reopened(plugin, state: bytes) -> bytes:
    """Return what a new instance saves after it has opened a state."""
    engine = dawdreamer.RenderEngine(44100, 64)
    node = engine.make_plugin_processor("instrument", str(plugin))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        path.write_bytes(state)
        node.load_state(str(path))
        node.save_state(str(path))
        return path.read_bytes()


def changed(state: bytes, edit) -> bytes:
    """Return a state with its XML edited."""
    root = parsed(state)
    edit(root)
    return wrapped(ElementTree.tostring(root, encoding="unicode"))


@pytest.fixture(scope="module")
def initial(plugin) -> bytes:
    """What a new instance saves."""
    return open_instrument(plugin).raw_state


@pytest.fixture
def edited(shared_instrument, initial):
    """An instance with another program, edits in its voice and in its playing."""
    instrument = shared_instrument
    instrument.raw_state = initial
    named(instrument, "Program").raw_value = 4 / 31
    instrument.process([], duration=0.05, sample_rate=44100, reset=False)
    named(instrument, "OP1 Output level").raw_value = 55 / 99
    named(instrument, "Feedback").raw_value = 3 / 7
    named(instrument, "Volume").raw_value = 0.75
    named(instrument, "Output gain").raw_value = 0.5
    named(instrument, "Voice mode").raw_value = 1.0
    instrument.process([], duration=0.05, sample_rate=44100, reset=False)
    return instrument


def test_saved_twice_it_is_the_same_bytes(edited):
    assert edited.raw_state == edited.raw_state


def test_reopened_it_saves_the_same_bytes(plugin, edited):
    state = edited.raw_state
    other = open_instrument(plugin)
    other.raw_state = state
    assert other.raw_state == state


def test_reopened_it_sounds_the_same(plugin, edited, players):
    state = edited.raw_state
    sounds = [
        players.play(host, SINE, one_note(), state=of, seconds=0.5)
        for host in ("pedalboard", "dawdreamer")
        for of in (state, reopened(plugin, state))
    ]
    assert level_db(sounds[0]) > -60
    assert all(np.array_equal(sounds[0], other) for other in sounds[1:])


def test_the_state_keeps_program_and_edits(plugin, edited):
    root = parsed(reopened(plugin, edited.raw_state))
    sound, parameters = root.find("sound"), root.find("parameters")
    bank = parse_voices(base64.b64decode(sound.get("bank")), source="state").voices
    (voice,) = parse_voices(base64.b64decode(sound.get("voice")), source="state").voices
    assert sound.get("program") == "4"
    assert bank[4].name == voice.name
    assert voice == bank[4].edited(op1_level=55, feedback=3)
    wanted = {"volume": 0.75, "output_gain": -24.0, "voice_mode": 2.0, "op1_level": 55.0}
    for name, value in wanted.items():
        assert float(parameters.get(name)) == pytest.approx(value, abs=1e-4)


def test_reopened_the_host_sees_the_values(plugin, edited):
    other = open_instrument(plugin)
    other.raw_state = edited.raw_state
    for name in ("OP1 Output level", "Feedback", "Volume", "Output gain", "Voice mode", "Program"):
        assert named(other, name).raw_value == pytest.approx(named(edited, name).raw_value)


def test_both_hosts_save_the_same_state(plugin, shared_instrument):
    state = host_state(TRUMPET, {"volume": 0.25, "op3_level": 40})
    shared_instrument.raw_state = state
    # DawDreamer opens the editor to load a state, and the editor keeps its size.
    one, other = parsed(shared_instrument.raw_state), parsed(reopened(plugin, state))
    for element in ("sound", "parameters", "learned"):
        assert ElementTree.tostring(one.find(element)) == ElementTree.tostring(other.find(element))


def test_every_parameter_comes_back(plugin):
    rng = np.random.default_rng(5)
    wanted = {}
    for parameter in PARAMETERS:
        value = parameter.low + rng.random() * (parameter.high - parameter.low)
        wanted[parameter.id] = round(value) if parameter.step else value
    found = parsed(reopened(plugin, host_state(TRUMPET, wanted))).find("parameters")
    assert {name: float(found.get(name)) for name in wanted} == pytest.approx(wanted, abs=1e-5)


def test_learned_controllers_come_back_and_act(plugin, players):
    def learn(root):
        learned = ElementTree.SubElement(root, "learned")
        ElementTree.SubElement(learned, "controller", controller="30", parameter="output_gain")
        ElementTree.SubElement(learned, "controller", controller="99999", parameter="volume")
        ElementTree.SubElement(learned, "controller", controller="31", parameter="no_such_thing")

    state = changed(host_state(SINE, {}), learn)
    kept = parsed(reopened(plugin, state)).find("learned")
    assert [dict(entry.attrib) for entry in kept] == [
        {"controller": "30", "parameter": "output_gain"}
    ]
    again = reopened(plugin, state)
    quiet = [(0.0, (0xB0, 30, 0))]
    plain = players.play("pedalboard", SINE, one_note(), state=again)
    muffled = players.play("pedalboard", SINE, one_note(), state=again, messages=quiet)
    # From 0 dB down to the lowest output gain, -60 dB.
    assert level_db(muffled[0, 9000:]) - level_db(plain[0, 9000:]) == pytest.approx(-60, abs=0.1)


def test_a_newer_version_is_read_as_far_as_it_is_known(plugin):
    def from_the_future(root):
        root.set("version", str(STATE_VERSION + 98))
        root.set("colour", "blue")
        root.find("parameters").set("wavetable_position", "0.5")
        root.find("sound").set("model", "abcdef")
        ElementTree.SubElement(ElementTree.SubElement(root, "arpeggiator"), "step", key="60")

    found = parsed(
        reopened(plugin, changed(host_state(TRUMPET, {"volume": 0.25}), from_the_future))
    )
    assert found.get("version") == str(STATE_VERSION)
    assert float(found.find("parameters").get("volume")) == 0.25
    assert base64.b64decode(found.find("sound").get("voice")) == single_voice_dump(TRUMPET)


@pytest.mark.parametrize("missing", ["sound", "parameters", "learned", "editor"])
def test_what_is_missing_has_its_default(plugin, edited, missing):
    def drop(root):
        root.remove(root.find(missing))

    found = parsed(reopened(plugin, changed(edited.raw_state, drop)))
    parameters = found.find("parameters")
    volume = 0.5 if missing == "parameters" else 0.75
    assert float(parameters.get("volume")) == pytest.approx(volume, abs=1e-4)
    # The voice stands in both; where one is missing the other one tells.
    assert float(parameters.get("op1_level")) == pytest.approx(55, abs=1e-4)


def test_a_single_missing_parameter_has_its_default(plugin, edited):
    def drop(root):
        del root.find("parameters").attrib["volume"]

    found = parsed(reopened(plugin, changed(edited.raw_state, drop))).find("parameters")
    assert float(found.get("volume")) == 0.5
    assert float(found.get("output_gain")) == pytest.approx(-24, abs=1e-4)


def test_values_out_of_range_are_brought_into_it(plugin):
    values = {"volume": 7.0, "brightness": -3.0, "output_gain": 1e30, "algorithm": 99.0}
    values |= {"op1_level": -5.0, "polyphony": 2.6, "vibrato": float("nan")}
    found = parsed(reopened(plugin, host_state(TRUMPET, values))).find("parameters")
    wanted = {"volume": 1, "brightness": 0, "output_gain": 12, "algorithm": 32, "op1_level": 0}
    for name, value in {**wanted, "polyphony": 3, "vibrato": 0}.items():
        assert float(found.get(name)) == value, name


def test_a_damaged_bank_leaves_the_voice_that_the_state_carries(plugin):
    def damage(root):
        root.find("sound").set("bank", "not base 64 !!!")
        root.find("sound").set("program", "77")

    found = parsed(reopened(plugin, changed(host_state(TRUMPET, {}), damage))).find("sound")
    assert base64.b64decode(found.get("voice")) == single_voice_dump(TRUMPET)
    assert 0 <= int(found.get("program")) < 32


GOOD = host_state(TRUMPET, {"volume": 0.25})
GARBAGE = {
    "nothing": b"",
    "text": b"garbage",
    "zeros": bytes(1000),
    "noise": np.random.default_rng(1).bytes(5000),
    "half of it": GOOD[: len(GOOD) // 2],
    "the mark alone": GOOD[:8],
    "another plug-in's": wrapped('<otherplugin version="1"><sound/></otherplugin>'),
    "not closed": wrapped("<hexachord"),
    "cut in the sound": wrapped(unwrapped(GOOD)[:150]),
    "cut in the parameters": wrapped(unwrapped(GOOD)[:-30]),
    "no text": wrapped(""),
    "deep": wrapped("<hexachord>" * 2000),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_leaves_the_plug_in_as_it_was(edited, garbage):
    before = edited.raw_state
    edited.raw_state = garbage
    assert edited.raw_state == before


def test_a_bank_in_the_state_gives_the_programs(shared_instrument):
    voices = [SINE.edited(name=f"VOICE {n:02}", op1_level=60 + n) for n in range(32)]

    def with_bank(root):
        root.find("sound").set("bank", base64.b64encode(bank_dump(voices)).decode())
        root.find("sound").set("program", "9")

    instance = shared_instrument
    instance.raw_state = changed(host_state(PAIR, {}), with_bank)
    program = named(instance, "Program")
    names = [program.get_text_for_raw_value(n / 31) for n in range(32)]
    assert names == [voice.name for voice in voices]
    assert round(program.raw_value * 31) == 9
    # The voice of the state is what plays, not that of the bank.
    assert base64.b64decode(
        parsed(instance.raw_state).find("sound").get("voice")
    ) == single_voice_dump(PAIR)


def test_the_state_holds_no_time_or_place(initial):
    text = unwrapped(initial)
    assert not re.search(r"\b20\d\d-|/home|/tmp|/work", text)
