import numpy as np
import pytest

from bridge.mixing import SEGMENT, MixingDesk, strip_gains
from plugin_core.types import Lane

RATE = 48000
CENTRE = Lane.constant(0.0)


def gains(gain_db: Lane, pan: Lane, *, seconds: float = 2.0, start: int = 0) -> np.ndarray:
    samples = round(seconds * RATE) - start
    return strip_gains(gain_db, pan, start=start, samples=samples, sample_rate=RATE)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def test_a_track_that_is_neither_moved_nor_panned_passes_untouched():
    assert np.array_equal(gains(Lane.constant(0.0), CENTRE), np.ones((2, 2 * RATE)))


@pytest.mark.parametrize("pan", [-1.0, -0.6, -0.1, 0.0, 0.3, 1.0])
def test_the_power_of_both_sides_is_the_same_at_every_pan(pan):
    left, right = gains(Lane.constant(0.0), Lane.constant(pan))[:, 0].astype(float)
    assert left**2 + right**2 == pytest.approx(2, rel=1e-6)


def test_the_far_sides_are_3_db_up_and_alone():
    assert gains(CENTRE, Lane.constant(-1.0))[:, 0] == pytest.approx([np.sqrt(2), 0], abs=1e-7)
    assert gains(CENTRE, Lane.constant(1.0))[:, 0] == pytest.approx([0, np.sqrt(2)], abs=1e-7)


def test_a_gain_lane_is_linear_in_db_to_the_sample():
    left, _ = gains(Lane.of([(0, -60), (2, 6)]), CENTRE)
    expected_db = -60 + 66 * np.arange(2 * RATE) / RATE / 2
    assert np.abs(20 * np.log10(left.astype(float)) - expected_db).max() < 1e-5


def test_a_lane_goes_on_where_the_last_segment_ended():
    lane, pan = Lane.of([(0, -20), (2, 0)]), Lane.of([(0, -1), (2, 1)])
    assert np.array_equal(gains(lane, pan, start=12345), gains(lane, pan)[:, 12345:])


def test_a_step_glides_for_5_ms():
    left, _ = gains(Lane.of([(0, 0), (1, 0), (1, -20), (2, -20)]), CENTRE)
    level_db = 20 * np.log10(left.astype(float))
    assert level_db[RATE - 1] == pytest.approx(0, abs=1e-5)
    assert level_db[RATE + round(0.0025 * RATE)] == pytest.approx(-10, abs=1e-3)
    assert level_db[RATE + round(0.005 * RATE)] == pytest.approx(-20, abs=1e-3)


def test_steps_closer_than_the_glide_keep_their_order():
    left, _ = gains(Lane.of([(1, 0), (1, -20), (1.001, -20), (1.001, 0), (2, 0)]), CENTRE)
    assert np.isfinite(left).all()
    assert left[-1] == pytest.approx(1.0)


def test_minus_120_db_is_silence():
    assert np.all(gains(Lane.constant(-120.0), CENTRE) == 0)


@pytest.mark.parametrize("samples", [1, 100, 2048, 5000, SEGMENT])
def test_stems_are_source_times_gain_and_the_mix_is_their_sum(samples):
    sources = [noise(1, samples), noise(2, samples, seed=1), noise(2, samples, seed=2)]
    strips = [noise(2, samples, seed=3 + n) for n in range(3)]
    stems, total = MixingDesk(3, RATE).mix(sources, strips)
    for stem, source, strip in zip(stems, sources, strips, strict=True):
        assert np.array_equal(stem, source * strip)
    assert np.array_equal(total, (stems[0] + stems[1]) + stems[2])


def test_a_desk_mixes_one_segment_after_the_other():
    desk = MixingDesk(1, RATE)
    ones = np.ones((2, 3000), np.float32)
    for samples in (3000, 10, 2500):
        source = noise(1, samples, seed=samples)
        _, total = desk.mix([source], [ones[:, :samples]])
        assert np.array_equal(total, np.repeat(source, 2, axis=0))


def test_many_tracks_are_mixed_in_shorter_segments():
    desk = MixingDesk(300, RATE)
    assert desk.segment < SEGMENT
    sources = [noise(1, desk.segment, seed=n) for n in range(300)]
    gain = np.full((2, desk.segment), 0.01, np.float32)
    stems, total = desk.mix(sources, [gain] * 300)
    assert np.array_equal(stems[299][0], sources[299][0] * gain[0])
    assert total == pytest.approx(np.sum(stems, axis=0, dtype=float), abs=1e-5)


@pytest.mark.parametrize("rate", [22050, 44100, 96000, 192000])
def test_no_sample_is_lost_at_any_rate(rate):
    source = noise(1, 4999)
    _, total = MixingDesk(1, rate).mix([source], [np.ones((2, 4999), np.float32)])
    assert total.shape == (2, 4999)
    assert np.array_equal(total[0], source[0])
