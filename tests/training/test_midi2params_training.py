from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.expression.extraction import extract
from plugin_core.synthesis.midi2params_network import loudness_values, pitch_values
from plugin_core.training.midi2params_data import Midi2ParamsData, stepped
from plugin_core.training.midi2params_evaluation import free_running, teacher_forced, within_band
from plugin_core.training.midi2params_training import Settings, measure, save, train
from plugin_core.training.performed import Performed
from plugin_core.types import Frames, InputError, Note

SETTINGS = Settings(steps=6, warm_up=1, batch=2, excerpt=40)


def performed(instrument: str = "violin", *, is_held_out: bool = False) -> Performed:
    """Return four notes of a scale, 0.3 semitones sharp, each a little softer at its end."""
    count = 400
    at = np.arange(count)
    index = np.minimum(at // 100, 3)
    notes = [Note(0.4 * i, 0.4 * (i + 1), 69 + 2 * i, 64) for i in range(4)]
    key = 69 + 2 * index + 0.3
    level_db = -36.0 - 6.0 * (at % 100) / 100
    harmonics = np.tile(np.array([0.5, 0.3, 0.2], np.float32), (count, 1))
    frames = Frames(
        (440 * 2 ** ((key - 69) / 12)).astype(np.float32),
        np.ones(count, np.float32),
        (level_db - 6.0).astype(np.float32),
        (10 ** (level_db / 20)).astype(np.float32),
        harmonics,
        np.full((count, 65), 1e-5, np.float32),
    )
    return Performed(
        name="made",
        instrument=instrument,
        source="made",
        licence="CC0",
        origin="performance",
        is_held_out=is_held_out,
        frames=frames,
        notes=extract(frames, notes, gain_db=0.0),
        tuning_semitones=0.3,
        audio=np.zeros(count * 64, np.float32),
        gain_db=-20.0,
        sample_rate=44100,
    )


def test_a_step_is_the_mean_of_four_frames_without_the_tuning() -> None:
    phrase = stepped(performed())
    assert len(phrase) == 100
    # Classes near 0 are 2.2 cents apart, classes of loudness 0.83 dB.
    np.testing.assert_allclose(pitch_values()[phrase.pitch], 0.0, atol=0.012)
    expected_db = (-42.0 - 6.0 * (np.arange(400) % 100) / 100).reshape(-1, 4).mean(axis=1)
    np.testing.assert_allclose(loudness_values()[phrase.loudness], expected_db, atol=0.42)
    assert phrase.is_voiced.all()


def test_what_is_not_voiced_has_no_pitch_to_learn() -> None:
    played = performed()
    confidence = played.frames.confidence.copy()
    confidence[:40] = 0.0
    phrase = stepped(replace(played, frames=replace(played.frames, confidence=confidence)))
    assert not phrase.is_voiced[:10].any()
    assert phrase.is_voiced[10:].all()


def test_excerpts_know_the_step_before() -> None:
    data = Midi2ParamsData([performed(), performed("tuba", is_held_out=True)])
    batch = data.draw(np.random.default_rng(0), 3, 50)
    # Tuba is held out.
    assert batch.instrument.tolist() == [0, 0, 0]
    assert batch.pitch.shape == (3, 50)
    joined = (batch.loudness_before[:, 1:] == batch.loudness[:, :-1]).float().mean()
    assert joined > 0.9
    assert data.gain_db[0] == pytest.approx(-20.0)
    with pytest.raises(InputError, match="performed phrases"):
        Midi2ParamsData([performed(is_held_out=True)])


def test_a_run_that_was_interrupted_ends_as_one_that_was_not(tmp_path: Path) -> None:
    phrases = [performed()]
    whole = train(phrases, SETTINGS, tmp_path / "whole")

    class StopError(Exception):
        pass

    def stop(state: object) -> None:
        if getattr(state, "step", 0) == 6:
            raise StopError

    with pytest.raises(StopError):
        train(phrases, SETTINGS, tmp_path / "parts", progress=stop)
    resumed = train(phrases, SETTINGS, tmp_path / "parts")
    for name, weight in whole.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[name], weight)
    with pytest.raises(InputError, match="a checkpoint of"):
        train(phrases, replace(SETTINGS, seed=1), tmp_path / "parts")


def test_training_learns_what_comes_next(tmp_path: Path) -> None:
    losses = []
    settings = replace(SETTINGS, steps=40, excerpt=80, learning_rate=5e-3, dropout=0.0)
    model = train([performed()], settings, tmp_path, progress=lambda state: losses.append(state))
    held_out = measure(model, [performed(is_held_out=True)])
    # Of 121 classes each, chance is ln 121 = 4.8 nats.
    assert held_out["pitch_nats"] < 1.0
    assert held_out["loudness_nats"] < 3.5
    assert 0.0 < held_out["rmse_of_notes_alone"] < 1.0
    assert 0.0 < held_out["rmse_after_truth"] < 1.0
    save(tmp_path / "midi2params.ts", model, {"name": "midi2params"})
    assert (tmp_path / "midi2params.ts").stat().st_size > 100_000


def test_a_note_is_played_on_after_the_true_past_and_no_more(tmp_path: Path) -> None:
    model = train([performed()], SETTINGS, tmp_path)
    played = performed(is_held_out=True)
    controls = teacher_forced(model, played)
    assert controls.shape == (4, 6)
    assert np.isfinite(controls).all()
    # The third note 20 dB softer: it and those before must not know, the fourth hears it.
    loudness_db = played.frames.loudness_db.copy()
    loudness_db[200:300] -= 20.0
    changed = replace(played, frames=replace(played.frames, loudness_db=loudness_db))
    others = teacher_forced(model, changed)
    np.testing.assert_array_equal(others[:3], controls[:3])
    assert not np.array_equal(others[3], controls[3])


def test_notes_alone_give_controls_too(tmp_path: Path) -> None:
    model = train([performed()], SETTINGS, tmp_path)
    played = performed(is_held_out=True)
    controls = free_running(model, played)
    assert controls.shape == (4, 6)
    # Nothing of the recording is heard.
    silent = replace(played.frames, loudness_db=np.full(400, -120, np.float32))
    np.testing.assert_array_equal(free_running(model, replace(played, frames=silent)), controls)


def test_what_the_recording_cannot_hold_is_left_out() -> None:
    noise = within_band(performed().frames, 16000).noise
    # Bands of 375 Hz: the 22nd is at 7875 Hz, the 23rd at 8250 Hz.
    assert (noise[:, :22] > 0).all()
    assert not noise[:, 22:].any()
