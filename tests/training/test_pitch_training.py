"""Training of the pitch generator: it learns, and an interrupted run goes on as it would have."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.synthesis.note_conditioning import condition
from plugin_core.synthesis.pitch_curve import BINS
from plugin_core.synthesis.pitch_generator import PitchGenerator, generate
from plugin_core.training import pitch_training
from plugin_core.training.performed import Performed
from plugin_core.training.pitch_data import held_out_pieces
from plugin_core.training.pitch_training import (
    PitchSettings,
    held_out_surprise,
    train_pitch,
)
from plugin_core.training.runs import Progress
from plugin_core.types import InputError
from tests.training.test_pitch_curves import TIMES, performed, sine

SETTINGS = PitchSettings(steps=6, batch=800, copies=1)


@pytest.fixture(scope="module")
def phrases() -> list[Performed]:
    return [performed(sine(depth, 5.5)) for depth in (0.0, 0.1, 0.2)]


def test_it_learns(phrases: list[Performed], tmp_path: Path) -> None:
    losses: list[Progress] = []
    settings = PitchSettings(steps=30, batch=1200, copies=0)
    model = train_pitch(phrases, settings, tmp_path, progress=losses.append)
    assert losses[0].loss == pytest.approx(np.log(BINS), abs=0.3)
    assert losses[-1].loss < losses[0].loss - 0.3
    # It says so of what it was not shown, and it plays near the notes.
    held_out = [replace(performed(0.1 * np.sin(TIMES)), is_held_out=True)]
    assert held_out_surprise(model, held_out_pieces(held_out))["violin"] < np.log(BINS) - 0.3
    f0_hz = generate(model, condition(phrases[0].notes, "violin", len(TIMES)))
    assert np.median(np.abs(12 * np.log2(f0_hz[200:700] / 440))) < 0.5


def test_an_interrupted_run_goes_on(phrases: list[Performed], tmp_path: Path) -> None:
    whole = train_pitch(phrases, SETTINGS, tmp_path / "whole")

    class StoppedError(Exception):
        pass

    def interrupt(now: Progress) -> None:
        if now.step == 3:
            raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pitch_training, "_CHECKPOINT_S", 0.0)
        with pytest.raises(StoppedError):
            train_pitch(phrases, SETTINGS, tmp_path / "parts", progress=interrupt)
    steps: list[int] = []
    again = train_pitch(
        phrases, SETTINGS, tmp_path / "parts", progress=lambda now: steps.append(now.step)
    )
    assert steps == list(range(4, 7))
    for name, weights in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], weights, msg=name)


def test_a_checkpoint_of_another_run_is_refused(phrases: list[Performed], tmp_path: Path) -> None:
    train_pitch(phrases, PitchSettings(steps=1, batch=500, copies=0), tmp_path)
    with pytest.raises(InputError, match="a checkpoint of"):
        train_pitch(phrases, PitchSettings(steps=2, batch=500, copies=0), tmp_path)
    (tmp_path / "pitch.checkpoint").write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match="a checkpoint of this training"):
        train_pitch(phrases, SETTINGS, tmp_path)


def test_a_finished_run_is_only_read(phrases: list[Performed], tmp_path: Path) -> None:
    settings = PitchSettings(steps=1, batch=500, copies=0)
    model = train_pitch(phrases, settings, tmp_path)
    again = train_pitch([], settings, tmp_path)
    assert isinstance(again, PitchGenerator)
    for name, weights in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], weights)
