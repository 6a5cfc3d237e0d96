"""Tones that move by themselves: as deep as asked, and nothing else is changed."""

import numpy as np
import pytest

from plugin_core.expression.excerpts import excerpt
from plugin_core.expression.extraction import brightness
from plugin_core.synthesis.flicker import flickering
from plugin_core.types import Frames

FLICKER = {
    "fast_db": [3.0, 2.0, 1.0, 0.5, 0.5],
    "slow_db": [0.0] * 5,
    "level_db": 0.4,
    "resonance_db": 0.0,
    "body": 0,
}
COUNT = 4000


def still(f0_hz: np.ndarray | float = 440.0) -> Frames:
    shares = np.full((COUNT, 60), 1e-3)
    shares[:, :4] = (0.5, 0.25, 10 ** (-25 / 20), 10 ** (-35 / 20))
    shares /= shares.sum(axis=1, keepdims=True)
    ones = np.ones(COUNT, np.float32)
    return Frames(
        (f0_hz * ones).astype(np.float32), ones, ones, 0.1 * ones, shares.astype(np.float32),
        np.full((COUNT, 65), 1e-4, np.float32),
    )  # fmt: skip


def moved(frames: Frames, first: int = 0, seed: int = 1, **others: object) -> Frames:
    pitch = np.full(len(frames), 69, np.float32)
    return flickering(frames, {**FLICKER, **others}, pitch=pitch, seed=seed, first=first)


def decibels(linear: np.ndarray) -> np.ndarray:
    return 20 * np.log10(linear)


def test_harmonics_move_as_deep_as_asked_and_the_weak_more():
    deviations = decibels(moved(still()).harmonics[:, :4]).std(axis=0)
    shares = decibels(still().harmonics[0, :4])
    expected = np.interp(shares, [-45, -35, -25, -15, -5], FLICKER["fast_db"])
    # The loudest carry the sum, which stays: they move less.
    assert deviations[1:] == pytest.approx(expected[1:], rel=0.35)
    assert deviations[3] > 2 * deviations[1]


def test_the_level_moves_as_deep_as_asked():
    assert decibels(moved(still()).amplitude).std() == pytest.approx(0.4, rel=0.15)


def test_shares_add_up_and_mean_spectrum_and_brightness_stay():
    frames = moved(still())
    np.testing.assert_allclose(frames.harmonics.sum(axis=1), 1, rtol=1e-5)
    away = decibels(frames.harmonics).mean(axis=0) - decibels(still().harmonics[0])
    assert np.abs(away[:40]).max() < 0.5
    assert brightness(frames.harmonics) == pytest.approx(brightness(still().harmonics), abs=0.01)
    assert (frames.f0_hz == still().f0_hz).all()
    assert (frames.noise == still().noise).all()


@pytest.mark.parametrize(("first", "last"), [(4, 400), (1001, 1090), (3000, 4000)])
def test_a_window_moves_as_the_whole_does(first, last):
    whole = moved(still(), resonance_db=2.0, slow_db=[1.0] * 5)
    part = moved(excerpt(still(), slice(first, last)), first, resonance_db=2.0, slow_db=[1.0] * 5)
    for name in ("amplitude", "harmonics"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[first:last])


def test_a_vibrato_sweeps_over_the_body_and_a_straight_pitch_does_not():
    wave = 0.3 * np.sin(2 * np.pi * 5.5 * np.arange(COUNT) / 250)
    quiet = {"fast_db": [0.0] * 5, "level_db": 0.0, "resonance_db": 2.5}
    swept = moved(still(440 * 2 ** (wave / 12)), **quiet)
    straight = moved(still(), **quiet)
    assert decibels(swept.harmonics[:, 1:30]).std(axis=0).mean() > 0.5
    assert decibels(straight.harmonics[:, 1:30]).std(axis=0).max() < 1e-3


def test_another_seed_moves_otherwise_and_none_not_at_all():
    assert not np.array_equal(moved(still()).harmonics, moved(still(), seed=2).harmonics)
    frames = still()
    assert flickering(frames, None, pitch=frames.f0_hz, seed=1) is frames
