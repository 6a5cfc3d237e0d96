"""FM in PyTorch: Bessel spectra by theory, gradients by differences."""

import math

import numpy as np
import pytest
from scipy.special import jv

torch = pytest.importorskip("torch")

from plugin_core.audio.differentiable.feedback import feedback_loop  # noqa: E402
from plugin_core.audio.differentiable.fm import fm_audio, fm_period  # noqa: E402
from plugin_core.dx7.algorithms import ALGORITHMS  # noqa: E402
from tests.audio.fm_by_definition import by_definition  # noqa: E402
from tests.audio.fm_of_levels import Phrase, by_kernel, error_db, moving_levels  # noqa: E402

ONES = (1.0,) * 6


def lines(period: torch.Tensor) -> np.ndarray:
    """Amplitudes of the lines of a whole number of periods."""
    return 2 * np.abs(np.fft.rfft(period.double().numpy())) / period.shape[-1]


def two_operators(carrier: float, index: float, count: int = 1) -> torch.Tensor:
    levels = torch.zeros(count, 6)
    levels[:, 0], levels[:, 1] = carrier, index
    return levels


@pytest.mark.parametrize("index", [0.3, 2.0, 2 * math.pi, 4 * math.pi])
@pytest.mark.parametrize(("carrier", "modulator"), [(5, 1), (7, 2), (1, 3), (1, 1)])
def test_a_modulated_sine_has_bessel_sidebands(index, carrier, modulator):
    ratios = (carrier, modulator, 1, 1, 1, 1)
    found = lines(fm_period(two_operators(0.5, index), ratios, 1, size=1024))[0]
    expected = np.zeros(513, dtype=complex)
    for n in range(-60, 61):
        # J_n(I) sin((c + n m) x): a negative frequency comes back with the other sign.
        line = carrier + n * modulator
        expected[abs(line)] += 0.5 * jv(n, index) * np.sign(line)
    np.testing.assert_allclose(found[1:], np.abs(expected)[1:], atol=2e-6)


def test_two_modulators_of_one_carrier_multiply_their_bessel_functions():
    levels = torch.zeros(1, 6)
    levels[0, :3] = torch.tensor([1.0, 0.8, 1.3])
    levels[0, 4] = 0.5
    # Algorithm 18 connects 2, 3 and 4 with 1; 5 modulates 4, which is silent.
    found = lines(fm_period(levels, (300, 7, 40, 1, 1, 1), 18, size=2048))[0]
    for n in range(-2, 3):
        for m in range(-2, 3):
            expected = abs(jv(n, 0.8) * jv(m, 1.3))
            assert found[300 + 7 * n + 40 * m] == pytest.approx(expected, abs=2e-6)


def test_ratios_to_a_tenth_close_in_ten_cycles():
    found = lines(
        fm_period(two_operators(1.0, 1.5), (1, 3.2, 1, 1, 1, 1), 18, cycles=10, size=2048)
    )
    for n in range(-4, 5):
        line = 10 + 32 * n
        assert found[0, abs(line)] == pytest.approx(abs(jv(n, 1.5)), abs=2e-6)


@pytest.mark.parametrize("algorithm", [16, 18, 32])
def test_carriers_add_up_and_absent_operators_are_silent(algorithm):
    levels = torch.rand(3, 6, generator=torch.Generator().manual_seed(1))
    carriers = ALGORITHMS[algorithm - 1].carriers
    sound = fm_period(levels, (1, 2, 3, 4, 5, 6), algorithm, size=64, operators=carriers)
    x = 2 * np.pi * np.arange(64) / 64
    expected = sum(levels[:, op - 1, None].numpy() * np.sin(op * x) for op in carriers)
    np.testing.assert_allclose(sound, expected, atol=1e-5)
    assert not fm_period(levels, ONES, algorithm, size=64, operators=()).any()


def test_feedback_on_one_operator_makes_a_falling_series():
    # y = sin(x + b y) has harmonics 2 J_n(n b) / (n b): Kapteyn's series, of Kepler's equation.
    beta = 0.5
    size = 1 << 15
    levels = torch.zeros(1, 6)
    levels[0, 5] = 1.0
    # Operator 6 of algorithm 32 is a carrier: 4 pi radians at full level, 2^(setting - 8).
    setting = 8 + math.log2(beta / (4 * math.pi))
    found = lines(fm_period(levels, ONES, 32, size=size, feedback=setting))[0]
    for n in range(1, 9):
        assert found[n] == pytest.approx(2 * jv(n, n * beta) / (n * beta), abs=1e-3 / n)


