"""Volume, brightness and vibrato on an FM voice, and that typical values leave it alone."""

import numpy as np
import pytest
from scipy.special import jv

from plugin_core.dx7.sysex import read_voices
from plugin_core.dx7.voice import Voice
from plugin_core.engine.parameters import PARAMETERS
from plugin_core.engine.records import EventType
from plugin_core.sounds import presets_folder
from plugin_core.types import CONTROLS
from tests.conftest import FULL
from tests.engine.playing import (
    RATE,
    SINE,
    TICK,
    controller,
    db,
    engine,
    events,
    off,
    on,
    parameter,
    play,
    rms,
    voice_records,
)

TYPICAL = {p.id: p.default for p in PARAMETERS if p.id in CONTROLS}
BUNDLED = [
    v for path in sorted(presets_folder().glob("dx7/*.syx")) for v in read_voices(path).voices
]


def controlled(sample: int, control: str, value: float, *, key: int = 69, note_id: int = -1):
    """One note's own control."""
    index = CONTROLS.index(control)
    return (sample, EventType.NOTE_CONTROL, 0, key, note_id, index, value)


def test_typical_values_are_those_of_the_design():
    """DESIGN.md, section 5."""
    assert list(TYPICAL.values()) == [0.5, 0, 0.5, 0, 0.5, 0]


@pytest.mark.parametrize("performer", [0, 0.5, 1])
@pytest.mark.parametrize("voice", BUNDLED[:: 1 if FULL else 8], ids=lambda voice: voice.name)
def test_neutral_is_the_plain_patch_to_the_bit(voice, performer):
    table = [on(0, 50), on(1000, 62, 80), off(9000, 50)]
    neutral = [parameter(0, "performer", performer)]
    neutral += [parameter(5, control, value) for control, value in TYPICAL.items()]
    neutral += [controlled(1200, control, TYPICAL[control], key=62) for control in CONTROLS]
    np.testing.assert_array_equal(
        play(voice, *neutral, *table, samples=14_000), play(voice, *table, samples=14_000)
    )


def test_midi_controllers_reach_the_controls():
    """DESIGN.md, section 5: the last of controller and parameter wins."""
    instrument = engine(SINE)
    numbers = {
        "volume": 11,
        "volume_fluctuation": 20,
        "volume_peak_position": 21,
        "vibrato": 1,
        "brightness": 74,
        "attack_noise": 73,
    }
    ids = [p.id for p in PARAMETERS]
    for control, number in numbers.items():
        instrument.render(64, events(controller(0, number, 127)))
        assert instrument.parameters[ids.index(control)] == 1
        instrument.render(64, events(parameter(0, control, 0.25)))
        assert instrument.parameters[ids.index(control)] == 0.25


def level_db(volume: float, *, note: bool = False) -> float:
    """Return the level of a steady sine at a volume against the plain one."""
    change = controlled(0, "volume", volume) if note else parameter(0, "volume", volume)
    table = [on(0), change] if note else [change, on(0)]
    audio = play(SINE, *table, samples=12_000)[4000:]
    return db(rms(audio) / rms(play(SINE, on(0), samples=12_000)[4000:]))


@pytest.mark.parametrize("note", [False, True], ids=["parameter", "note"])
@pytest.mark.parametrize(
    ("volume", "expected_db"), [(0.02, -23.04), (0.25, -12), (0.5, 0), (0.75, 6), (1.0, 12)]
)
def test_volume_is_24_down_and_12_up(volume, expected_db, note):
    assert level_db(volume, note=note) == pytest.approx(expected_db, abs=0.02)


def test_volume_fades_to_silence_below_two_hundredths():
    assert level_db(0.01) == pytest.approx(-23.52 - 6.02, abs=0.05)
    assert not play(SINE, parameter(0, "volume", 0), on(0), samples=5000).any()


def test_volume_leaves_the_timbre_alone():
    voice = SINE.edited(op2_level=80, op2_coarse=3)
    plain = play(voice, on(0), samples=20_000).astype(np.float64)
    loud = play(voice, parameter(0, "volume", 0.8), on(0), samples=20_000)
    np.testing.assert_allclose(loud, plain * 10 ** (7.2 / 20), atol=1e-6)


def lines(audio: np.ndarray, *frequencies_hz: float) -> np.ndarray:
    t = np.arange(len(audio)) / RATE
    window = np.hanning(len(audio)) * 2
    return np.array(
        [abs(np.mean(audio * window * np.exp(-2j * np.pi * f * t))) * 2 for f in frequencies_hz]
    )


@pytest.mark.parametrize(
    ("brightness", "change_db"), [(0, -24), (0.25, -12), (0.5, 0), (0.75, 6), (1, 12)]
)
def test_brightness_is_modulator_level(brightness, change_db):
    """The lines of a pair are Bessel functions of the index, which moves by the change."""
    voice = SINE.edited(op1_mode=1, op1_coarse=3, op2_mode=1, op2_coarse=2, op2_level=62)
    audio = play(voice, parameter(0, "brightness", brightness), on(0), samples=RATE * 2)[RATE:]
    index = 4 * np.pi * 2 ** ((62 - 99) * 32 / 256) * 10 ** (change_db / 20)
    orders = np.arange(0, 4)
    found = lines(audio, *(1000 + 100 * orders))
    np.testing.assert_allclose(found, np.abs(jv(orders, index)) * 0.125, rtol=0.012, atol=2e-6)


