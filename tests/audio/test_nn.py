"""The layers say what PyTorch's say: each against TorchScript over ten seconds of random input."""

import numpy as np
import pytest
import torch
from numba import njit

from plugin_core.audio import nn
from plugin_core.types import FRAME_RATE

FRAMES = 10 * FRAME_RATE
TOLERANCE = 1e-5

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")


@njit
def run_dense(weights, offset, inputs, outputs, x, y):
    for frame in range(len(x)):
        nn.dense(weights, offset, inputs, outputs, x[frame], y[frame])


@njit
def run_gru(weights, offset, inputs, hidden, x, y, h, scratch):
    for frame in range(len(x)):
        nn.gru(weights, offset, inputs, hidden, x[frame], h, scratch)
        y[frame] = h


@njit
def run_conv(weights, offset, inputs, outputs, taps, dilation, history, x, y):
    for frame in range(len(x)):
        nn.causal_conv(
            weights, offset, inputs, outputs, taps, dilation, history, frame, x[frame], y[frame]
        )


@njit
def run_norm(weights, offset, size, x):
    for frame in range(len(x)):
        nn.layer_norm(weights, offset, size, x[frame])


@njit
def run_exponential(x, y):
    for i in range(len(x)):
        y[i] = nn.exponential(x[i])


def random_frames(width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((FRAMES, width)).astype(np.float32)


class Outputs(torch.nn.Module):
    """A GRU's outputs: TorchScript wants a caller for the module of many forms."""

    def __init__(self, layer: torch.nn.GRU) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)[0]


def scripted(module: torch.nn.Module, x: np.ndarray):
    with torch.no_grad():
        return torch.jit.script(module.eval())(torch.from_numpy(x))


def parameters(module: torch.nn.Module) -> list[np.ndarray]:
    return [parameter.detach().numpy() for parameter in module.parameters()]


def placed(packed: np.ndarray, offset: int) -> np.ndarray:
    """The layer among others: what lies before and after it must not matter."""
    return np.concatenate([np.full(offset, 1e9), packed, np.full(5, 1e9)]).astype(np.float32)


@pytest.mark.parametrize(("inputs", "outputs"), [(128, 166), (70, 128), (64, 2), (1, 1), (7, 33)])
@pytest.mark.parametrize("offset", [0, 13])
def test_dense_is_a_linear_layer(inputs, outputs, offset):
    torch.manual_seed(inputs)
    layer = torch.nn.Linear(inputs, outputs)
    x = random_frames(inputs)
    y = np.zeros((FRAMES, outputs), np.float32)
    run_dense(placed(nn.pack_dense(*parameters(layer)), offset), offset, inputs, outputs, x, y)
    assert np.abs(y - scripted(layer, x).numpy()).max() < TOLERANCE


@pytest.mark.parametrize(("inputs", "hidden"), [(128, 128), (40, 96), (3, 1), (256, 256)])
@pytest.mark.parametrize("loudness", [1.0, 5.0])
def test_gru_keeps_up_with_pytorch_for_ten_seconds(inputs, hidden, loudness):
    torch.manual_seed(hidden)
    layer = torch.nn.GRU(inputs, hidden)
    x = random_frames(inputs) * np.float32(loudness)
    y = np.zeros((FRAMES, hidden), np.float32)
    state, scratch = np.zeros(hidden, np.float32), np.zeros(6 * hidden, np.float32)
    weights = placed(nn.pack_gru(*parameters(layer)), 11)
    run_gru(weights, 11, inputs, hidden, x, y, state, scratch)
    assert np.abs(y - scripted(Outputs(layer), x).numpy()).max() < TOLERANCE


@pytest.mark.parametrize(("taps", "dilation"), [(1, 1), (3, 1), (3, 8), (2, 125)])
def test_causal_convolution_is_a_conv1d_behind_zeros(taps, dilation):
    torch.manual_seed(taps)
    inputs, outputs = 24, 48
    reach = (taps - 1) * dilation
    assert nn.ring_length(taps, dilation) == reach + 1
    conv = torch.nn.Conv1d(inputs, outputs, taps, dilation=dilation)
    layer = torch.nn.Sequential(torch.nn.ConstantPad1d((reach, 0), 0.0), conv)
    x = random_frames(inputs)
    y = np.zeros((FRAMES, outputs), np.float32)
    history = np.zeros((reach + 1) * inputs, np.float32)
    weights = placed(nn.pack_conv(*parameters(conv)), 3)
    run_conv(weights, 3, inputs, outputs, taps, dilation, history, x, y)
    expected = scripted(layer, np.ascontiguousarray(x.T)[None])[0].T.numpy()
    assert np.abs(y - expected).max() < TOLERANCE


