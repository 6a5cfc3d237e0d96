"""The LFO over several notes: one for all voices, restarts, sample and hold, delay."""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from tests.engine.playing import (
    RATE,
    SINE,
    TICK,
    controller,
    engine,
    events,
    off,
    on,
    parameter,
    voice_records,
)

SHAKEN = SINE.edited(lfo_pitch_depth=99, pitch_mod_sensitivity=5, lfo_speed=30, op1_eg_rate4=20)


def shaken(**fields: int) -> Voice:
    return SHAKEN.edited(**fields)


def octaves(instrument: Engine, key: int) -> float:
    """Return how far the LFO moves the last note of a key just now."""
    voice = [v for v in voice_records(instrument) if v["key"] == key][-1]
    hz = float(voice["increment"][0]) / 2**32 * RATE
    return float(np.log2(hz / 440) - (key - 69) / 12)


def curve(instrument: Engine, key: int, ticks: int) -> np.ndarray:
    found = []
    for _ in range(ticks):
        instrument.render(TICK)
        found.append(octaves(instrument, key))
    return np.array(found)


def note(instrument: Engine, *table) -> None:
    instrument.render(0, events(*table))


def first_note(voice: Voice, ticks: int = 300) -> np.ndarray:
    instrument = engine(voice)
    note(instrument, on(0, 60))
    return curve(instrument, 60, ticks)


def test_all_voices_share_one_lfo():
    instrument = engine(shaken(lfo_sync=0))
    note(instrument, on(0, 60))
    instrument.render(100 * TICK)
    note(instrument, on(0, 67))
    for _ in range(50):
        instrument.render(TICK)
        assert octaves(instrument, 67) == pytest.approx(octaves(instrument, 60), abs=3e-5)


@pytest.mark.parametrize("wave", range(5))
def test_key_sync_restarts_the_wave_with_each_note(wave):
    voice = shaken(lfo_wave=wave, lfo_sync=1)
    instrument = engine(voice)
    note(instrument, on(0, 60))
    instrument.render(137 * TICK)
    note(instrument, off(0, 60))
    instrument.render(61 * TICK)
    note(instrument, on(0, 60))
    np.testing.assert_allclose(curve(instrument, 60, 300), first_note(voice), atol=3e-5)


def test_without_key_sync_the_wave_runs_on():
    voice = shaken(lfo_wave=1, lfo_sync=0)
    instrument = engine(voice)
    instrument.render(200 * TICK)
    note(instrument, on(0, 60))
    np.testing.assert_allclose(curve(instrument, 60, 100), first_note(voice, 300)[200:], atol=3e-5)


@pytest.mark.parametrize("delay", [30, 60])
def test_no_restart_while_another_key_is_down(delay):
    """Facts sheet, section 9: phase and delay restart only when no other key is held."""
    voice = shaken(lfo_delay=delay, lfo_wave=1)
    instrument = engine(voice)
    note(instrument, on(0, 60))
    instrument.render(500 * TICK)
    note(instrument, on(0, 67))
    np.testing.assert_allclose(curve(instrument, 67, 200), first_note(voice, 700)[500:], atol=3e-5)


@pytest.mark.parametrize("delay", [30, 60])
def test_a_released_note_does_not_keep_the_lfo_from_restarting(delay):
    voice = shaken(lfo_delay=delay, lfo_wave=1)
    instrument = engine(voice)
    note(instrument, on(0, 60))
    instrument.render(500 * TICK)
    note(instrument, off(0, 60), on(0, 67))
    np.testing.assert_allclose(curve(instrument, 67, 300), first_note(voice), atol=3e-5)


@pytest.mark.parametrize("delay", [30, 60])
def test_a_note_that_only_a_pedal_holds_does_not_either(delay):
    """It is keys that count: Dexed looks at keys that are down."""
    voice = shaken(lfo_delay=delay, lfo_wave=1)
    instrument = engine(voice)
    note(instrument, controller(0, 64, 127), on(0, 60))
    instrument.render(500 * TICK)
    note(instrument, off(0, 60), on(0, 67))
    np.testing.assert_allclose(curve(instrument, 67, 300), first_note(voice), atol=3e-5)


