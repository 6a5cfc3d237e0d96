"""Lanes as host automation at buffers of 64 samples against the same lanes in the engine."""

from itertools import pairwise

import numpy as np
import pytest

from plugin_core.engine.performance import perform
from plugin_core.types import Lane, Note, Part
from tests.hosts.playing import HOSTS, f0_hz
from tests.hosts.voices import SINE, bundled

SECONDS = 2.0
PHRASE = Part(
    "phrase",
    notes=tuple(Note(0.1 + 0.3 * n, 0.35 + 0.3 * n, 57 + 4 * n % 24, 80) for n in range(6)),
)
GAIN_LANES = {
    "volume": Lane.of([(0, 0.5), (0.5, 0.3), (1.5, 0.55), (2, 0.5)]),
    "output_gain": Lane.of([(0, 0), (1, -12), (2, 0)]),
    "op1_level": Lane.of([(0, 99), (1, 85), (2, 99)]),
}

pytestmark = [
    pytest.mark.parametrize("host", HOSTS),
    pytest.mark.parametrize("rate", [44100, 48000, 96000]),
]


def both(players, host, rate, voice, part, lanes, seconds=SECONDS):
    """Return what the engine plays here and what the host hears, both mono."""
    here = perform(voice, part, lanes=lanes, sample_rate=rate, samples=round(seconds * rate))
    heard = players.play(host, voice, part, lanes=lanes, seconds=seconds, rate=rate, buffer=64)
    return here.astype(np.float64), heard[0].astype(np.float64)


@pytest.mark.parametrize("lane", GAIN_LANES)
def test_gain_like_lanes_agree_to_60_db(players, host, rate, lane):
    voice = bundled("hexachord-2", "DRAWBARS")
    here, heard = both(players, host, rate, voice, PHRASE, {lane: GAIN_LANES[lane]})
    plain, _ = both(players, host, rate, voice, PHRASE, {})
    assert np.abs(here - plain).max() > 0.01
    assert np.abs(heard - here).max() < 10 ** (-60 / 20)


def test_a_vibrato_lane_agrees_within_2_cents(players, host, rate):
    part = Part("note", notes=(Note(0.0, SECONDS, 69, 100),))
    lanes = {"vibrato": Lane.of([(0, 0), (1, 1), (1.5, 0.2), (2, 1)])}
    here, heard = both(players, host, rate, SINE, part, lanes)
    inside = slice(rate // 20, -rate // 20)
    cents = 1200 * np.log2(f0_hz(heard, rate)[inside] / f0_hz(here, rate)[inside])
    # Over 5 ms: a tick's step of pitch comes up to a tick earlier or later.
    window = np.ones(rate // 200) / (rate // 200)
    assert np.abs(np.convolve(cents, window, mode="valid")).max() < 2


def test_a_brightness_lane_agrees_within_a_third_of_a_db(players, host, rate):
    part = Part("note", notes=(Note(0.0, SECONDS, 57, 100),))
    lanes = {"brightness": Lane.of([(0, 0.5), (1, 0.8), (2, 0.4)])}
    voice = bundled("hexachord-2", "TRUMPET")
    here, heard = both(players, host, rate, voice, part, lanes)
    found, wanted = (bands_db(audio, rate) for audio in (heard, here))
    audible = wanted > wanted.max() - 60
    assert np.count_nonzero(audible) > 50
    assert np.abs(found - wanted)[audible].max() < 0.3


def bands_db(audio: np.ndarray, rate: int) -> np.ndarray:
    """Return levels in third-octave bands from 100 Hz to 12.7 kHz of frames of 100 ms."""
    size = rate // 10
    frames = audio[: len(audio) // size * size].reshape(-1, size) * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = 100 * 2 ** (np.arange(22) / 3)
    places = np.searchsorted(np.fft.rfftfreq(size, 1 / rate), edges)
    sums = [power[:, low:high].sum(axis=1) for low, high in pairwise(places)]
    return 10 * np.log10(np.array(sums) + 1e-20)
