"""Training of the live model on phrases whose parameters are known in closed form."""

import dataclasses

import numpy as np
import pytest
import torch

from plugin_core.engine.live_features import NEVER_S
from plugin_core.engine.live_layout import FEATURES, OFF_DECAYS_S, ON_DECAYS_S, PITCH_BELLS
from plugin_core.training.live_data import LiveData
from plugin_core.training.live_excerpts import trace_features
from plugin_core.training.live_losses import (
    Levels,
    band_loss,
    control_misses,
    pitch_loss,
    recorded_loss,
    spectrum_loss,
)
from plugin_core.training.live_training import LiveSettings, levels_of, train_live
from plugin_core.types import InputError
from tests.training.decaying import phrase

INSTRUMENTS = ("flute", "tuba", "oboe")
SMALL = LiveSettings(
    steps=4, warm_up=1, batch=2, frames=120, spectral_from=0.5, spectral_batch=2,
    spectral_frames=100, widths=(4, 8, 24, 8),
)  # fmt: skip
IS_ON = PITCH_BELLS + 1 + len(ON_DECAYS_S)
LEGATO = IS_ON + 3 + len(OFF_DECAYS_S)


def live_data(*phrases, styles=None):
    return LiveData(phrases or (phrase(),), INSTRUMENTS, styles or {})


def recorded_levels(batch):
    return Levels(batch.amplitude, batch.harmonics - batch.amplitude.unsqueeze(-1), batch.noise)


@pytest.fixture(scope="module")
def data():
    return live_data(phrase(), phrase("tuba", "note", seed=1), phrase("oboe", seed=2, audio=None))


def traced(notes, first=0, frames=100):
    features, joins = np.zeros((frames, FEATURES), np.float32), np.zeros((frames, 2), np.float32)
    index = np.zeros(frames, np.int32)
    count = len(notes)
    controls, style = np.full((count, 6), 0.5), np.full(count, 0.5)
    trace_features(np.array(notes), controls, style, first, features, joins, index)
    return features, joins, index


def test_a_note_governs_from_its_onset_to_the_next():
    _, joins, index = traced(
        [(0.1, 0.18, 60.0, 64.0, 0.08), (0.2, 0.3, 72.0, 64.0, 0.1), (0.31, 0.4, 67.0, 64.0, 0.1)]
    )
    assert (index[:25] == -1).all()
    assert (index[25:50] == 0).all()
    assert (index[50:78] == 1).all()
    assert (index[78:] == 2).all()
    assert joins[30, 1] == NEVER_S
    assert joins[60] == pytest.approx((1.0, 0.02), abs=1e-6)
    # 10 ms apart is legato.
    assert joins[80] == pytest.approx((-5 / 12, 0.0), abs=1e-6)


def test_the_key_comes_up_at_the_offset():
    features, _, _ = traced([(0.1, 0.18, 60.0, 64.0, 0.08)])
    assert (features[25:46, IS_ON] == 1).all()
    assert (features[46:, IS_ON] == 0).all()
    assert (features[25:, LEGATO] == 0).all()
    position = features[25:, IS_ON + 1]
    assert (np.diff(position) >= 0).all()
    assert position[-1] == 1.0


def test_features_do_not_depend_on_where_one_begins_to_look():
    notes = [(0.1, 0.18, 60.0, 64.0, 0.08), (0.25, 0.4, 62.0, 80.0, 0.15)]
    whole, _, _ = traced(notes)
    later, _, _ = traced(notes, first=60, frames=40)
    assert np.array_equal(whole[60:], later)


def test_the_truth_costs_nothing():
    batch = live_data().whole(phrase())
    truth = recorded_levels(batch)
    misses = control_misses(truth, batch)
    assert float(recorded_loss(truth, batch)) == pytest.approx(0.0, abs=1e-6)
    assert float(spectrum_loss(truth, batch)) == pytest.approx(0.0, abs=1e-6)
    assert float(band_loss(truth, batch)) == pytest.approx(0.0, abs=1e-3)
    assert misses is not None
    assert float(misses.abs().max()) == pytest.approx(0.0, abs=2e-3)


def test_a_neper_off_costs_a_neper():
    batch = live_data().whole(phrase())
    truth = recorded_levels(batch)
    louder = Levels(truth.amplitude + 1.0, truth.harmonics, truth.noise)
    # Of the three distances, amplitude and partials are off.
    assert float(recorded_loss(louder, batch)) == pytest.approx(2.0, abs=1e-3)
    assert float(spectrum_loss(louder, batch)) == pytest.approx(1.0, abs=1e-3)


def test_bands_are_compared_at_one_level():
    batch = live_data().whole(phrase())
    truth = recorded_levels(batch)
    louder = Levels(truth.amplitude + 1.0, truth.harmonics, truth.noise + 1.0)
    assert float(band_loss(louder, batch)) == pytest.approx(0.0, abs=1e-3)
    brighter = truth.harmonics + 0.01 * torch.arange(100)
    assert float(band_loss(Levels(truth.amplitude, brighter, truth.noise), batch)) > 0.05


