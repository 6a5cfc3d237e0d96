import numpy as np
import pytest

torch = pytest.importorskip("torch")

from plugin_core.analysis.spectral_distance import (  # noqa: E402
    DDSP,
    DDX7,
    ISSUE,
    RATE,
    Definition,
    multi_scale_distance,
)
from plugin_core.training.spectral_losses import MultiScaleLoss  # noqa: E402

DRAW = np.random.default_rng(3)
AUDIO = DRAW.uniform(-0.1, 0.1, (2, 8013)).astype(np.float32)
TARGET = DRAW.uniform(-0.3, 0.3, (2, 8013)).astype(np.float32)


@pytest.mark.parametrize("samples", [700, 8013])
@pytest.mark.parametrize("definition", [ISSUE, DDSP, DDX7])
def test_the_loss_is_the_distance_of_each_item(definition: Definition, samples: int) -> None:
    audio, target = AUDIO[:, :samples], TARGET[:, :samples]
    losses = MultiScaleLoss(definition)(torch.tensor(audio), torch.tensor(target))
    wanted = [
        multi_scale_distance(x, y, RATE, definition) for x, y in zip(audio, target, strict=True)
    ]
    assert losses.numpy() == pytest.approx(wanted, rel=1e-5)


def test_spectra_prepared_once_serve_as_the_target() -> None:
    loss = MultiScaleLoss()
    audio, target = torch.tensor(AUDIO), torch.tensor(TARGET)
    assert torch.equal(loss(audio, loss.spectra(target)), loss(audio, target))


def test_twice_as_loud_is_ln_2_in_every_bin() -> None:
    loss = MultiScaleLoss()
    audio = torch.tensor(TARGET)
    linear = sum(s.mean((1, 2)) for s in loss.spectra(audio).magnitudes)
    assert loss(2 * audio, audio).numpy() == pytest.approx(
        (6 * np.log(2) + linear).numpy(), rel=1e-3
    )


def test_the_gradient_of_a_gain_points_to_the_target() -> None:
    loss, target = MultiScaleLoss(), torch.tensor(TARGET)
    for gain, sign in ((0.5, -1), (2.0, 1)):
        parameter = torch.tensor(gain, requires_grad=True)
        loss(parameter * target, target).mean().backward()
        assert torch.sign(parameter.grad) == sign
        # d/dg of 6 |ln g|, and of |g - 1| times the mean magnitudes, which are small here.
        assert abs(float(parameter.grad)) == pytest.approx(6 / gain, rel=0.15)


def test_silence_has_a_gradient_that_is_finite() -> None:
    silence = torch.zeros(1, 4096, requires_grad=True)
    MultiScaleLoss()(silence, torch.tensor(TARGET[:1, :4096])).sum().backward()
    assert torch.isfinite(silence.grad).all()


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="batch"):
        MultiScaleLoss()(torch.zeros(2, 4096), torch.zeros(1, 4096))
