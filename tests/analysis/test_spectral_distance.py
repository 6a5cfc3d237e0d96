import numpy as np
import pytest

from plugin_core.analysis.spectral_distance import (
    DDSP,
    DDX7,
    ISSUE,
    RATE,
    WINDOWS,
    Definition,
    multi_scale_distance,
    spectrograms,
)

NOISE = np.random.default_rng(7).uniform(-1, 1, RATE).astype(np.float32)


def test_a_sine_in_the_middle_of_a_bin_reads_its_amplitude() -> None:
    sine = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    for window, magnitudes in zip(WINDOWS, spectrograms(sine), strict=True):
        middle = window * 1000 // RATE
        assert magnitudes.shape == ((RATE - window) // (window // 4) + 1, window // 2 + 1)
        assert magnitudes[:, middle] == pytest.approx(0.25, rel=1e-4)
        # Hann: half of it in the bins beside, nothing two away.
        assert magnitudes[:, middle + 1] == pytest.approx(0.125, rel=1e-4)
        assert magnitudes[:, middle + 2] == pytest.approx(0.0, abs=1e-6)


def test_the_scales_of_the_three_definitions() -> None:
    constant = np.ones(4096, np.float32)
    first = {
        id(definition): [float(s[2, 0]) for s in spectrograms(constant, definition)]
        for definition in (ISSUE, DDSP, DDX7)
    }
    assert first[id(ISSUE)] == pytest.approx([2.0] * 6, rel=1e-5)
    assert first[id(DDSP)] == pytest.approx([w / 2 for w in WINDOWS], rel=1e-5)
    assert first[id(DDX7)] == pytest.approx([w**0.5 / 2 for w in WINDOWS], rel=1e-5)


@pytest.mark.parametrize("definition", [ISSUE, DDSP, DDX7])
def test_equal_sounds_have_no_distance(definition: Definition) -> None:
    assert multi_scale_distance(NOISE, NOISE, RATE, definition) == 0


@pytest.mark.parametrize("definition", [ISSUE, DDX7])
def test_twice_as_loud_is_ln_2_in_every_bin_and_the_mean_magnitude(definition: Definition) -> None:
    linear = sum(float(s.mean()) for s in spectrograms(NOISE, definition))
    distance = multi_scale_distance(2 * NOISE, NOISE, RATE, definition)
    assert distance == pytest.approx(6 * np.log(2) + linear, rel=1e-3)


def test_silence_against_silence_but_for_one_sample() -> None:
    # One sample of height h in the middle of a window of zeros reads 4 h w(n) / window everywhere.
    click = np.zeros(2048, np.float32)
    click[1024] = 0.5
    magnitudes = list(spectrograms(click))[-1]
    assert magnitudes == pytest.approx(np.full((1, 1025), 4 * 0.5 / 2048), rel=1e-5)


def test_two_noises_of_one_density_are_ln_2_apart_in_every_bin() -> None:
    # The logarithm of the ratio of two exponential variables is logistic: mean magnitude 2 ln 2.
    other = np.random.default_rng(8).uniform(-1, 1, RATE).astype(np.float32)
    linear = sum(
        float(np.abs(a - b).mean())
        for a, b in zip(spectrograms(NOISE), spectrograms(other), strict=True)
    )
    distance = multi_scale_distance(NOISE, other, RATE) - linear
    assert distance == pytest.approx(6 * np.log(2), rel=0.02)


def test_a_short_signal_is_completed_with_zeros() -> None:
    short = NOISE[:100]
    padded = np.pad(short, (0, 1948))
    assert multi_scale_distance(short, 2 * short, RATE) == pytest.approx(
        multi_scale_distance(padded, 2 * padded, RATE)
    )


def test_the_rate_hardly_matters() -> None:
    time = np.arange(48000) / 48000
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    high = multi_scale_distance(tone, 2 * tone, 48000)
    low = multi_scale_distance(tone[::3].copy(), 2 * tone[::3], RATE)
    assert high == pytest.approx(low, rel=0.05)


def test_signals_that_differ_in_length_or_are_empty_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        multi_scale_distance(NOISE, NOISE[:-1], RATE)
    with pytest.raises(ValueError, match="one length"):
        multi_scale_distance(NOISE[:0], NOISE[:0], RATE)
