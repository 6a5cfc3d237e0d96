"""Envelope curves against the times in the facts sheet (sections 8 and 10)."""

import numpy as np
import pytest

from plugin_core.dx7.envelopes import (
    EnvelopeSpan,
    operator_envelope_db,
    pitch_envelope_octaves,
    telling_span,
    tick_times_s,
)
from plugin_core.dx7.voice import Voice

FASTEST = {f"op1_eg_rate{n}": 99 for n in (1, 2, 3, 4)}
TICK_S = 64 / 44100


def envelope(on_s: float, total_s: float, **edit: int):
    span = EnvelopeSpan(on_s, total_s)
    voice = Voice.initial().edited(**FASTEST | edit)
    return tick_times_s(span), operator_envelope_db(voice, 1, span)


# Facts sheet, section 8: rate, 99 to 0 falling in s, 0 to 99 attack in s.
@pytest.mark.parametrize(
    ("rate", "falling_s", "attack_s"),
    [(30, 12.69, 1.578), (40, 4.441, 0.5515), (50, 1.387, 0.1712), (70, 0.1741, 0.02032)],
)
def test_stages_last_as_long_as_the_facts_sheet_says(rate: int, falling_s: float, attack_s: float):
    times, level = envelope(2 * attack_s, 2 * attack_s, op1_eg_rate1=rate)
    attained_s = times[np.argmax(level >= level.max())]
    assert attained_s == pytest.approx(attack_s, rel=0.003, abs=TICK_S)

    on_s = 0.1
    times, level = envelope(on_s, on_s + 1.2 * falling_s, op1_eg_rate4=rate)
    silent_s = times[np.argmax(level <= level[-1])] - on_s
    assert silent_s == pytest.approx(falling_s, rel=0.003, abs=2 * TICK_S)


def test_full_level_is_0_db_and_holds_while_the_key_is_down():
    times, level = envelope(1.0, 1.5)
    assert level[times > 0.01][:600] == pytest.approx(0.0)
    # Rate 99 falls from 99 to 0 in 7.256 ms.
    assert np.all(level[times > 1.0 + 0.0073 + TICK_S] < -80)


def test_one_output_level_step_is_three_quarters_of_a_decibel():
    _, full = envelope(0.5, 0.5)
    _, lower = envelope(0.5, 0.5, op1_level=89)
    assert full[-1] - lower[-1] == pytest.approx(10 * 0.753, abs=0.01)


def test_equal_levels_hold_for_the_listed_time():
    # Rate 50 with equal levels 1 and 2: 0.1509 s until stage 3 falls to silence.
    times, level = envelope(1.0, 1.0, op1_eg_rate2=50, op1_eg_level3=0)
    falls_s = times[np.argmax((times > 0.01) & (level < -1.0))]
    assert falls_s == pytest.approx(0.001451 + 0.1509, abs=0.004)


def test_the_pitch_envelope_moves_between_its_levels():
    # Levels 84 and 50 are +34/32 octaves and 0; rate 50 moves 41/21.3 octaves per second.
    levels = {"pitch_eg_level1": 84, "pitch_eg_level2": 50, "pitch_eg_level3": 50}
    voice = Voice.initial().edited(**levels, pitch_eg_level4=50, pitch_eg_rate1=50)
    span = EnvelopeSpan(2.0, 2.0)
    times, octaves = tick_times_s(span), pitch_envelope_octaves(voice, span)
    assert octaves.max() == pytest.approx(34 / 32)
    rising = times < 0.5 * 34 / 32 * 21.3 / 41
    assert octaves[rising] == pytest.approx(times[rising] * 41 / 21.3, rel=1e-6)
    assert octaves[-1] == 0


def test_a_flat_pitch_envelope_stays_on_the_key():
    span = EnvelopeSpan(0.5, 1.0)
    assert not pitch_envelope_octaves(Voice.initial(), span).any()


def test_a_span_holds_the_key_until_slow_envelopes_have_settled():
    plucked = Voice.initial()
    swelling = plucked.edited(op1_eg_rate1=30)
    assert telling_span(plucked).on_s < 0.5
    assert 1.5 < telling_span(swelling).on_s < 2.5
