"""The Expression Generator: who may know what, whatever it has learnt."""

import pytest
import torch
from torch import Tensor

from plugin_core.expression.generator import ExpressionGenerator, Sizes
from plugin_core.expression.note_features import WIDTH

NOTES = 9
VIOLIN = torch.tensor([0])


@pytest.fixture(scope="module")
def generator() -> ExpressionGenerator:
    torch.manual_seed(3)
    generator = ExpressionGenerator(Sizes(instruments=2, members=2, context=6, hidden=10))
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    return generator.eval()


@pytest.fixture
def features() -> Tensor:
    return torch.randn(1, NOTES, WIDTH, generator=torch.Generator().manual_seed(4))


@pytest.fixture
def played() -> Tensor:
    return torch.rand(1, NOTES, 6, generator=torch.Generator().manual_seed(5))


def told(generator: ExpressionGenerator, features: Tensor, played: Tensor) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        mean, spread = generator(features, VIOLIN, played, torch.tensor([features.shape[1]]))
    return mean[0], spread[0]


def test_how_a_note_is_played_is_known_to_the_notes_after_it_only(
    generator: ExpressionGenerator, features: Tensor, played: Tensor
) -> None:
    before, _ = told(generator, features, played)
    otherwise = played.clone()
    otherwise[0, 4] += 0.5
    after, _ = told(generator, features, otherwise)
    torch.testing.assert_close(after[:5], before[:5])
    assert ((after[5:] - before[5:]).abs().max(dim=1).values > 1e-4).all()


def test_every_note_is_known_to_all_notes(
    generator: ExpressionGenerator, features: Tensor, played: Tensor
) -> None:
    before, _ = told(generator, features, played)
    otherwise = features.clone()
    otherwise[0, 4] += 1.0
    after, _ = told(generator, otherwise, played)
    assert ((after - before).abs().max(dim=1).values > 1e-6).all()


def test_controls_that_no_one_knows_are_as_good_as_any(
    generator: ExpressionGenerator, features: Tensor, played: Tensor
) -> None:
    unknown = played.clone()
    unknown[0, :, 4:] = torch.nan
    mean, spread = told(generator, features, unknown)
    assert torch.isfinite(mean).all()
    assert (spread > 0).all()


def test_playing_is_what_is_told_of_the_notes_it_played(
    generator: ExpressionGenerator, features: Tensor
) -> None:
    chance = torch.randn(1, NOTES, 6, generator=torch.Generator().manual_seed(6))
    with torch.inference_mode():
        performance = generator.play(features, VIOLIN, chance)
    mean, spread = told(generator, features, performance)
    torch.testing.assert_close(performance[0], mean + spread * chance[0])


def test_chance_moves_controls_together(
    generator: ExpressionGenerator, features: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = torch.eye(6)
    together[4, 0], together[4, 4] = 0.8, 0.6
    monkeypatch.setattr(generator, "together", together)
    louder = torch.zeros(1, 1, 6)
    louder[0, 0, 0] = 1.0
    with torch.inference_mode():
        expected = generator.play(features[:, :1], VIOLIN, torch.zeros(1, 1, 6))[0, 0]
        moved = generator.play(features[:, :1], VIOLIN, louder)[0, 0] - expected
    _, spread = told(generator, features[:, :1], expected[None, None])
    torch.testing.assert_close(moved, spread[0] * torch.tensor([1.0, 0, 0, 0, 0.8, 0]))


def test_phrases_of_a_batch_do_not_know_each_other(
    generator: ExpressionGenerator, features: Tensor, played: Tensor
) -> None:
    alone, _ = told(generator, features[:, :5], played[:, :5])
    padded = torch.cat((features, features), dim=0)
    with torch.inference_mode():
        together, _ = generator(
            padded, torch.tensor([0, 1]), played.expand(2, -1, -1), torch.tensor([5, NOTES])
        )
    torch.testing.assert_close(together[0, :5], alone)


def test_before_any_training_it_plays_what_is_typical() -> None:
    untrained = ExpressionGenerator(Sizes(instruments=2))
    untrained.mean[1] = torch.tensor([0.7, 0.1, 0.4, 0.2, 0.3, -0.1])
    with torch.inference_mode():
        performance = untrained.eval().play(
            torch.randn(1, NOTES, WIDTH), torch.tensor([1]), torch.zeros(1, NOTES, 6)
        )
    torch.testing.assert_close(performance[0], untrained.mean[1].expand(NOTES, 6))
