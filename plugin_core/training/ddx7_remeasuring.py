"""The tables of a DDX7 model measured anew from recordings; what was trained stays as it is.

    python -m plugin_core.training.ddx7_remeasuring FILE.ts --corpus DIR --instrument violin

In: the model's archive and the recordings that it learnt from. Out: the same archive with new
tables, whole or not at all.
"""

import argparse
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.analysis.loudness import loudness_db
from plugin_core.engine.ddx7_file import Ddx7Model, read_ddx7_model
from plugin_core.engine.ddx7_layout import Ddx7Layer, Life, Playing
from plugin_core.engine.ddx7_network import run_ddx7
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.live_model import LiveInstrument
from plugin_core.engine.single_note import play_note
from plugin_core.hearing.operator_model import OperatorModel
from plugin_core.synthesis.archive import read_archive, write_archive
from plugin_core.synthesis.ddx7_export import PlayingTables
from plugin_core.synthesis.ddx7_model import Configuration
from plugin_core.training.ddx7_brightening import Play, missing_modulation
from plugin_core.training.ddx7_building import USUAL_NOTE_DB
from plugin_core.training.ddx7_data import Take, corpus_material
from plugin_core.training.ddx7_tables import measure_tables
from plugin_core.types import CONTROLS

_RATE = 48000
_MIDDLE_VELOCITY = 64


def remeasure(path: Path, takes: Sequence[Take]) -> PlayingTables:
    """Measure the tables of the model in `path` on takes of its training, and write them there.

    Returns them. Raises InputError for what is no DDX7 model and where it cannot be written.
    """
    model = read_ddx7_model(path)
    tables = measure_tables(takes)
    configuration = _configuration(OperatorModel(path.stem, model))
    missing = missing_modulation(_play(model), configuration, takes, tables)
    tables = replace(tables, modulation=missing)
    weights = _with_tables(model, tables)
    heard_db = _usual_note_db(replace(model, weights=weights), tables)
    playing = _row(model, weights, Ddx7Layer.PLAYING)
    playing[Playing.GAIN_DB] += USUAL_NOTE_DB - heard_db
    _, tensors = read_archive(path)
    description = {
        **model.description,
        "typical": dict(zip(CONTROLS, map(float, tables.typical), strict=True)),
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
        network: Any = torch.jit.load(str(path))  # type: ignore[no-untyped-call]
    write_archive(path, network, {**tensors, "weights": torch.from_numpy(weights)}, description)
    gain = {Playing.GAIN_DB: float(playing[Playing.GAIN_DB])}
    return replace(tables, numbers={**tables.numbers, **gain})


def _with_tables(model: Ddx7Model, tables: PlayingTables) -> NDArray[np.float32]:
    """Return the model's weights with these tables."""
    weights = model.weights.copy()
    for layer, values in (
        (Ddx7Layer.TYPICAL, tables.typical),
        (Ddx7Layer.ATTACK, tables.attack_db),
        (Ddx7Layer.RELEASE, tables.release_db),
    ):
        row = _row(model, weights, layer)
        row[:] = values
    life = _row(model, weights, Ddx7Layer.LIFE)
    life[Life.VIBRATO_HZ], life[Life.DRIFT_CENTS] = tables.vibrato_hz, tables.drift_cents
    life[Life.MODULATION] = tables.modulation
    playing = _row(model, weights, Ddx7Layer.PLAYING)
    for column, value in tables.numbers.items():
        playing[column] = value
    return weights


def _usual_note_db(model: Ddx7Model, tables: PlayingTables) -> float:
    """Return how loud the engine plays a usual note: of middle pitch, key velocity 64."""
    pitch = round(tables.numbers[Playing.MIDDLE_PITCH])
    sound = play_note(
        LiveInstrument(model, 0),
        pitch=pitch,
        velocity=_MIDDLE_VELOCITY,
        on_samples=2 * _RATE,
        total_samples=2 * _RATE,
        sample_rate=_RATE,
    )
    octaves = (pitch - tables.numbers[Playing.MIDDLE_PITCH]) / 12
    heard = float(np.median(loudness_db(sound[_RATE // 2 :], _RATE)))
    return heard - tables.numbers[Playing.SLOPE_DB] * octaves


def _play(model: Ddx7Model) -> Play:
    def play(loudness_db: Tensor, f0_hz: Tensor) -> Tensor:
        pitch = 69 + 12 * torch.log2(f0_hz / 440)
        rows = zip(loudness_db.numpy(), pitch.numpy(), strict=True)
        played = [run_ddx7(model.weights, model.layout, *row)[0] for row in rows]
        return torch.from_numpy(np.stack(played))

    return play


def _configuration(model: OperatorModel) -> Configuration:
    return Configuration(
        algorithm=model.algorithm,
        ratios=model.ratios,
        operators=model.present,
        i_max=model.i_max,
        feedback=model.feedback,
        noise=model.has_noise,
    )


def _row(model: Ddx7Model, weights: NDArray[np.float32], layer: Ddx7Layer) -> NDArray[Any]:
    row = model.layout[layer]
    first = row[LayoutColumn.OFFSET]
    return weights[first : first + row[LayoutColumn.INPUTS] * row[LayoutColumn.OUTPUTS]]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--instrument", required=True)
    parser.add_argument("--work", type=Path, required=True, help="where takes are kept")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    material = corpus_material(asked.corpus, asked.instrument, cache=asked.work)
    tables = remeasure(asked.model, material.training)
    numbers = ", ".join(f"{each.name} {value:.2f}" for each, value in tables.numbers.items())
    print(
        f"{asked.model}: {numbers}, vibrato {tables.vibrato_hz:.2f} Hz, drift "
        f"{tables.drift_cents:.2f} cents, modulation {tables.modulation:.3f}"
    )


if __name__ == "__main__":
    main()
