"""What the plug-in tells hosts of itself, and how it stands beside itself in one process."""

import json
import subprocess
import sys

import dawdreamer
import numpy as np
import pytest

from bridge.hosting import open_instrument
from bridge.plugin_state import host_state
from plugin_core.dx7.sysex import read_voices
from plugin_core.sounds import presets_folder
from plugin_core.types import Lane, Part
from tests.hosts.playing import HOSTS, RATE, level_db
from tests.hosts.voices import SINE, bundled, one_note

NOTE = [(bytes((0x90, 69, 100)), 0.1), (bytes((0x80, 69, 0)), 0.4)]


def node_of(plugin, engine, name="instrument"):
    return engine.make_plugin_processor(name, str(plugin))


def test_it_is_an_instrument_without_latency(plugin, shared_instrument):
    assert shared_instrument.is_instrument
    assert not shared_instrument.is_effect
    assert shared_instrument.reported_latency_samples == 0
    assert node_of(plugin, dawdreamer.RenderEngine(RATE, 512)).get_latency_samples() == 0


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("rate", [44100, 96000])
def test_a_note_begins_at_its_sample(players, host, rate):
    part = one_note(on_s=0.1, off_s=0.3)
    heard = players.play(host, SINE, part, seconds=0.5, rate=rate)
    on = round(0.1 * rate)
    assert np.abs(heard[:, : on + 1]).max() == 0
    assert np.abs(heard[:, on : on + rate // 200]).max() > 0


def test_both_sides_of_stereo_are_the_same(shared_instrument):
    # Mono belongs to the harness: neither host here asks a plug-in without inputs for it.
    shared_instrument.raw_state = host_state(bundled("hexachord-2", "STRINGS"), {})
    left, right = shared_instrument.process(NOTE, duration=0.5, sample_rate=RATE, num_channels=2)
    assert np.abs(left).max() > 0.01
    assert np.array_equal(left, right)


def test_bypass_is_silence_and_leaves_no_note_behind(plugin):
    engine = dawdreamer.RenderEngine(RATE, 64)
    node = node_of(plugin, engine)
    names = [node.get_parameter_name(index) for index in range(200)]
    bypassed = np.zeros(RATE, np.float32)
    bypassed[RATE // 4 : RATE // 2] = 1
    node.set_automation(names.index("Bypass"), bypassed)
    node.add_midi_note(60, 100, 0.1, 0.8)
    engine.load_graph([(node, [])])
    engine.render(1.0)
    heard = node.get_audio()[0]
    assert level_db(heard[6000:10000]) > -60
    assert np.abs(heard[RATE // 4 + 512 : RATE // 2]).max() == 0
    assert np.abs(heard[RATE // 2 :]).max() == 0


def test_programs_are_the_bundled_bank_by_name(plugin):
    fresh = open_instrument(plugin)
    program = next(each for each in fresh.parameters.values() if each.name == "Program")
    names = [program.get_text_for_raw_value(number / 31) for number in range(32)]
    bank = read_voices(presets_folder() / "dx7" / "hexachord-1.syx").voices
    assert names == [voice.name for voice in bank]


def test_a_new_instance_plays_the_first_bundled_voice(plugin, players):
    engine = dawdreamer.RenderEngine(RATE, 64)
    node = node_of(plugin, engine)
    node.add_midi_note(69, 100, 0.1, 0.2)
    engine.load_graph([(node, [])])
    engine.render(0.5)
    part = one_note(on_s=0.1, off_s=0.3)
    wanted = players.play("dawdreamer", bundled("hexachord-1", "TINE PIANO"), part, seconds=0.5)
    assert np.abs(node.get_audio() - wanted[:, : node.get_audio().shape[1]]).max() < 1e-6


def test_the_banks_lie_in_the_bundle(plugin):
    bundle = sorted(path.name for path in (plugin / "Contents" / "Resources").glob("*.syx"))
    assert bundle == sorted(path.name for path in (presets_folder() / "dx7").glob("*.syx"))


def test_the_bundle_is_small(plugin):
    size = sum(path.stat().st_size for path in plugin.rglob("*") if path.is_file())
    assert size < 30e6


FIFTY = """
import json, resource, sys, dawdreamer, numpy as np
def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20
engine = dawdreamer.RenderEngine(48000, 512)
nodes = [engine.make_plugin_processor("0", sys.argv[1])]
before = resident_mb()
nodes += [engine.make_plugin_processor(str(number), sys.argv[1]) for number in range(1, 50)]
mb = (resident_mb() - before) / 49
for node in nodes:
    node.record = True
    node.add_midi_note(60, 100, 0.01, 0.05)
engine.load_graph([(node, []) for node in nodes])
engine.render(0.1)
first, *others = [node.get_audio() for node in nodes]
same = all(np.array_equal(first, other) for other in others)
print(json.dumps({"mb": mb, "same": same, "peak": float(np.abs(first).max())}))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_fifty_instances_sound_alike_and_take_little_memory(plugin):
    # In a process of their own, so that nothing else is measured.
    out = subprocess.run(
        [sys.executable, "-c", FIFTY, str(plugin)], capture_output=True, text=True, check=True
    )
    found = json.loads(out.stdout.splitlines()[-1])
    assert found["same"]
    assert found["peak"] > 0.01
    assert found["mb"] < 30


@pytest.mark.parametrize("host", HOSTS)
def test_automation_moves_without_steps(players, host):
    # A jump of volume by 12 dB: no sample moves by more than the sine itself does and a bit.
    part = one_note(off_s=1.0)
    jump = {"volume": Lane.of([(0, 0.5), (0.5, 0.5), (0.5, 0.75)])}
    heard = players.play(host, SINE, part, lanes=jump, seconds=0.9)[0, 4410:]
    slope = 2 * np.pi * 440 / RATE * np.abs(heard).max()
    assert np.abs(np.diff(heard)).max() < 1.2 * slope


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_played_is_silence(players, host):
    assert np.abs(players.play(host, SINE, Part("nothing"), seconds=0.3)).max() == 0
