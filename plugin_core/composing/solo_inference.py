"""The three networks of the solo composer without torch: one step of an LSTM after the other.

A step adds a few rows of a table (embeddings times input weights, multiplied once) to one product
of matrix and vector, which is all that a note costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from plugin_core.composing.solo import ARTICULATIONS, NOTE_VALUES, TIMINGS, VELOCITIES
from plugin_core.composing.solo_features import TABLES, rows
from plugin_core.composing.solo_pitches import PITCH_TOKENS
from plugin_core.synthesis.archive_members import WEIGHTS, read_members
from plugin_core.types import InputError

KIND = "composer"
Vector = NDArray[np.float32]
Weights = Mapping[str, NDArray[Any]]


class State(NamedTuple):
    """What an LSTM remembers."""

    hidden: Vector
    cell: Vector


class Lstm:
    """One LSTM with the table of its features."""

    def __init__(self, weights: Weights, network: str) -> None:
        def part(name: str) -> Vector:
            return np.asarray(weights[f"{network}.memory.{name}"], np.float32)

        self._recurrent = np.ascontiguousarray(part("lstm.weight_hh_l0"))
        self._table = part("table.weight") @ part("lstm.weight_ih_l0").T
        self._bias = part("lstm.bias_ih_l0") + part("lstm.bias_hh_l0")
        self.start = State(*np.zeros((2, self._recurrent.shape[1]), np.float32))

    def step(self, state: State, features: NDArray[np.int64]) -> State:
        """Return the state after a note, whose features are rows of the table."""
        gates = self._table[features].sum(axis=0) + self._bias + self._recurrent @ state.hidden
        into, forget, new, out = gates.reshape(4, -1)
        cell = _sigmoid(forget) * state.cell + _sigmoid(into) * np.tanh(new)
        return State(_sigmoid(out) * np.tanh(cell), cell)


def _sigmoid(x: Vector) -> Vector:
    share: Vector = np.float32(0.5) * (np.tanh(np.float32(0.5) * x) + np.float32(1.0))
    return share


class Linear:
    """A layer: weights and bias."""

    def __init__(self, weights: Weights, name: str) -> None:
        self._weight = np.asarray(weights[f"{name}.weight"], np.float32)
        self._bias = np.asarray(weights[f"{name}.bias"], np.float32)

    def __call__(self, x: Vector) -> Vector:
        """Return the layer's output."""
        result: Vector = self._weight @ x + self._bias
        return result


class DurationHeads:
    """From the memory of the duration network to the odds of its four classes, in order."""

    def __init__(self, weights: Weights) -> None:
        names = ("step", "value", "played", "timing", "articulation")
        self._layers = {name: Linear(weights, f"duration.{name}") for name in names}
        tables = ("value_of_step", "played_step", "played_value", "articulation_of_timing")
        self._tables = {
            name: np.asarray(weights[f"duration.{name}.weight"], np.float32) for name in tables
        }

    def step(self, memory: Vector) -> Vector:
        """Return the log odds of steps."""
        return self._layers["step"](memory)

    def value(self, memory: Vector, step: int) -> Vector:
        """Return the log odds of note values."""
        odds: Vector = self._layers["value"](memory) + self._tables["value_of_step"][step]
        return odds

    def played(self, memory: Vector, step: int, value: int) -> Vector:
        """Return what timing and articulation are told from."""
        known = self._tables["played_step"][step] + self._tables["played_value"][value]
        result: Vector = np.maximum(self._layers["played"](memory) + known, 0)
        return result

    def timing(self, played: Vector) -> Vector:
        """Return the log odds of timings."""
        return self._layers["timing"](played)

    def articulation(self, played: Vector, timing: int) -> Vector:
        """Return the log odds of articulations."""
        table = self._tables["articulation_of_timing"]
        odds: Vector = self._layers["articulation"](played) + table[timing]
        return odds


@dataclass(frozen=True, slots=True)
class SoloModel:
    """The three networks, ready to play, and their card."""

    pitch: Lstm
    pitch_out: Linear
    duration: Lstm
    duration_out: DurationHeads
    velocity: Lstm
    velocity_out: Linear
    description: Mapping[str, Any]

    def beat_s(self, seed: int) -> float:
        """Return a beat in seconds, as slow or quick as one of the pieces it learnt from."""
        beats = self.description["beats_s"]
        return float(np.random.default_rng((seed, 5)).choice(beats))


def solo_model(weights: Weights, description: Mapping[str, Any]) -> SoloModel:
    """Return the model of some weights by name. Raises ValueError for those of something else."""
    expected = {
        **{f"{name}.memory.table.weight": rows(name) for name in TABLES},
        "pitch.out.weight": PITCH_TOKENS,
        "velocity.out.weight": VELOCITIES,
        "duration.step.weight": len(NOTE_VALUES),
        "duration.timing.weight": TIMINGS,
        "duration.articulation.weight": ARTICULATIONS,
    }
    for name, count in expected.items():
        if name not in weights or len(weights[name]) != count:
            raise ValueError(f"{name} of {count} rows")
    return SoloModel(
        Lstm(weights, "pitch"),
        Linear(weights, "pitch.out"),
        Lstm(weights, "duration"),
        DurationHeads(weights),
        Lstm(weights, "velocity"),
        Linear(weights, "velocity.out"),
        description,
    )


def load_solo_model(path: Path) -> SoloModel:
    """Return the model of an archive; no code of it runs, and torch is not needed.

    Raises InputError for a file that is no archive of a solo composer.
    """
    description, packed = read_members(path)
    if description.get("kind") != KIND:
        raise InputError(path, "kind", f"{KIND!r}, a solo composer", description.get("kind"))
    try:
        weights = safetensors.numpy.load(packed)
        model = solo_model(weights, description)
        if not all(np.isfinite(each).all() for each in weights.values()):
            raise ValueError("finite weights")
        beats_s = np.asarray(description.get("beats_s", ()), np.float64)
        if beats_s.ndim != 1 or not len(beats_s) or not ((beats_s > 0.05) & (beats_s < 5)).all():
            raise ValueError("beats_s in 0.05..5")
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise InputError(path, WEIGHTS, "weights of a solo composer", error) from error
    return model
