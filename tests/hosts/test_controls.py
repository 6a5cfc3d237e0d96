"""Automation of each of the six controls moves the thing that it names, and only up.

The voices are chosen to show it: a sine shows level, level curve, pitch and noise by itself.
Brightness moves modulators, and the centroid of an FM spectrum rises with its index only up to
about 2 radians: the voices named here stay below that, or have no modulators (DRAWBARS).
"""

import numpy as np
import pytest

from plugin_core.types import Note, Part
from tests.hosts.playing import HOSTS, RATE, centroid_hz, f0_hz, level_db, moving_to
from tests.hosts.voices import PAIR, SINE, bundled

STEPS = np.linspace(0.0, 1.0, 6)
TYPICAL = {
    "volume": 0.5,
    "volume_fluctuation": 0.0,
    "volume_peak_position": 0.5,
    "vibrato": 0.0,
    "brightness": 0.5,
    "attack_noise": 0.0,
}

pytestmark = pytest.mark.parametrize("host", HOSTS)


def sweep(players, host, control, voice=SINE, *, length_s=1.0, steps=STEPS, **fixed):
    """Return what is heard, from note-on, at each step of a control that is automated."""
    part = Part("note", notes=(Note(0.05, 0.05 + length_s, 69, 100),))
    start = round(0.05 * RATE)
    heard = []
    for value in steps:
        lanes = {
            name: moving_to(wanted, start=TYPICAL[name])
            for name, wanted in {**fixed, control: value}.items()
        }
        audio = players.play(host, voice, part, lanes=lanes, seconds=0.05 + length_s)
        heard.append(audio[0, start:].astype(np.float64))
    return heard


def rises(values) -> bool:
    return bool(np.all(np.diff(values) > 0))


def levels_db(audio: np.ndarray) -> np.ndarray:
    """Return the level of every 10 ms."""
    frames = audio[: len(audio) // 441 * 441].reshape(-1, 441)
    return np.array([level_db(frame) for frame in frames])


def test_volume_raises_the_level(players, host):
    # -24..+12 dB around 0.5, and below 0.02 to silence.
    found = [level_db(audio[4410:]) for audio in sweep(players, host, "volume", steps=STEPS[1:])]
    assert rises(found)
    wanted = [(step - 0.5) * (48 if step < 0.5 else 24) for step in STEPS[1:]]
    assert np.diff(found) == pytest.approx(np.diff(wanted), abs=0.05)
    assert np.abs(sweep(players, host, "volume", steps=[0.0])[0][4410:]).max() == 0


def test_volume_fluctuation_widens_the_level_curve(players, host):
    # 24 dB of standard deviation at 1, held at 12; the first frames are the envelope's attack.
    found = [np.std(levels_db(audio)[3:]) for audio in sweep(players, host, "volume_fluctuation")]
    assert rises(found[:4])
    assert found[:3] == pytest.approx([0, 4.8, 9.6], abs=0.6)
    assert found[3:] == pytest.approx([12, 12, 12], abs=0.6)


def test_volume_peak_position_moves_the_peak(players, host):
    found = [
        np.argmax(levels_db(audio)) / 100
        for audio in sweep(players, host, "volume_peak_position", volume_fluctuation=0.3)
    ]
    assert rises(found)
    assert found == pytest.approx(list(STEPS), abs=0.03)


def test_vibrato_deepens_the_pitch_modulation(players, host):
    # Up to 50 cents, faded in over 200 ms.
    found = []
    for audio in sweep(players, host, "vibrato"):
        cents = 1200 * np.log2(f0_hz(audio)[RATE // 4 : -RATE // 10] / 440)
        smooth = np.convolve(cents, np.ones(441) / 441, mode="valid")
        found.append(np.ptp(smooth) / 2)
    assert rises(found)
    assert found == pytest.approx(list(50 * STEPS), abs=1.5)


@pytest.mark.parametrize(
    "voice",
    [
        PAIR,
        bundled("hexachord-1", "TINE PIANO"),
        bundled("hexachord-1", "FRETLESS"),
        bundled("hexachord-2", "FLUTE"),
        bundled("hexachord-2", "DRAWBARS"),
    ],
    ids=lambda voice: voice.name,
)
def test_brightness_raises_the_centroid(players, host, voice):
    found = [centroid_hz(audio[4410:30000]) for audio in sweep(players, host, "brightness", voice)]
    assert rises(found)
    assert found[-1] > 1.1 * found[0]


def test_attack_noise_raises_the_noise_of_the_onset(players, host):
    plain, *noisy = sweep(players, host, "attack_noise")
    onset = round(0.04 * RATE)
    found = [level_db((audio - plain)[:onset]) for audio in noisy]
    assert rises(found)
    # 40 dB of range, and at most 12 dB below the note.
    assert np.diff(found) == pytest.approx([8.0] * 4, abs=0.2)
    assert found[-1] < level_db(plain[4410:]) - 12
    assert max(level_db((audio - plain)[10 * onset :]) for audio in noisy) < -100


@pytest.mark.parametrize("control", TYPICAL)
def test_at_its_typical_value_a_control_changes_nothing(players, host, control):
    part = Part("note", notes=(Note(0.05, 0.5, 69, 100),))
    plain = players.play(host, bundled("hexachord-2", "TRUMPET"), part, seconds=0.6)
    away = 1.0 if TYPICAL[control] < 1.0 else 0.0
    lanes = {control: moving_to(TYPICAL[control], start=away)}
    there_and_back = players.play(
        host, bundled("hexachord-2", "TRUMPET"), part, lanes=lanes, seconds=0.6
    )
    assert np.array_equal(plain, there_and_back)
