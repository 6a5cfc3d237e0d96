"""Table 1c of MIDI-DDSP: how far predicted controls are from those of held-out performances.

Every note is predicted from the notes of its phrase and from how those before it were played
(teacher forcing; MIDI-DDSP, section 4.2). In: held-out phrases and a performer. Out: squared errors
of every note and control, both sides within 0..1 (section 3.2), NaN where the truth is not known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.performer import Performer, Table
from plugin_core.training.expression_data import played
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS

MEAN = "mean"
"""Each instrument's mean over its training notes, whatever the note: what must be beaten."""
EXPRESSION = "expression"
"""The Expression Generator, which is not told the velocities."""
VELOCITY = "velocity"
"""The same, told the velocity of every note."""
FREE = "free"
"""The same, told neither velocities nor how any note was played."""

Predictor = Callable[[Performed], NDArray[np.float64]]
"""What it expects of a phrase's notes, shape (notes, 6), raw scale."""


@dataclass(frozen=True, slots=True)
class Row:
    """A held-out phrase, and the squared errors of its notes by predictor."""

    name: str
    instrument: str
    source: str
    origin: str
    squares: Mapping[str, NDArray[np.float64]] = field(repr=False)

    @property
    def notes(self) -> int:
        """How many notes the phrase has."""
        return len(self.squares[MEAN])


def evaluate(
    performed: Sequence[Performed],
    performer: Performer,
    others: Mapping[str, Predictor] | None = None,
    *,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Row]:
    """Return the errors in every held-out performance and contour, also those of `others`."""
    phrases = [
        phrase
        for phrase in performed
        if phrase.is_held_out and phrase.notes and phrase.origin in ("performance", "contour")
    ]
    predictors = {**predictors_of(performer), **(others or {})}
    rows = []
    for phrase in phrases:
        truth = _within(played(phrase))
        squares = {
            name: (_within(predict(phrase)) - truth) ** 2 for name, predict in predictors.items()
        }
        rows.append(Row(phrase.name, phrase.instrument, phrase.source, phrase.origin, squares))
        progress(len(rows), len(phrases))
    return rows


def predictors_of(performer: Performer) -> dict[str, Predictor]:
    """Return the mean and the three ways of asking a performer."""

    def mean(phrase: Performed) -> Table:
        return np.tile(performer.mean(phrase.instrument), (len(phrase.notes), 1))

    def foresee(phrase: Performed, *, is_velocity_known: bool) -> Table:
        notes = [row.note for row in phrase.notes]
        return performer.foresee(
            notes, phrase.instrument, played(phrase), is_velocity_known=is_velocity_known
        )

    def free(phrase: Performed) -> Table:
        notes = [replace(row.note, velocity=64) for row in phrase.notes]
        return np.array(performer.predict(notes, phrase.instrument))

    return {
        MEAN: mean,
        EXPRESSION: lambda phrase: foresee(phrase, is_velocity_known=False),
        VELOCITY: lambda phrase: foresee(phrase, is_velocity_known=True),
        FREE: free,
    }


def rmse(rows: Sequence[Row], predictor: str) -> float:
    """Return the root mean square error over all notes and controls that are known."""
    return float(np.sqrt(np.nanmean(_squares(rows, predictor))))


def rmse_by_control(rows: Sequence[Row], predictor: str) -> dict[str, float]:
    """Return the root mean square error of each control that is known of some note."""
    squares = _squares(rows, predictor)
    known = np.isfinite(squares)
    return {
        name: float(np.sqrt(squares[known[:, column], column].mean()))
        for column, name in enumerate(CONTROLS)
        if known[:, column].any()
    }


def rmse_of_phrases(rows: Sequence[Row], predictor: str) -> float:
    """Return the mean of the phrases' root mean square errors, as the paper averages samples."""
    return float(np.mean([rmse([row], predictor) for row in rows]))


def better_by(
    rows: Sequence[Row],
    predictor: str,
    than: str = MEAN,
    *,
    error: Callable[[Sequence[Row], str], float] = rmse,
) -> float:
    """Return how much smaller a predictor's error is than another's: 0.25 is a quarter."""
    return 1.0 - error(rows, predictor) / error(rows, than)


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what a model card says of the errors."""
    performances = [row for row in rows if row.origin == "performance"]
    told: dict[str, Any] = {}
    for origin, some in (
        ("performances", performances),
        ("contours", [row for row in rows if row.origin == "contour"]),
    ):
        if some:
            told[f"held_out_{origin}"] = {
                "notes": sum(row.notes for row in some),
                "rmse": round(rmse(some, EXPRESSION), 4),
                "rmse_told_velocity": round(rmse(some, VELOCITY), 4),
                "rmse_told_nothing": round(rmse(some, FREE), 4),
                "rmse_of_instrument_mean": round(rmse(some, MEAN), 4),
                "better_by": round(better_by(some, EXPRESSION), 3),
                "better_by_mean_of_phrases": round(
                    better_by(some, EXPRESSION, error=rmse_of_phrases), 3
                ),
            }
    if performances:
        for name, predictor in (("rmse_by_control", EXPRESSION), ("mean_rmse_by_control", MEAN)):
            by_control = rmse_by_control(performances, predictor)
            told[name] = {control: round(each, 3) for control, each in by_control.items()}
    return told


def _squares(rows: Sequence[Row], predictor: str) -> NDArray[np.float64]:
    return np.concatenate([row.squares[predictor] for row in rows])


def _within(controls: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(controls, 0.0, 1.0)
