"""The synthesizer as a stream: blocks never show; what cannot be played is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.audio.harmonic_plus_noise import Synthesizer, synthesize

RATES = (8000, 11025, 16000, 22050, 44100, 48000, 88200, 96000, 192000)


def some_frames(count: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    f0 = rng.uniform(50, 800, count)
    noise = rng.random((count, 65))
    f0[rng.random(count) < 0.2] = 0
    noise[rng.random(count) < 0.3] = 0
    return f0, rng.random(count), rng.dirichlet(np.ones(100), size=count), noise


@given(
    sizes=st.lists(st.integers(0, 7), min_size=1, max_size=12),
    sample_rate=st.sampled_from(RATES),
    extra=st.integers(0, 500),
    seed=st.integers(0, 1000),
)
def test_the_division_into_blocks_does_not_show_in_one_bit(sizes, sample_rate, extra, seed):
    count = sum(sizes) + 1
    frames = some_frames(count, seed)
    stream = Synthesizer(sample_rate, seed=seed, note=1)
    parts = []
    begun = 0
    for size in (*sizes, 1):
        parts.append(stream.process(*(values[begun : begun + size] for values in frames)))
        begun += size
        assert sum(map(len, parts)) == stream.samples
    assert stream.samples == -(-(count - 1) * sample_rate // 250)
    samples = stream.samples + extra
    parts.append(stream.finish(samples))
    whole = synthesize(*frames, sample_rate, samples, seed=seed, note=1)
    assert whole.dtype == np.float32
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_shorter_sound_is_the_beginning_of_the_longer():
    frames = some_frames(20)
    whole = synthesize(*frames, 44100, 5000)
    for samples in (0, 1, 1000, 3351, 3352, 4999):
        np.testing.assert_array_equal(synthesize(*frames, 44100, samples), whole[:samples])


def test_harmonics_and_noise_add_up():
    f0, amplitude, harmonics, noise = some_frames(50)
    both = synthesize(f0, amplitude, harmonics, noise, 48000)
    tone = synthesize(f0, amplitude, harmonics, 0 * noise, 48000)
    rest = synthesize(f0, 0 * amplitude, harmonics, noise, 48000)
    np.testing.assert_allclose(both, tone + rest, atol=2e-6)


def test_fewer_harmonics_are_as_if_the_others_were_silent():
    f0, amplitude, harmonics, noise = some_frames(20)
    silent = harmonics.copy()
    silent[:, 60:] = 0
    np.testing.assert_array_equal(
        synthesize(f0, amplitude, harmonics[:, :60], noise, 48000),
        synthesize(f0, amplitude, silent, noise, 48000),
    )


@pytest.mark.parametrize("rate", [7999, 192001, 44100.5, 0, -48000])
def test_rates_that_it_does_not_play_are_refused(rate):
    with pytest.raises(ValueError, match=r"sample rate of 8000 to 192000, found"):
        Synthesizer(rate)


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        (0, np.zeros((3, 1))),
        (1, np.zeros(4)),
        (2, np.zeros((3, 101))),
        (2, np.zeros(3)),
        (3, np.zeros((3, 64))),
    ],
)
def test_shapes_that_do_not_fit_are_refused(argument, values):
    frames = [np.zeros(3), np.zeros(3), np.zeros((3, 100)), np.zeros((3, 65))]
    frames[argument] = values
    with pytest.raises(ValueError, match="found shapes"):
        synthesize(*frames, 48000)


@pytest.mark.parametrize("argument", range(4))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(argument, value):
    frames = [np.zeros(3), np.zeros(3), np.zeros((3, 100)), np.zeros((3, 65))]
    frames[argument].flat[-1] = value
    with pytest.raises(ValueError, match="finite"):
        synthesize(*frames, 48000)


def test_a_stream_ends_after_what_it_gave():
    stream = Synthesizer(48000)
    with pytest.raises(ValueError, match="found 0 frames"):
        stream.finish(0)
    stream.process(*some_frames(3))
    with pytest.raises(ValueError, match="at least 384 samples"):
        stream.finish(383)
    assert len(stream.finish(384)) == 0
