import numpy as np
import pyloudnorm
import pytest

from bridge.loudness import LoudnessMeter, weighting


def loudness(audio: np.ndarray, rate: int, *, piece: int = 10007) -> float | None:
    meter = LoudnessMeter(rate, audio.shape[0])
    for start in range(0, audio.shape[1], piece):
        meter.feed(audio[:, start : start + piece].astype(np.float32))
    return meter.integrated()


def sine(rate: int, seconds: float, *, hz: float = 997, level_db: float = 0) -> np.ndarray:
    times = np.arange(round(rate * seconds)) / rate
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * times)[np.newaxis]


@pytest.mark.parametrize("rate", [22050, 32000, 44100, 48000, 96000, 192000])
def test_a_full_scale_997_hz_sine_in_one_channel_reads_minus_3_lkfs(rate):
    # BS.1770-4, annex 1: "-3.01 LKFS"; the standard gives coefficients for 48 kHz alone.
    assert loudness(sine(rate, 5), rate) == pytest.approx(
        -3.01, abs=0.005 if rate == 48000 else 0.05
    )


def test_k_weighting_has_the_coefficients_of_the_standard():
    # BS.1770-4, tables 1 and 2.
    z = np.exp(-2j * np.pi * np.array([20.0, 100, 1000, 5000, 20000]) / 48000)
    shelf = np.polyval([1.19839281085285, -2.69169618940638, 1.53512485958697], z) / np.polyval(
        [0.73248077421585, -1.69065929318241, 1], z
    )
    highpass = np.polyval([1, -2, 1], z) / np.polyval([0.99007225036621, -1.99004745483398, 1], z)
    ours = weighting(np.array([20.0, 100, 1000, 5000, 20000]), 48000)
    assert np.allclose(20 * np.log10(np.abs(ours / (shelf * highpass))), 0, atol=1e-4)


def test_silences_below_the_gate_do_not_count():
    # EBU Tech 3341, case 3: -36, -23, -36 dBFS for 10, 60, 10 s read -23 LUFS (in two channels).
    parts = [(10, -36), (60, -23), (10, -36)]
    tone = np.concatenate([sine(48000, s, hz=1000, level_db=db) for s, db in parts], axis=1)
    assert loudness(np.repeat(tone, 2, axis=0), 48000) == pytest.approx(-23.0, abs=0.1)


def test_another_implementation_agrees():
    rate = 48000
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 8 * rate))
    noise *= 0.2 + np.abs(np.sin(np.arange(8 * rate) / rate))
    other = pyloudnorm.Meter(rate).integrated_loudness(noise.T)
    assert loudness(noise, rate) == pytest.approx(other, abs=0.1)


def test_the_size_of_the_pieces_does_not_matter():
    audio = np.random.default_rng(2).normal(0, 0.1, (2, 60000))
    assert loudness(audio, 48000, piece=999) == pytest.approx(
        loudness(audio, 48000, piece=60000), abs=1e-4
    )


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_what_is_shorter_than_a_block_has_no_loudness(seconds):
    assert loudness(sine(48000, seconds), 48000) is None


def test_silence_has_no_loudness():
    assert loudness(np.zeros((2, 96000)), 48000) is None
