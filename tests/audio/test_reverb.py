"""The room as a stream, against direct convolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from plugin_core.audio.reverb import Room, response_at_rate, reverberate

AUDIO = np.random.default_rng(0).uniform(-1, 1, 3000).astype(np.float32)
RESPONSE = np.random.default_rng(1).normal(size=700) * np.exp(-np.arange(700) / 100) / 10


def test_it_is_convolution_one_sample_late():
    whole = signal.convolve(AUDIO, np.concatenate(([0], RESPONSE)), method="direct")
    room = Room(RESPONSE, 0.3)
    placed = room.process(AUDIO)
    np.testing.assert_allclose(placed, 0.7 * AUDIO + 0.3 * whole[:3000], atol=1e-6)
    np.testing.assert_allclose(room.ring_out(), 0.3 * whole[3000:], atol=1e-6)
    assert not room.ring_out().any()


def test_without_mix_it_is_the_audio():
    np.testing.assert_array_equal(reverberate(AUDIO, RESPONSE, 0.0), AUDIO)


@given(cuts=st.lists(st.integers(0, 3000), max_size=6))
def test_blocks_do_not_show(cuts):
    room = Room(RESPONSE, 0.5)
    parts = np.split(AUDIO, sorted(cuts))
    streamed = np.concatenate([room.process(part) for part in parts])
    np.testing.assert_allclose(streamed, reverberate(AUDIO, RESPONSE, 0.5), atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
def test_a_response_sounds_the_same_at_another_rate(rate):
    """Its gain at 700 Hz .. 2 kHz is that at 16 kHz, of a chirp that begins and ends softly."""
    time = np.arange(1600) / 16000
    response = np.hanning(1600) * np.sin(2 * np.pi * 500 * time * (1 + 10 * time))
    moved = response_at_rate(response, 16000, rate)
    for frequency in (700, 1000, 1500, 2000):
        here = abs(response @ np.exp(-2j * np.pi * frequency * time))
        there = abs(moved @ np.exp(-2j * np.pi * frequency * np.arange(len(moved)) / rate))
        assert there == pytest.approx(here, rel=0.01)


@pytest.mark.parametrize("mix", [-0.1, 1.1, np.nan])
def test_a_mix_beyond_0_to_1_is_refused(mix):
    with pytest.raises(ValueError, match=r"mix of 0\.\.1"):
        Room(RESPONSE, mix)


def test_a_broken_response_is_refused():
    with pytest.raises(ValueError, match="finite response"):
        Room(np.array([0.0, np.nan]), 0.5)
