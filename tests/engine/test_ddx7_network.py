"""The DDX7 network frame by frame against the same network in PyTorch."""

import itertools

import numpy as np
import pytest
import torch

from plugin_core.engine.ddx7_layout import SEEN_FRAMES, WEIGHTS, Ddx7Layer, ddx7_layout
from plugin_core.engine.ddx7_network import Ddx7Run, ddx7_inputs, run_ddx7
from plugin_core.engine.live_layout import LayoutColumn

from .ddx7_organ import put
from .ddx7_twin import playing_row, random_twin

FRAMES = 400
I_MAX = 2 * np.pi
ALGORITHM = 5
"""Its carriers are operators 1, 3 and 5."""


@pytest.fixture(scope="module")
def twin():
    return random_twin(7)


@pytest.fixture(scope="module")
def weights(twin):
    packed = twin.packed()
    row = playing_row(I_MAX=I_MAX, ALGORITHM=ALGORITHM, OPERATORS=63, NOISE=1, NOISE_SCALE=0.5)
    put(packed, Ddx7Layer.PLAYING, row)
    return packed


@pytest.fixture(scope="module")
def recording():
    """Loudness in dB and MIDI pitch of a recording that wanders."""
    chance = np.random.default_rng(1)
    loudness_db = np.clip(-60 + np.cumsum(chance.normal(0, 4, FRAMES)), -110, 5)
    return loudness_db, 69 + np.cumsum(chance.normal(0, 0.3, FRAMES))


def inputs(loudness_db, pitch):
    """The inputs as the project's plan defines them, in numpy."""
    loudness = np.clip((loudness_db + 100) / 100, 0, 1)
    return np.stack([loudness, pitch / 127 * np.clip(loudness / 0.15, 0, 1)], axis=1)


def after_silence(twin, x):
    """What the twin makes of `x` after longer silence than it can remember."""
    before = np.zeros((2 * SEEN_FRAMES, 2))
    with torch.no_grad():
        shares, noise = twin(torch.tensor(np.concatenate([before, x]), dtype=torch.float32))
    return shares.numpy()[len(before) :], noise.numpy()[len(before) :]


def test_layers_lie_one_after_another_and_fit():
    layout = ddx7_layout()
    assert layout.shape == (len(Ddx7Layer), 5)
    assert layout[-1, LayoutColumn.OFFSET] < WEIGHTS < 1 << 19


def test_the_network_has_the_size_of_the_papers():
    layout = ddx7_layout()
    network = layout[Ddx7Layer.NOISE, LayoutColumn.OFFSET]
    assert network == pytest.approx(400_000, rel=0.01)


@pytest.mark.parametrize(
    ("loudness_db", "pitch", "expected"),
    [
        (-100.0, 60.0, (0.0, 0.0)),
        (-130.0, 60.0, (0.0, 0.0)),
        (-50.0, 63.5, (0.5, 0.5)),
        (-92.5, 127.0, (0.075, 0.5)),
        (20.0, 127.0, (1.0, 1.0)),
    ],
)
def test_inputs_are_loudness_and_a_pitch_that_silence_hides(loudness_db, pitch, expected):
    x = np.zeros(2, np.float32)
    ddx7_inputs(loudness_db, pitch, x)
    np.testing.assert_allclose(x, expected, atol=1e-6)


def test_levels_and_noise_are_those_of_pytorch(twin, weights, recording):
    levels, noise = run_ddx7(weights, ddx7_layout(), *recording)
    shares, magnitudes = after_silence(twin, inputs(*recording))
    highest = np.array([1, I_MAX, 1, I_MAX, 1, I_MAX])
    np.testing.assert_allclose(levels / highest, shares, atol=1e-5)
    np.testing.assert_allclose(noise, 0.5 * magnitudes, atol=1e-5)
    assert shares.std(axis=0).min() > 0.01


def test_pieces_of_a_recording_are_the_whole(weights, recording):
    whole = run_ddx7(weights, ddx7_layout(), *recording)
    run = Ddx7Run(weights, ddx7_layout())
    cuts = [0, 1, 2, 40, 41, 300, 300, FRAMES]
    pieces = [
        run.process(*(each[start:stop] for each in recording))
        for start, stop in itertools.pairwise(cuts)
    ]
    for found, piece in zip(whole, zip(*pieces, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(piece), found)


def test_nothing_after_a_frame_changes_it_and_nothing_long_before(weights, recording):
    loudness_db, pitch = recording
    levels, _ = run_ddx7(weights, ddx7_layout(), loudness_db, pitch)
    other_db = loudness_db.copy()
    other_db[200] += 20
    other, _ = run_ddx7(weights, ddx7_layout(), other_db, pitch)
    moved = np.flatnonzero(np.abs(other - levels).max(axis=1) > 0)
    assert moved.min() == 200
    assert moved.max() < 200 + SEEN_FRAMES


def test_absent_operators_and_absent_noise_are_zeros(weights, recording):
    fewer = weights.copy()
    put(fewer, Ddx7Layer.PLAYING, playing_row(I_MAX=I_MAX, ALGORITHM=5, OPERATORS=0b001111))
    levels, noise = run_ddx7(fewer, ddx7_layout(), *recording)
    whole, _ = run_ddx7(weights, ddx7_layout(), *recording)
    np.testing.assert_array_equal(levels[:, :4], whole[:, :4])
    assert not levels[:, 4:].any()
    assert not noise.any()


def test_loudness_and_pitch_must_be_as_many(weights):
    with pytest.raises(ValueError, match=r"found \(3,\) and \(4,\)"):
        run_ddx7(weights, ddx7_layout(), np.zeros(3), np.zeros(4))
