"""What the neural voices of the engine cost, measured beside NumPy in the same run.

Everything plays at 48 kHz in blocks of 64 samples, as a DAW asks for them. Times are CPU seconds of
the one thread that renders, so that what else the machine does hardly counts; the calls from Python
are in them, and told by themselves as well.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point
from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine, Events
from plugin_core.engine.live_layout import (
    FEATURES,
    LEVEL_OUTPUTS,
    WIDEST,
    Layer,
    LayoutColumn,
)
from plugin_core.engine.live_model import LiveModel, read_live_model
from plugin_core.engine.live_network import (
    NETWORK_SCRATCH,
    finish_levels,
    predict_levels,
    predict_pitch,
)
from plugin_core.engine.parameters import PARAMETER_INDEX, VOICE_MODES
from plugin_core.engine.records import EVENT, EventType
from plugin_core.performing.ranges import LIVE_RANGES
from plugin_core.types import HARMONICS, NOISE_BANDS

SAMPLE_RATE = 48_000
BLOCK = 64
CHORD = 8
"""Neural voices at once: as many as there are."""

BLOCK_NS = BLOCK / SAMPLE_RATE * 1e9

_SECONDS = 3.0
_SETTLED_S = 0.25
_NOTE_S = 0.5
_OVERLAP_S = 0.02
_MIDDLE = 60
_SLOW_PERCENTILE = 99.9
_FRAMES = 500
_RUNS = 5
_VELOCITY = 90

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BlockCost:
    """What blocks of 64 samples cost one core, as shares of the time that they sound."""

    name: str
    mean: float
    slowest: float
    """The 99.9th percentile of the blocks."""


@dataclass(frozen=True, slots=True)
class NeuralCosts:
    """The engine's neural voices, one instrument at a time, and what a model takes to load."""

    no_voice: BlockCost
    one_voice: tuple[BlockCost, ...]
    """Of every instrument: a line in its low register, vibrato and brightness automated."""
    chord: tuple[BlockCost, ...]
    """Of every instrument: eight keys struck at the same sample and held, automated."""
    sines: BlockCost
    """NumPy evaluating the sines of a voice (100 harmonics, six operators), nothing else."""
    frame_us: float
    """The networks of one frame of one voice."""
    products_us: float
    """NumPy's products with the matrices of the same networks, nothing else."""
    load_ms: float
    archive_mb: float


def live_costs(path: Path) -> NeuralCosts:
    """Measure the live model in an archive. Raises InputError for a file that is none."""
    model = read_live_model(path)
    rows = range(len(model.instruments))
    return NeuralCosts(
        no_voice=no_voice(model),
        one_voice=tuple(one_voice(model, row, lowest_key(model, row)) for row in rows),
        chord=tuple(chord(model, row, lowest_key(model, row)) for row in rows),
        sines=sines(HARMONICS),
        frame_us=frame_us(model),
        products_us=products_us(model),
        load_ms=best_s(lambda: read_live_model(path)) * 1e3,
        archive_mb=path.stat().st_size / 1e6,
    )


def no_voice(model: LiveModel) -> BlockCost:
    """Measure an engine in which nothing sounds."""
    return _cost("an engine that is silent", model, 0, lambda block: [])


def one_voice(model: LiveModel, row: int, lowest: int) -> BlockCost:
    """Measure a line of joined notes from a MIDI key up, vibrato and brightness automated."""

    def line(block: int) -> list[tuple[float, ...]]:
        step = round(_NOTE_S * SAMPLE_RATE / BLOCK)
        number, place = divmod(block, step)
        asked = _automated(block)
        if place == 0:
            asked.append((EventType.NOTE_ON, _tone(lowest, number), 0, _VELOCITY))
        if number and place == round(_OVERLAP_S * SAMPLE_RATE / BLOCK):
            asked.append((EventType.NOTE_OFF, _tone(lowest, number - 1), 0, 0))
        return asked

    return _cost(model.instruments[row], model, row, line)


def chord(model: LiveModel, row: int, lowest: int) -> BlockCost:
    """Measure eight voices that all hold, whose frames fall into the same blocks."""
    poly = VOICE_MODES.index("poly")

    def held(block: int) -> list[tuple[float, ...]]:
        asked = _automated(block)
        if block == 0:
            asked.append((EventType.PARAMETER, 0, PARAMETER_INDEX["voice_mode"], poly))
            # Style would end notes that it plays short.
            asked.append((EventType.PARAMETER, 0, PARAMETER_INDEX["style"], 127))
            keys = range(lowest, lowest + CHORD)
            asked += [(EventType.NOTE_ON, key, 0, _VELOCITY) for key in keys]
        return asked

    return _cost(model.instruments[row], model, row, held)


def lowest_key(model: LiveModel, row: int) -> int:
    """Return the lowest MIDI key that an instrument reaches, as far as that is known."""
    reach = LIVE_RANGES.get(model.instruments[row])
    return reach.lowest if reach else _MIDDLE


def _tone(lowest: int, number: int) -> int:
    return lowest + (0, 4, 7, 12)[number % 4]


