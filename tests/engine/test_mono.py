"""Mono and legato, portamento and glissando."""

import math

import numpy as np
import pytest

from tests.engine.playing import (
    RATE,
    SINE,
    TICK,
    controller,
    engine,
    events,
    keys,
    off,
    on,
    parameter,
    play,
    voice_records,
)

MONO, LEGATO = 1, 2
# A slow attack tells a new one; a long release tells what rings on.
SLOW = SINE.edited(op1_eg_rate1=40, op1_eg_rate4=40)


def after(mode: int, *table, samples: int = 4096, voice=SINE):
    instrument = engine(voice)
    instrument.play(events(parameter(0, "voice_mode", mode), *table), samples)
    return instrument


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_one_voice_plays_the_last_key(mode):
    assert keys(after(mode, on(0, 60), on(100, 64), on(200, 67))) == [67]


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_it_returns_to_the_key_held_before(mode):
    table = [on(0, 60), on(100, 64), on(200, 67), off(300, 64), off(400, 67)]
    assert keys(after(mode, *table)) == [60]
    assert keys(after(mode, *table, off(500, 60), samples=9000)) == []


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_releasing_another_key_does_not_matter(mode):
    assert keys(after(mode, on(0, 60), on(100, 64), off(200, 60))) == [64]


def test_legato_keeps_its_envelope_while_keys_overlap():
    instrument = after(LEGATO, on(0, 60), on(30_000, 64), samples=30_100, voice=SLOW)
    (voice,) = voice_records(instrument)
    assert voice["tick"] == -(-30_100 // TICK)
    assert voice["key"] == 64


def test_legato_attacks_anew_after_a_gap():
    table = [on(0, 60), off(20_000, 60), on(20_100, 64)]
    instrument = after(LEGATO, *table, samples=20_500, voice=SLOW)
    assert max(int(v["tick"]) for v in voice_records(instrument) if v["key"] == 64) < 10


def test_mono_attacks_with_every_key():
    instrument = after(MONO, on(0, 60), on(30_000, 64), samples=30_100, voice=SLOW)
    assert keys(instrument) == [64]
    assert voice_records(instrument)[-1]["tick"] == 2


def test_returning_to_a_held_key_is_no_attack():
    table = [on(0, 60), on(20_000, 64), off(30_000, 64)]
    instrument = after(MONO, *table, samples=30_100, voice=SLOW)
    (voice,) = voice_records(instrument)
    assert (voice["key"], voice["tick"]) == (60, -(-10_100 // TICK))


def test_the_pitch_of_a_legato_key_is_right():
    from tests.engine.playing import cents, frequency_hz

    instrument = engine(SINE.edited(op1_right_depth=20, op1_right_curve=0))
    table = [parameter(0, "voice_mode", LEGATO), on(0, 57), on(1000, 64)]
    audio = instrument.play(events(*table), 30_000)[5000:]
    expected = 440 * 2 ** ((64 - 69) / 12)
    assert abs(cents(frequency_hz(audio, expected), expected)) < 0.1


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_sustain_holds_a_mono_note(mode):
    table = [controller(0, 64, 127), on(0, 60), off(100, 60)]
    assert keys(after(mode, *table)) == [60]
    assert keys(after(mode, *table, controller(200, 64, 0), samples=9000)) == []


@pytest.mark.parametrize("mode", [MONO, LEGATO])
def test_keys_on_several_channels_do_not_hang(mode):
    table = [on(0, 60), on(100, 64, channel=1), off(200, 60), off(300, 64, channel=1)]
    assert keys(after(mode, *table, samples=9000)) == []


def test_a_chord_held_while_the_mode_changes_does_not_hang():
    table = [on(1, 60), on(1, 64), on(1, 67), parameter(100, "voice_mode", LEGATO), on(200, 72)]
    table += [off(300, 60), off(310, 64), off(320, 67), off(330, 72)]
    assert keys(after(0, *table, samples=9000)) == []


def test_a_key_released_in_another_mode_is_forgotten():
    table = [on(1, 60), parameter(100, "voice_mode", 0), off(200, 60)]
    table += [parameter(300, "voice_mode", MONO), on(400, 64), off(500, 64)]
    assert keys(after(MONO, *table, samples=9000)) == []


def pitch_over_time(*table, ticks: int) -> np.ndarray:
    """Return the note number that sounds at each tick of the last note."""
    instrument = engine(SINE)
    instrument.render(0, events(*table))
    notes = []
    for _ in range(ticks):
        instrument.render(TICK)
        hz = float(voice_records(instrument)[-1]["increment"][0]) / 2**32 * RATE
        notes.append(69 + 12 * math.log2(hz / 440))
    return np.array(notes)


def glide(time: float, *more, from_key: int = 60, to_key: int = 72, ticks: int) -> np.ndarray:
    table = [parameter(0, "portamento", 1), parameter(0, "portamento_time", time), *more]
    return pitch_over_time(*table, on(0, from_key), on(0, to_key), ticks=ticks)


@pytest.mark.parametrize("time", [20, 40, 60, 80, 100, 127])
@pytest.mark.parametrize(("from_key", "to_key"), [(48, 72), (72, 48)])
def test_portamento_speed(time, from_key, to_key):
    """Facts sheet, section 11: 2100 x 2^(-0.062 t) semitones per second, in a straight line."""
    speed = 2100 * 2 ** (-0.062 * time)
    elapsed = np.arange(1, 400) * TICK / RATE
    expected = to_key + np.sign(from_key - to_key) * np.maximum(0, 24 - speed * elapsed)
    found = glide(time, from_key=from_key, to_key=to_key, ticks=399)
    np.testing.assert_allclose(found, expected, atol=max(0.002, speed * TICK / RATE))


def test_glissando_goes_by_semitones():
    """Facts sheet, section 11: 1300 x 2^(-0.062 t), rounded to semitones."""
    found = glide(80, parameter(0, "glissando", 1), ticks=400)
    np.testing.assert_allclose(found, np.round(found), atol=0.002)
    assert set(np.round(found).astype(int)) == set(range(60, 73))
    speed = 1300 * 2 ** (-0.062 * 80)
    reached = np.flatnonzero(np.round(found) == 72)[0] * TICK / RATE
    assert reached == pytest.approx(11.5 / speed, abs=0.01)


def test_without_portamento_pitch_jumps():
    found = pitch_over_time(parameter(0, "portamento_time", 80), on(0, 60), on(0, 72), ticks=3)
    np.testing.assert_allclose(found, 72, atol=0.002)


def test_the_first_note_does_not_glide():
    table = [parameter(0, "portamento", 1), parameter(0, "portamento_time", 100)]
    np.testing.assert_allclose(pitch_over_time(*table, on(0, 72), ticks=3), 72, atol=0.002)


def test_switching_portamento_off_ends_a_glide():
    instrument = engine(SINE)
    table = [parameter(0, "portamento", 1), parameter(0, "portamento_time", 100), on(0, 48)]
    instrument.render(0, events(*table, on(0, 72)))
    instrument.render(1000)
    instrument.render(200, events(parameter(0, "portamento", 0)))
    increment = float(voice_records(instrument)[-1]["increment"][0]) / 2**32 * RATE
    assert increment == pytest.approx(440 * 2 ** (3 / 12), rel=1e-4)


def test_controllers_5_and_65_set_portamento():
    table = [controller(0, 65, 127), controller(0, 5, 60), on(0, 48), on(0, 72)]
    np.testing.assert_allclose(
        pitch_over_time(*table, ticks=50), glide(60, from_key=48, to_key=72, ticks=50), atol=1e-6
    )


def test_legato_glides_from_where_the_pitch_is():
    table = [parameter(0, "voice_mode", LEGATO), parameter(0, "portamento", 1)]
    table += [parameter(0, "portamento_time", 90), on(0, 48), on(0, 72)]
    instrument = engine(SINE)
    instrument.render(0, events(*table))
    instrument.render(TICK * 100)
    (voice,) = voice_records(instrument)
    before = voice["key"] + voice["glide"]
    instrument.render(TICK, events(on(0, 48)))
    (voice,) = voice_records(instrument)
    assert voice["key"] + voice["glide"] == pytest.approx(before, abs=0.2)


def test_play_is_the_same_with_or_without_a_mode_when_notes_do_not_overlap():
    table = [on(0, 60), off(3000, 60), on(8000, 64), off(12_000, 64)]
    poly = play(SINE, *table, samples=16_000)
    for mode in (MONO, LEGATO):
        mono = play(SINE, parameter(0, "voice_mode", mode), *table, samples=16_000)
        np.testing.assert_array_equal(mono, poly)
