"""Training the causal performer on a player whose rules are known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugin_core.engine.live_layout import Layer, LayoutColumn, Widths
from plugin_core.synthesis.streaming import StreamingModel, packed
from plugin_core.training.expression_evaluation import (
    EXPRESSION,
    MEAN,
    VELOCITY,
    better_by,
    rmse_by_control,
)
from plugin_core.training.live_performer import (
    PerformerSettings,
    known_of_notes,
    train_performer,
    velocities_of,
)
from plugin_core.training.live_performer_evaluation import (
    STYLE,
    evaluate_performer,
    expected_controls,
    performer_figures,
    typical_of,
)
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Expression, ExpressiveNote, InputError, Note
from tests.training.performances import ruled

INSTRUMENTS = ("violin", "kazoo")
TYPICAL = (0.7, 0.4, 0.4, 0.3, 0.5, 0.4)
SETTINGS = PerformerSettings(steps=400, warm_up=10, batch=256, weight_decay=0.01, dropout=0.0)
BRIGHTNESS = CONTROLS.index("brightness")


def causal(seed: int, *, instrument: str = "violin", **how: object) -> Performed:
    """Return a phrase whose rules need only what was: after an upward step a note is loud (0.9,
    else 0.6) and vibrates; the kazoo's brightness is 0.9, the violin's 0.2; fluctuation is random.
    """
    random = np.random.default_rng(seed)
    notes, key, onset_s = [], 60, 0.0
    for _ in range(16):
        step = int(random.choice((-4, -2, 2, 4)))
        key = int(np.clip(key + step, 50, 75))
        is_up = bool(notes) and key > notes[-1].note.midi_pitch
        expression = Expression(
            0.9 if is_up else 0.6,
            float(random.random()),
            0.4,
            0.6 if is_up else 0.0,
            0.9 if instrument == "kazoo" else 0.2,
            0.4,
        )
        length_s = float(random.uniform(0.2, 0.6))
        notes.append(ExpressiveNote(Note(onset_s, onset_s + length_s, key, 64), expression))
        onset_s += length_s
    phrase = ruled(seed, instrument=instrument, notes=tuple(notes), **how)
    return replace(phrase, name=f"{instrument} {seed}")


def model() -> StreamingModel:
    torch.manual_seed(0)
    made = StreamingModel(len(INSTRUMENTS), Widths(6, 8, 16, 32))
    made.get_buffer("typical")[:] = torch.tensor(TYPICAL)
    return made


@pytest.fixture(scope="module")
def phrases() -> list[Performed]:
    trained = [causal(seed, instrument=INSTRUMENTS[seed % 2]) for seed in range(30)]
    tested = [
        causal(seed, instrument=INSTRUMENTS[seed % 2], is_held_out=True) for seed in range(100, 108)
    ]
    return [*trained, *tested]


@pytest.fixture(scope="module")
def trained(phrases: Sequence[Performed]) -> StreamingModel:
    made = model()
    train_performer(made, INSTRUMENTS, phrases, {}, SETTINGS)
    return made


def test_rules_of_what_was_are_found_out(
    trained: StreamingModel, phrases: Sequence[Performed]
) -> None:
    rows = evaluate_performer(*packed(trained), INSTRUMENTS, phrases, {})
    assert len(rows) == 8
    errors, typical = rmse_by_control(rows, EXPRESSION), rmse_by_control(rows, MEAN)
    for name in ("volume", "vibrato", "brightness"):
        assert errors[name] < 0.35 * typical[name], name
    # What is drawn cannot be known: its mean, 0.5, is the best guess, 0.29 away from a uniform one.
    assert errors["volume_fluctuation"] == pytest.approx(12**-0.5, abs=0.03)
    told = rmse_by_control(rows, VELOCITY)
    assert told["volume"] < 0.35 * typical["volume"]
    figures = performer_figures(rows)["performer_on_held_out_performances"]
    assert figures["notes"] == 8 * 16
    assert figures["better_by"] == round(better_by(rows, EXPRESSION), 3)
    assert performer_figures([]) == {}
    assert all(STYLE in row.squares for row in rows)


def test_kernels_expect_what_the_network_expects(
    trained: StreamingModel, phrases: Sequence[Performed]
) -> None:
    weights, layout = packed(trained)
    for phrase in phrases[:2]:
        row = INSTRUMENTS.index(phrase.instrument)
        notes = [each.note for each in phrase.notes]
        velocities = np.linspace(20, 110, len(notes))
        made = expected_controls(weights, layout, row, notes, velocities, 0.8)
        q = torch.from_numpy(known_of_notes(notes, velocities, 0.8))
        with torch.inference_mode():
            expected = trained.perform(q, torch.full((len(q),), row))
        np.testing.assert_allclose(made, expected.numpy(), atol=1e-5)


def test_only_the_performer_is_changed(trained: StreamingModel) -> None:
    before, after = packed(model()), packed(trained)
    np.testing.assert_array_equal(before[1], after[1])
    places = after[1][:, LayoutColumn.OFFSET]
    first, last = places[Layer.PERFORMER_IN], places[Layer.PERFORMER_OUT + 1]
    np.testing.assert_array_equal(before[0][:first], after[0][:first])
    np.testing.assert_array_equal(before[0][last:], after[0][last:])
    assert (before[0][first:last] != after[0][first:last]).mean() > 0.9
    np.testing.assert_allclose(typical_of(*after, 1), TYPICAL, rtol=1e-6)


def test_an_untrained_performer_is_typical_after_no_step(phrases: Sequence[Performed]) -> None:
    made = model()
    train_performer(made, INSTRUMENTS, phrases, {}, replace(SETTINGS, steps=0))
    notes = [row.note for row in phrases[0].notes]
    expected = expected_controls(*packed(made), 0, notes)
    np.testing.assert_allclose(expected, np.tile(TYPICAL, (len(notes), 1)), atol=1e-6)


def test_velocity_tells_the_volume(phrases: Sequence[Performed]) -> None:
    random = np.random.default_rng(5)

    def loud_or_soft(phrase: Performed) -> Performed:
        notes = tuple(
            replace(row, expression=row.expression._replace(volume=float(random.uniform(0.4, 1))))
            for row in phrase.notes
        )
        return replace(phrase, notes=notes)

    varied = [loud_or_soft(phrase) for phrase in phrases]
    made = model()
    train_performer(made, INSTRUMENTS, varied, {}, SETTINGS)
    weights, layout = packed(made)
    rows = evaluate_performer(weights, layout, INSTRUMENTS, varied, {})
    assert rmse_by_control(rows, VELOCITY)["volume"] < 0.3 * rmse_by_control(rows, MEAN)["volume"]
    notes = [row.note for row in varied[-1].notes]
    soft, loud = (
        expected_controls(weights, layout, 1, notes, np.full(len(notes), velocity))[:, 0].mean()
        for velocity in (34.0, 94.0)
    )
    assert loud - soft == pytest.approx(0.3, abs=0.08)


def test_a_velocity_is_two_for_a_hundredth_of_volume() -> None:
    controls = np.tile(np.array(TYPICAL), (4, 1))
    controls[:, 0] = (0.7, 0.8, 0.0, np.nan)
    np.testing.assert_array_equal(velocities_of(controls, np.array(TYPICAL)), [64, 84, 1, 64])


def test_what_nobody_knows_trains_nothing(phrases: Sequence[Performed]) -> None:
    half = [
        replace(
            phrase,
            origin="contour",
            notes=tuple(
                replace(row, expression=row.expression._replace(brightness=float("nan")))
                for row in phrase.notes
            ),
        )
        for phrase in phrases
    ]
    made = model()
    train_performer(made, INSTRUMENTS, half, {}, replace(SETTINGS, steps=20))
    rows = evaluate_performer(*packed(made), INSTRUMENTS, half, {})
    assert "brightness" not in rmse_by_control(rows, EXPRESSION)
    assert np.isfinite(packed(made)[0]).all()
    notes = [row.note for row in half[0].notes]
    brightness = expected_controls(*packed(made), 0, notes)[:, BRIGHTNESS]
    np.testing.assert_allclose(brightness, TYPICAL[BRIGHTNESS], atol=1e-4)


def test_nothing_to_train_on_is_told(phrases: Sequence[Performed]) -> None:
    held_out = [each for each in phrases if each.is_held_out]
    for nothing in (held_out, []):
        with pytest.raises(InputError, match="performances to train on"):
            train_performer(model(), INSTRUMENTS, nothing, {}, SETTINGS)
