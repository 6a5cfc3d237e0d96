"""What DDX7 voices cost in the engine, measured beside NumPy in the same run.

All is played and timed as the neural voices of `live_benchmarks` are: 48 kHz, blocks of 64 samples,
CPU seconds of the thread that renders.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bridge.live_benchmarks import (
    NeuralCosts,
    best_s,
    chord,
    multiplied_us,
    no_voice,
    one_voice,
    sines,
)
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_file import Ddx7Model, read_ddx7_model
from plugin_core.engine.ddx7_layout import SHAPES, TAPS, Ddx7Layer, Playing, ddx7_kind
from plugin_core.engine.ddx7_network import run_ddx7
from plugin_core.engine.live_layout import LayerKind

_FRAMES = 500


def ddx7_costs(paths: Sequence[Path]) -> NeuralCosts:
    """Measure the DDX7 models in archives, at least one.

    Raises InputError for a file that is none.
    """
    models = [read_ddx7_model(path) for path in paths]
    return NeuralCosts(
        no_voice=no_voice(models[0]),
        one_voice=tuple(one_voice(model, 0, lowest_learnt(model)) for model in models),
        chord=tuple(chord(model, 0, lowest_learnt(model)) for model in models),
        sines=sines(OPERATORS),
        frame_us=frame_us(models[0]),
        products_us=multiplied_us(network_shapes()),
        load_ms=best_s(lambda: read_ddx7_model(paths[0])) * 1e3,
        archive_mb=paths[0].stat().st_size / 1e6,
    )


def lowest_learnt(model: Ddx7Model) -> int:
    """Return the lowest MIDI key that a model has learnt."""
    return math.ceil(model.playing(Playing.LOWEST_PITCH))


def frame_us(model: Ddx7Model) -> float:
    """Return how long the network of a frame takes in microseconds, the best of some runs."""
    random = np.random.default_rng(0)
    loudness_db = random.uniform(-60.0, -20.0, _FRAMES)
    pitch = random.uniform(60.0, 80.0, _FRAMES)

    def run() -> None:
        run_ddx7(model.weights, model.layout, loudness_db, pitch)

    return best_s(run) / _FRAMES * 1e6


def network_shapes() -> list[tuple[int, int]]:
    """Return the matrices of a frame, (outputs, inputs): of a convolution all its taps at once."""
    return [
        (SHAPES[layer][1], SHAPES[layer][0] * (TAPS if kind == LayerKind.CAUSAL_CONV else 1))
        for layer in Ddx7Layer
        if (kind := ddx7_kind(layer)) != LayerKind.TABLE
    ]