@pytest.mark.parametrize("algorithm", [1, 5, 10, 20, 22, 28])
def test_brightness_leaves_feedback_alone(algorithm):
    """What an unmodulated operator does in its loop is the same to the bit."""
    levels = {f"op{n}_level": 85 for n in range(2, 7)}
    voice = Voice.initial().edited(algorithm=algorithm, feedback=7, **levels)
    memories = []
    for brightness in (0.5, 0.1, 0.9):
        instrument = engine(voice)
        instrument.play(events(parameter(0, "brightness", brightness), on(0, 50)), 5000)
        memories.append(voice_records(instrument)[0]["memory"].copy())
    assert np.abs(memories[0]).max() > 0
    np.testing.assert_array_equal(memories[0], memories[1])
    np.testing.assert_array_equal(memories[0], memories[2])


def test_brightness_tilts_carriers_where_there_are_no_modulators():
    """Algorithm 32: full change three octaves above the note, none at the note."""
    voice = SINE.edited(
        algorithm=32, op2_level=99, op2_coarse=8, op3_level=99, op3_coarse=2, op4_level=99,
        op4_coarse=0,
    )  # fmt: skip
    places = (110, 220, 440, 1760)
    plain = lines(play(voice, on(0, 57), samples=RATE)[8000:], *places)
    for brightness, change_db in ((1.0, 12), (0.0, -24), (0.75, 6)):
        table = [parameter(0, "brightness", brightness), on(0, 57)]
        tilted = lines(play(voice, *table, samples=RATE)[8000:], *places)
        expected = np.array([-1, 0, 1, 3]) / 3 * change_db
        expected = np.clip(expected, -24, 12)
        np.testing.assert_allclose(20 * np.log10(tilted / plain), expected, atol=0.05)


def test_tilting_a_carrier_leaves_its_feedback_alone():
    silent = {f"op{n}_level": 0 for n in range(1, 6)}
    voice = Voice.initial().edited(algorithm=32, feedback=5, op6_level=90, op6_coarse=8, **silent)
    plain = play(voice, on(0, 40), samples=8000).astype(np.float64)
    bright = play(voice, parameter(0, "brightness", 1), on(0, 40), samples=8000)
    np.testing.assert_allclose(bright, plain * 10 ** (12 / 20), atol=1e-5)


def centroid(audio: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    return float((spectrum * np.arange(len(spectrum))).sum() / spectrum.sum())


SWEEP = np.linspace(0.05, 1, 8)


def test_brightness_raises_the_centroid():
    voice = SINE.edited(op2_level=60)
    found = [
        centroid(play(voice, parameter(0, "brightness", b), on(0, 50), samples=20_000)[4000:])
        for b in SWEEP
    ]
    assert (np.diff(found) > 0).all()


def test_volume_raises_the_level():
    found = [level_db(volume) for volume in SWEEP]
    assert (np.diff(found) > 0.5).all()


def cents_over_time(voice: Voice, *table, ticks: int = 700, key: int = 69) -> np.ndarray:
    instrument = engine(voice)
    instrument.render(0, events(*table))
    found = []
    for _ in range(ticks):
        instrument.render(TICK)
        found.append(float(voice_records(instrument)[-1]["increment"][0]) / 2**32 * RATE)
    return 1200 * np.log2(np.array(found) / (440 * 2 ** ((key - 69) / 12)))


TIMES = (np.arange(700) + 1) * TICK / RATE


@pytest.mark.parametrize("amount", [0.1, 0.5, 1.0])
def test_vibrato_is_a_sine_of_fifty_cents_at_five_and_a_half_hertz(amount):
    found = cents_over_time(SINE, parameter(0, "vibrato", amount), on(0))
    fade = np.minimum(1, TIMES / 0.2)
    expected = 50 * amount * fade * np.sin(2 * np.pi * 5.5 * TIMES)
    np.testing.assert_allclose(found, expected, atol=0.05)


@pytest.mark.parametrize(("speed", "hz"), [(30, 4.974414), (50, 8.258880)])
def test_vibrato_beats_with_an_lfo_that_moves_pitch(speed, hz):
    voice = SINE.edited(lfo_speed=speed, lfo_pitch_depth=1, pitch_mod_sensitivity=1)
    shaken = cents_over_time(voice, parameter(0, "vibrato", 1), on(0))
    shaken -= cents_over_time(voice, on(0))
    fade = np.minimum(1, TIMES / 0.2)
    np.testing.assert_allclose(shaken, 50 * fade * np.sin(2 * np.pi * hz * TIMES), atol=0.1)


@pytest.mark.parametrize(
    "fields", [{"lfo_pitch_depth": 99, "pitch_mod_sensitivity": 0}, {"lfo_pitch_depth": 0}]
)
def test_an_lfo_that_does_not_move_pitch_sets_no_rate(fields):
    voice = SINE.edited(lfo_speed=80, **fields)
    found = cents_over_time(voice, parameter(0, "vibrato", 1), on(0))
    np.testing.assert_allclose(found, cents_over_time(SINE, parameter(0, "vibrato", 1), on(0)))


def test_vibrato_grows_with_its_control():
    extents = [
        np.ptp(cents_over_time(SINE, parameter(0, "vibrato", v), on(0), ticks=400)) for v in SWEEP
    ]
    assert (np.diff(extents) > 5).all()


def test_a_notes_own_control_wins_over_the_lane():
    table = [parameter(0, "volume", 0.9), on(0), controlled(0, "volume", 0.25)]
    audio = play(SINE, *table, samples=8000)[4000:]
    plain = play(SINE, on(0), samples=8000)[4000:]
    assert db(rms(audio) / rms(plain)) == pytest.approx(-12, abs=0.02)


def test_a_notes_own_control_is_of_that_note():
    table = [on(0, 57, note_id=1), on(0, 57, note_id=2)]
    silenced = controlled(0, "volume", 0, key=57, note_id=1)
    found = play(SINE, *table, silenced, samples=5000)
    np.testing.assert_array_equal(found, play(SINE, on(0, 57), samples=5000))
