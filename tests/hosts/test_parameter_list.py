"""The parameters that hosts see against the one table, and the table against its past.

Hosts keep automation by index and id for ever: parameters.txt only grows at its end.
"""

from pathlib import Path
from xml.etree import ElementTree

import dawdreamer
import numpy as np
import pytest

from bridge.hosting import open_instrument
from bridge.plugin_state import unwrapped
from plugin_core.engine.parameters import PARAMETERS, Parameter

GOLDEN = (Path(__file__).parent / "parameters.txt").read_text().split()


@pytest.fixture(scope="module")
def fresh(plugin):
    return open_instrument(plugin)


@pytest.fixture(scope="module")
def hosted(fresh):
    """The parameters of a new instance by the name that people see."""
    return {each.name: each for each in fresh.parameters.values()}


def values_of(parameter: Parameter) -> list[float]:
    """Return some values of a parameter, all of them where there are few."""
    if parameter.step and parameter.high - parameter.low <= 150:
        return list(np.arange(parameter.low, parameter.high + 1))
    spread = np.linspace(parameter.low, parameter.high, 13)
    return [float(round(value)) if parameter.step else float(value) for value in spread]


def share(parameter: Parameter, value: float) -> float:
    return (value - parameter.low) / (parameter.high - parameter.low)


def number_in(text: str) -> float:
    return float(text.split()[0])


def test_ids_and_their_order_never_change():
    ids = [parameter.id for parameter in PARAMETERS]
    assert ids[: len(GOLDEN)] == GOLDEN
    assert ids == GOLDEN, "new parameters: add them at the end of parameters.txt"
    assert len(set(ids)) == len(ids)


def test_the_plug_in_has_these_ids_in_this_order(fresh):
    xml = ElementTree.fromstring(unwrapped(fresh.raw_state))
    assert list(xml.find("parameters").attrib) == GOLDEN


def test_hosts_see_every_name_once_group_after_group(plugin, hosted):
    groups = list(dict.fromkeys(parameter.group for parameter in PARAMETERS))
    names = [
        parameter.name for group in groups for parameter in PARAMETERS if parameter.group == group
    ]
    assert len(set(names)) == len(names) == len(PARAMETERS)
    assert list(hosted) == [*names, "Bypass", "Program"]
    engine = dawdreamer.RenderEngine(44100, 512)
    node = engine.make_plugin_processor("instrument", str(plugin))
    assert [node.get_parameter_name(index) for index in range(len(names))] == names


def test_hosts_see_units_steps_and_defaults(plugin):
    engine = dawdreamer.RenderEngine(44100, 512)
    node = engine.make_plugin_processor("instrument", str(plugin))
    playing = [parameter for parameter in PARAMETERS if not parameter.group.startswith("Operator")]
    described = {each["name"]: each for each in node.get_parameters_description()}
    for parameter in playing:
        found = described[parameter.name]
        assert found["label"] == parameter.unit
        assert found["isDiscrete"] == (parameter.step > 0)
        assert found["isAutomatable"]
        if parameter.step:
            assert found["numSteps"] == round(parameter.high - parameter.low) + 1
        if parameter.group in ("Expression", "Playing", "Controllers"):
            wanted = share(parameter, parameter.default)
            assert found["defaultValue"] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("parameter", PARAMETERS[:36] + PARAMETERS[-40:], ids=lambda each: each.id)
def test_texts_mean_the_same_both_ways(hosted, parameter):
    there = hosted[parameter.name]
    for value in values_of(parameter):
        shown = there.get_text_for_raw_value(share(parameter, value))
        if parameter.labels:
            assert shown == parameter.text(value)
        elif parameter.step:
            assert number_in(shown) == value
        else:
            assert number_in(shown) == pytest.approx(value, abs=0.006)
        assert parameter.value(shown) == pytest.approx(value, abs=0.006)
        wanted = parameter.value(parameter.text(value))
        understood = there.get_raw_value_for_text(parameter.text(value))
        assert understood == pytest.approx(share(parameter, wanted), abs=1e-5)


@pytest.mark.parametrize("text", ["", "loud", "nan", "inf", "-inf", "--", "1e999"])
def test_a_text_that_means_nothing_leaves_a_value_in_range(hosted, text):
    for name in ("Volume", "Algorithm", "Voice mode", "Output gain"):
        assert 0 <= hosted[name].get_raw_value_for_text(text) <= 1


def test_a_text_beyond_the_range_is_brought_into_it(hosted):
    assert hosted["Volume"].get_raw_value_for_text("3") == 1
    assert hosted["Output gain"].get_raw_value_for_text("-300 dB") == 0
    assert hosted["Algorithm"].get_raw_value_for_text("33") == 1


def test_every_parameter_follows_automation(plugin, tmp_path):
    engine = dawdreamer.RenderEngine(44100, 64)
    node = engine.make_plugin_processor("instrument", str(plugin))
    places = {node.get_parameter_name(index): index for index in range(len(PARAMETERS))}
    rng = np.random.default_rng(4)
    wanted = {}
    for parameter in PARAMETERS:
        value = parameter.low + rng.random() * (parameter.high - parameter.low)
        wanted[parameter.id] = round(value) if parameter.step else value
        drawn = [share(parameter, parameter.default), share(parameter, wanted[parameter.id])]
        node.set_automation(places[parameter.name], np.repeat(np.float32(drawn), 1000))
    engine.load_graph([(node, [])])
    engine.render(0.1)
    node.save_state(str(tmp_path / "state"))
    xml = ElementTree.fromstring(unwrapped((tmp_path / "state").read_bytes()))
    found = {name: float(value) for name, value in xml.find("parameters").attrib.items()}
    assert found == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("raw", [-1.0, 2.0, float("nan"), float("inf"), float("-inf"), 1e30])
def test_a_value_beyond_the_range_stays_harmless(plugin, players, raw):
    from tests.hosts.voices import SINE, one_note

    engine = dawdreamer.RenderEngine(44100, 64)
    node = engine.make_plugin_processor("instrument", str(plugin))
    for index in range(len(PARAMETERS)):
        node.set_automation(index, np.array([0.5, raw, raw], np.float32))
    node.add_midi_note(60, 100, 0.1, 0.3)
    engine.load_graph([(node, [])])
    engine.render(0.5)
    heard = node.get_audio()
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 20
    assert np.abs(players.play("dawdreamer", SINE, one_note(), seconds=0.2)).max() > 0.01
