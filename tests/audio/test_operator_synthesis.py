"""Operator levels into sound: blocks never show, lanes move without clicks, bad input is told."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.audio.operator_synthesis import OperatorSynthesizer, synthesize_operators
from plugin_core.dx7.algorithms import ALGORITHMS
from tests.audio.fm_of_levels import Phrase, by_kernel, moving_levels

ONES = np.ones(6)
FRAMES = 60


def everything_moves():
    """Frames with rests, other ratios, algorithms and feedback in time, and noise."""
    generator = np.random.default_rng(1)
    way = np.linspace(0, 1, FRAMES)
    f0 = 200 + 300 * way
    f0[20:25] = 0
    levels = moving_levels(5, frames=FRAMES)
    noise = generator.uniform(0, 0.02, (FRAMES, 65))
    noise[30:40] = 0
    ratios = 1 + np.outer(way, np.arange(6.0))
    algorithm = 1 + (np.arange(FRAMES) // 7) % 32
    return {
        "f0_hz": f0, "levels": levels, "noise": noise, "ratios": ratios, "algorithm": algorithm,
        "feedback": 6 * way,
    }  # fmt: skip


def part(frames, start, stop):
    return {name: values[start:stop] for name, values in frames.items()}


@settings(max_examples=15)
@given(
    cuts=st.lists(st.integers(0, FRAMES), max_size=8),
    sample_rate=st.sampled_from([8000, 16000, 22050, 44100, 48000, 192000]),
)
def test_blocks_never_show(cuts, sample_rate):
    frames = everything_moves()
    samples = int(0.27 * sample_rate)
    whole = synthesize_operators(**frames, sample_rate=sample_rate, samples=samples, seed=3)
    synthesizer = OperatorSynthesizer(sample_rate, seed=3)
    edges = [0, *sorted(cuts), FRAMES]
    blocks = [synthesizer.process(**part(frames, *ends)) for ends in pairwise(edges)]
    blocks.append(synthesizer.finish(samples))
    assert synthesizer.samples >= samples
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def test_steady_settings_are_the_kernels_sound():
    f0 = np.linspace(200, 400, FRAMES).astype(np.float32)
    levels = moving_levels(18, frames=FRAMES)
    ratios = (1, 1, 1, 1, 3.2, 8.5)
    expected = by_kernel(Phrase(f0, levels, ratios, 18, 4.0), 44100)
    sound = synthesize_operators(f0, levels, None, ratios, 18, 44100, feedback=4.0)
    np.testing.assert_array_equal(sound, expected)


def test_the_noise_is_that_of_the_other_synthesizer():
    noise = everything_moves()["noise"]
    nothing = np.zeros(FRAMES)
    silent = np.zeros((FRAMES, 6))
    sound = synthesize_operators(nothing + 200, silent, noise, ONES, 1, 48000, seed=5, note=2)
    other = synthesize(nothing, nothing, np.zeros((FRAMES, 1)), noise, 48000, seed=5, note=2)
    np.testing.assert_array_equal(sound, other)
    assert other.any()


def test_frames_without_f0_are_silent():
    frames = everything_moves() | {"noise": None}
    sound = synthesize_operators(**frames, sample_rate=16000)
    assert np.isfinite(sound).all()
    assert not sound[20 * 64 : 24 * 64].any()
    assert sound[18 * 64 : 19 * 64].any()
    assert sound[26 * 64 :].any()
    nowhere = synthesize_operators(**frames | {"f0_hz": np.zeros(FRAMES)}, sample_rate=16000)
    assert not nowhere.any()


def test_after_the_last_frame_everything_stays():
    levels = np.tile([1.0, 0, 0, 0, 0, 0], (3, 1))
    sound = synthesize_operators(np.full(3, 440.0), levels, None, ONES, 1, 48000, 4801)
    np.testing.assert_allclose(sound, np.sin(2 * np.pi * 440 * np.arange(4801) / 48000), atol=5e-6)


@pytest.mark.parametrize("there", range(1, 33))
def test_another_algorithm_comes_without_a_click_or_an_overload(there):
    # Half a radian of every modulator: halves would be far too loud as amplitudes of six carriers.
    frames = 10
    algorithm = np.where(np.arange(frames) < 5, 1, there)
    levels = np.zeros((frames, 6))
    for frame, number in enumerate(algorithm):
        carriers = ALGORITHMS[number - 1].carriers
        levels[frame] = [1 / len(carriers) if op in carriers else 0.5 for op in range(1, 7)]
    sound = synthesize_operators(np.full(frames, 100.0), levels, None, ONES, algorithm, 48000)
    assert np.abs(sound).max() <= 1.0
    steepest = max(steepness(1), steepness(there))
    # The steepest slope of either routing, and that of the fade.
    assert np.abs(np.diff(sound)).max() < steepest * 2 * np.pi * 100 / 48000 + 2 / 192


def steepness(number):
    """How much steeper than the fundamental an algorithm gets with half a radian everywhere."""
    algorithm = ALGORITHMS[number - 1]
    steep = {}
    for op in range(6, 0, -1):
        steep[op] = 1 + sum(steep[source] / 2 for source in algorithm.modulators_of(op))
    return sum(steep[op] for op in algorithm.carriers) / len(algorithm.carriers)


def test_the_algorithm_changes_within_its_interval_only():
    levels = np.tile([0.5, 0.8, 0.5, 0.8, 0.8, 0.8], (10, 1))
    f0 = np.full(10, 300.0)
    changed = synthesize_operators(
        f0, levels, None, ONES, np.where(np.arange(10) < 5, 1, 14), 48000
    )
    before, after = (synthesize_operators(f0, levels, None, ONES, n, 48000) for n in (1, 14))
    np.testing.assert_array_equal(changed[: 4 * 192], before[: 4 * 192])
    np.testing.assert_array_equal(changed[5 * 192 :], after[5 * 192 :])
    assert not np.array_equal(before[5 * 192 :], after[5 * 192 :])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"levels": np.zeros((3, 5))}, r"levels \(frames, 6\)"),
        ({"ratios": np.ones(5)}, r"ratios \(6,\)"),
        ({"algorithm": 33}, r"algorithms of 1\.\.32, found \[33"),
        ({"algorithm": 1.5}, r"algorithms of 1\.\.32"),
        ({"feedback": 7.5}, r"feedback of 0\.\.7"),
        ({"ratios": -ONES}, "ratios"),
        ({"f0_hz": np.full(3, np.nan)}, "finite f0_hz"),
        ({"noise": np.zeros((3, 60))}, "noise"),
    ],
)
def test_what_does_not_fit_is_told(wrong, told):
    good = {
        "f0_hz": np.full(3, 200.0), "levels": np.zeros((3, 6)), "noise": None, "ratios": ONES,
        "algorithm": 1, "sample_rate": 48000,
    }  # fmt: skip
    assert len(synthesize_operators(**good)) == 384
    with pytest.raises(ValueError, match=told):
        synthesize_operators(**good | wrong)


def test_a_sound_needs_a_frame_and_a_rate():
    with pytest.raises(ValueError, match="expected a frame"):
        OperatorSynthesizer(48000).finish(100)
    with pytest.raises(ValueError, match="sample rate"):
        OperatorSynthesizer(100)
