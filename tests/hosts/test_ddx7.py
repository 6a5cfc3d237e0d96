"""DDX7 instruments in both hosts: what is heard of notes, of automation, and of their DX7 voice."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from plugin_core.performing.live import play_live
from plugin_core.sounds import LiveSound, load_sound
from plugin_core.types import Lane, Note, Part
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import ddx7_organ
from tests.hosts.live_instruments import (
    DDX7_NAMES,
    held,
    live,
    middle_key,
)
from tests.hosts.playing import HOSTS, RATE, centroid_hz, level_db

ON_S, STEP_S, END_S = 0.05, 0.75, 1.6
"""Where a note begins, automation moves inside it, and it ends."""

KEY, KEY_HZ = 69, 440.0

both_hosts = pytest.mark.parametrize("host", HOSTS)
either_host = pytest.mark.parametrize(
    "host", ["pedalboard", pytest.param("dawdreamer", marks=pytest.mark.full)]
)
"""The other one when there is time."""

each_instrument = pytest.mark.parametrize("name", DDX7_NAMES)


def stepped(low: float, high: float) -> Lane:
    """Return automation that moves inside the note."""
    return Lane.of([(0, low), (STEP_S, low), (STEP_S, high)])


def around(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what sounds before automation moves, and after."""
    before = audio[0, round((STEP_S - 0.4) * RATE) : round(STEP_S * RATE)]
    after = audio[0, round((STEP_S + 0.2) * RATE) : round((STEP_S + 0.6) * RATE)]
    return before.astype(np.float64), after.astype(np.float64)


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


LONG = Part("pair", (Note(ON_S, END_S, KEY, 64),))
STILL = {"vibrato": Lane.constant(0), "attack_noise": Lane.constant(0)}


def play_pair(players, host, pair: LiveSound, lanes: Mapping[str, Lane]) -> np.ndarray:
    return players.play(host, pair, LONG, lanes={**STILL, **lanes}, seconds=END_S)


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
@pytest.mark.parametrize("lane", [stepped(0, 50), Lane.of([(0, 0), (0.4, 0), (STEP_S, 50)])])
def test_a_ratio_that_has_moved_ends_in_the_sound_of_a_script(players, host, pair, lane):
    """Lanes come once per buffer here, so that phases part while the ratio moves; they come back.

    A ratio of 2 makes sidebands that fall together, whose sum depends on the modulator's phase.
    """
    lanes = {**STILL, "op2_coarse": Lane.constant(2), "op2_fine": lane, "op3_on": Lane.constant(0)}
    heard = players.play(host, pair, LONG, lanes=lanes, seconds=END_S)[0]
    wanted = play_live(pair, LONG, lanes=lanes, sample_rate=RATE, samples=len(heard))
    rested = slice(round((STEP_S + 0.3) * RATE), None)
    assert level_db(wanted[rested]) > -60
    assert level_db(heard[rested] - wanted[rested]) < level_db(wanted[rested]) - 70


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
