"""Training of MIDI2Params, the baseline: what comes next, given the notes and all that came before.

The loss is the cross-entropy of the next pitch and the next loudness (Castellon et al. 2020), with
the truth of the steps before at its input. In: performed phrases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from plugin_core.sounds import presets_folder
from plugin_core.synthesis.hearing_model import load_model
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.midi2params import (
    AUTOENCODER,
    KIND,
    NO_LOUDNESS,
    NO_PITCH,
    Midi2Params,
    save_midi2params,
)
from plugin_core.synthesis.midi2params_network import (
    Midi2ParamsNetwork,
)
from plugin_core.training.checkpoints import Part
from plugin_core.training.midi2params_data import (
    ORIGIN_SHARE,
    Batch,
    Midi2ParamsData,
    stepped,
    whole,
)
from plugin_core.training.midi2params_evaluation import free_running, teacher_forced
from plugin_core.training.performed import Performed
from plugin_core.training.runs import Progress, go_on, learning_share, set_learning_rate

ORIGINS = tuple(ORIGIN_SHARE)
"""What of all performed it learns from."""

_CHECKPOINT_S = 120.0
_LARGEST_GRADIENT = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a run besides its data."""

    steps: int = 1400
    warm_up: int = 50
    batch: int = 16
    excerpt: int = 250
    """Steps of 16 ms in an excerpt: 4 s."""
    learning_rate: float = 3e-3
    dropout: float = 0.1
    before_dropout: float = 0.1
    """Share of steps whose past is hidden: it will be its own, and wrong, when it plays."""
    seed: int = 0


def train(
    performed: Sequence[Performed],
    settings: Settings,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Midi2Params:
    """Train the baseline, or go on training it from the checkpoint in `folder`; return it.

    Of `performed` only real performances and notes count (`ORIGINS`), not what is held out. Raises
    InputError if the checkpoint there is of a run with other settings, and if nothing is to learn.
    """
    torch.manual_seed(settings.seed)
    data = Midi2ParamsData(performed)
    run = _Run(
        Midi2ParamsNetwork(len(INSTRUMENTS), dropout=settings.dropout), data, settings, device
    )
    go_on(
        run, settings.steps, folder / f"{KIND}.checkpoint", every_s=_CHECKPOINT_S, progress=progress
    )
    model = Midi2Params()
    model.network.load_state_dict(run.network.cpu().state_dict())
    model.gain_db.copy_(torch.from_numpy(data.gain_db))
    model.autoencoder = load_model(presets_folder() / "instruments" / AUTOENCODER)
    return model.eval()


def save(path: Path, model: Midi2Params, description: Mapping[str, Any]) -> None:
    """Write the model and its card to `path`."""
    save_midi2params(path, model, description)


def measure(model: Midi2Params, performed: Sequence[Performed]) -> dict[str, Any]:
    """Return figures of held-out performances: cross-entropies a step, nats, and RMSE of controls.

    Those of tables 1b (from the notes alone) and 1c (after the true past), controls 0..1.
    """
    phrases = [
        each
        for each in performed
        if each.is_held_out and each.origin == "performance" and each.notes
    ]
    if not phrases:
        return {}
    losses = []
    with torch.inference_mode():
        for each in phrases:
            of_phrase = cross_entropy(model.network, whole(stepped(each)))
            losses.append([float(loss) for loss in of_phrase])
    figures = dict(zip(("pitch_nats", "loudness_nats"), np.mean(losses, axis=0), strict=True))
    true = np.array([row.expression for each in phrases for row in each.notes]).clip(0, 1)
    for name, play in (("rmse_of_notes_alone", free_running), ("rmse_after_truth", teacher_forced)):
        found = np.concatenate([play(model, each) for each in phrases]).clip(0, 1)
        figures[name] = np.sqrt(np.nanmean(np.square(found - true)))
    return {name: round(float(each), 3) for name, each in figures.items()}


def cross_entropy(network: Midi2ParamsNetwork, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the mean cross-entropy of the pitch, where there is one, and of the loudness, nats."""
    pitch, loudness, _ = network(
        batch.notes,
        batch.instrument,
        batch.pitch_before,
        batch.loudness_before,
        network.silence(len(batch.instrument)),
    )
    of_pitch = functional.cross_entropy(
        pitch.flatten(0, 1), batch.pitch.flatten(), reduction="none"
    )
    voiced = batch.is_voiced.flatten().float()
    return (
        (of_pitch * voiced).sum() / voiced.sum().clamp(min=1.0),
        functional.cross_entropy(loudness.flatten(0, 1), batch.loudness.flatten()),
    )


class _Run:
    def __init__(
        self,
        network: Midi2ParamsNetwork,
        data: Midi2ParamsData,
        settings: Settings,
        device: str,
    ) -> None:
        self.data = data
        self.network, self.settings, self.device = network.to(device), settings, device
        self.step = 0
        self.optimizer = torch.optim.AdamW(
            network.parameters(), betas=(0.9, 0.98), weight_decay=1e-2
        )

    def advance(self) -> float:
        """Do one step; return its loss."""
        settings = self.settings
        share = learning_share(self.step, settings.steps, settings.warm_up)
        set_learning_rate(self.optimizer, settings.learning_rate * share)
        # Every step draws from its own generator, so a resumed run sees what it would have seen.
        random = np.random.default_rng((settings.seed, self.step))
        torch.manual_seed(settings.seed * 1_000_003 + self.step)
        batch = self.data.draw(random, settings.batch, settings.excerpt).to(self.device)
        hidden = torch.rand(batch.pitch.shape, device=self.device) < settings.before_dropout
        batch.pitch_before[hidden], batch.loudness_before[hidden] = NO_PITCH, NO_LOUDNESS
        self.network.train()
        loss = torch.stack(cross_entropy(self.network, batch)).sum()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""
        return {"network": self.network, "optimizer": self.optimizer}
