"""DDX7 instruments in both hosts: what is heard of notes, of automation, and of their DX7 voice."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from plugin_core.engine.library import JIT, origin
from plugin_core.sounds import LiveSound, load_sound
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import ddx7_organ
from tests.hosts.live_instruments import (
    A_SECOND,
    DDX7_NAMES,
    engine_audio,
    held,
    live,
    melody,
    middle_key,
)
from tests.hosts.playing import HOSTS, RATE, centroid_hz, level_db

ABOVE = 10 ** (-100 / 20)
"""Differences of this magnitude, -100 dBFS, are too large."""

FRAME_S = 0.004
ON_S, STEP_S, END_S = 0.05, 0.75, 1.6
"""Where a note begins, automation moves inside it, and it ends."""

KEY, KEY_HZ = 69, 440.0

both_hosts = pytest.mark.parametrize("host", HOSTS)
either_host = pytest.mark.parametrize(
    "host", ["pedalboard", pytest.param("dawdreamer", marks=pytest.mark.full)]
)
"""The other one when there is time."""

each_instrument = pytest.mark.parametrize("name", DDX7_NAMES)
needs_library = pytest.mark.skipif(origin() == JIT, reason="the library is not built: run ci/build")


def stepped(low: float, high: float) -> Lane:
    """Return automation that moves inside the note."""
    return Lane.of([(0, low), (STEP_S, low), (STEP_S, high)])


def around(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what sounds before automation moves, and after."""
    before = audio[0, round((STEP_S - 0.4) * RATE) : round(STEP_S * RATE)]
    after = audio[0, round((STEP_S + 0.2) * RATE) : round((STEP_S + 0.6) * RATE)]
    return before.astype(np.float64), after.astype(np.float64)


@both_hosts
@each_instrument
def test_a_note_sounds_within_a_frame_and_dies_away(players, host, name):
    part = held(name, on_s=ON_S, off_s=0.6)
    audio = players.play(host, live(name), part, seconds=2.2)
    heard = np.flatnonzero(np.abs(audio[0]) > 0)
    assert round(ON_S * RATE) <= heard[0] <= round((ON_S + FRAME_S) * RATE)
    assert -60 < level_db(audio[0, round(0.2 * RATE) : round(0.6 * RATE)]) < -3
    assert np.abs(audio[:, round(2.15 * RATE) :]).max() == 0
    assert np.array_equal(audio[0], audio[1])


MOVES = {
    "volume": (0.5, 0.8),
    "vibrato": (0.0, 1.0),
    "brightness": (0.2, 0.8),
    "attack_noise": (0.2, 1.0),
    "op2_coarse": (1.0, 5.0),
    "op1_on": (1.0, 0.0),
    "algorithm": (2.0, 32.0),
}


@either_host
@pytest.mark.parametrize("control", MOVES)
def test_automation_is_heard_in_a_note_that_sounds(players, host, control):
    low, high = MOVES[control]
    part = held("ddx7-violin", on_s=ON_S, off_s=END_S)
    heard = [
        players.play(host, live("ddx7-violin"), part, lanes={control: lane}, seconds=END_S)
        for lane in (stepped(low, low), stepped(low, high))
    ]
    assert all(np.isfinite(each).all() for each in heard)
    moved = round((STEP_S + 0.01) * RATE)
    assert np.array_equal(heard[0][:, : round(STEP_S * RATE)], heard[1][:, : round(STEP_S * RATE)])
    assert level_db(heard[1][:, moved:] - heard[0][:, moved:]) > level_db(heard[0][:, moved:]) - 30


@either_host
@each_instrument
def test_the_volume_is_60_db_from_0_to_1_and_brightness_raises_the_centroid(players, host, name):
    part = held(name, on_s=ON_S, off_s=END_S)
    for control, (low, high) in {"volume": (0.5, 0.7), "brightness": (0.2, 0.7)}.items():
        audio = players.play(
            host, live(name), part, lanes={control: stepped(low, high)}, seconds=END_S
        )
        before, after = around(audio)
        if control == "volume":
            assert level_db(after) - level_db(before) == pytest.approx(12, abs=5)
        else:
            assert centroid_hz(after) > 1.05 * centroid_hz(before)


