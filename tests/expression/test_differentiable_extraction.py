"""The differentiable controls are the NumPy ones, and have useful gradients."""

import numpy as np
import pytest
import torch

from plugin_core.expression import differentiable_extraction as twin
from plugin_core.expression import extraction
from plugin_core.types import Frames

LENGTHS = [1, 7, 40, 51, 77, 120, 200, 333, 480]


def random_frames(generator: np.random.Generator, count: int = 900) -> Frames:
    seconds = np.arange(count) / 250
    cents = 20 * np.sin(2 * np.pi * 5.7 * seconds) + np.cumsum(generator.normal(0, 1, count))
    smooth = np.cumsum(generator.normal(0, 0.5, count)) - 40
    harmonics = generator.random((count, 100)) ** 4 / np.arange(1, 101)
    harmonics /= harmonics.sum(axis=1, keepdims=True)
    return Frames(
        f0_hz=(300 * 2 ** (cents / 1200)).astype(np.float32),
        confidence=np.ones(count, dtype=np.float32),
        loudness_db=smooth.astype(np.float32),
        amplitude=(10 ** (smooth / 20)).astype(np.float32),
        harmonics=harmonics.astype(np.float32),
        noise=(10 ** (generator.uniform(-130, -50, (count, 65)) / 20)).astype(np.float32),
    )


def measured(frames: Frames, starts: list[int], lengths: list[int], gain_db: float) -> torch.Tensor:
    at, count = torch.tensor(starts), torch.tensor(lengths)
    curves = (frames.f0_hz, frames.amplitude, frames.harmonics, frames.noise)
    return twin.expression(
        *(twin.gather_notes(torch.from_numpy(curve), at, count) for curve in curves), count, gain_db
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_twin_agrees_with_numpy_to_1e_4(seed: int) -> None:
    generator = np.random.default_rng(seed)
    frames = random_frames(generator)
    starts = [int(generator.integers(0, len(frames) - length)) for length in LENGTHS]
    expected = [
        extraction.expression(frames, slice(start, start + length), -3.5)
        for start, length in zip(starts, LENGTHS, strict=True)
    ]
    found = measured(frames, starts, LENGTHS, -3.5)
    np.testing.assert_allclose(found.numpy(), np.array(expected), atol=1e-4)
    assert (np.array(expected)[:, 3] > 0).any()


def test_gain_may_differ_from_note_to_note() -> None:
    frames = random_frames(np.random.default_rng(1))
    one = measured(frames, [0, 300], [100, 100], 0.0)
    at, count = torch.tensor([0, 300]), torch.tensor([100, 100])
    curves = (frames.f0_hz, frames.amplitude, frames.harmonics, frames.noise)
    gathered = [twin.gather_notes(torch.from_numpy(curve), at, count) for curve in curves]
    two = twin.expression(*gathered, count, torch.tensor([0.0, 6.0]))
    torch.testing.assert_close((two - one)[:, 0], torch.tensor([0.0, 0.1]))


def test_every_control_follows_its_gradient() -> None:
    # A step along the gradient raises each control by what the gradient says.
    frames = random_frames(np.random.default_rng(3), 200)
    logs = [
        torch.from_numpy(np.log(np.asarray(curve[None], dtype=np.float64))).requires_grad_()
        for curve in (frames.f0_hz, frames.amplitude, frames.harmonics, frames.noise)
    ]
    lengths = torch.tensor([200])

    def controls(curves: list[torch.Tensor]) -> torch.Tensor:
        return twin.expression(*(curve.exp() for curve in curves), lengths)[0]

    for index in (0, 1, 3, 4, 5):
        gradients = torch.autograd.grad(controls(logs)[index], logs, allow_unused=True)
        norm = sum(float(g.square().sum()) for g in gradients if g is not None)
        assert norm > 0
        step = 1e-4 / norm
        moved = [
            log if g is None else log + step * g for log, g in zip(logs, gradients, strict=True)
        ]
        rise = float((controls(moved)[index] - controls(logs)[index]).detach())
        assert rise == pytest.approx(1e-4, rel=0.05)


def test_the_peak_position_is_pulled_by_levels_later_in_the_note() -> None:
    levels = torch.linspace(-40, -41, 100)[None].clone().requires_grad_()
    mask = torch.ones(1, 100, dtype=torch.bool)
    position = twin.volume_peak_position(levels, mask)
    assert float(position.detach()) == 0.0
    (gradient,) = torch.autograd.grad(position.sum(), levels)
    assert float(gradient[0, -1]) > 0 > float(gradient[0, 0])


def test_a_glide_is_no_vibrato_but_knows_the_way_to_one() -> None:
    seconds = torch.arange(400) / 250
    cents = (100 * seconds + 2 * torch.sin(2 * torch.pi * 5.5 * seconds)).requires_grad_()
    reading = twin.vibrato((440 * 2 ** (cents / 1200))[None], torch.ones(1, 400, dtype=torch.bool))
    assert float(reading.detach()) == 0
    (gradient,) = torch.autograd.grad(reading.sum(), cents)
    assert float((gradient * torch.sin(2 * torch.pi * 5.5 * seconds)).sum()) > 0


def test_gradients_of_silence_and_steady_notes_are_finite() -> None:
    curves = [
        torch.zeros(1, 60),
        torch.zeros(1, 60),
        torch.zeros(1, 60, 100),
        torch.zeros(1, 60, 65),
    ]
    for curve in curves:
        curve.requires_grad_()
    twin.expression(*curves, torch.tensor([60])).sum().backward()
    for curve in curves:
        assert curve.grad is None or bool(torch.isfinite(curve.grad).all())


def test_notes_must_lie_in_the_curve() -> None:
    with pytest.raises(ValueError, match="10"):
        twin.gather_notes(torch.zeros(10), torch.tensor([5]), torch.tensor([6]))