@pytest.mark.parametrize("mode", [1, 2])
def test_overlapping_mono_notes_do_not_restart_it(mode):
    voice = shaken(lfo_delay=40, lfo_wave=1)
    instrument = engine(voice)
    note(instrument, parameter(0, "voice_mode", mode), on(0, 60))
    instrument.render(500 * TICK)
    note(instrument, on(0, 67))
    np.testing.assert_allclose(curve(instrument, 67, 100), first_note(voice, 600)[500:], atol=3e-5)


def sequence(length: int) -> list[float]:
    """Facts sheet, section 9: (1 + (r xor 128)) / 256, r becoming (179 r + 17) mod 256."""
    r, values = 0, []
    for _ in range(length):
        values.append((1 + (r ^ 128)) / 256)
        r = (179 * r + 17) % 256
    return values


def held_values(pitch: np.ndarray, sensitivity: float = 92) -> list[float]:
    values = pitch / ((165 * 99 // 64) * sensitivity / 32768) + 0.5
    changes = np.flatnonzero(np.abs(np.diff(values)) > 1e-3)
    return [float(values[at]) for at in [*changes, len(values) - 1]]


def test_sample_and_hold_follows_its_sequence():
    found = held_values(first_note(shaken(lfo_wave=5, lfo_speed=99), 2000))
    np.testing.assert_allclose(found, sequence(len(found)), atol=2e-3)
    assert len(found) > 100


def test_sample_and_hold_goes_on_where_it_was():
    """Only the phase restarts with a note: the random state does not."""
    voice = shaken(lfo_wave=5, lfo_speed=99, lfo_sync=1)
    instrument = engine(voice)
    note(instrument, on(0, 60))
    heard = held_values(curve(instrument, 60, 500))
    note(instrument, off(0, 60), on(0, 60))
    again = held_values(curve(instrument, 60, 500))
    expected = sequence(200)
    start = len(heard) - 1
    np.testing.assert_allclose(again[0], expected[start], atol=2e-3)
    np.testing.assert_allclose(again, expected[start : start + len(again)], atol=2e-3)


@pytest.mark.parametrize(
    ("delay", "zero_until_s", "full_at_s"),
    [(10, 0.05, 0.11), (30, 0.13, 0.26), (50, 0.31, 0.65), (60, 0.46, 1.13), (80, 1.12, 1.79),
     (99, 2.66, 3.33)],
)  # fmt: skip
def test_delay_times(delay, zero_until_s, full_at_s):
    """Facts sheet, section 9, the table under the delay formula."""
    square = shaken(lfo_wave=3, lfo_delay=delay, lfo_speed=99)
    deviation = np.abs(first_note(square, 2600))
    times = (np.arange(2600) + 1) * TICK / RATE
    assert times[np.flatnonzero(deviation > 1e-4)[0]] == pytest.approx(zero_until_s, abs=0.011)
    full = deviation.max()
    assert times[np.flatnonzero(deviation > full * 0.999)[0]] == pytest.approx(full_at_s, abs=0.011)


@pytest.mark.parametrize(
    ("sensitivity", "extent_cents"),
    [(0, 0), (1, 47), (2, 93), (3, 154), (4, 257), (5, 430), (6, 714), (7, 1190)],
)
def test_pitch_sensitivities(sensitivity, extent_cents):
    """Facts sheet, section 9: +- cents at depth 99."""
    pitch = first_note(shaken(pitch_mod_sensitivity=sensitivity, lfo_wave=3, lfo_speed=60))
    assert 1200 * np.abs(pitch).max() == pytest.approx(extent_cents, abs=0.7)


def test_the_loss_of_amplitude_sensitivity_without_modulation():
    """Facts sheet, section 9: 1.07 dB at AMS > 0 even with no modulation at all."""
    from tests.engine.playing import db, play, rms

    plain = play(SINE, on(0), samples=8000)[2000:]
    for sensitivity in (1, 2, 3):
        sensitive = SINE.edited(op1_amp_mod_sensitivity=sensitivity)
        lost = db(rms(plain) / rms(play(sensitive, on(0), samples=8000)[2000:]))
        assert lost == pytest.approx(1.07, abs=0.01)
