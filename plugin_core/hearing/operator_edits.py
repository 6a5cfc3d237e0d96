"""What people change about the six operators while a recording plays them, as lanes over time.

Each affordance is a lane by its name in `EDIT_LANES`; one that is not there changes nothing. They
work in this order, on shares (an operator's level over its highest one: 1 for carriers, I_max for
modulators; Caspe et al. 2022, equation 4):

    opN_retime   how much slower operator N's attacks and decays are (`retiming_of_levels`)
    swap_M_N     how far operators M and N have exchanged their envelopes: 0 not, 1 wholly
    opN_scale    operator N's level times this
    algorithm    1..32: a share becomes that of the operator's role in the new routing
    opN_ratio    operator N's frequency over the pitch
    feedback     0..7, as on the DX7
    noise        the noise magnitudes times this
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import OPERATORS
from plugin_core.score.breakpoints import LARGEST_CSV
from plugin_core.score.columns import read_columns
from plugin_core.score.values import LaneRange
from plugin_core.types import FRAME_RATE, InputError, Lane

_OPERATORS = range(1, OPERATORS + 1)

EDIT_LANES: Mapping[str, LaneRange] = {
    **{f"op{op}_ratio": LaneRange(0.0, 62.0) for op in _OPERATORS},
    **{f"op{op}_scale": LaneRange(0.0, 16.0) for op in _OPERATORS},
    **{f"op{op}_retime": LaneRange(0.05, 20.0) for op in _OPERATORS},
    "algorithm": LaneRange(1, len(ALGORITHMS)),
    "feedback": LaneRange(0.0, 7.0),
    "noise": LaneRange(0.0, 16.0),
    **{f"swap_{one}_{other}": LaneRange(0.0, 1.0) for one, other in combinations(_OPERATORS, 2)},
}
"""Name -> what it may be set to; the highest ratio is about coarse 31, fine 99."""

STEPPED = ("algorithm",)
"""Lanes that jump from breakpoint to breakpoint; all others move in straight lines."""


@dataclass(frozen=True, slots=True)
class OperatorEdits:
    """Lanes by name, see `EDIT_LANES`."""

    lanes: Mapping[str, Lane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.lanes) - set(EDIT_LANES)
        if unknown:
            raise ValueError(f"operator edits are {', '.join(EDIT_LANES)}; found {sorted(unknown)}")

    @property
    def are_none(self) -> bool:
        """Whether everything stays as the model says."""
        return not self.lanes

    def at(self, name: str, times_s: NDArray[np.float64], default: float) -> NDArray[np.float64]:
        """Return a lane's values at `times_s`, `default` where there is no such lane."""
        lane = self.lanes.get(name)
        if lane is None:
            return np.full(times_s.shape, default)
        return _held(lane, times_s) if name in STEPPED else lane.at(times_s)

    def with_lanes(self, lanes: Mapping[str, Lane]) -> "OperatorEdits":
        """Return these edits and others; of two of one name, the other."""
        return OperatorEdits({**self.lanes, **lanes})


def _held(lane: Lane, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of the last breakpoint, before the first one its value."""
    last = np.searchsorted(lane.times_s, times_s, side="right") - 1
    return lane.values[np.maximum(last, 0)]


def frame_times(first: int, count: int) -> NDArray[np.float64]:
    """Return the times of frames `first` .. `first + count - 1` in seconds, shape (count,)."""
    return np.arange(first, first + count) / FRAME_RATE


def read_edit_lanes(path: Path) -> OperatorEdits:
    """Return the edits in a CSV file: `time_s` and a column for each lane that is drawn.

    Raises InputError, naming file and line, for anything else.
    """
    columns = read_columns(path, EDIT_LANES, largest=LARGEST_CSV, kind="a CSV file of lanes")
    lanes = {name: lane for name in columns.values if (lane := columns.lane(name)) is not None}
    algorithm = lanes.get("algorithm")
    if algorithm is not None and (algorithm.values != np.round(algorithm.values)).any():
        found = algorithm.values[algorithm.values != np.round(algorithm.values)][0]
        raise InputError(path, "algorithm", "a whole number", f"{found:g}")
    if not lanes:
        raise InputError(path, "", f"a column of {', '.join(EDIT_LANES)}", "none with a number")
    return OperatorEdits(lanes)


def highest_levels(
    algorithms: NDArray[np.integer] | Iterable[int], i_max: float
) -> NDArray[np.float32]:
    """Return the level of each operator at share 1, shape (frames, 6), operator 1 first.

    `algorithms` are 1..32, shape (frames,): 1 for its carriers, `i_max` radians for its modulators.
    """
    table = np.full((len(ALGORITHMS), OPERATORS), i_max, np.float32)
    for algorithm in ALGORITHMS:
        table[algorithm.number - 1, np.array(algorithm.carriers) - 1] = 1.0
    return table[np.asarray(algorithms, np.int64) - 1]


def edited_shares(
    shares: NDArray[np.float32], edits: OperatorEdits, times_s: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return shares, shape (frames, 6), swapped and scaled as at `times_s`, shape (frames,).

    Re-timing comes before, which needs the whole of a note.
    """
    out = shares.copy()
    for name in edits.lanes:
        if name.startswith("swap_"):
            one, other = (int(op) - 1 for op in name.split("_")[1:])
            amount = edits.at(name, times_s, 0.0).astype(np.float32)
            moved = amount * (out[:, other] - out[:, one])
            out[:, one] += moved
            out[:, other] -= moved
    for op in _OPERATORS:
        out[:, op - 1] *= edits.at(f"op{op}_scale", times_s, 1.0).astype(np.float32)
    return out
