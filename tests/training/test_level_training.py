"""Training of the level generator on phrases whose parameters are known in closed form."""

import dataclasses

import numpy as np
import pytest
import torch

from plugin_core.synthesis.level_generator import Levels
from plugin_core.training.level_data import LevelData, whole_phrase
from plugin_core.training.level_losses import control_loss, recorded_levels, recorded_loss
from plugin_core.training.level_training import LevelSettings, levels_of, train_levels
from plugin_core.types import InputError
from tests.training.decaying import phrase

SMALL = LevelSettings(
    steps=4, warm_up=1, batch=2, frames=120, adversarial_from=0.25, spectral_from=0.5,
    spectral_batch=2, spectral_frames=100,
)  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return LevelData([phrase(), phrase("tuba", "note", seed=1), phrase("oboe", seed=2, audio=None)])


def test_the_truth_costs_nothing():
    batch = whole_phrase(phrase())
    truth = recorded_levels(batch)
    assert float(recorded_loss(truth, batch)) == pytest.approx(0.0, abs=1e-6)
    assert float(control_loss(truth, batch)) == pytest.approx(0.0, abs=2e-3)


def test_a_neper_off_costs_a_neper():
    batch = whole_phrase(phrase())
    truth = recorded_levels(batch)
    louder = Levels(truth.amplitude + 1.0, truth.harmonics, truth.noise)
    # Of the three distances, amplitude and partials are off.
    assert float(recorded_loss(louder, batch)) == pytest.approx(2.0, abs=1e-3)


def test_what_the_bandwidth_hides_costs_nothing():
    batch = whole_phrase(phrase(sample_rate=16000))
    assert batch.noise_known[0, 0].sum() == 22  # bands at 0, 375 .. 7875 Hz
    truth = recorded_levels(batch)
    noise = truth.noise.clone()
    noise[..., 22:] += 3.0
    assert float(recorded_loss(Levels(*truth[:2], noise), batch)) == pytest.approx(0.0, abs=1e-6)


def test_asking_for_another_volume_costs_its_distance():
    batch = whole_phrase(phrase())
    asked = batch.asked.clone()
    asked[:, 0] += 0.1
    other = dataclasses.replace(batch, asked=asked)
    assert float(control_loss(recorded_levels(batch), other)) == pytest.approx(0.2, abs=5e-3)


def test_tuning_is_taken_from_what_the_network_sees():
    batch = whole_phrase(phrase(tuning_semitones=-0.4))
    torch.testing.assert_close(batch.tuned_hz, batch.f0_hz * 2 ** (0.4 / 12))


def test_draws_are_decided_by_their_generator(data):
    one, same, other = (data.draw(np.random.default_rng(seed), 3, 200) for seed in (1, 1, 2))
    torch.testing.assert_close(one.features, same.features)
    torch.testing.assert_close(one.chance, same.chance)
    assert not torch.equal(one.chance, other.chance)
    assert one.features.shape[:2] == one.f0_hz.shape == (3, 200)


def test_held_out_phrases_and_such_without_pitch_are_not_drawn():
    silent = phrase(seed=3)
    silent.frames.f0_hz[5] = 0.0
    kept = phrase(seed=4)
    data = LevelData([phrase(is_held_out=True), silent, kept])
    assert data.frames == len(kept.frames)


def test_notes_of_a_batch_are_where_their_levels_are(data):
    batch = data.draw(np.random.default_rng(5), 4, 400)
    flat = batch.amplitude.flatten()
    for start, length, asked in zip(
        batch.note_starts, batch.note_lengths, batch.asked, strict=True
    ):
        level_db = flat[start : start + length] * 20 / np.log(10)
        assert float(level_db.mean() + 90) / 60 == pytest.approx(float(asked[0]), abs=1e-3)


def test_an_interrupted_run_ends_as_an_uninterrupted_one(data, tmp_path):
    whole = train_levels(data, SMALL, tmp_path / "whole")

    def interrupt(progress):
        if progress.step == 2:
            raise KeyboardInterrupt

    # A checkpoint after every step, as after two minutes.
    import plugin_core.training.level_training as training

    patch = pytest.MonkeyPatch()
    patch.setattr(training, "_CHECKPOINT_S", -1.0)
    with pytest.raises(KeyboardInterrupt):
        train_levels(data, SMALL, tmp_path / "parts", progress=interrupt)
    resumed = train_levels(data, SMALL, tmp_path / "parts")
    patch.undo()
    for name, each in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], each)


def test_a_run_with_other_settings_is_refused(data, tmp_path):
    one = dataclasses.replace(SMALL, steps=1)
    train_levels(data, one, tmp_path)
    with pytest.raises(InputError, match="checkpoint"):
        train_levels(data, dataclasses.replace(one, seed=3), tmp_path)


def test_training_comes_nearer_to_the_recordings(data, tmp_path):
    settings = dataclasses.replace(
        SMALL, steps=25, batch=4, adversarial_from=2.0, spectral_from=2.0, learning_rate=3e-3
    )
    before = train_levels(data, dataclasses.replace(settings, steps=0), tmp_path / "none")
    after = train_levels(data, settings, tmp_path / "some")
    batch = data.draw(np.random.default_rng(9), 4, 200)
    with torch.no_grad():
        losses = [
            float(recorded_loss(levels_of(run.levels, batch), batch)) for run in (before, after)
        ]
    assert losses[1] < 0.7 * losses[0]
