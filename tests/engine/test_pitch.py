"""Pitch within 0.1 cent: keys, transpose, tunings, ratios, fixed frequencies, bend."""

import math

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from tests.conftest import FULL
from tests.engine.playing import SINE, bend, cents, controller, frequency_hz, on, parameter, play

KEYS = range(24, 109, 1 if FULL else 12)
RATES = [22050, 44100, 48000, 96000, 192000] if FULL else [44100, 48000, 96000]
A4_HZ = 440.0


def hz(key: float) -> float:
    return A4_HZ * 2 ** ((key - 69) / 12)


def measured_hz(voice: Voice, *table, near_hz: float, rate: float = 44100) -> float:
    samples = round(max(0.5, 200 / near_hz) * rate)
    audio = play(voice, *table, samples=samples + rate // 10, rate=rate)[rate // 10 :]
    return frequency_hz(audio, near_hz, rate)


@pytest.mark.parametrize("offset_cents", [-3.0, 0.07, 2.0])
def test_the_measurement_is_sharper_than_the_claim(offset_cents):
    true_hz = 261.6 * 2 ** (offset_cents / 1200)
    audio = np.sin(2 * np.pi * true_hz * np.arange(44100) / 44100 + 1)
    assert abs(cents(frequency_hz(audio, 261.6), true_hz)) < 0.01


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("key", KEYS)
def test_keys_are_in_equal_temperament(key, rate):
    found = measured_hz(SINE, on(0, key), near_hz=hz(key), rate=rate)
    assert abs(cents(found, hz(key))) < 0.1


@pytest.mark.parametrize("semitones", [-24, -12, -1, 7, 24])
def test_transpose_moves_by_semitones(semitones):
    voice = SINE.edited(transpose=semitones)
    found = measured_hz(voice, on(0, 60), near_hz=hz(60 + semitones))
    assert abs(cents(found, hz(60 + semitones))) < 0.1


@pytest.mark.parametrize("tune", [-100, -33.5, 12.25, 100])
@pytest.mark.parametrize("fixed", [False, True])
def test_master_tune_moves_all_operators(tune, fixed):
    voice = SINE.edited(op1_mode=1, op1_coarse=3) if fixed else SINE
    base_hz = 1000.0 if fixed else hz(69)
    table = [parameter(0, "master_tune", tune), on(0, 69)]
    expected = base_hz * 2 ** (tune / 1200)
    assert abs(cents(measured_hz(voice, *table, near_hz=expected), expected)) < 0.1


@pytest.mark.parametrize("coarse", [0, 1, 2, 3, 7, 15, 31])
@pytest.mark.parametrize("fine", [0, 1, 50, 99])
def test_ratios(coarse, fine):
    """Facts sheet, section 2: coarse 0 is a half; fine adds hundredths of that."""
    key = 45
    expected = hz(key) * (coarse or 0.5) * (1 + fine / 100)
    voice = SINE.edited(op1_coarse=coarse, op1_fine=fine)
    assert abs(cents(measured_hz(voice, on(0, key), near_hz=expected), expected)) < 0.1


@pytest.mark.parametrize(("coarse", "fine"), [(1, 50), (2, 0), (2, 65), (3, 0), (3, 30), (6, 10)])
def test_fixed_frequencies(coarse, fine):
    """Facts sheet, section 2: 10^((coarse mod 4) + fine / 100) Hz on every key."""
    expected = 10 ** (coarse % 4 + fine / 100)
    voice = SINE.edited(op1_mode=1, op1_coarse=coarse, op1_fine=fine)
    for key in (30, 100):
        assert abs(cents(measured_hz(voice, on(0, key), near_hz=expected), expected)) < 0.1


@pytest.mark.parametrize("detune", [-7, -1, 0, 3, 7])
def test_detune_of_fixed_operators(detune):
    """Facts sheet, section 2: upwards 0.96 cent a step, downwards nothing."""
    voice = SINE.edited(op1_mode=1, op1_coarse=3, op1_detune=detune)
    found = measured_hz(voice, on(0, 60), near_hz=1000)
    assert cents(found, 1000) == pytest.approx(0.000802 * 1200 * max(0, detune), abs=0.1)


@pytest.mark.parametrize("detune", [-7, -3, 2, 7])
@pytest.mark.parametrize("key", [24, 48, 69, 96])
def test_detune(detune, key):
    """Facts sheet, section 2: a step is 0.0209 / 7 X e^(-0.396 X) octaves, X = log2 f."""
    x = math.log2(hz(key))
    expected = hz(key) * 2 ** (detune * 0.0209 / 7 * x * math.exp(-0.396 * x))
    found = measured_hz(SINE.edited(op1_detune=detune), on(0, key), near_hz=expected)
    assert abs(cents(found, expected)) < 0.1


@pytest.mark.parametrize(("key", "step_cents"), [(24, 2.5), (48, 1.6), (69, 1.0), (96, 0.5)])
def test_one_detune_step_in_cents(key, step_cents):
    """Facts sheet, section 2, the sentence under the table."""
    found = measured_hz(SINE.edited(op1_detune=1), on(0, key), near_hz=hz(key))
    assert cents(found, hz(key)) == pytest.approx(step_cents, abs=0.07)


@pytest.mark.parametrize("value", [0, 4096, 8192, 12288, 16383])
@pytest.mark.parametrize("semitones", [2, 12, 48])
@pytest.mark.parametrize("fixed", [False, True])
def test_bend(value, semitones, fixed):
    """Facts sheet, section 11: (b - 8192) / 8192 x range / 12 octaves; fixed operators bend too."""
    voice = SINE.edited(op1_mode=1, op1_coarse=2, op1_fine=50) if fixed else SINE
    base_hz = 10**2.5 if fixed else hz(60)
    expected = base_hz * 2 ** ((value - 8192) / 8192 * semitones / 12)
    table = [parameter(0, "pitch_bend_range", semitones), on(0, 60), bend(100, value)]
    assert abs(cents(measured_hz(voice, *table, near_hz=expected), expected)) < 0.1


def test_bend_is_two_semitones_by_default():
    found = measured_hz(SINE, on(0, 60), bend(0, 0), near_hz=hz(58))
    assert abs(cents(found, hz(58))) < 0.1


def test_registered_parameter_zero_sets_the_bend_range():
    table = [controller(0, 101, 0), controller(0, 100, 0), controller(0, 6, 7)]
    found = measured_hz(SINE, *table, on(0, 60), bend(0, 0), near_hz=hz(53))
    assert abs(cents(found, hz(53))) < 0.1


def test_data_entry_without_a_registered_parameter_does_nothing():
    table = [controller(0, 101, 127), controller(0, 100, 127), controller(0, 6, 7)]
    found = measured_hz(SINE, *table, on(0, 60), bend(0, 0), near_hz=hz(58))
    assert abs(cents(found, hz(58))) < 0.1


@pytest.mark.parametrize("channel", [1, 15])
def test_bend_is_of_its_channel(channel):
    table = [on(0, 60), bend(0, 16383, channel=channel)]
    assert abs(cents(measured_hz(SINE, *table, near_hz=hz(60)), hz(60))) < 0.1


def test_modulation_does_not_reach_fixed_operators():
    """Facts sheet, section 2: LFO, pitch EG and mod wheel do not move them."""
    shaken = SINE.edited(
        op1_mode=1, op1_coarse=3, lfo_pitch_depth=99, pitch_mod_sensitivity=7, pitch_eg_level3=80
    )
    table = [parameter(0, "wheel_range", 99), parameter(0, "wheel_pitch", 1)]
    found = measured_hz(shaken, *table, controller(0, 1, 127), on(0, 60), near_hz=1000)
    assert abs(cents(found, 1000)) < 0.1
