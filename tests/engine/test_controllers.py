"""Wheel, foot, breath and aftertouch as the instrument assigns them, gain, and MIDI's rules."""

import math

import numpy as np
import pytest

from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.records import EventType
from tests.engine.playing import (
    RATE,
    SINE,
    TICK,
    controller,
    db,
    engine,
    events,
    on,
    parameter,
    play,
    pressure,
    rms,
    voice_records,
)

# A square LFO that does not reach anything by itself: +-1 by the controllers alone.
READY = SINE.edited(
    lfo_wave=3, lfo_speed=50, pitch_mod_sensitivity=5, op1_amp_mod_sensitivity=3, lfo_delay=99
)
MOVES = {
    "wheel": lambda value: controller(0, 1, value),
    "foot": lambda value: controller(0, 4, value),
    "breath": lambda value: controller(0, 2, value),
    "aftertouch": lambda value: pressure(0, value),
}


def assign(modulator: str, reach: float, *destinations: str) -> list[tuple]:
    return [
        parameter(0, f"{modulator}_range", reach),
        *(parameter(0, f"{modulator}_{to}", 1) for to in destinations),
    ]


def extent_cents(*table) -> float:
    instrument = engine(READY)
    instrument.render(0, events(*table, on(0)))
    pitch = []
    for _ in range(300):
        instrument.render(TICK)
        hz = float(voice_records(instrument)[0]["increment"][0]) / 2**32 * RATE
        pitch.append(1200 * math.log2(hz / 440))
    return float(np.abs(pitch).max())


@pytest.mark.parametrize("modulator", MOVES)
@pytest.mark.parametrize(("reach", "value"), [(99, 127), (99, 64), (50, 127), (10, 5)])
def test_to_pitch(modulator, reach, value):
    """Facts sheet, section 11: w s (value - 0.5) / 16384 octaves, the LFO's delay aside."""
    w = value * reach // 100
    expected = w * 92 * 0.5 / 16384 * 1200
    found = extent_cents(*assign(modulator, reach, "pitch"), MOVES[modulator](value))
    assert found == pytest.approx(expected, abs=0.05)


def test_the_largest_controller_counts():
    table = [*assign("wheel", 99, "pitch"), *assign("foot", 50, "pitch")]
    both = extent_cents(*table, MOVES["wheel"](60), MOVES["foot"](127))
    w = max(60 * 99 // 100, 127 * 50 // 100)
    assert both == pytest.approx(w * 92 * 0.5 / 16384 * 1200, abs=0.05)


def quietest_units(*table) -> float:
    """Return the lowest level that a tick reaches, in units under the plain note."""
    instrument = engine(READY)
    instrument.render(0, events(*table, on(0)))
    found = []
    for _ in range(300):
        instrument.render(TICK)
        found.append(float(voice_records(instrument)[0]["next_gain"][0]))
    return 256 * math.log2(min(found[5:]) / 2)


def expected_units(m: float) -> float:
    """Facts sheet, section 9: the level is multiplied by 1 - e^(12.2 + 4.48 x) / 2^24."""
    return 3840 * max(0.0, 1 - math.exp(12.2 + 4.48 * m) / 2**24) - 3840


@pytest.mark.parametrize("modulator", MOVES)
@pytest.mark.parametrize(("reach", "value"), [(99, 127), (99, 64), (50, 100)])
def test_to_amplitude(modulator, reach, value):
    """Section 11: M = w (1 - value) / 128, at its lowest where the square is 0."""
    w = value * reach // 100
    found = quietest_units(*assign(modulator, reach, "amp"), MOVES[modulator](value))
    assert found == pytest.approx(expected_units(w / 128), abs=0.5)


@pytest.mark.parametrize("modulator", MOVES)
@pytest.mark.parametrize("value", [0, 40, 100, 127])
def test_to_eg_bias(modulator, value):
    """Section 11: M = 1 - (w + 1) / 128, so that a resting controller mutes."""
    w = value * 99 // 100
    found = quietest_units(*assign(modulator, 99, "eg_bias"), MOVES[modulator](value))
    assert found == pytest.approx(expected_units(1 - (w + 1) / 128), abs=0.5)


def test_unassigned_controllers_do_nothing():
    plain = play(READY, on(0), samples=5000)
    moves = [move(127) for name, move in MOVES.items() if name != "wheel"]
    np.testing.assert_array_equal(play(READY, *moves, on(0), samples=5000), plain)
    assert quietest_units() == pytest.approx(expected_units(0), abs=0.5)


def test_key_pressure_is_aftertouch_of_one_key():
    touched = (0, EventType.KEY_PRESSURE, 0, 64, -1, 0, 127)
    instrument = engine(READY)
    table = [*assign("aftertouch", 99, "eg_bias"), on(0, 60), on(0, 64), touched]
    instrument.play(events(*table), 2000)
    resting, pressed = (float(v["next_gain"][0]) for v in voice_records(instrument))
    assert pressed > 100 * resting


@pytest.mark.parametrize("reach", [0, 99])
def test_the_wheel_is_vibrato_until_it_has_a_range(reach):
    """DESIGN.md, section 5."""
    instrument = engine(SINE)
    instrument.render(64, events(parameter(0, "wheel_range", reach), controller(0, 1, 127)))
    assert instrument.parameters[PARAMETER_INDEX["vibrato"]] == (0 if reach else 1)


@pytest.mark.parametrize("value", [1, 25, 50, 100, 127])
def test_controller_7_is_gain_of_40_db_per_decade(value):
    """DESIGN.md, section 5: in dB, 100 is 0 dB, as General MIDI synthesizers do."""
    audio = play(SINE, controller(0, 7, value), on(0), samples=8000)[4000:]
    plain = play(SINE, on(0), samples=8000)[4000:]
    assert db(rms(audio) / rms(plain)) == pytest.approx(40 * math.log10(value / 100), abs=0.01)


def test_controller_7_at_zero_is_silence_and_of_its_channel():
    assert not play(SINE, controller(0, 7, 0), on(0), samples=4000).any()
    other = play(SINE, controller(0, 7, 0, channel=1), on(0), samples=4000)
    np.testing.assert_array_equal(other, play(SINE, on(0), samples=4000))


def test_controller_7_does_not_click():
    audio = play(SINE, on(0, 57), controller(8000, 7, 10), samples=16_000).astype(np.float64)
    own = 0.125 * 2 * np.pi * 220 / RATE
    assert np.abs(np.diff(audio)).max() < own + 0.125 / TICK


@pytest.mark.parametrize("gain", [-60, -6, 3.5, 12])
def test_output_gain(gain):
    audio = play(SINE, parameter(0, "output_gain", gain), on(0), samples=8000)[4000:]
    assert db(rms(audio) / (0.125 / math.sqrt(2))) == pytest.approx(gain, abs=0.02)


@pytest.mark.parametrize("number", [0, 3, 10, 32, 38, 71, 91, 96, 102, 119, 122])
def test_other_controllers_do_nothing(number):
    instrument = engine(SINE)
    before = instrument.parameters.copy()
    audio = instrument.play(events(on(0), controller(500, number, 127)), 4000)
    np.testing.assert_array_equal(audio, play(SINE, on(0), samples=4000))
    assert (instrument.parameters == before).all()
