"""The bundled voices as sound: balanced, in tune, clean, and each what its family promises."""

from collections.abc import Iterable

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from presets.dx7 import make_banks
from tests.presets.listening import (
    aliasing_db,
    centroid_hz,
    flatness,
    frequency_hz,
    harmonic_db,
    inharmonic_share,
    level_db,
    loudest_db,
    note,
    off_tune_cents,
)

ENTRIES = make_banks.entries()
BY_NAME = {entry.voice.name: entry.voice for entry in ENTRIES}
UNPITCHED = ("drums", "effects")
NOISY = ("FLUTE", "PAN FLUTE")
"""Breath is noise, and noise folds at any rate."""

REGISTER = {"bass": 40, "CELLO": 48, "TIMPANI": 45, "GLOCKEN": 72, "XYLOPHONE": 72}
"""The key at which a family or a voice is at home, if that is not the middle of the keyboard."""


def each(*families: str, but: Iterable[str] = ()) -> pytest.MarkDecorator:
    chosen = [
        entry.voice
        for entry in ENTRIES
        if (not families or entry.family in families) and entry.voice.name not in but
    ]
    assert chosen
    return pytest.mark.parametrize("voice", chosen, ids=lambda voice: voice.name)


def pitched(but: Iterable[str] = ()) -> pytest.MarkDecorator:
    return each(*({entry.family for entry in ENTRIES} - set(UNPITCHED)), but=but)


def home_key(name: str) -> int:
    family = next(entry.family for entry in ENTRIES if entry.voice.name == name)
    return REGISTER.get(name, REGISTER.get(family, 60))


@each()
def test_a_voice_sounds_on_the_whole_keyboard_and_never_clips(voice: Voice):
    for key in (36, 60, 84):
        audio = note(voice, key, 127)
        assert loudest_db(audio) > -40
        assert np.max(np.abs(audio)) < 0.5


@each()
def test_a_voice_is_silent_six_seconds_after_its_key(voice: Voice):
    for key in (36, 84):
        audio = note(voice, key, held_s=0.5, total_s=7.0)
        assert np.max(np.abs(audio[round(6.5 * 44100) :])) < 1e-4


def test_pitched_voices_are_equally_loud():
    levels = {
        entry.voice.name: loudest_db(note(entry.voice, home_key(entry.voice.name), held_s=2.0))
        for entry in ENTRIES
        if entry.family not in UNPITCHED
    }
    middle = float(np.median(list(levels.values())))
    assert {name: round(level - middle, 1) for name, level in levels.items()} == {
        name: pytest.approx(0.0, abs=5.0) for name in levels
    }


@pitched()
def test_a_voice_is_in_tune(voice: Voice):
    for key in range(36, 85, 12):
        assert abs(off_tune_cents(note(voice, key, held_s=2.0)[8820:], key)) < 5


@pitched(but=NOISY)
def test_a_high_note_does_not_alias(voice: Voice):
    assert aliasing_db(voice, 84) < -60


@each(*{entry.family for entry in ENTRIES} - {"organ", "effects"}, but=["HARPSICHRD"])
def test_a_harder_stroke_is_louder(voice: Voice):
    soft, hard = (loudest_db(note(voice, 60, velocity)) for velocity in (30, 120))
    assert hard > soft + 1.5


@each("brass")
def test_brass_is_brighter_when_blown_harder(voice: Voice):
    soft, middle, hard = (
        centroid_hz(note(voice, 60, velocity, held_s=2.0)) for velocity in (30, 80, 127)
    )
    assert soft < middle < hard
    assert hard > 1.2 * soft


@each("keys", "mallets", "plucked", but=["DRIVE GTR"])
def test_what_is_struck_or_plucked_dies_away_under_the_key(voice: Voice):
    audio = note(voice, home_key(voice.name), held_s=3.0)
    assert level_db(audio, 2.5, 3.0) < level_db(audio, 0.0, 0.3) - 12


