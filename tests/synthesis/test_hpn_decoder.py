"""The decoder of the baseline: what the kernels say is what PyTorch says, and its size is right."""

import numpy as np
import pytest
import torch

from plugin_core.synthesis.hpn_decoder import HpnDecoder, pack_hpn
from plugin_core.synthesis.hpn_kernels import HIDDEN, hpn_size, run_hpn
from plugin_core.types import HARMONICS, NOISE_BANDS

FRAMES = 60


@pytest.fixture(scope="module")
def decoder():
    torch.manual_seed(3)
    return HpnDecoder().eval()


@pytest.fixture(scope="module")
def played(decoder):
    """What the kernels make of a recording that wanders, and what PyTorch makes of it."""
    chance = np.random.default_rng(1)
    loudness_db = chance.uniform(-110, 0, FRAMES)
    pitch = chance.uniform(40, 100, FRAMES)
    loudness = np.clip((loudness_db + 100) / 100, 0, 1)
    inputs = np.stack([loudness, pitch / 127 * np.clip(loudness / 0.15, 0, 1)], axis=-1)
    weights, layout = pack_hpn(decoder)
    amplitude = np.zeros(FRAMES, np.float32)
    shares = np.zeros((FRAMES, HARMONICS), np.float32)
    noise = np.zeros((FRAMES, NOISE_BANDS), np.float32)
    state = np.zeros(HIDDEN, np.float32)
    for first, last in ((0, 25), (25, FRAMES)):
        part = slice(first, last)
        run_hpn(
            weights, layout, state, loudness_db[part], pitch[part],
            amplitude[part], shares[part], noise[part],
        )  # fmt: skip
    with torch.no_grad():
        told = decoder(torch.tensor(inputs[None], dtype=torch.float32))
    return (amplitude, shares, noise), [np.exp(each[0].numpy()) for each in told]


def test_the_kernels_say_what_pytorch_says_however_the_frames_are_divided(played):
    for made, told in zip(*played, strict=True):
        np.testing.assert_allclose(made, told, rtol=1e-4)


def test_shares_are_shares(played):
    np.testing.assert_allclose(played[0][1].sum(axis=1), 1.0, atol=1e-5)


def test_it_is_about_as_large_as_the_papers(decoder):
    assert sum(each.numel() for each in decoder.parameters()) == hpn_size()
    assert hpn_size() == pytest.approx(4_500_000, rel=0.05)
