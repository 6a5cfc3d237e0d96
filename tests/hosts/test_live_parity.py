"""Live and DDX7 instruments of the plug-in in both hosts against the engine in Python: the same."""

from itertools import cycle, product

import numpy as np
import pytest

from plugin_core.engine.library import JIT, origin
from plugin_core.types import Controller, ControllerKind, Lane, Part
from tests.hosts.live_instruments import A_SECOND, DDX7_NAMES, NAMES, engine_audio, live, melody
from tests.hosts.playing import HOSTS

ABOVE = 10 ** (-100 / 20)
"""Differences of this magnitude, -100 dBFS, are too large."""

BLOCKS = (1, 32, 64, 441, 512, 4096)
RATES = (44100, 48000, 96000)
SPREAD = [
    *zip(NAMES, cycle(product(BLOCKS, RATES)), strict=False),
    *zip(cycle(DDX7_NAMES), zip(BLOCKS, cycle(RATES), strict=False), strict=False),
]

DRAWN = {
    "volume": Lane.of([(0, 0.7), (0.5, 0.5), (1.0, 0.8)]),
    "vibrato": Lane.of([(0, 0), (0.6, 1), (1.2, 0.2)]),
    "brightness": Lane.of([(0, 0.3), (0.4, 0.3), (0.4, 0.6), (1.2, 0.2)]),
    "attack_noise": Lane.of([(0, 0.2), (1.2, 0.8)]),
    "volume_fluctuation": Lane.of([(0, 0.1), (1.2, 0.6)]),
    "volume_peak_position": Lane.of([(0, 0.9), (1.2, 0.1)]),
    "performer": Lane.of([(0, 1), (1.2, 0)]),
    "style": Lane.of([(0, 127), (1.2, 0)]),
}
DRAWN_OPERATORS = {
    "op2_coarse": Lane.of([(0, 1), (1.2, 6)]),
    "op1_fine": Lane.of([(0, 0), (0.7, 0), (0.7, 20), (1.0, 40)]),
    "op4_level": Lane.of([(0, 99), (1.2, 50)]),
    "op3_eg_rate1": Lane.of([(0, 99), (0.6, 99), (0.6, 40)]),
    "op6_on": Lane.of([(0, 1), (0.5, 1), (0.5, 0)]),
    "algorithm": Lane.of([(0, 2), (0.8, 2), (0.8, 17), (1.1, 32)]),
    "feedback": Lane.of([(0, 0), (0.3, 0), (0.3, 5)]),
}
"""Of DDX7 instruments."""

pytestmark = pytest.mark.skipif(origin() == JIT, reason="the library is not built: run ci/build")


def difference(players, host, name, part, *, lanes=A_SECOND, rate=48000, buffer=64, s=1.8) -> float:
    """Return the largest difference of any sample, full scale 1."""
    samples = round(s * rate)
    wanted = engine_audio(live(name), part, lanes=lanes, rate=rate, samples=samples, buffer=buffer)
    assert np.abs(wanted).max() > 1e-3
    heard = players.play(host, live(name), part, lanes=lanes, seconds=s, rate=rate, buffer=buffer)
    assert heard.shape == (2, samples)
    return float(np.abs(heard - wanted).max())


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("name", "sizes"), SPREAD)
def test_the_plug_in_is_the_engine(host, players, name, sizes):
    buffer, rate = sizes
    assert difference(players, host, name, melody(name), rate=rate, buffer=buffer) < ABOVE


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", [*NAMES, *DDX7_NAMES])
def test_the_plug_in_is_the_engine_under_automation(host, players, name):
    lanes = {**A_SECOND, **DRAWN, **(DRAWN_OPERATORS if name in DDX7_NAMES else {})}
    assert difference(players, host, name, melody(name), lanes=lanes) < ABOVE


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ["flute", "ddx7-flute"])
@pytest.mark.parametrize("mode", [0, 1, 2], ids=["poly", "mono", "legato"])
def test_voice_modes_mean_the_same(host, players, name, mode):
    lanes = {**A_SECOND, "voice_mode": Lane.constant(mode)}
    assert difference(players, host, name, melody(name), lanes=lanes) < ABOVE


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ["clarinet", "ddx7-trumpet"])
@pytest.mark.parametrize(
    ("kind", "index", "value"),
    [
        (ControllerKind.CONTROL, 1, 127),
        (ControllerKind.CONTROL, 7, 50),
        (ControllerKind.CONTROL, 11, 40),
        (ControllerKind.CONTROL, 55, 0),
        (ControllerKind.CONTROL, 64, 127),
        (ControllerKind.CONTROL, 73, 120),
        (ControllerKind.CONTROL, 74, 100),
        (ControllerKind.PITCH_BEND, 0, 16383),
    ],
)
def test_controllers_mean_the_same(host, players, name, kind, index, value):
    # JUCE hosts hand controllers over at the start of a block: one sample, so that it is exact.
    part = Part("melody", melody(name).notes, (Controller(0.2, kind, index, value),))
    assert difference(players, host, name, part, buffer=1, rate=44100) < ABOVE


@pytest.mark.parametrize("host", HOSTS)
def test_a_render_starts_anew(host, players):
    part = melody("violin")
    first = players.play(host, live("violin"), part, lanes=A_SECOND, seconds=1.0)
    players.play(host, live("tuba"), melody("tuba"), lanes=A_SECOND, seconds=0.7)
    again = players.play(host, live("violin"), part, lanes=A_SECOND, seconds=1.0)
    assert np.array_equal(first, again)