def test_steady_frames_are_the_period_over_and_over():
    levels = torch.tensor([[0.4, 1.0, 0.3, 2.0, 0.7, 1.5]])
    ratios = (1, 1, 1, 1, 3, 2)
    sound = fm_audio(
        torch.full((1, 9), 250.0), levels[:, None].expand(1, 9, 6), ratios, 2, 16000, 512
    )
    period = fm_period(levels, ratios, 2, size=64)
    np.testing.assert_allclose(sound, period.repeat(1, 8), atol=2e-5)


def test_frames_without_f0_are_silent_and_numbers():
    f0 = torch.full((2, 20), 220.0)
    f0[0, 5:15] = 0.0
    f0[1] = 0.0
    levels = torch.ones(2, 20, 6, requires_grad=True)
    sound = fm_audio(f0, levels, ONES, 2, 16000, 1280)
    assert not sound[0, 5 * 64 : 14 * 64].any()
    assert not sound[1].any()
    sound.square().sum().backward()
    assert torch.isfinite(levels.grad).all()


@pytest.mark.parametrize("feedback", [0.0, 5.0, 6.0, 7.0])
@pytest.mark.parametrize("algorithm", range(1, 33))
def test_it_is_the_kernel_of_the_engine(algorithm, feedback):
    """As far as the feedback is not chaotic (`tests.audio.test_fm_chaos`)."""
    sample_rate = (16000, 44100, 48000)[algorithm % 3]
    f0 = np.linspace(200, 500, 21).astype(np.float32)
    levels = moving_levels(algorithm, index=4 * math.pi if feedback == 0 else 6, seed=algorithm)
    ratios = (1.0, 2.0, 3.2, 1.5, 0.5, 8.5)
    phrase = Phrase(f0, levels, ratios, algorithm, feedback)
    expected = by_kernel(phrase, sample_rate)
    frames = (torch.from_numpy(values)[None] for values in (f0, levels))
    sound = fm_audio(*frames, ratios, algorithm, sample_rate, len(expected), feedback=feedback)
    grown = 20 * by_definition(phrase, sample_rate).growth / math.log(10) if feedback > 5 else 0.0
    assert error_db(sound[0].numpy(), expected) < -90 + grown


@pytest.mark.parametrize("operators", [1, 2, 3])
def test_the_loop_and_its_gradients_are_those_of_the_recurrence_written_out(operators):
    generator = torch.Generator().manual_seed(2)
    phases = 6 * torch.rand(operators, 2, 50, generator=generator)
    gains = 0.2 + torch.rand(operators, 2, 50, generator=generator)
    weights = torch.randn(operators, 2, 50, generator=generator)
    found, expected = [], []
    for loop, results in ((feedback_loop, found), (written_out, expected)):
        inputs = [values.clone().requires_grad_() for values in (phases, gains)]
        sounds = loop(*inputs, 0.4)
        (sounds * weights).sum().backward()
        results += [sounds, *(values.grad for values in inputs)]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def written_out(phases, gains, strength):
    zero = torch.zeros(phases.shape[1])
    rows = [[zero, zero] for _ in phases]
    for n in range(phases.shape[-1]):
        moved = strength * (rows[-1][n] + rows[-1][n + 1])
        for row, phase, gain in zip(rows, phases, gains, strict=True):
            moved = gain[:, n] * torch.sin(phase[:, n] + moved)
            row.append(moved)
    return torch.stack([torch.stack(row[2:], dim=-1) for row in rows])


def test_what_does_not_fit_is_told():
    levels = torch.zeros(2, 6)
    with pytest.raises(ValueError, match=r"expected an algorithm of 1\.\.32"):
        fm_period(levels, ONES, 33)
    with pytest.raises(ValueError, match="6 ratios"):
        fm_period(levels, (1.0,), 1)
    with pytest.raises(ValueError, match="expected f0"):
        fm_audio(torch.zeros(1, 3), torch.zeros(1, 4, 6), ONES, 1, 16000, 100)
