"""Voice parameters moved while notes sound."""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from plugin_core.engine.parameters import PARAMETERS, VOICE_BASE
from plugin_core.engine.records import EVENT, EventType
from tests.engine.playing import (
    RATE,
    SINE,
    TICK,
    db,
    engine,
    events,
    levels_db,
    off,
    on,
    parameter,
    play,
    rms,
    voice_records,
)

STEP_DB = 32 * 6.0206 / 256


def lane(parameter_id: str, start: int, stop: int, first: float, last: float) -> list[tuple]:
    """A straight lane as a session plays it: a value per tick."""
    steps = [*range(start, stop, TICK), stop]
    return [
        parameter(at, parameter_id, first + (last - first) * (at - start) / (stop - start))
        for at in steps
    ]


@pytest.mark.parametrize("level", [98, 80, 55, 30])
def test_an_operator_level_moves_a_sounding_note(level):
    audio = play(SINE, on(0), parameter(8192, "op1_level", level), samples=32768)
    before, after = rms(audio[4096:8192]), rms(audio[16384:])
    assert db(before / after) == pytest.approx((99 - level) * STEP_DB, abs=0.02)


def test_values_between_the_steps_count():
    audio = play(SINE, on(0), parameter(8192, "op1_level", 90.5), samples=32768)
    assert db(rms(audio[4096:8192]) / rms(audio[16384:])) == pytest.approx(8.5 * STEP_DB, abs=0.02)


def test_a_level_lane_does_not_click():
    """One second from full to half level: no step larger than the sine's own."""
    audio = play(SINE, on(0, 57), *lane("op1_level", 4410, 48510, 99, 60), samples=52920)
    own = 0.125 * 2 * np.pi * 220 / RATE
    assert np.abs(np.diff(audio.astype(np.float64))).max() < 1.05 * own
    levels = levels_db(audio[4410:48510], RATE, 0.05)
    assert (np.diff(levels) < 0).all()


@pytest.mark.parametrize("level", [30, 99])
def test_a_jump_of_level_glides_within_a_few_milliseconds(level):
    voice = SINE.edited(op1_level=129 - level)
    audio = play(voice, on(0, 57), parameter(8000, "op1_level", level), samples=20_000)
    steps = np.abs(np.diff(audio.astype(np.float64)))
    assert steps.max() < 3 * 0.125 * 2 * np.pi * 220 / RATE
    settled = rms(audio[8000 + 2205 : 8000 + 4410])
    assert db(settled / rms(audio[-4410:])) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("rate", [99, 50, 20, 5])
@pytest.mark.parametrize("lowest", [30, 5, 0])
def test_a_level_taken_down_to_nothing_comes_back(lowest, rate):
    """Whatever the envelope's rates are: a lane moves a level, not the envelope."""
    slow = SINE.edited(op1_eg_rate2=rate, op1_eg_rate3=rate)
    down = lane("op1_level", 10_000, 20_000, 99, lowest)
    up = lane("op1_level", 20_000 + TICK, 30_000, lowest, 99)
    audio = play(slow, on(0, 57), *down, *up, samples=40_000)
    assert rms(audio[19_900:20_000]) < 0.02
    assert db(rms(audio[35_000:]) / rms(audio[5000:10_000])) == pytest.approx(0, abs=0.05)


def test_a_decay_goes_on_under_a_level_that_was_taken_away():
    decaying = SINE.edited(op1_eg_rate2=40, op1_eg_level2=0, op1_eg_level3=0)
    plain = play(decaying, on(0, 57), samples=60_000)
    gap = [parameter(10_000, "op1_level", 0), parameter(20_000, "op1_level", 99)]
    audio = play(decaying, on(0, 57), *gap, samples=60_000)
    assert rms(audio[12_000:20_000]) < 1e-4
    assert db(rms(audio[25_000:30_000]) / rms(plain[25_000:30_000])) == pytest.approx(0, abs=0.05)