def _automated(block: int) -> list[tuple[float, ...]]:
    slow = 0.5 + 0.5 * np.sin(block * 0.01)
    return [
        (EventType.PARAMETER, 0, PARAMETER_INDEX["vibrato"], slow),
        (EventType.PARAMETER, 0, PARAMETER_INDEX["brightness"], 0.3 + 0.4 * slow),
    ]


def _cost(
    name: str, model: LiveModel, row: int, asked: Callable[[int], list[tuple[float, ...]]]
) -> BlockCost:
    """Measure blocks under (type, key, index, value) of each, after a first quarter of a second."""
    engine = Engine(SAMPLE_RATE, [Voice.initial().patch()], models=[model])
    engine.render(BLOCK, _events([(EventType.MODEL, 0, 0, row)]))
    tables = [_events(asked(block)) for block in range(round(_SECONDS * SAMPLE_RATE / BLOCK))]
    spent = []
    for table in tables:
        begin = time.thread_time_ns()
        engine.render(BLOCK, table)
        spent.append(time.thread_time_ns() - begin)
    settled = np.array(spent[round(_SETTLED_S * SAMPLE_RATE / BLOCK) :]) / BLOCK_NS
    return _shares(name, settled)


def _events(asked: list[tuple[float, ...]]) -> Events:
    return np.array([(0, kind, 0, key, -1, at, value) for kind, key, at, value in asked], EVENT)


def _shares(name: str, shares: NDArray[np.float64]) -> BlockCost:
    return BlockCost(name, float(shares.mean()), float(np.percentile(shares, _SLOW_PERCENTILE)))


def sines(count: int) -> BlockCost:
    """Measure NumPy evaluating so many sines, and nothing else."""
    phases = np.random.default_rng(0).random((count, BLOCK), np.float32)
    out = np.empty_like(phases)
    spent = []
    for _ in range(round(SAMPLE_RATE / BLOCK)):
        begin = time.thread_time_ns()
        np.sin(phases, out=out)
        spent.append(time.thread_time_ns() - begin)
    return _shares(f"NumPy, {count} sines (baseline)", np.array(spent) / BLOCK_NS)


def frame_us(model: LiveModel) -> float:
    """Return how long the networks of a frame take in microseconds, the best of some runs."""
    features = np.random.default_rng(0).standard_normal((_FRAMES, FEATURES)).astype(np.float32)
    hidden, scratch = np.zeros(WIDEST, np.float32), np.zeros(NETWORK_SCRATCH, np.float32)
    raw = np.zeros(LEVEL_OUTPUTS, np.float32)
    harmonics, noise = np.zeros(HARMONICS, np.float32), np.zeros(NOISE_BANDS, np.float32)

    def run() -> None:
        run_frames(model.weights, model.layout, features, hidden, scratch, raw, harmonics, noise)

    return best_s(run) / _FRAMES * 1e6


@entry_point
def run_frames(
    weights: Floats,
    layout: NDArray[np.int32],
    features: Floats,
    hidden: Floats,
    scratch: Floats,
    raw: Floats,
    harmonics: Floats,
    noise: Floats,
) -> None:
    """Run the networks of one frame after the other, as a player does.

    `features` has shape (frames, FEATURES); `harmonics` serves as the flicker too.
    """
    for frame in range(len(features)):
        x = features[frame]
        deviation = predict_pitch(weights, layout, 0, x, 0.0, 0.0, scratch)
        predict_levels(weights, layout, 0, x, deviation, 0.0, hidden, scratch, raw)
        harmonics[:] = np.float32(0.0)
        finish_levels(raw, 0.5, 0.5, harmonics, harmonics, noise)


def products_us(model: LiveModel) -> float:
    """Return how long NumPy takes for the products of a frame's networks alone, the best run."""
    return multiplied_us(list(_shapes(model)))


def multiplied_us(shapes: Sequence[tuple[int, int]]) -> float:
    """Return how long NumPy takes to multiply vectors by matrices, (rows, columns), best of runs.

    In microseconds for all of them.
    """
    random = np.random.default_rng(0)
    matrices = [random.standard_normal(shape).astype(np.float32) for shape in shapes]
    inputs = [np.ones(matrix.shape[1], np.float32) for matrix in matrices]

    def run() -> None:
        for _ in range(_FRAMES):
            for matrix, values in zip(matrices, inputs, strict=True):
                matrix @ values

    return best_s(run) / _FRAMES * 1e6


def _shapes(model: LiveModel) -> Iterator[tuple[int, int]]:
    frame_layers = (*range(Layer.ENTER + 1), Layer.GRU, Layer.GRU, Layer.LEAVE, Layer.OUT)
    for layer in frame_layers:
        row = model.layout[layer]
        inputs, outputs = row[LayoutColumn.INPUTS], row[LayoutColumn.OUTPUTS]
        gates = 3 if layer == Layer.GRU else 1
        yield int(gates * outputs), int(inputs)


def best_s(run: Callable[[], object]) -> float:
    """Return the CPU time of the quickest of some runs in seconds, once all is loaded."""
    run()  # loads the kernels
    spent = []
    for _ in range(_RUNS):
        begin = time.thread_time()
        run()
        spent.append(time.thread_time() - begin)
    return min(spent)
