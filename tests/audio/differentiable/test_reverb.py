"""The trainable room against convolution in float64."""

import numpy as np
import pytest
from scipy import signal

torch = pytest.importorskip("torch")

from plugin_core.audio.differentiable.reverb import Reverb  # noqa: E402
from plugin_core.audio.reverb import reverberate  # noqa: E402

RATE = 2000


@pytest.fixture
def reverb():
    torch.manual_seed(0)
    return Reverb(RATE, instruments=3)


def some_audio(items=2, samples=3000):
    return torch.randn(items, samples, generator=torch.Generator().manual_seed(1))


def set_mix(reverb, mix):
    with torch.no_grad():
        reverb.mix_logit.copy_(torch.logit(torch.tensor(mix, dtype=torch.float32)))


def test_it_starts_nearly_dry_with_a_response_of_a_second(reverb):
    audio = some_audio()
    assert reverb.impulse_responses.shape == (3, RATE)
    assert 0 < float(reverb.mix().detach().max()) < 0.05
    assert float((reverb(audio).detach() - audio).norm() / audio.norm()) < 0.05


def test_without_mix_it_is_the_audio(reverb):
    set_mix(reverb, [0.0, 0.0, 0.0])
    torch.testing.assert_close(reverb(some_audio()), some_audio())


@pytest.mark.parametrize("samples", [1, 2, 1999, 2000, 2001, 5000])
def test_every_item_is_convolved_with_its_own_instrument(reverb, samples):
    set_mix(reverb, [0.2, 0.5, 0.9])
    audio = some_audio(2, samples)
    found = reverb(audio, torch.tensor([2, 0])).detach().numpy()
    responses = reverb.responses().detach().double().numpy()
    for item, (instrument, mix) in enumerate([(2, 0.9), (0, 0.2)]):
        dry = audio[item].double().numpy()
        late = np.concatenate(([0], responses[instrument]))
        wet = signal.convolve(dry, late, method="direct")[:samples]
        np.testing.assert_allclose(found[item], (1 - mix) * dry + mix * wet, atol=2e-5)


def test_decay_is_the_envelope(reverb):
    """exp(-decay t): from 1 to 0.25 s a constant response falls by exp(-0.75 decay)."""
    with torch.no_grad():
        reverb.impulse_responses.fill_(1)
        reverb.raw_decay.copy_(torch.tensor([0.0, 2.0, 8.0]))
    responses = reverb.responses().detach()
    decay = np.log1p(np.exp([0.0, 2.0, 8.0]))
    fall = responses[:, RATE - 1] / responses[:, RATE // 4 - 1]
    np.testing.assert_allclose(fall, np.exp(-0.75 * decay), rtol=1e-4)


def test_response_mix_and_decay_can_be_learned(reverb):
    """Gradients reach all of the instrument's own, and none of the others'."""
    reverb(some_audio(), torch.tensor([1, 1])).square().sum().backward()
    for parameter in reverb.parameters():
        assert parameter.grad is not None
        moved = parameter.grad.flatten(1) if parameter.dim() > 1 else parameter.grad[:, None]
        assert bool((moved[1] != 0).all())
        assert not bool(moved[[0, 2]].any())


def test_gradients_are_those_of_finite_differences(reverb):
    reverb = reverb.double()
    set_mix(reverb, [0.3, 0.3, 0.3])
    audio = some_audio(1, 50).double()
    weights = some_audio(1, 50).double().flip(1)

    def loss():
        return (reverb(audio, torch.tensor([1])) * weights).sum()

    loss().backward()
    for parameter, place in (
        (reverb.mix_logit, (1,)),
        (reverb.raw_decay, (1,)),
        (reverb.impulse_responses, (1, 7)),
    ):
        sides = []
        for step in (1e-4, -2e-4):
            with torch.no_grad():
                parameter[place] += step
                sides.append(float(loss()))
        with torch.no_grad():
            parameter[place] += 1e-4
        assert float(parameter.grad[place]) == pytest.approx(
            (sides[0] - sides[1]) / 2e-4, rel=1e-3, abs=1e-7
        )


def test_the_room_without_torch_is_the_same(reverb):
    set_mix(reverb, [0.4, 0.4, 0.4])
    audio = some_audio(1)
    response = reverb.responses()[0].detach().numpy()
    found = reverberate(audio[0].numpy(), response, 0.4)
    np.testing.assert_allclose(found, reverb(audio)[0].detach(), atol=2e-6)
