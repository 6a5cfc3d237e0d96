"""Notes on a DDX7 sound: loudness and pitch follow keys, velocity, controls and contours."""

import numpy as np
import pytest

from plugin_core.engine.ddx7_layout import ATTACK_FRAMES, RELEASE_FRAMES
from plugin_core.engine.records import EventType

from .ddx7_organ import OFF, TYPICAL, ddx7_organ
from .live_organ import live_engine, load, play_live
from .playing import (
    bend,
    cents,
    controller,
    db,
    events,
    frequency_hz,
    levels_db,
    off,
    on,
    parameter,
    rms,
    voice_records,
)

RATE = 48000
FRAME = 192
LEVEL_DB = -20.0
"""What a note at velocity 64 is heard at, as a sine's amplitude: -40 - 10 + 30 dB."""
STEADY = slice(RATE // 4, RATE // 2)


def amplitude_db(audio) -> float:
    return db(rms(audio) * np.sqrt(2))


def steady_db(*table, **options) -> float:
    return amplitude_db(play(on(0, 69, 64), *table, **options)[STEADY])


def play(*table, samples=RATE // 2, **options):
    model = ddx7_organ(**options)
    return play_live(*table, samples=samples, model=model)


def test_a_note_is_as_loud_as_its_tables_say():
    assert steady_db() == pytest.approx(LEVEL_DB, abs=0.1)


def test_the_pitch_is_the_keys():
    audio = play(on(0, 69, 64))
    assert abs(cents(frequency_hz(audio[STEADY], 440, RATE), 440)) < 0.1


@pytest.mark.parametrize(("velocity", "expected_db"), [(127, 12.0), (1, -12.0), (64, 0.0)])
def test_velocity_is_loudness(velocity, expected_db):
    audio = play(on(0, 69, velocity), playing={"VELOCITY_DB": 12.0})
    assert amplitude_db(audio[STEADY]) == pytest.approx(LEVEL_DB + expected_db, abs=0.3)


@pytest.mark.parametrize("velocity", [1, 64, 127])
def test_a_loud_note_turns_its_modulators_up_by_the_tables_share(velocity):
    """Operator 2 modulates operator 1, so that the octave is a sideband of a known index."""
    index, share, depth_db = 0.1, 0.2, 12.0
    audio = play(
        on(0, 69, velocity),
        shares=(None, index / 2, OFF, OFF, OFF, OFF),
        algorithm=1,
        playing={"VELOCITY_DB": depth_db},
        life=(5.5, 0.0, share),
    )
    expected = index * 10 ** (share * depth_db * (velocity - 64) / 63 / 20)
    spectrum = np.abs(np.fft.rfft(audio[STEADY] * np.hanning(RATE // 4)))
    first, octave = (spectrum[n * 110 - 3 : n * 110 + 4].max() for n in (1, 2))
    assert octave / first == pytest.approx(expected / 2, rel=0.03)


@pytest.mark.parametrize(("key", "expected_db"), [(81, 6.0), (57, -6.0)])
def test_higher_notes_are_louder_by_the_slope(key, expected_db):
    audio = play(on(0, key, 64), playing={"SLOPE_DB": 6.0})
    assert amplitude_db(audio[STEADY]) == pytest.approx(LEVEL_DB + expected_db, abs=0.3)


@pytest.mark.parametrize("volume", [0.1, 0.3, 0.6, 0.7])
def test_volume_is_60_db_around_the_typical_one(volume):
    expected = LEVEL_DB + 60 * (volume - TYPICAL[0])
    assert steady_db(parameter(0, "volume", volume)) == pytest.approx(expected, abs=0.4)


def test_below_what_was_trained_the_network_is_turned_down():
    """A modulator of fixed level: its spectrum stays, however soft the note is."""
    shares = (None, 0.5, OFF, OFF, OFF, OFF)
    loud = play(on(0, 69, 64), parameter(0, "volume", 0.1), shares=shares, algorithm=1)
    soft = play(on(0, 69, 64), parameter(0, "volume", 0.05), shares=shares, algorithm=1)
    ratio = soft[STEADY] / np.where(np.abs(loud[STEADY]) > 1e-4, loud[STEADY], np.nan)
    assert np.nanmax(np.abs(ratio - 10 ** (-3 / 20))) < 1e-3


def test_volume_0_is_silence():
    assert not play(on(0), parameter(0, "volume", 0.0))[STEADY].any()


def test_fluctuation_is_a_tent_of_its_standard_deviation():
    length = RATE
    table = (
        (0, EventType.NOTE_LENGTH, 0, 69, -1, 0, 1.0),
        on(0, 69, 64),
        parameter(0, "volume_fluctuation", 0.25),
        parameter(0, "volume_peak_position", 0.5),
    )
    audio = play(*table, samples=length)
    curve = levels_db(audio, RATE, 0.02)
    assert np.std(curve) == pytest.approx(6.0, rel=0.05)
    assert np.argmax(curve) == pytest.approx(len(curve) / 2, abs=1.5)


def test_the_attack_follows_its_contour():
    attack = np.linspace(-24.5, 0, ATTACK_FRAMES)
    audio = play(on(0, 69, 64), attack=attack)
    found = levels_db(audio, RATE, FRAME / RATE)[1:ATTACK_FRAMES] + 3.01
    middle = LEVEL_DB + (attack[1:] + attack[:-1])[1:] / 2
    assert np.abs(found[3:-1] - middle[3:]).max() < 1.0


def test_a_note_begins_from_nothing():
    audio = play(on(100, 69, 127))
    assert not audio[:101].any()
    assert np.abs(np.diff(audio)).max() < 1.2 * 2 * np.pi * 440 / RATE * 10 ** (LEVEL_DB / 20)


def test_the_release_follows_its_contour_and_ends():
    engine = live_engine(ddx7_organ())
    audio = engine.play(events(load(), on(0, 69, 64), off(RATE // 2)), 2 * RATE)
    curve = levels_db(audio[RATE // 2 :], RATE, 10 * FRAME / RATE)
    falls = np.diff(curve[: RELEASE_FRAMES // 10])
    assert falls == pytest.approx(-10.0, abs=0.6)
    assert engine.sounding == 0
    assert not audio[-1000:].any()


def test_a_release_that_does_not_fall_ends_all_the_same():
    engine = live_engine(ddx7_organ(release=np.zeros(RELEASE_FRAMES)))
    engine.play(events(load(), on(0), off(4800)), 2 * RATE)
    assert engine.sounding == 0


def test_joined_notes_glide_and_their_loudness_goes_on():
    attack = np.linspace(-30, 0, ATTACK_FRAMES)
    half = RATE // 2
    audio = play(on(0, 69, 64), on(half, 71, 64), off(half + 10, 69), samples=RATE, attack=attack)
    curve = levels_db(audio, RATE, 0.01)[25:] + 3.01
    assert np.abs(curve - LEVEL_DB).max() < 0.5
    after = audio[half + RATE // 25 :]
    assert abs(cents(frequency_hz(after, 493.883, RATE), 493.883)) < 0.5


def test_joined_notes_of_other_loudness_meet_without_a_step():
    half = RATE // 2
    audio = play(
        on(0, 69, 1),
        on(half, 71, 127),
        off(half + 10, 69),
        samples=RATE,
        playing={"VELOCITY_DB": 12.0},
    )
    curve = levels_db(audio, RATE, FRAME / RATE)
    steps = np.diff(curve[60:])
    assert curve[-1] - curve[60] == pytest.approx(24.0, abs=0.5)
    assert steps.max() < 6.0


def test_a_detached_note_has_its_attack_again():
    attack = np.linspace(-30, 0, ATTACK_FRAMES)
    half = RATE // 2
    table = (on(0, 69, 64), off(half - 10, 69), on(half, 69, 64))
    audio = play(*table, samples=RATE, attack=attack)
    curve = levels_db(audio[half:], RATE, FRAME / RATE) + 3.01 - LEVEL_DB
    assert curve.min() < -8.0
    assert curve[ATTACK_FRAMES + 5] == pytest.approx(0.0, abs=0.5)


def test_bend_moves_the_pitch():
    audio = play(bend(0, 16383), on(0, 69, 64))
    expected = 440 * 2 ** (2 / 12 * 8191 / 8192)
    assert abs(cents(frequency_hz(audio[STEADY], expected, RATE), expected)) < 0.1


def test_transpose_moves_the_pitch():
    audio = play(on(0, 69, 64), parameter(0, "transpose", -12))
    assert abs(cents(frequency_hz(audio[STEADY], 220, RATE), 220)) < 0.1


def test_vibrato_is_as_wide_as_extraction_reads_it():
    """Control 1 is a sine of 1/3.75 semitone: DESIGN.md, section 5."""
    audio = play(on(0, 69, 64), parameter(0, "vibrato", 1.0), samples=2 * RATE)
    track = pitch_track(audio[RATE // 2 :])
    assert np.ptp(track) / 2 == pytest.approx(100 / 3.75, rel=0.1)


def pitch_track(audio):
    """Pitch around 440 Hz in cents, every 10 ms."""
    times = np.arange(len(audio)) / RATE
    baseband = audio * np.exp(-2j * np.pi * 440 * times)
    smooth = np.convolve(baseband, np.hanning(960), "valid")[::480]
    hertz = 440 + np.diff(np.unwrap(np.angle(smooth))) * 100 / (2 * np.pi)
    return 1200 * np.log2(hertz / 440)


def test_sustain_holds_what_the_key_let_go():
    held = play(on(0, 69, 64), controller(0, 64, 127), off(RATE // 8))
    assert amplitude_db(held[STEADY]) == pytest.approx(LEVEL_DB, abs=0.1)


def test_poly_mode_plays_chords():
    engine = live_engine(ddx7_organ())
    keys = (60, 64, 67, 72)
    table = [load(), parameter(0, "voice_mode", 0), *(on(4800 * n, k) for n, k in enumerate(keys))]
    engine.play(events(*table), RATE)
    assert [int(voice["key"]) for voice in voice_records(engine)] == list(keys)


def test_style_and_performer_change_nothing():
    plain = play(on(0), off(RATE // 4))
    for name, value in (("style", 0), ("style", 127), ("performer", 0.0)):
        np.testing.assert_array_equal(play(parameter(0, name, value), on(0), off(RATE // 4)), plain)


def test_attack_noise_is_40_db_of_the_noise():
    shares = (OFF,) * 6
    levels = [
        amplitude_db(
            play(
                on(0, 69, 64), parameter(0, "attack_noise", value), shares=shares, noise_logit=-3.0
            )[STEADY]
        )
        for value in (0.25, 0.5, 0.75)
    ]
    assert np.diff(levels) == pytest.approx([10.0, 10.0], abs=0.2)
    assert levels[1] > -80


def test_output_gain_and_channel_gain_are_decibels():
    assert steady_db(parameter(0, "output_gain", -12)) == pytest.approx(LEVEL_DB - 12, abs=0.1)
    assert steady_db(controller(0, 7, 50)) == pytest.approx(LEVEL_DB + db(0.25), abs=0.1)