@pytest.mark.parametrize("size", [2, 128, 201])
def test_layer_norm_is_pytorchs(size):
    layer = torch.nn.LayerNorm(size)
    rng = np.random.default_rng(size)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.from_numpy(rng.standard_normal(size).astype(np.float32)))
    x = 3 + 5 * random_frames(size)
    expected = scripted(layer, x).numpy()
    y = x.copy()
    run_norm(placed(nn.pack_norm(*parameters(layer)), 4), 4, size, y)
    # Two values nearly alike leave few digits of their difference, in any order of summing.
    apart = x.std(axis=1) > 0.05
    assert np.abs(y - expected)[apart].max() < TOLERANCE


def test_layer_norm_of_equal_values_is_the_shift():
    weights = np.concatenate([np.full(8, 2.0), np.arange(8.0)]).astype(np.float32)
    x = np.full(8, 7.0, np.float32)
    nn.layer_norm(weights, 0, 8, x)
    np.testing.assert_array_equal(x, np.arange(8.0))


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (nn.relu, torch.relu),
        (nn.leaky_relu, torch.nn.functional.leaky_relu),
        (nn.tanh, torch.tanh),
        (nn.sigmoid, torch.sigmoid),
    ],
)
def test_activations_are_pytorchs(kernel, expected):
    x = np.linspace(-120, 120, 200_001).astype(np.float32)
    y = x.copy()
    kernel(y, len(y) - 1)
    exact = expected(torch.from_numpy(x).double()).numpy()
    assert np.abs(y - exact)[:-1].max() < 1e-6
    assert y[-1] == x[-1], "beyond `size`"


@pytest.mark.parametrize("loudness", [0.1, 3.0, 40.0])
def test_softmax_is_pytorchs(loudness):
    x = random_frames(100)[0] * np.float32(loudness)
    y = x.copy()
    nn.softmax(y, 100)
    assert np.abs(y - torch.softmax(torch.from_numpy(x).double(), 0).numpy()).max() < 1e-6
    assert y.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)


def test_softmax_takes_any_size_of_logits():
    x = np.array([3e38, -3e38, 0, 3e38], np.float32)
    nn.softmax(x, 4)
    np.testing.assert_allclose(x, [0.5, 0, 0, 0.5], atol=1e-6)


def test_the_exponential_is_right_to_a_millionth():
    x = np.linspace(-80, 80, 1_000_001).astype(np.float32)
    y = np.zeros_like(x)
    run_exponential(x, y)
    assert np.abs(y / np.exp(x.astype(np.float64)) - 1).max() < 1e-6


@pytest.mark.parametrize("kernel", [nn.relu, nn.leaky_relu, nn.tanh, nn.sigmoid, nn.softmax])
def test_what_is_not_a_number_stays_that(kernel):
    x = np.array([0.0, np.nan, 1.0], np.float32)
    kernel(x, 3)
    assert np.isnan(x[1])


def test_a_state_that_is_not_a_number_is_not_hidden():
    layer = torch.nn.GRU(2, 2)
    state = np.array([np.nan, 0], np.float32)
    weights = nn.pack_gru(*parameters(layer))
    nn.gru(weights, 0, 2, 2, np.zeros(2, np.float32), state, np.zeros(12, np.float32))
    assert np.isnan(state).all()


@pytest.mark.parametrize(
    ("pack", "shapes"),
    [
        (nn.pack_dense, [(3, 2), (2,)]),
        (nn.pack_gru, [(6, 4), (6, 3), (6,), (6,)]),
        (nn.pack_gru, [(6, 4), (6, 2), (6,), (5,)]),
        (nn.pack_conv, [(3, 2, 5), (2,)]),
        (nn.pack_norm, [(3,), (2,)]),
    ],
)
def test_parameters_that_do_not_fit_together_are_refused(pack, shapes):
    with pytest.raises(ValueError, match="expected parameters of shape"):
        pack(*(np.zeros(shape, np.float32) for shape in shapes))
