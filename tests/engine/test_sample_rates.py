"""The same note at every sample rate: envelope times to 1 % or a tick, level to 0.1 dB."""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from tests.engine.playing import (
    SINE,
    cents,
    db,
    engine,
    events,
    frequency_hz,
    levels_db,
    on,
    parameter,
    play,
    rms,
    voice_records,
)

RATES = [22050, 44100, 48000, 88200, 96000, 192000]
TICK_S = 64 / 44100


def time_to_fall_db(rate: float, voice: Voice, fall_db: float) -> float:
    """Return when a fixed 4 kHz sine with a falling envelope has lost so much, in seconds."""
    audio = play(voice, on(0, 60), samples=round(2.5 * rate), rate=rate)
    window_s = 0.0005
    levels = levels_db(audio, rate, window_s)
    top = levels[round(0.02 / window_s)]
    below = np.flatnonzero(levels[round(0.02 / window_s) :] < top - fall_db)
    return float(below[0] * window_s + 0.02)


FALLING = SINE.edited(
    op1_mode=1, op1_coarse=3, op1_fine=60, op1_eg_rate1=99, op1_eg_rate2=45, op1_eg_level2=0,
    op1_eg_level3=0,
)  # fmt: skip


@pytest.mark.parametrize("rate", RATES)
def test_a_decay_takes_the_time_of_the_facts_sheet(rate):
    """Section 8: q = 41 R / 64, 0.2532 (4 + q mod 4) / 4 2^(q / 4) dB per second."""
    q = 41 * 45 // 64
    db_per_s = 0.2532 * (4 + q % 4) / 4 * 2 ** (q // 4)
    expected = 0.02 + 40 / db_per_s
    assert time_to_fall_db(rate, FALLING, 40) == pytest.approx(
        expected, abs=max(0.01 * expected, 2 * TICK_S)
    )


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("rate1", "seconds"), [(30, 1.578), (40, 0.5515), (50, 0.1712), (60, 0.0566), (70, 0.02032)]
)
def test_attack_times(rate, rate1, seconds):
    """Section 8, the table of times: 0 to 99 at output level 99, counted by ticks."""
    instrument = engine(SINE.edited(op1_eg_rate1=rate1), rate=rate)
    instrument.render(1, events(on(0, 60)))
    block = round(rate / 2000)
    elapsed = 1.0
    while voice_records(instrument)["eg_stage"][0, 0] == 0:
        instrument.render(block)
        elapsed += block
        assert elapsed < 3 * rate
    assert elapsed / rate == pytest.approx(seconds, abs=max(0.01 * seconds, 2 * TICK_S))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("rate2", "seconds"), [(40, 0.5007), (60, 0.05224), (80, 0.008707)])
def test_hold_times(rate, rate2, seconds):
    """Section 8: a stage without movement lasts the table's time, at every sample rate."""
    held = SINE.edited(op1_eg_rate2=rate2, op1_eg_level3=0, op1_eg_rate3=99)
    instrument = engine(held, rate=rate)
    instrument.render(round(0.004 * rate), events(on(0, 60)))  # past the attack
    elapsed = round(0.004 * rate)
    block = round(rate / 2000)
    while voice_records(instrument)["eg_stage"][0, 0] < 2:
        instrument.render(block)
        elapsed += block
        assert elapsed < 3 * rate
    attack_s = 0.001451
    assert elapsed / rate - attack_s == pytest.approx(seconds, abs=max(0.01 * seconds, 2 * TICK_S))


RICH = Voice.initial().edited(
    algorithm=5, op2_level=75, op3_level=90, op4_level=70, op4_coarse=3, op3_eg_rate2=40,
    op3_eg_level2=85, op2_eg_rate2=35, op2_eg_level2=60, lfo_speed=40, lfo_pitch_depth=20,
    lfo_amp_depth=30, op3_amp_mod_sensitivity=2, feedback=3, op6_level=60, op5_level=80,
)  # fmt: skip


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate != 44100])
@pytest.mark.parametrize("voice", [SINE, RICH], ids=["sine", "rich"])
def test_levels_over_time_are_those_at_44100(rate, voice):
    """Every 50 ms within 0.1 dB; partials of this note stay under 10 kHz at all rates."""
    table_at = [
        levels_db(play(voice, on(0, 45), samples=r, rate=r), r, 0.05) for r in (44100, rate)
    ]
    loud = table_at[0] > table_at[0].max() - 60
    assert np.abs(table_at[1] - table_at[0])[loud].max() < 0.1


@pytest.mark.parametrize("rate", RATES)
def test_the_lfo_keeps_its_speed(rate):
    """Section 9: speed 35 is 5.803763 Hz."""
    trembling = SINE.edited(
        op1_mode=1, op1_coarse=3, lfo_speed=35, lfo_wave=4, lfo_amp_depth=60,
        op1_amp_mod_sensitivity=3,
    )  # fmt: skip
    window_s = round(0.005 * rate) / rate
    levels = levels_db(play(trembling, on(0), samples=8 * rate, rate=rate), rate, window_s)
    spectrum = np.abs(np.fft.rfft((levels - levels.mean()) * np.hanning(len(levels)), 1 << 16))
    found = np.argmax(spectrum[20:]) + 20
    assert found / (1 << 16) / window_s == pytest.approx(5.803763, abs=0.01)


@pytest.mark.parametrize("rate", RATES)
def test_parameters_glide_at_the_same_speed(rate):
    """Volume 0.5 to 1 is 12 dB; after 5 ms 63 % of the way, after 50 ms all of it."""
    loud = play(SINE, on(0), parameter(rate // 10, "volume", 1.0), samples=rate // 4, rate=rate)
    assert db(rms(loud[-rate // 20 :]) / rms(loud[rate // 20 : rate // 10])) == pytest.approx(
        12, abs=0.05
    )
    early = loud[rate // 10 : rate // 10 + rate // 500]
    assert db(rms(early) / rms(loud[rate // 20 : rate // 10])) < 6


@pytest.mark.parametrize("rate", [22049.9, 192000.1, 0, float("nan"), float("inf"), -44100])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(ValueError, match=r"sample rate is 22050\.\.192000"):
        Engine(rate, [SINE.patch()])


@pytest.mark.parametrize("rate", [22050, 32000, 44101, 47999.5, 192000])
def test_any_rate_in_range_plays_in_tune(rate):
    audio = play(SINE, on(0, 69), samples=round(rate), rate=rate)[round(rate / 10) :]
    assert abs(cents(frequency_hz(audio, 440, rate), 440)) < 0.1
