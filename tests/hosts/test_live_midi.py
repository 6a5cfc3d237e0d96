"""MIDI as hosts send it, to live instruments: notes that end, programs, dumps, odd values."""

import numpy as np
import pytest

from bridge.plugin_state import host_state
from plugin_core.dx7.sysex import single_voice_dump
from plugin_core.performing.live import TAIL_S
from tests.hosts.live_instruments import held, live
from tests.hosts.playing import HOSTS, RATE, level_db
from tests.hosts.test_midi import (
    BEND,
    CONTROL,
    EMPTY,
    KEY,
    OFF,
    ON,
    PRESSURE,
    PROGRAM,
    RELEASED,
)
from tests.hosts.voices import PAIR, one_note


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("messages", RELEASED.values(), ids=list(RELEASED))
@pytest.mark.parametrize(
    ("name", "mode"),
    [("violin", 0), ("violin", 1), ("violin", 2), ("ddx7-violin", 2)],
    ids=["poly", "mono", "legato", "ddx7"],
)
def test_no_note_hangs(players, host, messages, name, mode):
    if host == "dawdreamer" and len({at for at, _ in messages}) == 1:
        pytest.skip("JUCE reads note-offs of a MIDI file before the note-ons of the same time")
    state = host_state(live(name), {"voice_mode": mode})
    seconds = 0.65 + TAIL_S + 0.1
    heard = players.play(host, PAIR, EMPTY, messages=messages, seconds=seconds, state=state)
    assert np.isfinite(heard).all()
    assert np.abs(heard[:, -RATE // 20 :]).max() == 0
    assert len({at for at, _ in messages}) == 1 or np.abs(heard).max() > 1e-3


@pytest.mark.parametrize("host", HOSTS)
def test_a_pedal_holds_what_it_should(players, host):
    messages = [(0.05, (CONTROL, 64, 127)), (0.1, (ON, KEY, 100)), (0.2, (OFF, KEY, 0))]
    heard = players.play(host, live("flute"), EMPTY, messages=messages, seconds=1.5)
    assert level_db(heard[0, -RATE // 5 :]) == pytest.approx(
        level_db(heard[0, RATE // 2 : RATE]), abs=6
    )


@pytest.mark.parametrize("host", HOSTS)
def test_a_render_starts_from_silence(players, host):
    held_down = [(0.1, (ON, KEY, 100)), (0.2, (CONTROL, 7, 10)), (0.2, (BEND, 0, 0))]
    players.play(host, live("flute"), EMPTY, messages=held_down, seconds=0.5)
    assert np.abs(players.play(host, live("flute"), EMPTY, seconds=0.5)).max() == 0


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "message", [(PROGRAM, 3), single_voice_dump(PAIR)], ids=["program change", "voice dump"]
)
def test_a_dx7_voice_that_is_asked_for_by_midi_takes_over(players, host, message):
    part = one_note(on_s=0.1, off_s=0.4)
    alone = players.play(host, live("flute"), part, seconds=0.6)
    heard = players.play(host, live("flute"), part, messages=[(0.02, message)], seconds=0.6)
    assert level_db(heard) > -60
    assert not np.array_equal(heard, alone)


@pytest.mark.parametrize("host", HOSTS)
def test_a_voice_that_takes_over_lets_what_sounds_go_on(players, host):
    part = held("flute", off_s=1.0)
    change = [(0.5, single_voice_dump(PAIR))]
    alone = players.play(host, live("flute"), part, seconds=1.0)
    heard = players.play(host, live("flute"), part, messages=change, seconds=1.0)
    slope = np.abs(np.diff(alone[0])).max()
    assert np.abs(np.diff(heard[0])).max() < 1.5 * slope
    assert level_db(heard[0, round(0.6 * RATE) :]) == pytest.approx(
        level_db(alone[0, round(0.6 * RATE) :]), abs=3
    )


@pytest.mark.parametrize("host", HOSTS)
def test_every_controller_at_every_value_leaves_finite_audio(players, host):
    rng = np.random.default_rng(2)
    messages = [
        (float(at), (CONTROL | int(rng.integers(16)), int(rng.integers(128)), int(value)))
        for at, value in zip(np.linspace(0.1, 0.9, 1500), rng.integers(0, 128, 1500), strict=True)
    ]
    messages += [(0.5, (PRESSURE, 127)), (0.6, (BEND, 127, 127)), (0.7, (0xA0, 60, 127))]
    heard = players.play(host, live("trumpet"), one_note(off_s=0.9), messages=messages, seconds=1.0)
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() < 8
