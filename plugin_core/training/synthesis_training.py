"""Training of the whole Synthesis Generator: the pitch, then the levels, one after the other.

In: performed phrases. Out: a `SynthesisModel`. Both halves keep their checkpoints in one folder and
go on from there; there is no gradient from the levels to the pitch (MIDI-DDSP, section 3.3).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from plugin_core.sounds import presets_folder
from plugin_core.synthesis.hearing_model import load_model
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.synthesis_model import SynthesisModel, save_synthesis_model
from plugin_core.training.flicker_measurement import measure_flicker
from plugin_core.training.level_data import LevelData, whole_phrase
from plugin_core.training.level_losses import control_loss, recorded_loss
from plugin_core.training.level_training import LevelSettings, levels_of, train_levels
from plugin_core.training.performed import Performed
from plugin_core.training.pitch_training import PitchSettings, train_pitch
from plugin_core.training.runs import Progress

__all__ = ["Settings", "measure", "save", "train"]

_LEVELS, _PITCH = LevelSettings(), PitchSettings()


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a run besides its data: `steps` of the levels, after those of the pitch."""

    steps: int = _LEVELS.steps
    pitch_steps: int = _PITCH.steps
    seed: int = 0


def train(
    performed: Sequence[Performed],
    settings: Settings,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Callable[[Progress], None] = lambda _: None,
) -> SynthesisModel:
    """Train a Synthesis Generator, or go on from the checkpoints in `folder`; return it.

    `progress` counts the steps of both halves. Raises InputError if a checkpoint there is of a run
    with other settings.
    """
    total = settings.pitch_steps + settings.steps

    def after(steps: int) -> Callable[[Any], None]:
        return lambda now: progress(Progress(steps + now.step, total, now.loss, now.seconds))

    pitch = PitchSettings(steps=settings.pitch_steps, seed=settings.seed)
    levels = LevelSettings(steps=settings.steps, seed=settings.seed)
    model = SynthesisModel()
    model.pitch = train_pitch(performed, pitch, folder, device=device, progress=after(0)).cpu()
    trained = train_levels(
        LevelData(performed),
        levels,
        folder,
        rooms=inference_rooms(),
        device=device,
        progress=after(settings.pitch_steps),
    ).cpu()
    model.levels, model.reverb = trained.levels, trained.reverb
    model.description = {"flicker": measure_flicker(performed)}
    return model.eval()


def inference_rooms() -> dict[str, Tensor]:
    """Return the rooms of the bundled inference model, whose levels are the aim: state of 13."""
    heard = load_model(presets_folder() / "instruments" / "inference.ts")
    return {name: each[: len(INSTRUMENTS)] for name, each in heard.reverb.state_dict().items()}


def measure(model: SynthesisModel, performed: Sequence[Performed]) -> dict[str, Any]:
    """Return how far the levels are from held-out performances, in nepers, and from the controls.

    The pitch is that of the recording.
    """
    sums = {"recorded": 0.0, "controls": 0.0}
    frames = 0
    with torch.inference_mode():
        for phrase in performed:
            if not phrase.is_held_out or phrase.origin != "performance":
                continue
            batch = whole_phrase(phrase)
            levels = levels_of(model.levels, batch)
            count = len(phrase.frames)
            sums["recorded"] += count * float(recorded_loss(levels, batch))
            sums["controls"] += count * float(control_loss(levels, batch))
            frames += count
    return {
        "held_out_level_distance": round(sums["recorded"] / max(frames, 1), 3),
        "held_out_control_distance": round(sums["controls"] / max(frames, 1), 3),
        "level_parameters": sum(each.numel() for each in model.levels.parameters()),
        "pitch_parameters": sum(each.numel() for each in model.pitch.parameters()),
    }


def save(path: Path, model: SynthesisModel, description: Mapping[str, Any]) -> None:
    """Write the model as an archive with its card and what was measured of the instruments."""
    save_synthesis_model(path, model, {**model.description, **description})