def test_a_level_brought_up_from_nothing_sounds_and_ends_with_its_note():
    silent = SINE.edited(op1_level=0)
    table = [on(0, 57), parameter(5000, "op1_level", 99), off(30_000, 57)]
    instrument = engine(silent)
    audio = instrument.play(events(*table), 40_000)
    full = rms(play(SINE, on(0, 57), samples=30_000)[10_000:])
    assert db(rms(audio[10_000:30_000]) / full) == pytest.approx(0, abs=0.05)
    assert instrument.sounding == 0


def test_moving_one_operator_leaves_the_others_envelopes_alone():
    voice = SINE.edited(
        algorithm=32, op1_eg_rate2=30, op1_eg_level2=70, op1_eg_rate3=20, op2_level=0
    )
    plain = play(voice, on(0, 57), samples=60_000)
    moved = play(voice, on(0, 57), *lane("op2_level", 500, 50_000, 0, 15), samples=60_000)
    np.testing.assert_allclose(moved, plain, atol=1e-4)
    assert db(rms(moved[50_000:]) / rms(plain[50_000:])) == pytest.approx(0, abs=0.03)


def test_an_envelope_level_can_be_edited_while_it_is_held():
    """Also right after another edit, and where level 3 equals level 4."""
    for level4 in (0, 99):
        voice = SINE.edited(op1_eg_rate3=60, op1_eg_level4=level4)
        table = [
            on(0, 57),
            parameter(20_000, "lfo_wave", 3),
            parameter(20_100, "op1_eg_level3", 60),
        ]
        audio = play(voice, *table, samples=60_000)
        # EG levels move at every second value: 64 u steps of floor(S / 2).
        fall_db = (63 - (60 + 28) // 2) * 64 * 6.0206 / 256
        assert db(rms(audio[15_000:20_000]) / rms(audio[50_000:])) == pytest.approx(
            fall_db, abs=0.05
        )


def test_an_edited_release_rate_is_the_one_that_counts():
    slow = SINE.edited(op1_eg_rate4=20)
    table = [on(0, 57), parameter(5000, "op1_eg_rate4", 99), off(10_000, 57)]
    assert rms(play(slow, *table, samples=20_000)[11_000:]) < 1e-5
    late = [on(0, 57), off(5000, 57), parameter(10_000, "op1_eg_rate4", 99)]
    assert rms(play(slow, *late, samples=20_000)[11_000:]) < 1e-5


@pytest.mark.parametrize("algorithm", [2, 5, 16, 22, 32])
def test_the_algorithm_changes_in_a_note(algorithm):
    """Within a tick it is the spectrum of a note that had the algorithm from the start."""
    levels = {f"op{n}_level": 85 for n in range(2, 7)}
    voice = Voice.initial().edited(**levels)
    table = [on(0, 57), parameter(10_000, "algorithm", algorithm)]
    found = play(voice, *table, samples=44_100)[12_000:]
    expected = play(voice.edited(algorithm=algorithm), on(0, 57), samples=44_100)[12_000:]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_feedback_glides():
    voice = Voice.initial().edited(algorithm=32, op1_level=0, op6_level=99)
    table = [on(0, 45), *lane("feedback", 5000, 45_000, 0, 5)]
    audio = play(voice, *table, samples=60_000)
    plain = play(voice.edited(feedback=5), on(0, 45), samples=60_000)
    spectra = [np.abs(np.fft.rfft(x[52_000:] * np.hanning(8000))) for x in (audio, plain)]
    lines = spectra[1] > spectra[1].max() * 0.01
    np.testing.assert_allclose(spectra[0][lines], spectra[1][lines], rtol=0.05)
    assert np.abs(np.diff(audio)).max() < 3 * np.abs(np.diff(plain)).max()


def lfo_pitch(*table, voice: Voice, ticks: int) -> np.ndarray:
    instrument = engine(voice)
    instrument.render(0, events(*[e for e in table if e[0] == 0]))
    pitch = []
    for tick in range(ticks):
        mine = [e for e in table if e[0] > 0 and e[0] // TICK == tick]
        instrument.render(TICK, events(*[(e[0] % TICK, *e[1:]) for e in mine]))
        pitch.append(np.log2(float(voice_records(instrument)[-1]["increment"][0])))
    return np.array(pitch)


def test_lfo_speed_moves_without_a_jump_of_phase():
    shaken = SINE.edited(lfo_pitch_depth=99, pitch_mod_sensitivity=5, lfo_wave=4, lfo_speed=20)
    table = [on(0), *(parameter(40_000 + 640 * n, "lfo_speed", 20 + n) for n in range(40))]
    pitch = lfo_pitch(*table, voice=shaken, ticks=1200)
    depth = 430 / 1200
    fastest_hz = 9.9
    assert np.abs(np.diff(pitch)).max() < depth * 2 * np.pi * fastest_hz * TICK / RATE * 1.1


def test_vibrato_follows_the_speed_without_a_jump_of_phase():
    """The vibrato control beats at the LFO's rate where that modulates pitch."""
    shaken = SINE.edited(lfo_pitch_depth=1, pitch_mod_sensitivity=1, lfo_speed=20)
    late = 10 * RATE // TICK * TICK
    table = [parameter(0, "vibrato", 1), on(0), parameter(late, "lfo_speed", 40)]
    pitch = lfo_pitch(*table, voice=shaken, ticks=late // TICK + 200)
    fastest_hz = 7.0
    step = 50 / 1200 * 2 * np.pi * fastest_hz * TICK / RATE
    assert np.abs(np.diff(pitch)).max() < 1.2 * step


def sound(sample: int, index: int) -> tuple:
    return (sample, EventType.SOUND, 0, 0, -1, index, 0)


def test_a_change_of_sound_is_for_the_notes_to_come():
    bright = SINE.edited(op2_level=90)
    instrument = engine(SINE, bright)
    held = np.array([on(0, 57), sound(10_000, 1)], EVENT)
    np.testing.assert_array_equal(
        instrument.play(held, 20_000), play(SINE, on(0, 57), samples=20_000)
    )
    new = instrument.play(np.array([off(0, 57), on(2000, 57)], EVENT), 10_000)
    np.testing.assert_array_equal(new[2000:], play(bright, on(0, 57), samples=8000))


def test_edits_after_a_change_of_sound_leave_old_notes_alone():
    instrument = engine(SINE, SINE.edited(op2_level=90))
    table = [on(0, 57), sound(5000, 1), parameter(6000, "op1_level", 20)]
    np.testing.assert_array_equal(
        instrument.play(np.array(table, EVENT), 20_000), play(SINE, on(0, 57), samples=20_000)
    )


def test_a_change_of_sound_refreshes_what_parameters_show():
    other = SINE.edited(algorithm=17, op3_detune=-4, transpose=12)
    instrument = engine(SINE, other)
    instrument.render(64, np.array([sound(0, 1)], EVENT))
    shown = instrument.parameters[VOICE_BASE : VOICE_BASE + 145]
    assert [int(v) for v in shown] == [other.shown(p.id) for p in PARAMETERS[VOICE_BASE:][:145]]


@pytest.mark.parametrize("index", [-1, 2, 10**6])
def test_a_sound_that_is_not_there_changes_nothing(index):
    instrument = engine(SINE, SINE.edited(op2_level=90))
    np.testing.assert_array_equal(
        instrument.play(np.array([sound(0, index), on(1, 57)], EVENT), 5000)[1:],
        play(SINE, on(0, 57), samples=4999),
    )


@pytest.mark.parametrize("operator", range(1, 7))
def test_operator_switches_mute(operator):
    voice = Voice.initial().edited(algorithm=32, op1_level=0).edited(**{f"op{operator}_level": 99})
    audio = play(voice, on(0, 57), parameter(8000, f"op{operator}_on", 0), samples=16_000)
    assert rms(audio[4000:8000]) > 0.05
    assert not audio[8000 + 2 * TICK :].any()
