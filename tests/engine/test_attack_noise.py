"""Attack noise: its level against the note, its band, its decay, and its seed."""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from plugin_core.engine.records import EventType
from plugin_core.types import CONTROLS
from tests.engine.playing import RATE, SINE, db, off, on, parameter, play, rms

NOTE_RMS = 0.125 / np.sqrt(2)


def noise(
    value: float = 1.0, seed: int = 0, voice: Voice = SINE, rate: float = RATE, samples: int = 4410
) -> np.ndarray:
    """Return what attack noise adds to a note."""
    samples = round(samples * rate / RATE)
    table = [parameter(0, "seed", seed), on(0)]
    noisy = play(voice, parameter(0, "attack_noise", value), *table, samples=samples, rate=rate)
    return noisy.astype(np.float64) - play(voice, *table, samples=samples, rate=rate)


def envelope(seconds: np.ndarray) -> np.ndarray:
    """60 dB down after 40 ms, and then gone: the definition in the engine."""
    return 10 ** (-3 * seconds / 0.04) * np.clip(1 - seconds / 0.04, 0, None)


def level_at_onset_db(value: float, rate: float = RATE, seeds: int = 60) -> float:
    """Return the RMS that the noise has before it decays, against the note's RMS."""
    early = round(0.004 * rate)
    power = np.mean([noise(value, seed, rate=rate)[:early] ** 2 for seed in range(seeds)])
    decay = np.mean(envelope(np.arange(early) / rate) ** 2)
    return db(np.sqrt(power / decay) / NOTE_RMS)


@pytest.mark.parametrize("rate", [22050, 44100, 96000, 192000])
def test_full_noise_is_twelve_decibels_under_the_note(rate):
    assert level_at_onset_db(1.0, rate) == pytest.approx(-12, abs=1)


def test_noise_grows_with_its_control():
    found = [level_at_onset_db(value, seeds=10) for value in (0.05, 0.25, 0.5, 0.75, 1.0)]
    assert (np.diff(found) > 5).all()


@pytest.mark.parametrize("level", [99, 80, 60])
def test_noise_follows_the_level_of_the_note(level):
    quiet = SINE.edited(op1_level=level)
    ratio = rms(noise(voice=quiet)[:1000]) / rms(noise()[:1000])
    assert db(ratio) == pytest.approx((level - 99) * 32 * 6.0206 / 256, abs=0.1)


def test_noise_is_gone_after_forty_milliseconds():
    whole = noise()
    assert rms(whole[: round(0.01 * RATE)]) > 0.005
    assert not whole[round(0.04 * RATE) + 2 :].any()
    power = np.mean([noise(seed=seed) ** 2 for seed in range(100)], axis=0)
    times = np.arange(len(power)) / RATE
    for at_s in (0.005, 0.01, 0.02):
        near = np.abs(times - at_s) < 0.001
        early = np.abs(times - 0.002) < 0.001
        found = db(np.sqrt(power[near].mean() / power[early].mean()))
        expected = db(rms(envelope(times[near])) / rms(envelope(times[early])))
        assert found == pytest.approx(expected, abs=1)


def test_noise_lies_between_one_and_six_kilohertz():
    spectrum = np.mean(
        [np.abs(np.fft.rfft(noise(seed=seed)[:1764])) ** 2 for seed in range(100)], axis=0
    )
    frequencies = np.fft.rfftfreq(1764, 1 / RATE)
    band = spectrum[(frequencies > 1000) & (frequencies < 6000)].mean()
    assert 10 * np.log10(spectrum[frequencies < 100].mean() / band) < -12
    assert 10 * np.log10(spectrum[frequencies > 16_000].mean() / band) < -5
    assert 10 * np.log10(spectrum[(frequencies > 2000) & (frequencies < 3000)].mean() / band) > -1


def test_the_seed_decides():
    np.testing.assert_array_equal(noise(seed=5), noise(seed=5))
    assert abs(np.corrcoef(noise(seed=5)[:1000], noise(seed=6)[:1000])[0, 1]) < 0.2


def test_every_note_has_its_own_noise():
    table = [parameter(0, "attack_noise", 1), on(0), off(3000), on(8000)]
    audio = play(SINE, *table, samples=12_000).astype(np.float64)
    plain = play(SINE, *table[1:], samples=12_000)
    first, second = (audio - plain)[:1000], (audio - plain)[8000:9000]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2
    assert db(rms(first) / rms(second)) == pytest.approx(0, abs=2)


def test_a_note_may_have_its_own_amount():
    """A note's control comes right after its note-on, at the same sample."""
    own = (0, EventType.NOTE_CONTROL, 0, 69, -1, CONTROLS.index("attack_noise"), 1.0)
    audio = play(SINE, on(0), own, samples=4410).astype(np.float64)
    np.testing.assert_array_equal(audio - play(SINE, on(0), samples=4410), noise())


def test_turning_the_control_in_a_note_is_for_the_next_one():
    table = [on(0), parameter(100, "attack_noise", 1)]
    np.testing.assert_array_equal(play(SINE, *table, samples=4000), play(SINE, on(0), samples=4000))


def test_volume_moves_the_noise_with_the_note():
    table = [parameter(0, "attack_noise", 1), parameter(0, "volume", 0.25), on(0)]
    quiet = play(SINE, *table, samples=4000).astype(np.float64)
    loud = play(SINE, table[0], on(0), samples=4000)
    np.testing.assert_allclose(quiet * 10 ** (12 / 20), loud, atol=1e-5)
