"""The noise part in PyTorch: the kernel's sound from the same seed, with the right gradients."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from plugin_core.audio.differentiable.filtered_noise import filtered_noise  # noqa: E402
from plugin_core.audio.harmonic_plus_noise import synthesize  # noqa: E402


def some_magnitudes(frames=41):
    magnitudes = torch.rand(3, frames, 65, generator=torch.Generator().manual_seed(0))
    magnitudes[1, 10:20] = 0
    return magnitudes


@pytest.mark.parametrize("sample_rate", [8000, 16000, 22050, 44100, 48000, 96000, 192000])
def test_the_twin_is_the_kernel_note_for_note(sample_rate):
    magnitudes = some_magnitudes()
    samples = int(0.2 * sample_rate) + 7
    sound = filtered_noise(magnitudes, sample_rate, samples, seed=9).numpy()
    nothing = np.zeros(41), np.zeros(41), np.zeros((41, 1))
    for note in range(3):
        kernel = synthesize(
            *nothing, magnitudes[note].numpy(), sample_rate, samples, seed=9, note=note
        )
        error = np.mean((sound[note] - kernel) ** 2) / np.mean(kernel**2)
        assert 10 * np.log10(error) < -110


@pytest.mark.parametrize("sample_rate", [16000, 44100])
def test_gradients_are_those_of_finite_differences(sample_rate):
    """The sound is linear in the magnitudes: any step gives the exact slope."""
    magnitudes = some_magnitudes(frames=4).requires_grad_()
    samples = sample_rate // 60
    weights = torch.randn(3, samples, generator=torch.Generator().manual_seed(1)).double()

    def loss(values):
        return (filtered_noise(values, sample_rate, samples, seed=1) * weights).sum()

    (found,) = torch.autograd.grad(loss(magnitudes), magnitudes)
    for place in [(0, 0, 0), (0, 1, 20), (1, 2, 3), (2, 3, 40), (2, 3, 64)]:
        step = torch.zeros_like(magnitudes)
        step[place] = 1
        slope = loss(magnitudes + step) - loss(magnitudes)
        assert found[place].item() == pytest.approx(slope.item(), abs=2e-4)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="expected magnitudes"):
        filtered_noise(torch.zeros(2, 3, 64), 16000, 100, seed=0)
    with pytest.raises(ValueError, match="at least one sample"):
        filtered_noise(torch.zeros(2, 3, 65), 16000, 0, seed=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_makes_the_same_sound():
    magnitudes = some_magnitudes()
    on_gpu = filtered_noise(magnitudes.cuda(), 44100, 7000, seed=2).cpu()
    torch.testing.assert_close(on_gpu, filtered_noise(magnitudes, 44100, 7000, seed=2))
