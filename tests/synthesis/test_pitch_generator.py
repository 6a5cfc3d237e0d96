"""The pitch generator: kernels against PyTorch, chance by the seed, any notes at all."""

import time

import numpy as np
import pytest
import torch

from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.note_conditioning import Conditioning, condition
from plugin_core.synthesis.pitch_curve import LOOK_AHEAD, Course, bin_of, course
from plugin_core.synthesis.pitch_generator import (
    PitchGenerator,
    generate,
    run,
    step_features,
    step_history,
)
from plugin_core.types import FRAME_RATE, Expression, ExpressiveNote, Note


@pytest.fixture(scope="module")
def model() -> PitchGenerator:
    torch.manual_seed(0)
    return PitchGenerator(len(INSTRUMENTS)).eval()


def notes(count: int = 20, seed: int = 0) -> list[ExpressiveNote]:
    random = np.random.default_rng(seed)
    made, now = [], 0.1
    for _ in range(count):
        seconds = float(random.uniform(0.1, 1.0))
        expression = Expression(0.8, 0.1, 0.4, float(random.uniform(0, 1)), 0.3, 0.4)
        key = int(random.integers(55, 90))
        made.append(ExpressiveNote(Note(now, now + seconds, key, 64), expression))
        now += seconds + float(random.choice([0.0, 0.02, 0.1, 0.5]))
    return made


def conditioned(played: list[ExpressiveNote], *, more: int = 250) -> Conditioning:
    frames = round(played[-1].note.offset_s * FRAME_RATE) + more
    return condition(played, "violin", frames)


def nothing_known(steps: Course) -> np.ndarray:
    return np.full(len(steps.reference), np.nan, np.float32)


def test_kernels_find_the_odds_that_pytorch_finds(model: PitchGenerator) -> None:
    known = conditioned(notes())
    steps = course(known)
    pitches, surprise = run(model, known, steps, known=nothing_known(steps), seed=3)
    features = torch.from_numpy(step_features(known))
    begins = np.flatnonzero(steps.is_start)
    assert len(begins) > 1
    for begin, end in zip(begins, np.append(begins[1:], len(pitches)), strict=True):
        part = slice(begin, end)
        played = steps.is_played[part]
        pitch = torch.from_numpy(np.nan_to_num(pitches[part])).unsqueeze(0)
        reference = torch.from_numpy(steps.reference[part]).unsqueeze(0)
        history = step_history(pitch, torch.from_numpy(played).unsqueeze(0), reference)
        with torch.inference_mode():
            odds = model(features[part].unsqueeze(0), torch.tensor([known.instrument]), history)
        expected = -torch.log_softmax(odds[0], -1).numpy()[played]
        bins = bin_of((pitches[part] - steps.reference[part])[played])
        expected = expected[np.arange(len(bins)), bins]
        np.testing.assert_allclose(surprise[part][played], expected, atol=1e-5)


def test_the_same_seed_gives_the_same_pitch_and_another_another(model: PitchGenerator) -> None:
    known = conditioned(notes())
    once = generate(model, known, seed=5)
    np.testing.assert_array_equal(once, generate(model, known, seed=5))
    assert (once != generate(model, known, seed=6)).mean() > 0.5


def test_frames_that_follow_change_nothing(model: PitchGenerator) -> None:
    played = notes()
    whole = generate(model, conditioned(played, more=500))
    for more in (-1203, -600, 0, 301):
        part = generate(model, conditioned(played, more=more))
        same = len(part) - LOOK_AHEAD
        np.testing.assert_array_equal(part[:same], whole[:same])


def test_chance_goes_by_the_number_of_the_frame(model: PitchGenerator) -> None:
    played = notes()
    cut = round(played[10].note.onset_s * FRAME_RATE) // 4 * 4
    whole = conditioned(played)
    made = generate(model, whole, seed=1)
    later = condition(played, "violin", len(whole) - cut, first=cut)
    again = generate(model, later, seed=1, first=cut)
    other = generate(model, later, seed=1, first=cut + 4)
    assert (again != other).any()
    # Given the pitch before it, the rest comes out as it did.
    given = made.copy()
    given[cut:] = np.nan
    np.testing.assert_allclose(generate(model, whole, seed=1, f0_hz=given), made, rtol=1e-5)


def test_a_given_pitch_stays_as_it_is(model: PitchGenerator) -> None:
    known = conditioned(notes())
    given = np.full(len(known), np.nan, np.float32)
    given[500:900] = 444.0
    made = generate(model, known, f0_hz=given)
    np.testing.assert_array_equal(made[500:900], 444.0)
    assert np.isfinite(made).all()
    assert abs(12 * np.log2(made[900] / 444.0)) < abs(
        12 * np.log2(generate(model, known)[900] / 444)
    )


def test_bad_calls_are_refused(model: PitchGenerator) -> None:
    known = conditioned(notes(2))
    with pytest.raises(ValueError, match="multiple of 4"):
        generate(model, known, first=2)
    with pytest.raises(ValueError, match="found shape"):
        generate(model, known, f0_hz=np.zeros(3, np.float32))


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_any_notes_have_a_pitch(model: PitchGenerator, temperature: float) -> None:
    """Out of every range, of one frame, half a minute long, repeated, far apart."""
    controls = Expression(0.8, 0.1, 0.4, 5.0, 3.0, -2.0)
    spans = [(0, 0.001, 0), (0.5, 30.5, 127), (30.5, 30.6, 127), (30.6, 31.0, 3), (50.0, 50.1, 60)]
    played = [ExpressiveNote(Note(a, b, key, 64), controls) for a, b, key in spans]
    f0_hz = generate(model, conditioned(played), temperature=temperature)
    assert np.isfinite(f0_hz).all()
    assert (f0_hz > 4.0).all()
    assert (f0_hz < 21000.0).all()


def test_deviations_stay_in_their_limits(model: PitchGenerator) -> None:
    """Even of an untrained network, whose odds are all alike."""
    long = ExpressiveNote(Note(0.0, 4.0, 69, 64), Expression(0.8, 0.1, 0.4, 0.0, 0.3, 0.4))
    f0_hz = generate(model, conditioned([long]))
    assert np.abs(12 * np.log2(f0_hz[150:990] / 440.0)).max() < 0.7


def test_it_is_a_hundred_times_faster_than_real_time(model: PitchGenerator) -> None:
    known = conditioned(notes(60))
    generate(model, known)
    started = time.process_time()
    generate(model, known)
    assert time.process_time() - started < len(known) / FRAME_RATE / 100
