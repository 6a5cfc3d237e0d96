"""Every bundled live instrument in both hosts: it sounds at once, and automation is heard."""

import numpy as np
import pytest

from plugin_core.types import Lane, Note, Part
from tests.hosts.live_instruments import NAMES, held, live, middle_key
from tests.hosts.playing import HOSTS, RATE, centroid_hz, level_db

FRAME_S = 0.004
ON_S = 0.05
STEP_S = 1.05
"""Where automation moves, in the middle of a note from 0.05 to 2.05 s."""

pytestmark = pytest.mark.parametrize("host", HOSTS)
each_instrument = pytest.mark.parametrize("name", NAMES)


def stepping(control: str, low: float, high: float) -> dict[str, Lane]:
    """Return automation that steps up while a note sounds and nobody phrases."""
    step = Lane.of([(0, low), (STEP_S, low), (STEP_S, high)])
    return {"performer": Lane.constant(0), control: step}


def halves(players, host, name, lanes) -> list[np.ndarray]:
    """Return what is heard before and after the step, attack and change left out."""
    audio = players.play(host, live(name), held(name), lanes=lanes, seconds=2.05)
    assert np.isfinite(audio).all()
    cuts = ((ON_S + 0.4, STEP_S), (STEP_S + 0.2, 2.0))
    return [audio[0, round(a * RATE) : round(b * RATE)].astype(np.float64) for a, b in cuts]


@each_instrument
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
    soft, loud = halves(players, host, name, stepping("volume", 0.5, 0.8))
    assert level_db(loud) - level_db(soft) == pytest.approx(18, abs=6)


@each_instrument
def test_automation_of_the_brightness_is_heard(players, host, name):
    dark, bright = halves(players, host, name, stepping("brightness", 0.15, 0.5))
    assert centroid_hz(bright) > 1.15 * centroid_hz(dark)


@each_instrument
def test_automation_of_the_vibrato_is_heard(players, host, name):
    plain, shaken = halves(players, host, name, stepping("vibrato", 0.0, 1.0))
    hz = 440 * 2 ** ((middle_key(name) - 69) / 12)
    assert sway_cents(shaken, hz) > 8
    assert sway_cents(shaken, hz) > 2 * sway_cents(plain, hz)


def sway_cents(audio: np.ndarray, hz: float) -> float:
    """Return the standard deviation of the fundamental's pitch, of what is faster than 3 Hz."""
    from scipy.signal import butter, hilbert, sosfiltfilt

    near = butter(4, [hz * 2 ** (-1 / 3), hz * 2 ** (1 / 3)], "bandpass", fs=RATE, output="sos")
    cycles = np.unwrap(np.angle(hilbert(sosfiltfilt(near, audio)))) / (2 * np.pi)
    step = RATE // 100
    cents = 1200 * np.log2(np.diff(cycles[::step]) * 100 / hz)
    swaying = butter(2, [3, 9], "bandpass", fs=100, output="sos")
    return float(np.std(sosfiltfilt(swaying, cents)[10:-10]))


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
