"""The file of a DDX7 model: weights, layer table, room, and what it says of itself.

In: a trained `Ddx7Model`, the DX7 voice that it plays, and what was measured of how notes are
played. Out: an archive (`synthesis.archive`) whose weights `engine.ddx7_file` reads without torch,
or a model of the study (`study_archive`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.audio.nn import pack_conv, pack_dense
from plugin_core.engine.ddx7_layout import (
    ATTACK_FRAMES,
    LIFE_COLUMNS,
    RELEASE_FRAMES,
    Ddx7Layer,
    Life,
    Playing,
    ddx7_layout,
    playing_voice,
)
from plugin_core.synthesis.archive import write_archive
from plugin_core.synthesis.ddx7_model import Configuration, Ddx7Model, plain_network
from plugin_core.synthesis.study_archive import StudyModel
from plugin_core.types import CONTROLS

KIND = "ddx7"


@dataclass(frozen=True, slots=True)
class PlayingTables:
    """What is measured, not trained: how notes are played on the model (`ddx7_layout`)."""

    typical: Sequence[float]
    """The six controls."""
    vibrato_hz: float
    drift_cents: float
    attack_db: NDArray[np.float32]
    """Shape (50,)."""
    release_db: NDArray[np.float32]
    """Shape (75,)."""
    numbers: Mapping[Playing, float]
    """The columns of PLAYING that training measures; the others are the configuration's."""
    modulation: float = 0.0
    """`Life.MODULATION`."""


def packed(
    model: Ddx7Model, patch: NDArray[np.float32], tables: PlayingTables
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the flat weights and the layer table of a model.

    `patch` holds the stored values of the DX7 voice in the order of `dx7.fields.FIELDS`. Raises
    ValueError for tables of other shapes.
    """
    configuration = model.configuration
    plain = plain_network(model)
    parts: dict[Ddx7Layer, NDArray[np.float32]] = {}
    for index, block in enumerate(plain.blocks):
        inner: Any = block
        for half, conv in enumerate((inner.a, inner.b)):
            parts[Ddx7Layer(2 * index + half)] = pack_conv(_array(conv.weight), _array(conv.bias))
    first: Any = plain.blocks[0]
    last: Any = plain.blocks[-1]
    for layer, dense in (
        (Ddx7Layer.SKIP_IN, first.skip),
        (Ddx7Layer.SKIP_OUT, last.skip),
        (Ddx7Layer.NOISE, plain.noise),
    ):
        matrix: Any = dense
        parts[layer] = pack_dense(_array(matrix.weight)[..., 0], _array(matrix.bias))
    if not configuration.noise:
        parts[Ddx7Layer.NOISE][:] = 0.0
    numbers = np.zeros(len(Playing), np.float32)
    for column, value in {**tables.numbers, **_configured(configuration)}.items():
        numbers[column] = value
    life = np.zeros(LIFE_COLUMNS, np.float32)
    life[Life.VIBRATO_HZ] = tables.vibrato_hz
    life[Life.DRIFT_CENTS] = tables.drift_cents
    life[Life.MODULATION] = tables.modulation
    voice = playing_voice(patch, feedback=configuration.feedback, operators=configuration.operators)
    parts |= {
        Ddx7Layer.TYPICAL: _row(tables.typical, len(CONTROLS)),
        Ddx7Layer.LIFE: life,
        Ddx7Layer.VOICE: voice.ravel(),
        Ddx7Layer.PLAYING: numbers,
        Ddx7Layer.ATTACK: _row(tables.attack_db, ATTACK_FRAMES),
        Ddx7Layer.RELEASE: _row(tables.release_db, RELEASE_FRAMES),
    }
    return np.concatenate([parts[layer] for layer in Ddx7Layer]), ddx7_layout()


def _configured(configuration: Configuration) -> dict[Playing, float]:
    return {
        Playing.I_MAX: configuration.i_max,
        Playing.ALGORITHM: configuration.algorithm,
        Playing.OPERATORS: sum(1 << (op - 1) for op in configuration.operators),
        Playing.FEEDBACK: configuration.feedback,
        Playing.NOISE: float(configuration.noise),
        Playing.NOISE_SCALE: 1.0,
    }


def _row(values: Sequence[float] | NDArray[np.float32], size: int) -> NDArray[np.float32]:
    row = np.asarray(values, np.float32)
    if row.shape != (size,):
        raise ValueError(f"expected a table of {size}, found {row.shape}")
    return row


def _array(parameter: Tensor) -> NDArray[np.float32]:
    return parameter.detach().cpu().numpy().astype(np.float32)


def save_ddx7_model(
    path: Path,
    model: Ddx7Model,
    patch: NDArray[np.float32],
    tables: PlayingTables,
    description: Mapping[str, Any],
) -> None:
    """Write a model to `path`, whole or not at all; `description` is its card.

    Raises InputError where the file cannot be written.
    """
    weights, layout = packed(model, patch, tables)
    write_archive(
        path,
        plain_network(model),
        {
            "weights": torch.from_numpy(weights),
            "layout": torch.from_numpy(layout),
            "room": model.room.response().detach().cpu().float(),
        },
        _content(model.configuration, tables, description),
    )


def ddx7_study_model(
    model: Ddx7Model,
    patch: NDArray[np.float32],
    tables: PlayingTables,
    description: Mapping[str, Any],
) -> StudyModel:
    """Return a model as the study keeps it; `description` is its card."""
    weights, layout = packed(model, patch, tables)
    room = _array(model.room.response())
    return StudyModel(_content(model.configuration, tables, description), weights, layout, room)


def _content(
    configuration: Configuration, tables: PlayingTables, description: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a model's file says of it."""
    return {
        "kind": KIND,
        "algorithm": configuration.algorithm,
        "ratios": list(configuration.ratios),
        "operators": list(configuration.operators),
        "feedback": configuration.feedback,
        "i_max": configuration.i_max,
        "noise": configuration.noise,
        "typical": dict(zip(CONTROLS, map(float, tables.typical), strict=True)),
        "reference_loudness_db": float(tables.numbers[Playing.REFERENCE_DB]),
        **description,
    }
