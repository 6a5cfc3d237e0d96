"""The harmonic part in PyTorch: both its forms are the kernel's sound, with the right gradients."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from plugin_core.audio.differentiable.harmonic import (  # noqa: E402
    audible,
    harmonic,
    sum_of_sines,
)
from plugin_core.audio.harmonic_plus_noise import synthesize  # noqa: E402

RATES = (16000, 22050, 44100, 48000, 96000)


def some_frames(frames=41, harmonics=100, seed=0):
    """Three sounds: an unsteady pitch, one with rests, a glide through half the sample rate."""
    generator = torch.Generator().manual_seed(seed)
    f0 = 200 + 300 * torch.rand(3, frames, generator=generator)
    f0[1, 10:15] = 0
    f0[1, 30:31] = 0
    f0[2] = torch.linspace(50, 4000, frames)
    amplitude = torch.rand(3, frames, generator=generator)
    shares = torch.rand(3, frames, harmonics, generator=generator)
    return f0, amplitude, shares / shares.sum(-1, keepdim=True)


def plain(f0, amplitude, harmonics, sample_rate, samples):
    partials = amplitude[..., None] * harmonics * audible(f0, harmonics.shape[-1], sample_rate)
    return sum_of_sines(f0, partials, sample_rate, samples)


def error_db(found, expected) -> float:
    return 20 * float(torch.log10((found - expected).norm() / expected.norm()))


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("form", [plain, harmonic])
def test_the_twin_is_the_kernel_to_80_db(form, sample_rate):
    frames = some_frames()
    samples = int(0.2 * sample_rate) + 7
    sound = form(*frames, sample_rate, samples)
    assert sound.shape == (3, samples)
    for item in range(3):
        values = (values[item].numpy() for values in frames)
        kernel = synthesize(*values, np.zeros((41, 65)), sample_rate, samples)
        assert error_db(sound[item], torch.from_numpy(kernel)) < -95


@pytest.mark.parametrize(
    ("sample_rate", "harmonics"), [(16000, 60), (22050, 60), (44100, 100), (48000, 100)]
)
def test_the_kernel_has_the_gradients_of_the_plain_form(sample_rate, harmonics):
    f0, amplitude, shares = some_frames(harmonics=harmonics)
    amplitude.requires_grad_()
    shares.requires_grad_()
    samples = int(0.15 * sample_rate)
    weights = torch.randn(3, samples, generator=torch.Generator().manual_seed(1))
    gradients = [
        torch.autograd.grad(
            (form(f0, amplitude, shares, sample_rate, samples) * weights).sum(),
            (amplitude, shares),
        )
        for form in (plain, harmonic)
    ]
    for expected, found in zip(*gradients, strict=True):
        assert error_db(found, expected) < -80


@pytest.mark.parametrize("form", [plain, harmonic])
def test_gradients_are_those_of_finite_differences(form):
    """The sound is linear in the amplitudes: any step gives the exact slope."""
    f0, amplitude, shares = some_frames(frames=4, harmonics=5)
    weights = torch.randn(3, 300, generator=torch.Generator().manual_seed(1)).double()

    def loss(gains, distribution):
        return (form(f0, gains, distribution, 16000, 300) * weights).sum()

    amplitude.requires_grad_()
    shares.requires_grad_()
    found = torch.autograd.grad(loss(amplitude, shares), (amplitude, shares))
    for place in [(0, 0), (0, 3), (1, 1), (2, 2)]:
        step = torch.zeros_like(amplitude)
        step[place] = 1
        slope = loss(amplitude + step, shares) - loss(amplitude, shares)
        assert found[0][place].item() == pytest.approx(slope.item(), abs=2e-4)
        for number in range(5):
            step = torch.zeros_like(shares)
            step[(*place, number)] = 1
            slope = loss(amplitude, shares + step) - loss(amplitude, shares)
            assert found[1][(*place, number)].item() == pytest.approx(slope.item(), abs=2e-4)


def test_f0_has_a_gradient_where_it_asks_for_one():
    """d/df of sin(2 pi f t) is 2 pi t cos(2 pi f t)."""
    f0 = torch.full((1, 6), 100.0, requires_grad=True)
    sound = harmonic(f0, torch.ones(1, 6), torch.ones(1, 6, 1), 16000, 300)
    sound[0, 299].backward()
    time = 299 / 16000
    expected = 2 * np.pi * time * np.cos(2 * np.pi * 100 * time)
    assert float(f0.grad.sum()) == pytest.approx(expected, rel=1e-4)


def test_shapes_that_do_not_fit_are_refused():
    f0, amplitude, shares = some_frames()
    with pytest.raises(ValueError, match="expected f0"):
        harmonic(f0, amplitude[:, :-1], shares, 16000, 100)
    with pytest.raises(ValueError, match="expected f0"):
        harmonic(f0[0], amplitude[0], shares[0], 16000, 100)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_makes_the_same_sound():
    frames = some_frames()
    on_gpu = harmonic(*(values.cuda() for values in frames), 44100, 7000).cpu()
    assert error_db(on_gpu, harmonic(*frames, 44100, 7000)) < -80
