"""MPE: bend, pressure and slide of every note on its own channel."""

import math

import pytest

from plugin_core.engine.instrument import Engine
from tests.engine.playing import (
    RATE,
    SINE,
    bend,
    controller,
    db,
    engine,
    events,
    off,
    on,
    parameter,
    play,
    pressure,
    rms,
    voice_records,
)

MPE = parameter(0, "mpe", 1)
BRIGHT = SINE.edited(op2_level=70)


def semitones(instrument: Engine, key: int) -> float:
    """Return how far a sounding note is from its key."""
    voice = next(v for v in voice_records(instrument) if v["key"] == key)
    hz = float(voice["increment"][0]) / 2**32 * RATE
    return 69 + 12 * math.log2(hz / 440) - key


def after(*table, voice=SINE) -> Engine:
    instrument = engine(voice)
    instrument.play(events(*table), 2000)
    return instrument


def test_bend_is_of_its_note_and_reaches_48_semitones():
    table = [MPE, on(0, 60, channel=1), on(0, 64, channel=2), bend(0, 8192 + 4096, channel=1)]
    instrument = after(*table)
    assert semitones(instrument, 60) == pytest.approx(24, abs=0.002)
    assert semitones(instrument, 64) == pytest.approx(0, abs=0.002)


def test_the_master_channel_bends_all_notes_by_its_own_range():
    table = [MPE, on(0, 60, channel=1), on(0, 64, channel=2), bend(0, 0, channel=0)]
    instrument = after(*table, bend(0, 8192 + 4096, channel=2))
    assert semitones(instrument, 60) == pytest.approx(-2, abs=0.002)
    assert semitones(instrument, 64) == pytest.approx(24 - 2, abs=0.002)


def test_without_mpe_members_bend_by_the_common_range():
    assert semitones(after(on(0, 60, channel=1), bend(0, 0, channel=1)), 60) == pytest.approx(
        -2, abs=0.002
    )


def test_the_range_of_members_follows_their_registered_parameter():
    rpn = [controller(0, n, v, channel=1) for n, v in ((101, 0), (100, 0), (6, 12))]
    table = [MPE, *rpn, on(0, 60, channel=3), bend(0, 0, channel=3)]
    assert semitones(after(*table), 60) == pytest.approx(-12, abs=0.002)


def test_the_configuration_message_switches_mpe():
    """MPE specification: registered parameter 6 on the master channel, members as data."""
    rpn = [controller(0, n, v) for n, v in ((101, 0), (100, 6), (6, 15))]
    table = [*rpn, on(0, 60, channel=3), bend(0, 0, channel=3)]
    assert semitones(after(*table), 60) == pytest.approx(-48, abs=0.002)
    off_again = [controller(0, n, v) for n, v in ((101, 0), (100, 6), (6, 0))]
    table = [*rpn, *off_again, on(0, 60, channel=3), bend(0, 0, channel=3)]
    assert semitones(after(*table), 60) == pytest.approx(-2, abs=0.002)


def level_db(*table) -> float:
    audio = play(SINE, *table, samples=12_000)[4000:]
    return db(rms(audio) / rms(play(SINE, on(0, 60), samples=12_000)[4000:]))


@pytest.mark.parametrize(("value", "expected_db"), [(127, 12), (32, (32 / 127 - 0.5) * 48)])
def test_pressure_sets_the_volume_of_its_note(value, expected_db):
    table = [MPE, on(0, 60, channel=2), pressure(0, value, channel=2)]
    assert level_db(*table) == pytest.approx(expected_db, abs=0.02)


def test_pressure_counts_only_from_its_first_message_on():
    assert level_db(MPE, on(0, 60, channel=2)) == pytest.approx(0, abs=1e-6)
    assert level_db(MPE, on(0, 60, channel=2), pressure(0, 9, channel=3)) == pytest.approx(
        0, abs=1e-6
    )


def test_pressure_without_mpe_is_aftertouch_and_no_volume():
    assert level_db(on(0, 60, channel=2), pressure(0, 9, channel=2)) == pytest.approx(0, abs=1e-6)


def test_slide_sets_the_brightness_of_its_note():
    moved = play(BRIGHT, MPE, on(0, 60, channel=2), controller(0, 74, 127, channel=2), samples=4000)
    bright = play(BRIGHT, parameter(0, "brightness", 1.0), on(0, 60), samples=4000)
    assert abs(moved - bright).max() < 1e-6
    other = play(BRIGHT, MPE, on(0, 60, channel=2), controller(0, 74, 127, channel=3), samples=4000)
    assert (other == play(BRIGHT, on(0, 60), samples=4000)).all()


def test_the_pedal_of_the_master_channel_holds_the_members():
    """MPE specification: messages of the master channel are for the whole zone."""
    table = [MPE, controller(0, 64, 127), on(10, 60, channel=2), off(500, 60, channel=2)]
    assert [int(v["status"]) for v in voice_records(after(*table))] == [1]
    lifted = after(*table, controller(1000, 64, 0))
    assert all(v["status"] != 1 for v in voice_records(lifted))


def test_the_gain_of_the_master_channel_is_for_the_members_too():
    table = [MPE, controller(0, 7, 50), on(0, 60, channel=2)]
    assert level_db(*table) == pytest.approx(-12.04, abs=0.02)
