"""The DX7 voice of a DDX7 sound: what editing it does to the sound, while it sounds too."""

import numpy as np
import pytest
from scipy.special import jv

from plugin_core.dx7.fields import FIELDS
from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.parameters import PARAMETER_INDEX, VOICE_BASE
from plugin_core.engine.records import SHOWN_FROM

from .ddx7_organ import OFF, ddx7_organ
from .live_organ import live_engine, load, organ, play_live
from .playing import SINE, db, events, on, parameter, rms

RATE = 48000
HALF = slice(RATE // 4, RATE // 4 + RATE // 10)
AFTER = slice(RATE // 2 + 3 * RATE // 10, RATE // 2 + 2 * RATE // 5)
"""When a ratio that was moved at half time rests, and its phase has come back."""
I_MAX = 100.0
INDEX = 1.0
"""Radians of the modulator."""
PAIR = (None, INDEX / I_MAX, OFF, OFF, OFF, OFF)
"""Operator 2 modulates operator 1, in algorithm 1 with operator 3 silent."""
SHARE = 1 / (1 + 10 ** (50 / 20))
"""Of operator 1: the logistic function of a loudness of -50 dB."""
GAIN = 10 ** (30 / 20)


def pair(**options) -> Ddx7Model:
    return ddx7_organ(PAIR, algorithm=1, playing={"I_MAX": I_MAX}, **options)


def play(model, *table, samples=RATE):
    """A note of 400 Hz by master tune, so that 0.1 s are 40 periods, and events."""
    tune = parameter(0, "master_tune", 1200 * np.log2(400 / 391.995))
    return play_live(tune, on(0, 67, 64), *table, samples=samples, model=model)


def lines(audio, multiples) -> np.ndarray:
    """Amplitudes of the lines at these multiples of 400 Hz."""
    spectrum = np.abs(np.fft.rfft(audio.astype(np.float64))) * 2 / len(audio)
    return spectrum[[round(40 * m) for m in multiples]]


def expected_lines(index: float, ratio: float, count: int = 9) -> tuple[list[float], np.ndarray]:
    """Equation 2 of Caspe et al.: sidebands at 1 + n ratio are Bessel functions of the index."""
    orders = range(-count, count + 1)
    amplitudes: dict[float, float] = {}
    for order in orders:
        at = 1 + order * ratio
        sign = -1 if at < 0 else 1
        amplitudes[abs(at)] = amplitudes.get(abs(at), 0) + sign * float(jv(order, index))
    kept = sorted(at for at in amplitudes if 0 < at < 10)
    return kept, np.abs([amplitudes[at] for at in kept])


def assert_lines(audio, index, ratio, tolerance=0.001):
    places, amplitudes = expected_lines(index, ratio)
    np.testing.assert_allclose(lines(audio, places) / (SHARE * GAIN), amplitudes, atol=tolerance)


def test_what_plays_is_the_paper_s_equation():
    assert_lines(play(pair())[HALF], INDEX, 1.0)


def test_loading_sets_the_voice_parameters():
    model = pair(fields={"op2_coarse": 3, "op2_fine": 7})
    engine = live_engine(model)
    engine.play(events(load()), 64)
    voice = engine.parameters[VOICE_BASE : VOICE_BASE + len(FIELDS)]
    np.testing.assert_array_equal(voice, model.voice + SHOWN_FROM)
    assert voice[PARAMETER_INDEX["op2_fine"] - VOICE_BASE] == 7


def test_a_live_model_leaves_the_voice_parameters_alone():
    engine = live_engine(organ())
    engine.play(events(load()), 64)
    voice = engine.parameters[VOICE_BASE : VOICE_BASE + len(FIELDS)]
    np.testing.assert_array_equal(voice, SINE.patch() + SHOWN_FROM)


def test_ratios_are_tenths_as_trained_until_they_are_edited():
    model = pair(fields={"op2_coarse": 3, "op2_fine": 7})
    assert model.ratios[1] == pytest.approx(3.2)
    assert_lines(play(model)[HALF], INDEX, 3.2)
    edited = play(model, parameter(0, "op2_fine", 10))
    assert_lines(edited[HALF], INDEX, 3.3)
    back = play(model, parameter(0, "op2_fine", 10), parameter(RATE // 2, "op2_fine", 7))
    assert_lines(back[AFTER], INDEX, 3.2)


def test_a_ratio_is_heard_in_the_note_that_sounds():
    table = (parameter(RATE // 2, "op2_coarse", 2), parameter(RATE // 2, "op2_fine", 25))
    audio = play(pair(), *table)
    assert_lines(audio[HALF], INDEX, 1.0)
    # No two sidebands of this ratio fall together, so that the modulator's phase does not matter.
    assert_lines(audio[AFTER], INDEX, 2.5)


@pytest.mark.parametrize("steps", [1, 5, 24])
def test_how_a_ratio_was_moved_is_not_heard_once_it_rests(steps):
    """Phases come back: what sounds is the note that had the ratio from the beginning."""
    times = np.linspace(RATE // 8, RATE // 2, steps).astype(int)
    values = np.linspace(3, 50, steps).round() if steps > 1 else [50]
    moved = [
        parameter(int(time), "op2_fine", value) for time, value in zip(times, values, strict=True)
    ]
    from_the_start = play(pair(), parameter(0, "op2_fine", 50))[AFTER]
    assert db(rms(play(pair(), *moved)[AFTER] - from_the_start) / rms(from_the_start)) < -90
    assert db(rms(play(pair())[AFTER] - from_the_start) / rms(from_the_start)) > -10


def test_a_moving_ratio_never_steps():
    moved = [parameter(RATE // 4 + 300 * n, "op2_fine", n) for n in range(99)]
    audio = play(pair(), *moved)
    # The fastest that one operator by one modulator can move: its own phase and the modulator's.
    slope = 2 * np.pi * 400 / RATE * (1 + 2 * INDEX) * SHARE * GAIN
    assert np.abs(np.diff(audio[RATE // 8 :])).max() < 1.1 * slope


def test_a_fixed_frequency_is_that():
    model = ddx7_organ((0.3, OFF, OFF, OFF, OFF, OFF))
    audio = play(
        model,
        parameter(0, "op1_mode", 1),
        parameter(0, "op1_coarse", 3),
        parameter(0, "op1_fine", 0),
    )
    assert lines(audio[HALF], [2.5])[0] == pytest.approx(lines(play(model)[HALF], [1])[0], rel=0.01)


@pytest.mark.parametrize("level", [91, 75, 0])
def test_an_output_level_is_three_quarters_of_a_decibel_a_step(level):
    index = INDEX * 10 ** (-0.75 * (99 - level) / 20) if level else 0.0
    assert_lines(play(pair(), parameter(RATE // 2, "op2_level", level))[AFTER], index, 1.0)


def test_a_switch_silences_its_operator_and_the_others_stay():
    assert_lines(play(pair(), parameter(RATE // 2, "op2_on", 0))[AFTER], 0.0, 1.0)
    off = play(pair(), parameter(RATE // 2, "op1_on", 0))
    assert np.abs(off[AFTER]).max() < 1e-6
    back = play(pair(), parameter(0, "op2_on", 0), parameter(RATE // 2, "op2_on", 1))
    assert_lines(back[AFTER], INDEX, 1.0)


def test_an_operator_that_is_absent_never_sounds():
    model = ddx7_organ(PAIR, algorithm=1, playing={"I_MAX": I_MAX, "OPERATORS": 0b1})
    assert_lines(play(model, parameter(0, "op2_on", 1))[HALF], 0.0, 1.0)


def test_another_algorithm_moves_shares_over():
    """In algorithm 32 all operators are carriers: the modulator's share becomes an amplitude."""
    audio = play(pair(fields={"op2_coarse": 3}), parameter(RATE // 2, "algorithm", 32))
    found = lines(audio[AFTER], [1, 3])
    np.testing.assert_allclose(found, np.array([SHARE, INDEX / I_MAX]) * GAIN, rtol=0.01)


def test_another_algorithm_comes_without_a_step():
    audio = play(pair(), parameter(RATE // 2, "algorithm", 32))
    slope = 2 * np.pi * 400 / RATE * (SHARE + INDEX / I_MAX) * GAIN * 1.5
    around = audio[RATE // 2 - 200 : RATE // 2 + 100]
    assert np.abs(np.diff(around)).max() < slope


def test_feedback_makes_harmonics():
    model = ddx7_organ((OFF, OFF, OFF, OFF, OFF, 0.02))
    plain = lines(play(model)[HALF], [1, 2, 3])
    edited = lines(play(model, parameter(0, "feedback", 7))[HALF], [1, 2, 3])
    assert db(plain[1] / plain[0]) < -80
    assert edited[1] > 3 * plain[1]


def test_brightness_scales_the_modulators():
    for value, gain_db in ((0.75, 6.0), (0.25, -12.0)):
        audio = play(pair(), parameter(0, "brightness", value))
        assert_lines(audio[HALF], INDEX * 10 ** (gain_db / 20), 1.0)


def test_eg_rate_1_is_the_fastest_rise():
    """Rate 40 is 25 in the envelope's own scale: 5 x 2^-2 units a tick, times 17 - level / 256."""
    # An envelope rises from 50 dB below the top at once: the share must be more than that.
    model = ddx7_organ((0.5, OFF, OFF, OFF, OFF, OFF), playing={"GAIN_DB": 0.0})
    free = play(model, samples=RATE // 2)
    slow = play(model, parameter(0, "op1_eg_rate1", 40), samples=RATE // 2)
    early = slice(RATE // 50, RATE // 25)
    assert rms(slow[early]) < 0.5 * rms(free[early])
    late = slice(RATE // 2 - RATE // 10, RATE // 2)
    assert rms(slow[late]) == pytest.approx(rms(free[late]), rel=0.01)


def test_eg_rate_4_is_the_fastest_fall():
    """Rate 30: q = 19, 7 x 2^-4 units a tick of 64/44100 s, a unit 6.02/256 dB: 7.09 dB/s."""
    half = RATE // 2
    audio = play(
        pair(),
        parameter(0, "op1_eg_rate4", 30),
        parameter(0, "op2_on", 0),
        parameter(half, "volume", 0.2),
        samples=3 * RATE // 2,
    )
    begin, end = (rms(audio[t : t + 4800]) for t in (half + 4800, half + 4800 + RATE // 2))
    assert db(end / begin) == pytest.approx(-7.09 / 2, abs=0.2)


def test_edits_of_the_next_sound_do_not_reach_notes_of_this_one():
    engine = live_engine(pair(), pair(fields={"op2_coarse": 3}))
    table = [
        load(),
        parameter(0, "master_tune", 1200 * np.log2(400 / 391.995)),
        on(0, 67, 64),
        load(RATE // 4, slot=1),
        parameter(RATE // 3, "op2_coarse", 2),
    ]
    audio = engine.play(events(*table), RATE)
    assert_lines(audio[AFTER], INDEX, 1.0)
