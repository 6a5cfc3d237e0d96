"""A whole live model, from its corpus to its card: frame networks, tables, performer, figures.

The networks of frames are trained first (`live_training`), then what is measured of the instruments
is written into the model's tables, then the performer learns on top of the finished embedding.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from plugin_core.synthesis.streaming import StreamingModel, packed
from plugin_core.training.live_corpus import LiveCorpus
from plugin_core.training.live_data import LiveData
from plugin_core.training.live_losses import control_misses, levels_of, recorded_loss
from plugin_core.training.live_performer import train_performer
from plugin_core.training.live_performer_evaluation import evaluate_performer, performer_figures
from plugin_core.training.live_tables import fill_tables
from plugin_core.training.live_training import LiveSettings, train_live
from plugin_core.training.performed_cache import Performed
from plugin_core.training.performing_cards import performing_card
from plugin_core.training.runs import Progress
from plugin_core.types import CONTROLS, FRAME_RATE

_FEWEST_STEPS, _STEPS_PER_MINUTE = 1500, 250
_FEWEST_FRAMES = 20
_VIBRATO = CONTROLS.index("vibrato")

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class LiveBuild:
    """A trained model and all that its file says of it."""

    model: StreamingModel
    instruments: tuple[str, ...]
    description: dict[str, Any]


def usual_steps(corpus: LiveCorpus) -> int:
    """Return how many steps a corpus is worth: 12 minutes of one instrument need fewer than all."""
    return min(LiveSettings().steps, _FEWEST_STEPS + round(_STEPS_PER_MINUTE * corpus.minutes))


def run_folder(work: Path, corpus: LiveCorpus, settings: LiveSettings) -> Path:
    """Return where the checkpoint of a training is: its name tells all that decides the run."""
    digest = hashlib.sha256(f"{settings} {corpus.instruments}".encode())
    for phrase in corpus.phrases:
        style = corpus.styles.get(phrase.name)
        digest.update(f"{phrase.name} {phrase.is_held_out} {len(phrase.frames)} {style}".encode())
        digest.update(str(phrase.notes).encode())
    return work / f"live-{digest.hexdigest()[:12]}"


def live_data(corpus: LiveCorpus) -> LiveData:
    """Return what the frame networks draw from."""
    return LiveData(corpus.phrases, corpus.instruments, corpus.styles)


def build_live(
    corpus: LiveCorpus,
    settings: LiveSettings,
    folder: Path,
    *,
    device: str = "cpu",
    progress: Told = lambda _: None,
    performer_progress: Told = lambda _: None,
) -> LiveBuild:
    """Train a model, or go on from the checkpoint in `folder`, and measure it on what is held out.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    model = train_live(live_data(corpus), settings, folder, device=device, progress=progress).cpu()
    return finish_live(model, corpus, performer_progress=performer_progress)


def finish_live(
    model: StreamingModel, corpus: LiveCorpus, *, performer_progress: Told = lambda _: None
) -> LiveBuild:
    """Give a model whose frame networks are trained its tables, its performer and its card."""
    shortest_s = {name: each.shortest_s for name, each in corpus.ranges.items()}
    fill_tables(model, corpus.instruments, corpus.performed, shortest_s)
    train_performer(
        model, corpus.instruments, corpus.performed, corpus.styles, progress=performer_progress
    )
    weights, layout = packed(model)
    rows = evaluate_performer(weights, layout, corpus.instruments, corpus.performed, corpus.styles)
    figures = {
        "parameters": len(weights),
        **frame_figures(model.eval(), corpus),
        **performer_figures(rows),
    }
    keys = corpus.keys()
    description = {
        "styles": {name: _told_style(corpus, name) for name in corpus.instruments},
        "ranges": {name: list(keys[name]) for name in corpus.instruments if name in keys},
        **performing_card(corpus.phrases, figures),
    }
    return LiveBuild(model, corpus.instruments, description)


def frame_figures(model: StreamingModel, corpus: LiveCorpus) -> dict[str, Any]:
    """Return how far held-out levels and controls are from what the model makes of their notes.

    The pitch is the recorded one. Levels in nepers over frames, controls as root mean squares over
    notes, vibrato apart, which the engine plays. Nothing where nothing is held out.
    """
    data = live_data(corpus)
    distances, frames, misses = 0.0, 0, []
    with torch.inference_mode():
        for phrase in corpus.phrases:
            if not _is_tested(phrase) or corpus.styles.get(phrase.name, 0.0) is None:
                continue
            batch = data.whole(phrase)
            levels = levels_of(model, batch)
            count = batch.features.shape[1]
            distances += count * float(recorded_loss(levels, batch))
            frames += count
            missed = control_misses(levels, batch)
            misses += [] if missed is None else [missed.numpy()]
    if not frames or not misses:
        return {}
    errors = np.sqrt((np.concatenate(misses) ** 2).mean(axis=0))
    return {
        "held_out_seconds": round(frames / FRAME_RATE),
        "held_out_level_distance": round(distances / frames, 3),
        "held_out_control_rmse": {
            name: round(float(error), 3)
            for index, (name, error) in enumerate(zip(CONTROLS, errors, strict=True))
            if index != _VIBRATO
        },
    }


def _is_tested(phrase: Performed) -> bool:
    frames = phrase.frames
    return (
        phrase.is_held_out
        and phrase.origin != "contour"
        and bool(phrase.notes)
        and len(frames) >= _FEWEST_FRAMES
        and bool((frames.f0_hz > 0).all())
        and all(np.isfinite(row.expression).all() for row in phrase.notes)
    )


def _told_style(corpus: LiveCorpus, instrument: str) -> dict[str, Any] | None:
    own = corpus.ranges.get(instrument)
    if own is None:
        return None
    return {"low": own.low, "high": own.high, "shortest_s": own.shortest_s}