@pytest.fixture
def pair(tmp_path: Path) -> LiveSound:
    """Two operators of known levels, 2 on 1 (algorithm 1), at the index 1.0 of 2.0."""
    shares = (0.5, 0.5, 1e-9, 1e-9, 1e-9, 1e-9)
    model = ddx7_organ(shares, algorithm=1, playing={"GAIN_DB": -10.0})
    sound = load_sound(str(written(tmp_path / "ddx7-pair.ts", model=model)), model="live")
    assert isinstance(sound, LiveSound)
    return sound


def lines_db(audio: np.ndarray, ratios: tuple[float, ...]) -> np.ndarray:
    """Return the levels at multiples of the note's frequency."""
    power = np.abs(np.fft.rfft(audio * np.blackman(len(audio)))) ** 2
    places = np.fft.rfftfreq(len(audio), 1 / RATE)
    return np.array(
        [10 * np.log10(power[np.abs(places - r * KEY_HZ) < KEY_HZ / 8].max()) for r in ratios]
    )


def play_pair(players, host, pair: LiveSound, lanes: Mapping[str, Lane]) -> np.ndarray:
    part = Part("pair", (Note(ON_S, END_S, KEY, 64),))
    still = {"vibrato": Lane.constant(0), "attack_noise": Lane.constant(0)}
    return players.play(host, pair, part, lanes={**still, **lanes}, seconds=END_S)


@both_hosts
def test_an_operators_ratio_moves_its_sidebands(players, host, pair):
    # Chowning 1973: lines at 1 + k times the modulator's ratio. Of 2.5, as op2_fine makes it of 2:
    # 1, 3.5, 6 and, folded, 1.5, 4; of 2: the odd harmonics.
    lanes = {"op2_coarse": Lane.constant(2), "op2_fine": stepped(0, 25)}
    odd, folded = (
        lines_db(part, (1, 3, 1.5, 3.5)) for part in around(play_pair(players, host, pair, lanes))
    )
    assert odd[1] - odd[0] > -20
    assert (odd[2:] - odd[0] < -60).all()
    assert folded[1] - folded[0] < -60
    assert (folded[2:] - folded[0] > -20).all()


@both_hosts
def test_the_algorithm_makes_a_carrier_of_a_modulator(players, host, pair):
    lanes = {"op2_coarse": Lane.constant(3), "algorithm": stepped(1, 32)}
    modulated, added = (
        lines_db(part, (1, 2, 3, 4)) for part in around(play_pair(players, host, pair, lanes))
    )
    assert (modulated[[1, 3]] - modulated[0] > -20).all()
    # Two sines of the same share of full amplitude.
    assert added[2] == pytest.approx(added[0], abs=0.5)
    assert (added[[1, 3]] - added[0] < -60).all()


@both_hosts
def test_a_level_turns_an_operator_down_by_three_quarters_of_a_db_a_step(players, host, pair):
    lanes = {"op2_on": Lane.constant(0), "op1_level": stepped(99, 83)}
    before, after = around(play_pair(players, host, pair, lanes))
    assert level_db(after) - level_db(before) == pytest.approx(-12, abs=0.2)


