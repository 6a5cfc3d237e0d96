"""A model whose every number is known, as a DX7 voice: what is told of it by the voice's fields."""

import numpy as np
import pytest

from plugin_core.dx7.envelopes import EnvelopeSpan
from plugin_core.dx7.sysex import parse_voices, single_voice_dump
from plugin_core.flattening.flatten import flatten, scaling_steps, velocity_db
from plugin_core.flattening.likeness import likeness
from plugin_core.flattening.mean_notes import asked_loudness_db, note_levels
from tests.engine.ddx7_organ import FOLLOWS, OFF, ddx7_organ

FIELDS = {"op2_coarse": 3, "op2_fine": 50}


@pytest.fixture(scope="module")
def model():
    """2 modulates 1 by half of I_max = 2 rad; 1 is as loud as is asked."""
    attack = np.minimum(0.0, -40 + 4.0 * np.arange(50))
    return ddx7_organ(
        (FOLLOWS, 0.5, OFF, OFF, OFF, OFF),
        algorithm=1,
        attack=attack,
        fields=FIELDS,
        playing={"VELOCITY_DB": 6.0, "SLOPE_DB": -6.0, "OPERATORS": 3.0},
        typical=(0.5, 0.0, 0.5, 0.4, 0.5, 0.5),
        life=(5.8, 0.0),
    )


@pytest.fixture(scope="module")
def flattened(model):
    return flatten(model, 69, name="ORGAN")


def test_routing_and_ratios_are_the_models(flattened):
    voice = flattened.voice
    assert voice.name == "ORGAN"
    assert voice.shown("algorithm") == 1
    assert (voice.shown("op2_coarse"), voice.shown("op2_fine")) == (3, 50)
    assert [voice.shown(f"op{op}_level") for op in (3, 4, 5, 6)] == [0, 0, 0, 0]


def test_the_loudest_carrier_is_at_full_level(flattened):
    assert flattened.note.levels_db[:, 0].max() == pytest.approx(0.0, abs=1e-6)
    assert flattened.voice.shown("op1_level") >= 96


def test_a_modulator_of_one_radian_is_22_db_below_full(flattened):
    """Full level swings by 4 pi radians (facts sheet, section 3)."""
    held = flattened.envelopes[1].curve_db[200:1300]
    np.testing.assert_allclose(held, 20 * np.log10(1 / (4 * np.pi)), atol=0.8)
    assert flattened.voice.shown("op2_velocity_sensitivity") == 0


def test_attack_and_release_are_in_the_rates(flattened):
    """From -40 dB in 40 ms; then 1 dB a frame, 250 dB/s."""
    assert flattened.envelopes[0].error_db < 4
    curve = flattened.envelopes[0].curve_db
    tick_s = 64 / 44100
    released = curve[round(2.02 / tick_s) : round(2.12 / tick_s)]
    slope = (released[-1] - released[0]) / (len(released) - 1) / tick_s
    assert slope == pytest.approx(-250, rel=0.25)


def test_velocity_is_in_the_sensitivity(flattened):
    """6 dB from velocity 64 to 127: sensitivity 3 has 2.3 and 4.5 dB either way from there."""
    sensitivity = flattened.voice.shown("op1_velocity_sensitivity")
    span = velocity_db(sensitivity, 124) - velocity_db(sensitivity, 44)
    assert span == pytest.approx(6.0 * 80 / 63, abs=1.5)


def test_keys_are_in_the_level_scaling(flattened):
    """Six decibels softer an octave up, and as much louder an octave down."""
    voice = flattened.voice
    assert voice.shown("op1_break_point") + 17 == 69
    for side, octave, expected_db in (("left", -12, 6), ("right", 12, -6)):
        curve, depth = voice.stored(f"op1_{side}_curve"), voice.stored(f"op1_{side}_depth")
        steps = scaling_steps(curve, depth, np.array([octave]))[0]
        assert 0.7526 * steps == pytest.approx(expected_db, abs=2)


def test_vibrato_is_in_the_lfo(flattened):
    """0.4 of 27 cents at 5.8 Hz; sensitivity 1 reaches 47 cents at depth 99."""
    voice = flattened.voice
    assert voice.shown("pitch_mod_sensitivity") == 1
    assert 47 * voice.shown("lfo_pitch_depth") / 99 == pytest.approx(0.4 * 27, abs=0.5)
    assert voice.shown("lfo_speed") == 35


def test_it_is_a_voice_that_an_instrument_reads(flattened):
    dump = single_voice_dump(flattened.voice)
    assert len(dump) == 163
    assert parse_voices(dump, source="x", strict=True).voices == (flattened.voice,)


def test_the_note_is_like_the_models(model, flattened):
    alike = likeness(model, flattened, 69, 44100)
    assert alike.level_db < 3
    assert alike.harmonics_db < 2


def test_a_note_is_asked_for_as_the_tables_say(model):
    span = EnvelopeSpan(1.0, 1.2)
    asked = asked_loudness_db(model, 81, 127, span)
    assert asked[200] == pytest.approx(-40 - 10 - 6 + 6)
    assert asked[0] == pytest.approx(asked[200] - 40)
    assert asked[260] == pytest.approx(asked[200] - 10)
    levels = note_levels(model, 81, 127, span)
    share = 10 ** (-50 / 20)
    assert levels[200, 0] == pytest.approx(share / (1 + share), rel=1e-3)
    assert levels[200, 1] == pytest.approx(1.0, rel=1e-3)
