"""The performer of the bundled live model, by itself."""

import numpy as np
import pytest

from plugin_core.engine.live_model import LiveModel, read_live_model
from plugin_core.sounds import presets_folder
from plugin_core.training.live_performer_evaluation import expected_controls, typical_of
from plugin_core.types import Note

NOTES = [Note(0.5 * k, 0.5 * k + 0.45, 60 + (0, 2, 4, 5, 4, 2)[k % 6], 64) for k in range(24)]


@pytest.fixture(scope="module")
def model() -> LiveModel:
    return read_live_model(presets_folder() / "instruments" / "live.ts")


def test_it_is_better_than_what_is_typical_as_its_card_tells(model: LiveModel) -> None:
    figures = model.description["figures"]
    for phrases in ("performances", "contours"):
        told = figures[f"performer_on_held_out_{phrases}"]
        assert told["rmse_told_velocity"] < told["rmse"] < told["rmse_of_typical"]
    assert figures["performer_on_held_out_performances"]["better_by"] > 0.1


def test_harder_keys_are_louder_on_every_instrument(model: LiveModel) -> None:
    # Two of velocity are a hundredth of volume: 0.25 here, less where a whole phrase is so loud.
    for row, name in enumerate(model.instruments):
        soft, loud = (
            expected_controls(
                model.weights, model.layout, row, NOTES, velocity + np.arange(24.0) % 3
            )
            for velocity in (38.0, 88.0)
        )
        louder = (loud - soft)[:, 0]
        assert 0.1 < louder.mean() < 0.35, name
        assert louder.min() > 0.03, name


def test_it_stays_near_what_is_typical(model: LiveModel) -> None:
    random = np.random.default_rng(0)
    for row, name in enumerate(model.instruments):
        lowest, highest = model.description["ranges"][name]
        keys = random.integers(lowest, highest + 1, 200)
        times = np.cumsum(random.exponential(0.5, 200))
        notes = [
            Note(float(at), float(at + random.exponential(0.5)), int(key), 64)
            for at, key in zip(times, keys, strict=True)
        ]
        expected = expected_controls(
            model.weights, model.layout, row, notes, random.uniform(20, 110, 200)
        )
        assert np.isfinite(expected).all(), name
        away = expected - typical_of(model.weights, model.layout, row)
        assert np.abs(away).mean() < 0.25, name
        assert np.abs(away).max() < 1.5, name