DRAWN = {
    "volume": Lane.of([(0, 0.7), (0.5, 0.5), (1.0, 0.8)]),
    "vibrato": Lane.of([(0, 0), (0.6, 1), (1.2, 0.2)]),
    "brightness": Lane.of([(0, 0.3), (0.4, 0.3), (0.4, 0.6), (1.2, 0.2)]),
    "attack_noise": Lane.of([(0, 0.2), (1.2, 0.8)]),
    "volume_fluctuation": Lane.of([(0, 0.1), (1.2, 0.6)]),
    "volume_peak_position": Lane.of([(0, 0.9), (1.2, 0.1)]),
    "op2_coarse": Lane.of([(0, 1), (1.2, 6)]),
    "op1_fine": Lane.of([(0, 0), (0.7, 0), (0.7, 20), (1.0, 40)]),
    "op4_level": Lane.of([(0, 99), (1.2, 50)]),
    "op3_eg_rate1": Lane.of([(0, 99), (0.6, 99), (0.6, 40)]),
    "op6_on": Lane.of([(0, 1), (0.5, 1), (0.5, 0)]),
    "algorithm": Lane.of([(0, 2), (0.8, 2), (0.8, 17), (1.1, 32)]),
    "feedback": Lane.of([(0, 0), (0.3, 0), (0.3, 5)]),
}
EVERY_SIZE = [(1, 44100), (32, 48000), (64, 96000), (441, 44100), (512, 48000), (4096, 48000)]


def difference(players, host, name, part, *, lanes=A_SECOND, rate=48000, buffer=64) -> float:
    """Return the largest difference of any sample, full scale 1."""
    samples = round(1.5 * rate)
    wanted = engine_audio(live(name), part, lanes=lanes, rate=rate, samples=samples, buffer=buffer)
    assert np.abs(wanted).max() > 1e-3
    heard = players.play(host, live(name), part, lanes=lanes, seconds=1.5, rate=rate, buffer=buffer)
    return float(np.abs(heard - wanted).max())


@needs_library
@both_hosts
@pytest.mark.parametrize(("buffer", "rate"), EVERY_SIZE)
def test_the_plug_in_is_the_engine(host, players, buffer, rate):
    name = DDX7_NAMES[buffer % len(DDX7_NAMES)]
    assert difference(players, host, name, melody(name), rate=rate, buffer=buffer) < ABOVE


@needs_library
@both_hosts
@each_instrument
def test_the_plug_in_is_the_engine_under_automation(host, players, name):
    lanes = {**A_SECOND, **DRAWN}
    assert difference(players, host, name, melody(name), lanes=lanes) < ABOVE


@needs_library
@either_host
@pytest.mark.parametrize("mode", [0, 1, 2], ids=["poly", "mono", "legato"])
def test_voice_modes_mean_the_same(host, players, mode):
    lanes = {**A_SECOND, "voice_mode": Lane.constant(mode)}
    assert difference(players, host, "ddx7-flute", melody("ddx7-flute"), lanes=lanes) < ABOVE


@needs_library
@either_host
@pytest.mark.parametrize(
    ("kind", "index", "value"),
    [
        (ControllerKind.CONTROL, 1, 127),
        (ControllerKind.CONTROL, 11, 40),
        (ControllerKind.CONTROL, 73, 120),
        (ControllerKind.CONTROL, 74, 100),
        (ControllerKind.PITCH_BEND, 0, 16383),
    ],
)
def test_controllers_mean_the_same(host, players, kind, index, value):
    # JUCE hosts hand controllers over at the start of a block: one sample, so that it is exact.
    part = melody("ddx7-trumpet")
    part = Part("melody", part.notes, (Controller(0.2, kind, index, value),))
    assert difference(players, host, "ddx7-trumpet", part, buffer=1, rate=44100) < ABOVE


@either_host
def test_the_middle_key_is_played_at_its_pitch(players, host):
    for name in DDX7_NAMES:
        hz = 440 * 2 ** ((middle_key(name) - 69) / 12)
        lanes = {"vibrato": Lane.constant(0)}
        audio = players.play(host, live(name), held(name, off_s=END_S), lanes=lanes, seconds=END_S)
        middle = audio[0, RATE // 2 : round(1.5 * RATE)].astype(np.float64)
        power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 8 * len(middle)))
        places = np.fft.rfftfreq(8 * len(middle), 1 / RATE)
        near = (places > hz * 0.9) & (places < hz * 1.1)
        found = places[near][np.argmax(power[near])]
        assert 1200 * np.log2(found / hz) == pytest.approx(0, abs=12)