@each("keys", but=["TINE PIANO", "REED PIANO", "GLASS E.P."])
def test_strings_lose_their_overtones_first(voice: Voice):
    audio = note(voice, 48, held_s=2.0)
    assert centroid_hz(audio[: 44100 // 4]) > 1.1 * centroid_hz(audio[44100:])


@each("pads", "strings", "winds", "brass", "leads", "organ", but=["PIZZICATO"])
def test_what_is_blown_or_bowed_lasts_as_long_as_the_key(voice: Voice):
    audio = note(voice, 60, held_s=6.0)
    assert level_db(audio, 4.0, 6.0) > level_db(audio, 1.0, 3.0) - 4


@each("organ", but=["REED ORGAN"])
def test_an_organ_is_steady_and_knows_no_velocity(voice: Voice):
    soft, hard = (note(voice, 60, velocity, held_s=3.0) for velocity in (30, 120))
    assert level_db(hard, 1.0, 2.0) == pytest.approx(level_db(hard, 2.0, 3.0), abs=1.0)
    assert level_db(hard, 1.0) == pytest.approx(level_db(soft, 1.0), abs=1.0)


@each("bass")
def test_a_bass_lives_below_400_hz(voice: Voice):
    assert centroid_hz(note(voice, 40)) < 400


@pytest.mark.parametrize("name", ["TUBE BELLS", "CHURCHBELL", "GLASS BELL", "GLOCKEN"])
def test_bells_have_partials_between_the_harmonics(name: str):
    assert inharmonic_share(note(BY_NAME[name], 60), 60) > 0.02


@pytest.mark.parametrize("name", ["TRUMPET", "VIOLIN", "OBOE", "CLARINET", "CLAV", "SQUARE LD"])
def test_what_is_blown_or_bowed_has_none(name: str):
    assert inharmonic_share(note(BY_NAME[name], 60), 60) < 0.002


def test_a_flute_has_few_harmonics():
    audio = note(BY_NAME["FLUTE"], 72)[8820:]
    assert harmonic_db(audio, 72, 1) > -0.5
    assert all(harmonic_db(audio, 72, harmonic) < -30 for harmonic in range(4, 9))


@pytest.mark.parametrize("name", ["CLARINET", "SQUARE LD"])
def test_a_clarinet_and_a_square_have_odd_harmonics(name: str):
    audio = note(BY_NAME[name], 60)[8820:]
    odd = [harmonic_db(audio, 60, harmonic) for harmonic in (1, 3, 5)]
    even = [harmonic_db(audio, 60, harmonic) for harmonic in (2, 4, 6)]
    assert min(odd) > max(even) + 20


def test_an_oboe_is_stronger_above_its_fundamental():
    audio = note(BY_NAME["OBOE"], 65)[8820:]
    assert max(harmonic_db(audio, 65, n) for n in (3, 4, 5)) > harmonic_db(audio, 65, 1)


def test_the_partials_of_a_church_bell_are_those_of_a_bell():
    # Hum, prime, tierce, quint, nominal (Rossing, The Science of Percussion Instruments).
    audio = note(BY_NAME["CHURCHBELL"], 60, held_s=2.0)
    assert all(harmonic_db(audio, 60, ratio) > -20 for ratio in (0.5, 1, 1.19, 1.5, 2))


def test_the_motor_of_the_vibraphone_turns_five_times_a_second():
    audio = note(BY_NAME["VIBES"], 60, held_s=3.0)
    envelope = np.sqrt(np.mean(audio[: 44100 * 3].reshape(-1, 441) ** 2, axis=1))
    decibels = 20 * np.log10(envelope[20:])
    times = np.arange(len(decibels)) / 100
    trend = np.polyval(np.polyfit(times, decibels, 3), times)
    swing = np.abs(np.fft.rfft((decibels - trend) * np.hanning(len(times)), 4096))
    # LFO speed 32 is 5.29 Hz (facts sheet, section 9).
    assert np.argmax(swing) * 100 / 4096 == pytest.approx(5.29, abs=0.3)


@pytest.mark.parametrize("name", ["SNARE", "CYMBAL", "SEASHORE"])
def test_noise_is_noise_until_it_has_died(name: str):
    audio = note(BY_NAME[name], 60, held_s=0.1, total_s=0.4)
    assert flatness(audio[2205:13230]) > 0.1
    assert flatness(note(BY_NAME["KICK"], 60)[2205:13230]) < 0.01


def test_a_drum_falls_to_its_pitch():
    audio = note(BY_NAME["KICK"], 60)
    assert centroid_hz(audio[:1323]) > 1.3 * centroid_hz(audio[8820:])


def test_the_drum_kit_lies_as_general_midi_has_it():
    bass_drum, snare, closed_hat, crash = (
        note(BY_NAME["DRUM KIT"], key, held_s=0.15, total_s=1.0) for key in (36, 40, 42, 57)
    )
    assert centroid_hz(bass_drum) < 1000 < centroid_hz(snare) < centroid_hz(closed_hat)
    assert level_db(crash, 0.4, 0.8) > level_db(closed_hat, 0.4, 0.8) + 10


def test_the_choir_keeps_its_vowel_over_two_octaves():
    low, high = (centroid_hz(note(BY_NAME["CHOIR AAH"], key, held_s=2.0)) for key in (48, 72))
    assert high < 2.5 * low < 2.5 * high
    assert frequency_hz(72) == pytest.approx(4 * frequency_hz(48))
