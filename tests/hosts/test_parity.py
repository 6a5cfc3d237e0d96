"""The plug-in in both hosts against the engine in Python: same instructions, same samples."""

import os
import subprocess
import sys
from itertools import cycle, islice, product
from pathlib import Path

import numpy as np
import pytest

from bridge.hosting import render_hosted
from bridge.plugin_node import PluginNode
from bridge.plugin_performance import plugin_performance
from plugin_core.dx7.voice import Voice
from plugin_core.engine.library import JIT, origin
from plugin_core.engine.performance import perform
from plugin_core.types import Controller, ControllerKind, Note, Part
from tests.hosts.voices import forty_voices

ABOVE = 10 ** (-100 / 20)
"""Differences of this magnitude, -100 dBFS, are too large."""

VOICES = {voice.name: voice for voice in forty_voices()}
NOTES = ((36, 127), (60, 100), (91, 45))
BLOCKS = (1, 32, 64, 441, 512, 4096)
RATES = (44100, 48000, 96000)
SEED = 7

# Every block size at every rate, each time with other voices and another note.
SPREAD = [
    (voice, note, block, rate)
    for (block, rate), voice, note in zip(
        product(BLOCKS, RATES), islice(VOICES, 0, None, 2), cycle(NOTES), strict=False
    )
]
GRID = [*product(VOICES, NOTES, BLOCKS, RATES)]

pytestmark = pytest.mark.skipif(origin() == JIT, reason="the library is not built: run ci/build")


def chord(pitch: int, velocity: int) -> Part:
    """A key that is held, two more that come and go while it sounds."""
    return Part(
        "chord",
        notes=(
            Note(0.013, 0.30, pitch, velocity),
            Note(0.100, 0.22, pitch + 7, velocity),
            Note(0.101, 0.31, pitch + 12, velocity),
        ),
    )


def player_of(host: str, plugin, instrument, block: int, rate: int):
    """Return what plays a performance in a host: a function of it and the number of samples."""
    if host == "dawdreamer":
        return PluginNode(plugin, sample_rate=rate, buffer=block).render
    return lambda given, samples: render_hosted(
        given, instrument=instrument, sample_rate=rate, samples=samples, buffer=block
    )


def difference(play, part: Part, name: str, rate: int) -> float:
    """Return the largest difference of any sample, full scale 1."""
    samples = round(0.4 * rate)
    wanted = perform(VOICES[name], part, sample_rate=rate, samples=samples, seed=SEED)
    assert np.abs(wanted).max() > 1e-3
    given = plugin_performance(VOICES[name], part, lanes={}, sample_rate=rate, seed=SEED)
    heard = play(given, samples)
    assert heard.shape == (2, samples)
    return float(np.abs(heard - wanted).max())


@pytest.mark.parametrize("host", ["pedalboard", "dawdreamer"])
@pytest.mark.parametrize(("name", "note", "block", "rate"), SPREAD)
def test_the_plug_in_is_the_engine(host, plugin, shared_instrument, name, note, block, rate):
    play = player_of(host, plugin, shared_instrument, block, rate)
    assert difference(play, chord(*note), name, rate) < ABOVE


@pytest.mark.full
@pytest.mark.parametrize("host", ["pedalboard", "dawdreamer"])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("block", BLOCKS)
def test_the_plug_in_is_the_engine_on_the_whole_grid(host, plugin, shared_instrument, block, rate):
    play = player_of(host, plugin, shared_instrument, block, rate)
    found = {
        (name, note): difference(play, chord(*note), name, rate)
        for name, note in product(VOICES, NOTES)
    }
    assert max(found.values()) < ABOVE, max(found, key=lambda case: found[case])


@pytest.mark.parametrize("host", ["pedalboard", "dawdreamer"])
@pytest.mark.parametrize(
    ("kind", "index", "value"),
    [
        (ControllerKind.CONTROL, 1, 127),
        (ControllerKind.CONTROL, 7, 50),
        (ControllerKind.CONTROL, 11, 40),
        (ControllerKind.CONTROL, 64, 127),
        (ControllerKind.CONTROL, 74, 100),
        (ControllerKind.PITCH_BEND, 0, 16383),
        (ControllerKind.PITCH_BEND, 0, 3000),
    ],
)
def test_controllers_mean_the_same(host, plugin, shared_instrument, kind, index, value):
    # JUCE hosts hand controllers over at the start of a block: one sample, so that it is exact.
    part = chord(60, 100)
    part = Part("chord", part.notes, (Controller(0.2, kind, index, value),))
    play = player_of(host, plugin, shared_instrument, 1, 44100)
    assert difference(play, part, "STRINGS", 44100) < ABOVE


RENDER_WITH_KERNELS = """
import sys
from pathlib import Path
import numpy as np
from plugin_core.dx7.sysex import read_voices
from plugin_core.engine.library import JIT, origin
from plugin_core.engine.single_note import play_note
assert origin() == JIT
voices = read_voices(Path(sys.argv[1])).voices
np.savez(sys.argv[2], *[
    play_note(voices[int(number)], pitch=60, velocity=100, on_samples=22050, total_samples=33075)
    for number in sys.argv[3:]
])
"""


def jit_against_library(shared: Path, tmp_path: Path, numbers: list[int]) -> dict[int, float]:
    """Return the largest difference of each of these reference voices, by number from 0."""
    from plugin_core.dx7.sysex import read_voices
    from plugin_core.engine.single_note import play_note

    path = shared / "reference" / "dx7" / "voices.syx"
    out = tmp_path / "jit.npz"
    subprocess.run(
        [sys.executable, "-c", RENDER_WITH_KERNELS, path, out, *map(str, numbers)],
        env={**os.environ, "HEXACHORD_ENGINE": JIT},
        cwd=Path(__file__).parents[2],
        check=True,
    )
    voices: tuple[Voice, ...] = read_voices(path).voices
    played = np.load(out)
    found = {}
    for number, kernels in zip(numbers, played.values(), strict=True):
        library = play_note(
            voices[number], pitch=60, velocity=100, on_samples=22050, total_samples=33075
        )
        found[number] = float(np.abs(kernels - library).max())
    return found


def stable_voices(shared: Path) -> list[int]:
    """Return the numbers of the real voices that the reference calls stable."""
    from bridge.conformance import read_cases

    cases = read_cases(shared / "reference" / "dx7")
    stable, others = set(), set()
    for case in cases:
        number = 32 * case.record["bank"] + case.record["voice"]
        (stable if case.group == "stable" else others).add(number)
    return sorted(stable - others)


def test_kernels_compiled_here_agree_with_the_library(shared, tmp_path):
    found = jit_against_library(shared, tmp_path, stable_voices(shared)[::20])
    assert max(found.values()) < 10 ** (-80 / 20), found


@pytest.mark.full
def test_kernels_compiled_here_agree_with_the_library_on_every_stable_voice(shared, tmp_path):
    found = jit_against_library(shared, tmp_path, stable_voices(shared))
    assert max(found.values()) < 10 ** (-80 / 20), found
