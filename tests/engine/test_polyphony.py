"""Voices: how many, which one goes, and that nothing hangs."""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from tests.conftest import FULL
from tests.engine.playing import (
    SINE,
    controller,
    engine,
    events,
    keys,
    off,
    on,
    parameter,
    play,
    rms,
    voice_records,
)

LONG_RELEASE = SINE.edited(op1_eg_rate4=30)


def after(*table, voice: Voice = SINE, samples: int = 4096):
    instrument = engine(voice)
    instrument.play(events(*table), samples)
    return instrument


def test_thirty_two_voices_sound():
    assert keys(after(*(on(n, 40 + n) for n in range(32)))) == list(range(40, 72))


def test_the_next_one_takes_the_oldest():
    assert keys(after(*(on(n, 40 + n) for n in range(33)))) == list(range(41, 73))


def test_the_voice_released_longest_ago_goes_first():
    chord = [on(n, 40 + n) for n in range(32)]
    table = [*chord, off(500, 50), off(600, 45), on(1000, 90), on(1100, 91)]
    left = set(range(40, 72)) - {50, 45}
    assert set(keys(after(*table, voice=LONG_RELEASE))) == left | {90, 91}
    table = [*chord, off(500, 50), off(600, 45), on(1000, 90)]
    assert 45 in keys(after(*table, voice=LONG_RELEASE))


@pytest.mark.parametrize("polyphony", [1, 2, 5, 31])
def test_polyphony_is_a_parameter(polyphony):
    table = [parameter(0, "polyphony", polyphony), *(on(n * 10, 40 + n) for n in range(40))]
    assert keys(after(*table)) == list(range(80 - polyphony, 80))


def test_stealing_does_not_click():
    """A full carrier of 220 Hz is cut: what is left above 4 kHz stays 60 dB under it.

    A hard cut of 0.125 would leave 30 dB more.
    """
    table = [parameter(0, "polyphony", 1), on(0, 57)]
    quiet = SINE.edited(op1_velocity_sensitivity=7)
    stolen = play(quiet, *table, on(4000, 58, 1), samples=6000).astype(np.float64)
    steps = np.abs(np.diff(stolen, n=2))
    alone = np.abs(np.diff(play(quiet, *table, samples=6000).astype(np.float64), n=2))
    assert steps[3900:4600].max() < 6 * alone[3000:4000].max()
    assert rms(stolen[4600:]) < 0.02 * rms(stolen[3000:4000])


@pytest.mark.parametrize("rate", [22050, 44100, 96000])
def test_a_storm_of_stealing_has_no_steps(rate):
    """Two voices, a note every 20 ms of a quarter sine's slope: no jump beyond the notes' own."""
    slow = SINE.edited(op1_eg_rate1=60)
    table = [parameter(0, "polyphony", 2)]
    table += [on(round(n * 0.02 * rate), 50 + 5 * n % 13) for n in range(40)]
    audio = play(slow, *table, samples=rate, rate=rate).astype(np.float64)
    steepest = 0.125 * 2 * np.pi * 440 * 2 ** ((63 - 69) / 12) / rate
    # Two voices and at most one more that fades, whose fade of 4 ticks adds its own slope.
    assert np.abs(np.diff(audio)).max() < 3 * steepest + 0.125 / (3 * 64 * rate / 44100)


def test_a_stolen_voice_is_silent_within_ten_milliseconds():
    table = [parameter(0, "polyphony", 1), on(0, 60), on(4000, 60 + 12, 1)]
    quiet = SINE.edited(op1_velocity_sensitivity=7)
    audio = play(quiet, *table, samples=6000)
    plain = play(quiet, on(4000, 72, 1), samples=6000)
    assert np.abs(audio - plain)[4000 + 441 :].max() < 1e-4


def test_a_key_played_again_rings_on_and_starts_anew():
    instrument = after(on(0, 60), on(1000, 60), voice=LONG_RELEASE)
    first, second = voice_records(instrument)
    assert (first["status"], second["status"]) == (2, 1)
    instrument.play(events(off(0, 60)), 30000)
    assert all(v["status"] != 1 for v in voice_records(instrument))


def test_counted_notes_of_one_key_end_one_by_one():
    table = [on(0, 60, note_id=1), on(100, 60, note_id=2), off(1000, 60, note_id=1)]
    instrument = after(*table, voice=LONG_RELEASE)
    status = {int(v["note_id"]): int(v["status"]) for v in voice_records(instrument)}
    assert status == {1: 2, 2: 1}


def test_a_note_off_that_counts_nothing_ends_all_of_its_key():
    table = [on(0, 60, note_id=1), on(100, 60, note_id=2), off(1000, 60)]
    assert not any(v["status"] == 1 for v in voice_records(after(*table, voice=LONG_RELEASE)))


def test_note_offs_of_other_keys_and_channels_do_nothing():
    instrument = after(on(0, 60), off(10, 61), off(20, 60, channel=1))
    assert [int(v["status"]) for v in voice_records(instrument)] == [1]


def test_velocity_zero_is_a_note_off():
    assert keys(after(on(0, 60), on(1000, 60, 0))) == []


def test_a_voice_is_idle_once_it_is_silent():
    assert after(on(0, 60), off(100, 60), samples=2000).sounding == 0


def test_a_voice_whose_last_level_sounds_never_ends_by_itself():
    """Facts sheet, section 12: idle once every carrier has finished stage 4 with L4 = 0."""
    drone = SINE.edited(op1_eg_level4=80)
    assert after(on(0, 60), off(100, 60), voice=drone, samples=200_000).sounding == 1


MODES = {"poly": 0, "mono": 1, "legato": 2}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("seed", range(60 if FULL else 8))
def test_no_note_hangs(seed, counted, mode):
    """Whatever keys, pedals and modes do: with all keys and pedals up, silence comes."""
    random = np.random.default_rng(seed)
    table = [parameter(0, "voice_mode", MODES[mode])]
    down: dict[tuple[int, int, int], int] = {}
    for sample in range(0, 40_000, 100):
        choice = random.integers(0, 10)
        key, channel = int(random.integers(50, 60)), int(random.integers(0, 2))
        note_id = sample if counted else -1
        if choice < 5:
            table.append(on(sample, key, channel=channel, note_id=note_id))
            down[key, channel, note_id] = sample
        elif choice < 8 and down:
            key, channel, note_id = list(down)[random.integers(0, len(down))]
            del down[key, channel, note_id]
            table.append(off(sample, key, channel=channel, note_id=note_id))
        elif choice == 8:
            pedal = int(random.choice([64, 66]))
            table.append(controller(sample, pedal, random.integers(0, 128), channel=channel))
        elif random.random() < 0.3:
            table.append(parameter(sample, "voice_mode", random.integers(0, 3)))
    end = 40_000
    table += [off(end, key, channel=channel, note_id=number) for key, channel, number in down]
    table += [controller(end, pedal, 0, channel=ch) for pedal in (64, 66) for ch in (0, 1)]
    instrument = after(*table, samples=50_000)
    assert keys(instrument) == []
    assert instrument.sounding == 0