def test_what_the_bandwidth_hides_costs_nothing():
    batch = live_data().whole(phrase(sample_rate=16000))
    truth = recorded_levels(batch)
    noise, harmonics = truth.noise.clone(), truth.harmonics.clone()
    noise[..., 22:] += 3.0  # bands at 0, 375 .. 7875 Hz are known
    harmonics[..., 31:] += 3.0  # and harmonics of C4 up to 8000 Hz
    made = Levels(truth.amplitude, harmonics, noise)
    assert float(recorded_loss(made, batch)) == pytest.approx(0.0, abs=1e-6)
    assert float(spectrum_loss(made, batch)) == pytest.approx(0.0, abs=1e-6)


def test_asking_for_another_volume_is_missed_by_as_much():
    batch = live_data().whole(phrase())
    asked = batch.asked.clone()
    asked[:, 0] += 0.1
    other = dataclasses.replace(batch, asked=asked)
    misses = control_misses(recorded_levels(batch), other)
    assert misses is not None
    assert misses[:, 0].numpy() == pytest.approx(-0.1, abs=2e-3)


def test_what_no_lane_can_ask_for_is_not_asked_for():
    batch = live_data().whole(phrase())
    truth = recorded_levels(batch)
    asked = batch.asked.clone()
    asked[:, 5], asked[:, 0] = -0.4, 1.2
    quieter = Levels(truth.amplitude + 5.0, truth.harmonics, truth.noise - 5.0)
    misses = control_misses(quieter, dataclasses.replace(batch, asked=asked))
    assert misses is not None
    assert (misses[:, (0, 5)] == 0).all()
    louder = Levels(truth.amplitude, truth.harmonics, truth.noise * 0.0 - 7.0)
    misses = control_misses(louder, dataclasses.replace(batch, asked=asked))
    assert misses is not None
    # -60.8 dB of noise is above 1 where 0 is asked.
    assert (misses[:, 5] > 1.0).all()


def test_an_unknown_length_is_not_held_against_the_shape():
    batch = live_data().whole(phrase())
    asked = batch.asked + 0.3
    unknown = dataclasses.replace(batch, asked=asked, length_known=torch.zeros(len(asked)))
    misses = control_misses(recorded_levels(batch), unknown)
    assert misses is not None
    assert (misses[:, 1:3] == 0).all()
    assert (misses[:, 0].abs() > 0.2).all()


def test_tuning_is_taken_from_the_deviation():
    batch = live_data().whole(phrase(tuning_semitones=-0.4))
    assert batch.deviation[0, 10:100, 0].numpy() == pytest.approx(0.4, abs=1e-3)
    assert batch.deviation[0, 10:100, 1].numpy() == pytest.approx(0.0, abs=1e-3)


def test_styles_are_seen_and_none_is_left_out():
    one = phrase()
    seen = live_data(one, styles={one.name: 1.0}).whole(one).features[0, :, -1]
    assert (seen == 1.0).all()
    assert (live_data(one).whole(one).features[0, :, -1] == 0.0).all()
    other = phrase("tuba", seed=4)
    data = live_data(one, other, styles={one.name: None})
    assert set(data.draw(np.random.default_rng(0), 8, 100).instrument.tolist()) == {1}


def test_draws_are_decided_by_their_generator(data):
    one, same, other = (data.draw(np.random.default_rng(seed), 3, 200) for seed in (1, 1, 2))
    torch.testing.assert_close(one.features, same.features)
    assert not torch.equal(one.features, other.features)
    assert one.features.shape[:2] == one.f0_hz.shape == (3, 200)


def test_held_out_phrases_are_not_drawn():
    kept, held_out = phrase(), phrase("tuba", seed=5, is_held_out=True)
    data = live_data(kept, held_out)
    assert set(data.draw(np.random.default_rng(0), 8, 100).instrument.tolist()) == {0}


def test_a_resumed_run_is_the_unbroken_one(data, tmp_path):
    class StopError(Exception):
        pass

    def stop(progress):
        if progress.step == 2:
            raise StopError

    whole = train_live(data, SMALL, tmp_path / "whole")
    with pytest.raises(StopError):
        train_live(data, dataclasses.replace(SMALL), tmp_path / "broken", progress=stop)
    resumed = train_live(data, SMALL, tmp_path / "broken")
    for name, tensor in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], tensor, msg=name)


def test_a_checkpoint_of_other_settings_is_refused(data, tmp_path):
    train_live(data, SMALL, tmp_path)
    with pytest.raises(InputError, match="LiveSettings"):
        train_live(data, dataclasses.replace(SMALL, seed=1), tmp_path)


def test_it_learns_levels_and_pitch(tmp_path):
    one = phrase(tuning_semitones=0.0)
    data = live_data(one)
    settings = dataclasses.replace(SMALL, steps=60, frames=200, spectral_from=1.0, warm_up=5)
    batch = data.whole(one)
    torch.manual_seed(0)
    untrained = train_live(data, dataclasses.replace(settings, steps=0), tmp_path / "none")
    trained = train_live(data, settings, tmp_path / "some")
    with torch.no_grad():
        before, after = (
            (recorded_loss(levels_of(model, batch), batch), pitch_loss(model, batch))
            for model in (untrained, trained)
        )
    assert after[0] < 0.6 * before[0]
    assert after[1] <= before[1]
