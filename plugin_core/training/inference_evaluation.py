"""Table 1a of MIDI-DDSP: how far resyntheses are from held-out recordings.

Every recording goes the way of a user's: f0 and frames from its audio, levels from the model,
audio at the recording's own sample rate in the instrument's room. The distance is the multi-scale
spectral distance (MSS) at 16 kHz. A recording counts by its length, every instrument alike.
"""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import track_pitch
from plugin_core.analysis.spectral_distance import multi_scale_distance
from plugin_core.audio.reverb import Room
from plugin_core.hearing.resynthesis import resynthesize
from plugin_core.synthesis.hearing_model import HearingModel, infer, load_model
from plugin_core.training.corpus import Recording, read_mono
from plugin_core.types import Frames, Mono

MEASURED = "measured"
"""The levels that the analysis measured, no model: what a model must beat."""


@dataclass(frozen=True, slots=True)
class Row:
    """One held-out recording: the distance of every resynthesis from it."""

    name: str
    instrument: str
    source: str
    is_note: bool
    seconds: float
    distances: Mapping[str, float]


def evaluate(
    recordings: Sequence[Recording],
    models: Mapping[str, Path],
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Row]:
    """Return the distances of all models, and of the measured levels, from every recording.

    Raises InputError for a model or a recording that cannot be read.
    """
    rows = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _prepare, (dict(models),)) as pool:
        for row in pool.imap(_row, recordings):
            rows.append(row)
            progress(len(rows), len(recordings))
    return rows


def means(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return the mean distance by instrument, then by model: weighted by length."""
    table: dict[str, dict[str, float]] = {}
    for instrument in dict.fromkeys(row.instrument for row in rows):
        of_it = [row for row in rows if row.instrument == instrument]
        seconds = np.array([row.seconds for row in of_it])
        table[instrument] = {
            model: float(np.average([row.distances[model] for row in of_it], weights=seconds))
            for model in of_it[0].distances
        }
    return table


_models: dict[str, HearingModel] = {}


def _prepare(paths: Mapping[str, Path]) -> None:
    torch.set_num_threads(1)
    _models.update({name: load_model(path) for name, path in paths.items()})


def _row(recording: Recording) -> Row:
    audio, sample_rate = read_mono(recording.path)
    distances = {
        name: multi_scale_distance(resynthesis, audio, sample_rate)
        for name, resynthesis in resyntheses(audio, sample_rate, recording.instrument, _models)
    }
    seconds = len(audio) / sample_rate
    return Row(
        recording.name,
        recording.instrument,
        recording.source,
        recording.is_note,
        seconds,
        distances,
    )


def resyntheses(
    audio: Mono, sample_rate: int, instrument: str | None, models: Mapping[str, HearingModel]
) -> list[tuple[str, Mono]]:
    """Return what the measured levels and every model make of a recording, by name."""
    frames = measure_frames(audio, sample_rate, track_pitch(audio, sample_rate))
    made = [(MEASURED, _sound(frames, sample_rate, len(audio), None))]
    for name, model in models.items():
        inferred = infer(model, audio, sample_rate, frames, instrument=instrument)
        room = model.room(instrument, sample_rate)
        made.append((name, _sound(inferred, sample_rate, len(audio), room)))
    return made


def _sound(frames: Frames, sample_rate: int, samples: int, room: Room | None) -> Mono:
    return np.concatenate(list(resynthesize([frames], sample_rate, samples, room=room)))
