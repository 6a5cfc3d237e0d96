"""Sustain, sostenuto, and the messages that end notes."""

import pytest

from tests.engine.playing import SINE, bend, controller, engine, events, off, on, pressure
from tests.engine.playing import voice_records as records

SUSTAIN, SOSTENUTO = 64, 66
LONG_RELEASE = SINE.edited(op1_eg_rate4=30)


def held(*table, samples: int = 4000) -> set[int]:
    """Return the keys whose notes have not been released after some events."""
    instrument = engine(LONG_RELEASE)
    instrument.play(events(*table), samples)
    return {int(v["key"]) for v in records(instrument) if v["status"] == 1}


def sounding_after(*table, samples: int) -> int:
    instrument = engine(SINE)
    instrument.play(events(*table), samples)
    return instrument.sounding


def test_sustain_holds_keys_that_come_up():
    assert held(on(0, 60), controller(10, SUSTAIN, 127), off(20, 60), on(30, 64)) == {60, 64}


def test_sustain_holds_keys_pressed_under_it():
    assert held(controller(0, SUSTAIN, 127), on(10, 60), off(20, 60)) == {60}


def test_lifting_sustain_releases_what_is_not_pressed():
    table = [controller(0, SUSTAIN, 127), on(10, 60), on(10, 64), off(20, 60)]
    assert held(*table, controller(30, SUSTAIN, 0)) == {64}


@pytest.mark.parametrize(("value", "is_down"), [(63, False), (64, True)])
@pytest.mark.parametrize("pedal", [SUSTAIN, SOSTENUTO])
def test_a_pedal_is_down_from_64(pedal, value, is_down):
    table = [on(0, 60), controller(10, pedal, value), off(20, 60)]
    assert held(*table) == ({60} if is_down else set())


def test_sostenuto_holds_only_keys_that_are_down():
    table = [on(0, 60), controller(10, SOSTENUTO, 127), on(20, 64), off(30, 60), off(30, 64)]
    assert held(*table) == {60}


def test_sostenuto_catches_no_later_keys_while_it_is_down():
    table = [on(0, 60), controller(10, SOSTENUTO, 127), on(20, 64), controller(25, SOSTENUTO, 127)]
    assert held(*table, off(30, 60), off(30, 64)) == {60}


def test_sostenuto_does_not_catch_what_sustain_holds():
    table = [on(0, 60), controller(5, SUSTAIN, 127), off(10, 60), controller(20, SOSTENUTO, 127)]
    assert held(*table, controller(30, SUSTAIN, 0)) == set()


def test_sostenuto_lets_go_when_lifted():
    table = [on(0, 60), controller(10, SOSTENUTO, 127), off(30, 60)]
    assert held(*table, controller(40, SOSTENUTO, 0)) == set()


@pytest.mark.parametrize(("first", "second"), [(SUSTAIN, SOSTENUTO), (SOSTENUTO, SUSTAIN)])
def test_both_pedals_must_come_up(first, second):
    table = [on(0, 60), controller(10, SOSTENUTO, 127), controller(10, SUSTAIN, 127), off(20, 60)]
    assert held(*table, controller(30, first, 0)) == {60}
    assert held(*table, controller(30, first, 0), controller(40, second, 0)) == set()


def test_a_pedal_is_of_its_channel():
    table = [controller(0, SUSTAIN, 127, channel=1), on(10, 60), on(10, 62, channel=1)]
    assert held(*table, off(20, 60), off(20, 62, channel=1)) == {62}


def test_a_key_pressed_again_under_the_pedal_is_held_too():
    table = [controller(0, SUSTAIN, 127), on(10, 60), off(20, 60), on(30, 60), off(40, 60)]
    assert held(*table) == {60}
    assert held(*table, controller(50, SUSTAIN, 0)) == set()


def test_all_notes_off_releases_keys_but_not_pedals():
    assert held(on(0, 60), controller(10, 123, 0)) == set()
    assert held(on(0, 60), controller(5, SUSTAIN, 127), controller(10, 123, 0)) == {60}


def test_all_notes_off_is_of_its_channel():
    assert held(on(0, 60), on(0, 62, channel=1), controller(10, 123, 0)) == {62}


@pytest.mark.parametrize("mode_message", [124, 125, 126, 127])
def test_mode_messages_are_all_notes_off(mode_message):
    assert held(on(0, 60), controller(10, mode_message, 0)) == set()


def test_all_sound_off_silences_within_ten_milliseconds():
    instrument = engine(LONG_RELEASE)
    table = [controller(0, SUSTAIN, 127), on(0, 60), off(1000, 60), on(1000, 64)]
    audio = instrument.play(events(*table, controller(2000, 120, 0)), 4000)
    assert abs(audio[:2000]).max() > 0.1
    assert not audio[2000 + 441 :].any()
    assert instrument.sounding == 0


def test_all_sound_off_is_of_its_channel():
    table = [on(0, 60), on(0, 62, channel=1), controller(10, 120, 0)]
    assert held(*table) == {62}


def test_reset_all_controllers_lifts_pedals_and_centres_the_bend():
    instrument = engine(LONG_RELEASE)
    moves = [controller(0, SUSTAIN, 127), controller(0, 2, 99), pressure(0, 80), bend(0, 0)]
    table = [*moves, on(0, 60), off(10, 60), controller(20, 121, 0)]
    instrument.play(events(*table), 1000)
    assert [int(v["status"]) for v in records(instrument)] == [2]
    memory = instrument._memory.instruments[0]
    assert memory["bend"][0] == 0
    assert not memory["modulator"][0].any()


def test_after_reset_all_controllers_data_entry_has_no_number():
    """MIDI RP-015: the registered parameter number becomes null."""
    instrument = engine(SINE)
    table = [controller(0, 101, 0), controller(0, 100, 0), controller(5, 121, 0)]
    before = instrument.parameters.copy()
    instrument.play(events(*table, controller(10, 6, 12)), 100)
    assert (instrument.parameters == before).all()


def test_keys_still_release_after_all_sound_off():
    table = [on(0, 60), controller(10, 120, 0), on(20, 60), off(30, 60)]
    assert sounding_after(*table, samples=4000) == 0
