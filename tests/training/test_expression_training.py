"""Training the Expression Generator on a player whose rules are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from plugin_core.expression.performer import Performer
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.expression_data import (
    ExpressionData,
    instrument_means,
    played,
    typical_controls,
)
from plugin_core.training.expression_evaluation import (
    EXPRESSION,
    FREE,
    MEAN,
    better_by,
    evaluate,
    figures,
    rmse,
    rmse_by_control,
    rmse_of_phrases,
)
from plugin_core.training.expression_training import Settings, correlations, train
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Expression, InputError
from tests.training.performances import ruled

SETTINGS = Settings(steps=110, members=1, batch=16, warm_up=10, dropout=0.0, without_past=0.1)


@pytest.fixture(scope="module")
def phrases() -> list:
    return [ruled(seed) for seed in range(30)] + [
        ruled(seed, is_held_out=True) for seed in range(100, 106)
    ]


@pytest.fixture(scope="module")
def performer(phrases: list, tmp_path_factory: pytest.TempPathFactory) -> Performer:
    return train(phrases, SETTINGS, tmp_path_factory.mktemp("run"))


def test_the_rules_of_a_player_are_found_out(performer: Performer, phrases: list) -> None:
    rows = evaluate(phrases, performer)
    assert [row.name for row in rows] == [f"ruled {seed}" for seed in range(100, 106)]
    errors, means = rmse_by_control(rows, EXPRESSION), rmse_by_control(rows, MEAN)
    assert errors["volume"] < 0.3 * means["volume"]
    assert errors["vibrato"] < 0.3 * means["vibrato"]
    # The first note of a phrase cannot know its character; told nothing, no note can.
    assert errors["brightness"] < 0.6 * means["brightness"]
    assert rmse_by_control(rows, FREE)["brightness"] > 0.9 * means["brightness"]
    assert better_by(rows, EXPRESSION) > 0.4
    of_each = [rmse([row], EXPRESSION) for row in rows]
    assert rmse_of_phrases(rows, EXPRESSION) == pytest.approx(np.mean(of_each))
    told = figures(rows)["held_out_performances"]
    assert told["rmse"] == round(rmse(rows, EXPRESSION), 4)
    assert told["better_by"] == round(better_by(rows, EXPRESSION), 3)


def test_errors_are_those_of_the_definition(performer: Performer, phrases: list) -> None:
    row = evaluate(phrases[-1:], performer)[0]
    mean = performer.mean("violin")
    expected = (np.clip(mean, 0, 1) - np.array([n.expression for n in phrases[-1].notes])) ** 2
    np.testing.assert_allclose(row.squares[MEAN], expected, atol=1e-6)
    assert rmse([row], MEAN) == pytest.approx(np.sqrt(expected.mean()))


def test_means_are_those_of_the_training_side(phrases: list) -> None:
    loud = replace(
        phrases[0],
        is_held_out=True,
        notes=tuple(
            replace(note, expression=note.expression._replace(volume_fluctuation=0.9))
            for note in phrases[0].notes
        ),
    )
    alone = ruled(7, origin="note", notes=phrases[1].notes[:1])
    typical = typical_controls([*phrases, loud, alone])
    assert typical["violin"].volume_fluctuation == pytest.approx(0.4)
    means = instrument_means([*phrases, loud, alone])
    played_in_phrases = np.concatenate([played(each) for each in phrases if not each.is_held_out])
    np.testing.assert_allclose(means[0], played_in_phrases.mean(axis=0))
    # An instrument of which there are only single notes sounds like these, and moves like others.
    still = Expression(0.5, 0.0, 0.0, 0.0, 0.9, -0.2)
    notes = (replace(phrases[1].notes[0], expression=still),)
    of_tuba = ruled(8, instrument="tuba", origin="note", notes=notes)
    tuba = instrument_means([*phrases, of_tuba])[INSTRUMENTS.index("tuba")]
    np.testing.assert_allclose(tuba[[0, 4, 5]], [0.5, 0.9, -0.2])
    np.testing.assert_allclose(tuba[1:4], means[0, 1:4])
    assert isinstance(typical["tuba"], Expression)


def test_what_is_held_out_and_what_is_unknown_train_nothing(
    performer: Performer, phrases: list, tmp_path: Path
) -> None:
    trained = [each for each in phrases if not each.is_held_out]
    others = [ruled(seed, is_held_out=True) for seed in range(200, 203)]
    again = train([*trained, *others], SETTINGS, tmp_path)
    notes = [row.note for row in phrases[-1].notes]
    assert again.predict(notes, "violin") == performer.predict(notes, "violin")


def test_controls_that_are_not_known_are_left_out(phrases: list, tmp_path: Path) -> None:
    contours = [
        replace(
            each,
            origin="contour",
            notes=tuple(
                replace(
                    note,
                    expression=note.expression._replace(brightness=np.nan, attack_noise=np.nan),
                )
                for note in each.notes
            ),
        )
        for each in phrases
    ]
    mixed = [*phrases[:4], *contours]
    model = train(mixed, replace(SETTINGS, steps=6), tmp_path)
    rows = evaluate(mixed, model)
    assert set(rmse_by_control(rows, EXPRESSION)) == {
        "volume",
        "volume_fluctuation",
        "volume_peak_position",
        "vibrato",
    }
    assert np.isfinite(rmse(rows, EXPRESSION))


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(phrases: list, tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps=12, members=2, dropout=0.3)
    whole = train(phrases, settings, tmp_path / "whole")

    class StoppedError(Exception):
        pass

    def interrupt(progress: object) -> None:
        if progress.step == 7:
            raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plugin_core.training.expression_training._CHECKPOINT_S", -1.0)
        with pytest.raises(StoppedError):
            train(phrases, settings, tmp_path / "parts", progress=interrupt)
    resumed = train(phrases, settings, tmp_path / "parts")
    notes = [row.note for row in phrases[0].notes]
    assert resumed.predict(notes, "violin", seed=1) == whole.predict(notes, "violin", seed=1)
    with pytest.raises(InputError, match="expected a checkpoint of Settings"):
        train(phrases, replace(settings, steps=13), tmp_path / "parts")
    (tmp_path / "parts" / "expression.checkpoint").write_text("broken")
    with pytest.raises(InputError, match="expected a checkpoint of this training"):
        train(phrases, settings, tmp_path / "parts")


def test_controls_that_go_together_are_found_to(phrases: list, tmp_path: Path) -> None:
    random = np.random.default_rng(3)

    def joined(phrase: Performed) -> Performed:
        notes = []
        for note in phrase.notes:
            chance = 0.1 * random.standard_normal()
            both = note.expression._replace(
                volume_fluctuation=0.4 + chance, attack_noise=0.4 - chance
            )
            notes.append(replace(note, expression=both))
        return replace(phrase, notes=tuple(notes))

    some = [joined(each) for each in phrases[:12]]
    model = train(some, replace(SETTINGS, steps=2), tmp_path)
    found = correlations(model, some)
    fluctuation, attack = CONTROLS.index("volume_fluctuation"), CONTROLS.index("attack_noise")
    assert found[fluctuation, attack] < -0.8
    np.testing.assert_allclose(np.diag(found), 1.0)
    root = model.generator.together.numpy()
    np.testing.assert_allclose(root @ root.T, found, atol=1e-5)


def test_nothing_to_train_on_is_told(phrases: list) -> None:
    held_out = [each for each in phrases if each.is_held_out]
    with pytest.raises(InputError, match="expected performances to train on, found none"):
        ExpressionData(held_out, {"performance": 1.0})
