"""A whole DDX7 model, from recordings and a DX7 voice to its card.

The network is trained (`ddx7_training`), how notes are played is measured (`ddx7_tables`), and what
was held out is resynthesized and compared with the recording.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.analysis.log_spectral_distance import log_spectral_distance_db
from plugin_core.analysis.loudness import loudness_db
from plugin_core.analysis.sounding import silence_gate
from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.hearing.lead_in import lead_in_frames
from plugin_core.synthesis.ddx7_export import PlayingTables
from plugin_core.synthesis.ddx7_model import (
    ROOM_RATE,
    Configuration,
    Ddx7Model,
    network_inputs,
    shortened,
)
from plugin_core.training.ddx7_brightening import missing_modulation
from plugin_core.training.ddx7_data import REFERENCE_DB, Material, Take, levelled
from plugin_core.training.ddx7_excerpts import CONTEXT, whole
from plugin_core.training.ddx7_losses import levels_of, render
from plugin_core.training.ddx7_tables import measure_tables
from plugin_core.training.ddx7_training import Ddx7Settings, settings_of, train_ddx7
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.runs import Progress
from plugin_core.types import Mono

USUAL_NOTE_DB = -30.5
"""A-weighted level of a note of middle pitch and key velocity 64: what the bundled live violin,
flute and trumpet measure in the mean."""

_HEARD_S = 60.0
_FEWEST_STEPS, _STEPS_PER_MINUTE, _MOST_STEPS = 1000, 500, 4000


@dataclass(frozen=True, slots=True)
class Ddx7Build:
    """A trained model and all that its file says of it."""

    model: Ddx7Model
    tables: PlayingTables
    description: dict[str, Any]


def settings_for(
    configuration: Configuration,
    material: Material,
    *,
    steps: int | None,
    seed: int,
    dropout: float = 0.0,
) -> Ddx7Settings:
    """Return how a configuration is trained; without `steps`, as long as the recordings are worth.

    With noise the sound is to be played dry at any rate too, so that periods count to the end and
    the room stays a room; the paper's model has but the audio.
    """
    weights = (0.2, 0.1) if configuration.noise else (0.0, 0.0)
    return settings_of(
        configuration,
        steps=steps or usual_steps(material),
        seed=seed,
        dropout=dropout,
        period_weight=weights[0],
        room_weight=weights[1],
    )


def usual_steps(material: Material) -> int:
    """Return how many steps recordings are worth: a minute of them needs fewer than all."""
    minutes = sum(take.seconds for take in material.training) / 60
    return min(_MOST_STEPS, _FEWEST_STEPS + round(_STEPS_PER_MINUTE * minutes))


def build_ddx7(
    material: Material,
    settings: Ddx7Settings,
    folder: Path,
    *,
    room_s: float = 1.0,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Ddx7Build:
    """Train a model, or go on from the checkpoint in `folder`, and measure it on what is held out.

    Of the room that was learnt the first `room_s` seconds are kept: of few recordings its tail
    learns but these.

    Raises InputError if the checkpoint there is of a run with other settings.
    """
    model = train_ddx7(material, settings, folder, progress=progress)
    model.room = shortened(model.room, room_s)
    description = {
        "steps": settings.steps,
        "seed": settings.seed,
        "room_s": round(len(model.room.impulses) / ROOM_RATE, 3),
        "figures": figures(model, material.held_out),
        "sources": sources(material.training),
    }
    tables = measure_tables(material.training)
    numbers = {**tables.numbers, Playing.GAIN_DB: played_gain_db(model, material, tables)}

    def play(loudness_db: Tensor, f0_hz: Tensor) -> Tensor:
        levels: Tensor = model.eval()(network_inputs(loudness_db, f0_hz))[0]
        return levels

    modulation = missing_modulation(play, model.configuration, material.training, tables)
    tables = replace(tables, numbers=numbers, modulation=modulation)
    return Ddx7Build(model, tables, description)


def played_gain_db(model: Ddx7Model, material: Material, tables: PlayingTables) -> float:
    """Return what brings a usual note of the model, played dry, to USUAL_NOTE_DB.

    That is measured on training takes, performances first: how loud the model is where it was asked
    for some loudness.
    """
    takes = sorted(material.training, key=lambda take: (take.is_note, -take.seconds))
    apart: list[NDArray[np.float32]] = []
    heard_s = 0.0
    for take in takes:
        batch = whole(take)
        with torch.no_grad():
            levels = levels_of(model.eval(), batch)
            audio = render(model, levels, batch, seed=0, is_dry=True)[0].numpy()
        played = loudness_db(audio, AUDIO_RATE)[CONTEXT : CONTEXT + len(take)]
        sounding = take.loudness_db > REFERENCE_DB + tables.numbers[Playing.QUIETEST_DB]
        apart.append((played - take.loudness_db)[sounding])
        heard_s += take.seconds
        if heard_s > _HEARD_S:
            break
    together = np.concatenate(apart)
    louder = float(np.median(together)) if len(together) else 0.0
    return USUAL_NOTE_DB - (REFERENCE_DB + tables.numbers[Playing.NOTE_DB] + louder)


def figures(model: Ddx7Model, held_out: Sequence[Take]) -> dict[str, Any]:
    """Return parameters, and MSS and LSD of what is held out, by source and kind.

    Means over recordings, by their lengths.
    """
    trained = sum(each.numel() for each in model.network.parameters())
    told: dict[str, Any] = {"parameters": trained, "held_out": {}}
    kinds = dict.fromkeys((take.source, take.is_note) for take in held_out)
    for source, is_note in kinds:
        own = [take for take in held_out if (take.source, take.is_note) == (source, is_note)]
        seconds = np.array([take.seconds for take in own])
        found = np.array([_distances(model, take) for take in own])
        mean = (found * seconds[:, None]).sum(axis=0) / seconds.sum()
        told["held_out"][f"{source} {'notes' if is_note else 'performances'}"] = {
            "seconds": round(float(seconds.sum())),
            "mss": round(float(mean[0]), 2),
            "lsd_db": round(float(mean[1]), 1),
        }
    return told


def resynthesize(model: Ddx7Model, take: Take) -> Mono:
    """Return a take as the model plays it at 16 kHz, at the level of the recording."""
    heard = levelled(take)
    lead_in = lead_in_frames(heard.loudness_db)
    batch = whole(heard.led_in(lead_in))
    with torch.no_grad():
        audio = render(model.eval(), levels_of(model, batch), batch, seed=0)[0].numpy()
    audio = audio[(CONTEXT + lead_in) * FRAME_SAMPLES :]
    gate = silence_gate(take.loudness_db - np.float32(take.gain_db))
    at = np.arange(len(audio)) / FRAME_SAMPLES
    sound: Mono = (audio * np.interp(at, np.arange(len(gate)), gate)).astype(np.float32)
    return sound * np.float32(10 ** (-heard.gain_db / 20))


def sources(takes: Sequence[Take]) -> list[dict[str, Any]]:
    """Return every source of the training side: name, terms, recordings and seconds."""
    rows = []
    for source in dict.fromkeys(take.source for take in takes):
        own = [take for take in takes if take.source == source]
        rows.append(
            {
                "source": source,
                "licence": ", ".join(sorted({take.licence for take in own})),
                "recordings": len(own),
                "seconds": round(sum(take.seconds for take in own)),
            }
        )
    return rows


def _distances(model: Ddx7Model, take: Take) -> tuple[float, float]:
    audio = resynthesize(model, take)
    recorded = take.audio * np.float32(10 ** (-take.gain_db / 20))
    return (
        multi_scale_distance(audio, recorded, AUDIO_RATE),
        log_spectral_distance_db(audio, recorded),
    )
