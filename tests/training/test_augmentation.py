import numpy as np
import pytest

from plugin_core.training.augmentation import vary

RATE = 44100


def burst() -> np.ndarray:
    """Return half a second of silence, then half a second of a tone."""
    times = np.arange(RATE) / RATE
    return (0.3 * np.sin(2 * np.pi * 700 * times) * (times >= 0.5)).astype(np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_a_varied_recording_keeps_its_length_and_its_onset(seed: int) -> None:
    varied, rate = vary(burst(), RATE, seed)
    assert abs(len(varied) / rate - 1) < 2 / rate
    assert np.isfinite(varied).all()
    assert np.abs(varied).max() <= 1
    envelope = np.convolve(varied**2, np.ones(rate // 100), mode="same")
    rise = np.argmax(envelope > 0.25 * envelope.max()) / rate
    assert rise == pytest.approx(0.5, abs=0.015)


def test_a_seed_gives_one_variation_and_another_seed_another() -> None:
    first, _ = vary(burst(), RATE, 3)
    again, _ = vary(burst(), RATE, 3)
    other, _ = vary(burst(), RATE, 7)
    assert np.array_equal(first, again)
    assert len(first) != len(other) or not np.allclose(first, other)


def test_some_variations_have_the_bandwidth_of_16_khz() -> None:
    rates = [vary(burst(), RATE, seed)[1] for seed in range(40)]
    assert 2 <= rates.count(16000) <= 18
    assert set(rates) == {16000, RATE}


def test_some_variations_have_a_noise_floor_and_some_have_none() -> None:
    # Well before the onset neither the equalizer nor a room is heard.
    before = [np.abs(vary(burst(), RATE, seed)[0][400:2000]).mean() for seed in range(40)]
    noisy = sum(level > 1e-4 for level in before)
    assert 12 <= noisy <= 34
