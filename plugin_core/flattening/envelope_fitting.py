"""DX7 envelopes fitted to level curves: the four rates, the four levels and the output level.

In: how loud an operator shall be over a note, in dB below full level. Out: the fields of the voice
whose envelope, by the rule of the instrument (`dx7.envelopes`), comes nearest. The envelope begins
at silence, goes to levels 1, 2, 3 while the key is held, and to level 4 (here 0) when it comes up;
every stage has a rate. So a curve is told by eight small numbers, which are searched one at a time
and in pairs, from a first guess that its peak and its end give.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.envelopes import (
    DB_PER_UNIT,
    FULL_LEVEL,
    TICK_S,
    EnvelopeSpan,
    tick_times_s,
)
from plugin_core.flattening.envelope_rule import envelope_units

FLOOR_DB = -60.0
"""What is further than this below the curve's peak is silence, in the fit as in the target."""

HIGHEST = 99
_FIELDS = (
    "level",
    "eg_rate1",
    "eg_rate2",
    "eg_rate3",
    "eg_rate4",
    "eg_level1",
    "eg_level2",
    "eg_level3",
)
_STEPS = (-16, -6, -2, -1, 1, 2, 6, 16)
_MOST_ROUNDS = 12
_LEVEL_DB = 0.7526
"""Of one step of an output level (facts sheet, section 3)."""

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FittedEnvelope:
    """An operator's fields without its number, and how far the envelope is from the curve."""

    fields: Mapping[str, int]
    error_db: float
    """Root mean square over the note as it was weighted, what is silent in both aside."""
    curve_db: Curve = field(repr=False)
    """The envelope at the ticks of `dx7.envelopes`, shape (ticks,)."""


def fit_envelope(
    times_s: Curve, levels_db: Curve, span: EnvelopeSpan, *, weights: Curve | None = None
) -> FittedEnvelope:
    """Return the envelope nearest to a level curve, shapes (points,), in dB below full level.

    `span` says how long the key is held and how long the curve goes on; `weights`, shape
    (points,), how much each point counts, by default all alike. A curve that is nowhere above -90
    dB is silence: output level 0. Raises ValueError for shapes that differ and for a curve that is
    not finite.
    """
    weights = np.ones_like(levels_db) if weights is None else weights
    if (
        not times_s.shape == levels_db.shape == weights.shape
        or times_s.ndim != 1
        or not np.isfinite(levels_db).all()
    ):
        raise ValueError(f"finite curves of one shape (points,), found {levels_db.shape}")
    target = np.interp(tick_times_s(span), times_s, levels_db)
    if len(target) == 0 or target.max() < -90.0:
        silent = dict.fromkeys(_FIELDS, HIGHEST) | {"level": 0, "eg_level4": 0}
        return FittedEnvelope(silent, 0.0, np.full(len(target), -90.0))
    counting = np.interp(tick_times_s(span), times_s, weights)
    fit = _Fit(np.maximum(target, target.max() + FLOOR_DB), counting / counting.mean(), span)
    best = min((fit.improved(guess) for guess in _guesses(target, span)), key=fit.error)
    return FittedEnvelope(best | {"eg_level4": 0}, fit.error(best), fit.curve(best))


class _Fit:
    """The search for the envelope nearest to one curve."""

    def __init__(self, target: Curve, weights: Curve, span: EnvelopeSpan) -> None:
        self._target, self._weights, self._span = target, weights, span
        self._floor = float(target.max()) + FLOOR_DB
        self._known: dict[tuple[int, ...], float] = {}

    def curve(self, fields: Mapping[str, int]) -> Curve:
        on_ticks, ticks = (round(time / TICK_S) for time in (self._span.on_s, self._span.total_s))
        units = envelope_units({**fields, "eg_level4": 0}, on_ticks, ticks)
        return (units - FULL_LEVEL) * DB_PER_UNIT

    def error(self, fields: Mapping[str, int]) -> float:
        key = tuple(fields[name] for name in _FIELDS)
        if key not in self._known:
            away = np.maximum(self.curve(fields), self._floor) - self._target
            self._known[key] = float(np.sqrt(np.mean(self._weights * np.square(away))))
        return self._known[key]

    def improved(self, fields: dict[str, int]) -> dict[str, int]:
        """Return fields from which no step of one of them, or of two that trade, leads further."""
        for _ in range(_MOST_ROUNDS):
            before = self.error(fields)
            for moves in _MOVES:
                for step in _STEPS:
                    moved = _moved(fields, moves, step)
                    if moved is not None and self.error(moved) < self.error(fields) - 1e-9:
                        fields = moved
            if self.error(fields) > before - 1e-3:
                break
        return fields


_MOVES: tuple[Mapping[str, int], ...] = (
    *({name: 1} for name in _FIELDS),
    {"level": 1, "eg_level1": -1, "eg_level2": -1, "eg_level3": -1},
    {"eg_level1": 1, "eg_level2": 1},
    {"eg_level2": 1, "eg_level3": 1},
    {"eg_rate1": 1, "eg_rate2": 1},
    {"eg_rate2": 1, "eg_level2": -1},
    {"eg_rate2": 1, "eg_rate3": -1},
)
"""What is moved together, and in which direction."""


def _moved(fields: Mapping[str, int], moves: Mapping[str, int], step: int) -> dict[str, int] | None:
    moved = {**fields, **{name: fields[name] + way * step for name, way in moves.items()}}
    return moved if all(0 <= value <= HIGHEST for value in moved.values()) else None


def _guesses(target: Curve, span: EnvelopeSpan) -> Iterator[dict[str, int]]:
    """Yield fields to search from: the peak at stage 1, the key's end at stage 3."""
    held = target[: max(1, round(len(target) * span.on_s / span.total_s))]
    peak, end = float(held.max()), float(np.median(held[-max(1, len(held) // 5) :]))
    level = int(np.clip(round(HIGHEST + peak / _LEVEL_DB), 20, HIGHEST))
    lower = int(np.clip(round(HIGHEST + (end - peak) / _LEVEL_DB), 0, HIGHEST))
    middle = (HIGHEST + lower) // 2
    for attack, decay in ((80, 50), (50, 30), (35, 20), (90, 70)):
        yield {
            "level": level, "eg_level1": HIGHEST, "eg_level2": middle, "eg_level3": lower,
            "eg_rate1": attack, "eg_rate2": decay, "eg_rate3": decay, "eg_rate4": 50,
        }  # fmt: skip
