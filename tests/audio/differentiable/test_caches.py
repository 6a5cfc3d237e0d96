"""What is worked out once while a model plays serves training in the same process as well."""

import pytest

torch = pytest.importorskip("torch")

from plugin_core.audio.differentiable.filtered_noise import filtered_noise  # noqa: E402
from plugin_core.audio.differentiable.fm import fm_audio, fm_period  # noqa: E402


def test_training_goes_on_after_inference():
    # Rates and sizes that no other test uses: their tables are made under inference mode.
    def sounds(levels, noise):
        f0 = torch.full((1, 3), 200.0)
        ratios = (1, 1, 1, 1, 3, 14)
        yield fm_period(levels[0], ratios, 2, size=97)
        yield fm_audio(f0, levels, ratios, 2, 17000, 100)
        yield filtered_noise(noise, 17000, 100, seed=1)

    levels, noise = torch.rand(1, 3, 6), torch.rand(1, 3, 65)
    with torch.inference_mode():
        assert len(list(sounds(levels, noise))) == 3
    for sound in sounds(levels.requires_grad_(), noise.requires_grad_()):
        sound.square().sum().backward()
    assert torch.isfinite(levels.grad).all()
    assert torch.isfinite(noise.grad).all()
