"""Every bundled live instrument in both hosts: it sounds at once, and automation is heard."""

import numpy as np
import pytest

from plugin_core.types import Lane, Note, Part
from tests.hosts.live_instruments import DDX7_NAMES, NAMES, held, live, middle_key
from tests.hosts.playing import HOSTS, RATE, centroid_hz, level_db

FRAME_S = 0.004
ON_S = 0.05
STEP_S = 0.85
END_S = 2.05
"""Where automation moves inside a note, and where that ends."""

pytestmark = pytest.mark.parametrize("host", HOSTS)
each_instrument = pytest.mark.parametrize("name", NAMES)


def moved(players, host, name, control: str, low: float, high: float) -> list[np.ndarray]:
    """Return what is heard of a long note while a control stays low, and once it has stepped up.

    Both in the same stretch of the note, with nobody phrasing.
    """
    heard = []
    for then in (low, high):
        step = Lane.of([(0, low), (STEP_S, low), (STEP_S, then)])
        lanes = {"performer": Lane.constant(0), control: step}
        part = held(name, on_s=ON_S, off_s=END_S)
        audio = players.play(host, live(name), part, lanes=lanes, seconds=END_S)
        assert np.isfinite(audio).all()
        heard.append(audio[0, round((STEP_S + 0.2) * RATE) :].astype(np.float64))
    return heard


@pytest.mark.parametrize("name", [*NAMES, *DDX7_NAMES])
def test_a_note_sounds_within_a_frame_and_dies_away(players, host, name):
    part = held(name, on_s=ON_S, off_s=0.6)
    audio = players.play(host, live(name), part, seconds=3.2)
    heard = np.flatnonzero(np.abs(audio[0]) > 0)
    assert round(ON_S * RATE) <= heard[0] <= round((ON_S + FRAME_S) * RATE)
    assert -60 < level_db(audio[0, round(0.2 * RATE) : round(0.6 * RATE)]) < -3
    assert np.abs(audio[:, round(3.15 * RATE) :]).max() == 0
    assert np.array_equal(audio[0], audio[1])


@each_instrument
def test_automation_of_the_volume_is_heard(players, host, name):
    # 60 dB from 0 to 1.
    soft, loud = moved(players, host, name, "volume", 0.5, 0.8)
    assert level_db(loud) - level_db(soft) == pytest.approx(18, abs=6)


@each_instrument
def test_automation_of_the_brightness_is_heard(players, host, name):
    dark, bright = moved(players, host, name, "brightness", 0.15, 0.5)
    assert centroid_hz(bright) > 1.15 * centroid_hz(dark)


@each_instrument
def test_automation_of_the_vibrato_is_heard(players, host, name):
    plain, shaken = moved(players, host, name, "vibrato", 0.0, 1.0)
    hz = 440 * 2 ** ((middle_key(name) - 69) / 12)
    # 27 cents either way is a standard deviation of 19.
    assert sway_cents(shaken, hz) == pytest.approx(19, abs=3)
    assert sway_cents(plain, hz) < 12


def sway_cents(audio: np.ndarray, hz: float) -> float:
    """Return the standard deviation of the pitch from 3 to 9 Hz, by the strongest of 8 harmonics.

    `hz` is the fundamental's frequency.
    """
    from scipy.signal import butter, hilbert, sosfiltfilt

    power = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    places = np.fft.rfftfreq(len(audio), 1 / RATE)
    strengths = [power[np.abs(places - k * hz) < hz / 6].sum() for k in range(1, 9)]
    strongest = hz * (1 + int(np.argmax(strengths)))
    near = [strongest - hz / 3, strongest + hz / 3]
    alone = sosfiltfilt(butter(4, near, "bandpass", fs=RATE, output="sos"), audio)
    cycles = np.unwrap(np.angle(hilbert(alone))) / (2 * np.pi)
    cents = 1200 * np.log2(np.diff(cycles[:: RATE // 100]) * 100 / strongest)
    swaying = sosfiltfilt(butter(2, [3, 9], "bandpass", fs=100, output="sos"), cents)
    return float(np.std(swaying[10:-10]))


def test_the_pitch_is_that_of_the_key_the_wheel_and_the_tuning(players, host):
    part = Part("a", (Note(ON_S, 1.5, 69, 80),))
    plain = {"performer": Lane.constant(0), "vibrato": Lane.constant(0)}
    for lanes, wanted in (({}, 0), ({"master_tune": Lane.constant(50)}, 50)):
        audio = players.play(host, live("oboe"), part, lanes={**plain, **lanes}, seconds=1.5)
        assert cents_of(audio[0], 440) == pytest.approx(wanted, abs=12)
    bend = [(0.0, (0xE0, 0x7F, 0x7F))]
    audio = players.play(host, live("oboe"), part, lanes=plain, messages=bend, seconds=1.5)
    assert cents_of(audio[0], 440 * 2 ** (2 / 12)) == pytest.approx(0, abs=12)


def cents_of(audio: np.ndarray, hz: float) -> float:
    """Return how far the strongest peak near a frequency lies from it."""
    middle = audio[RATE // 2 : RATE // 2 + 1 * RATE // 2].astype(np.float64)
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 16 * len(middle)))
    found = np.fft.rfftfreq(16 * len(middle), 1 / RATE)
    near = (found > hz * 0.9) & (found < hz * 1.1)
    return float(1200 * np.log2(found[near][np.argmax(power[near])] / hz))


def test_eight_players_sound_and_one_more_takes_the_place_of_the_first(players, host):
    keys = [48, 52, 55, 60, 64, 67, 72, 76, 79]
    for count in (8, 9):
        notes = tuple(Note(0.05 + 0.1 * n, 2.0, key, 80) for n, key in enumerate(keys[:count]))
        lanes = {"voice_mode": Lane.constant(0)}
        audio = players.play(host, live("guitar"), Part("chord", notes), lanes=lanes, seconds=1.5)
        assert np.isfinite(audio).all()
        assert np.abs(audio).max() < 4
