from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.synthesis.hearing_model import HearingModel
from plugin_core.training.corpus import read_corpus
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES, Plan, measure, read_shards
from plugin_core.training.hearing_data import HearingData
from plugin_core.training.inference_training import Settings, measured_loss, render, train
from plugin_core.types import InputError


@pytest.fixture
def shards(small_corpus: Path, tmp_path: Path) -> list[Path]:
    """Return the cache of the small corpus, measured in this process."""
    recordings = read_corpus(small_corpus)
    columns = [each for recording in recordings for each in measure(recording, copies=1)]
    path = tmp_path / "heard.npz"
    np.savez(path, **{name: np.concatenate([one[name] for one in columns]) for name in columns[0]})
    return [path]


def settings(kind: str, **changes: object) -> Settings:
    return Settings(kind, **{"steps": 4, "batch": 2, "frames": 60, "warm_up": 1, **changes})  # type: ignore[arg-type]


def test_training_recordings_are_kept_twice_and_held_out_ones_once(shards: list[Path]) -> None:
    columns = read_shards(shards)
    assert columns["copy"].tolist() == [0, 1, 0, 1, 0, 1, 0]
    assert columns["is_held_out"].tolist() == [False] * 6 + [True]
    frames = int(columns["count"].sum())
    assert columns["audio"].shape == (frames, FRAME_SAMPLES)
    assert columns["mel"].shape == (frames, 128)
    # 0.6 s of A4: every frame inside has its pitch and its level.
    inside = slice(30, 120)
    np.testing.assert_allclose(columns["f0_hz"][inside], 440, rtol=0.002)
    np.testing.assert_allclose(columns["harmonics"][inside, 0], np.log(0.2), atol=0.06)


def test_excerpts_show_the_recording_beside_what_was_heard(shards: list[Path]) -> None:
    data = HearingData(shards)
    batch = data.draw(np.random.default_rng(0), 5, 80)
    assert batch.audio.shape == (5, 80 * FRAME_SAMPLES)
    assert batch.heard.harmonics.shape == (5, 80, 100)
    # Tuba is held out; the last index is an unknown instrument.
    assert set(batch.instrument.tolist()) <= {0, 4, 13}
    again = data.draw(np.random.default_rng(0), 5, 80)
    assert torch.equal(batch.audio, again.audio)


def test_the_measured_levels_render_close_to_the_recording(shards: list[Path]) -> None:
    batch = HearingData(shards).draw(np.random.default_rng(1), 2, 60)
    model = HearingModel("inference")
    levels = model.network(batch.heard, batch.instrument)
    assert measured_loss(levels, batch, everywhere=True).item() < 1e-3
    audio = render(model, levels, batch, seed=0) * batch.fade
    rms = (audio.square().mean(1) / batch.audio.square().mean(1)).sqrt()
    torch.testing.assert_close(rms, torch.ones(2), atol=0.15, rtol=0)


def test_a_resumed_run_ends_where_an_unbroken_one_does(shards: list[Path], tmp_path: Path) -> None:
    data = HearingData(shards)
    whole = train(data, settings("inference"), tmp_path / "whole")

    class InterruptedTrainingError(Exception):
        pass

    def interrupt(state: object) -> None:
        if state.step == 2:  # type: ignore[attr-defined]
            raise InterruptedTrainingError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plugin_core.training.inference_training._CHECKPOINT_S", 0.0)
        with pytest.raises(InterruptedTrainingError):
            train(data, settings("inference"), tmp_path / "parts", progress=interrupt)
    parts = train(data, settings("inference"), tmp_path / "parts")
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_checkpoint_of_other_settings_is_refused(shards: list[Path], tmp_path: Path) -> None:
    data = HearingData(shards)
    train(data, settings("autoencoder", steps=1), tmp_path)
    with pytest.raises(InputError, match="checkpoint"):
        train(data, settings("autoencoder", steps=2), tmp_path)
    (tmp_path / "autoencoder.checkpoint").write_bytes(b"no")
    with pytest.raises(InputError, match="checkpoint"):
        train(data, settings("autoencoder", steps=1), tmp_path)


def test_the_autoencoder_learns_the_measured_levels(shards: list[Path], tmp_path: Path) -> None:
    data = HearingData(shards)
    losses: list[float] = []
    train(
        data,
        settings("autoencoder", steps=40, measured_steps=40, learning_rate=3e-3),
        tmp_path,
        progress=lambda state: losses.append(state.loss),
    )
    assert losses[-1] < 0.6 * losses[0]


def test_a_plan_names_its_shards_by_what_is_in_them(small_corpus: Path, tmp_path: Path) -> None:
    recordings = read_corpus(small_corpus)
    one, two = (Plan(tmp_path, recordings, copies).shards()[0].path for copies in (1, 2))
    other = Plan(tmp_path, recordings[1:], 1).shards()[0].path
    assert len({one, two, other}) == 3
    assert AUDIO_RATE == 16000
