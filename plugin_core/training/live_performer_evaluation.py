"""How far the causal performer is from how held-out phrases were played, beside typical values.

In: a live model as the engine has it, held-out phrases. Out: squared errors of every note and
control, both sides within 0..1, NaN where the truth is not known. The notes come one after the
other, as in the engine: told their velocities, or all 64, which says nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point
from plugin_core.engine.live_layout import Layer, LayoutColumn
from plugin_core.engine.live_network import NETWORK_SCRATCH, predict_controls
from plugin_core.training.expression_data import played
from plugin_core.training.expression_evaluation import (
    EXPRESSION,
    MEAN,
    VELOCITY,
    Row,
    better_by,
    rmse,
    rmse_by_control,
    rmse_of_phrases,
)
from plugin_core.training.live_performer import (
    MIDDLE_STYLE,
    Notes,
    Styles,
    known_of_notes,
    velocities_of,
)
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS

STYLE = "style"
"""Told velocities and the style of the phrase."""

Weights = NDArray[np.float32]
Layout = NDArray[np.int32]


@entry_point
def predict_notes(
    weights: Weights,
    layout: Layout,
    instrument: int,
    q: NDArray[np.float32],
    scratch: NDArray[np.float32],
    controls: NDArray[np.float64],
) -> None:
    """Write the controls expected of notes into `controls`, (N, 6); `q` (N, NOTE_FEATURES)."""
    for note in range(len(q)):
        predict_controls(weights, layout, instrument, q[note], scratch, controls[note])


def expected_controls(
    weights: Weights,
    layout: Layout,
    instrument: int,
    notes: Notes,
    velocities: NDArray[np.float64] | None = None,
    style: float = MIDDLE_STYLE,
) -> NDArray[np.float64]:
    """Return the controls that a model's performer expects of notes by onset, (notes, 6), raw.

    `weights` and `layout` as in the model's file, `instrument` its row; `velocities` and `style` as
    in `known_of_notes`.
    """
    controls = np.zeros((len(notes), len(CONTROLS)))
    q = known_of_notes(notes, velocities, style)
    predict_notes(weights, layout, instrument, q, np.zeros(NETWORK_SCRATCH, np.float32), controls)
    return controls


def typical_of(weights: Weights, layout: Layout, instrument: int) -> NDArray[np.float64]:
    """Return the typical controls of a model's instrument, (6,), raw scale."""
    first = layout[Layer.TYPICAL, LayoutColumn.OFFSET] + instrument * len(CONTROLS)
    return weights[first : first + len(CONTROLS)].astype(np.float64)


def evaluate_performer(
    weights: Weights,
    layout: Layout,
    instruments: Sequence[str],
    performed: Sequence[Performed],
    styles: Styles,
) -> list[Row]:
    """Return the errors in every held-out performance and contour of the model's `instruments`.

    Predictors: MEAN is what is typical, EXPRESSION knows no velocities, VELOCITY does, STYLE knows
    them and the style.
    """
    rows = []
    for phrase in performed:
        is_tested = phrase.is_held_out and phrase.notes and phrase.instrument in instruments
        if not is_tested or phrase.origin not in ("performance", "contour"):
            continue
        instrument = list(instruments).index(phrase.instrument)
        typical = typical_of(weights, layout, instrument)
        controls = played(phrase)
        velocities = velocities_of(controls, typical)
        notes = [row.note for row in phrase.notes]
        style = styles.get(phrase.name)
        told = MIDDLE_STYLE if style is None else style

        def squares(
            expected: NDArray[np.float64], truth: NDArray[np.float64] = controls
        ) -> NDArray[np.float64]:
            away: NDArray[np.float64] = np.clip(expected, 0.0, 1.0) - np.clip(truth, 0.0, 1.0)
            return away**2

        model = (weights, layout, instrument, notes)
        errors = {
            MEAN: squares(np.tile(typical, (len(notes), 1))),
            EXPRESSION: squares(expected_controls(*model)),
            VELOCITY: squares(expected_controls(*model, velocities)),
            STYLE: squares(expected_controls(*model, velocities, told)),
        }
        rows.append(Row(phrase.name, phrase.instrument, phrase.source, phrase.origin, errors))
    return rows


def performer_figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what a model card says of the errors; nothing of no rows."""
    told: dict[str, Any] = {}
    for origin in ("performance", "contour"):
        some = [row for row in rows if row.origin == origin]
        if some:
            told[f"performer_on_held_out_{origin}s"] = {
                "notes": sum(row.notes for row in some),
                "rmse_of_typical": round(rmse(some, MEAN), 4),
                "rmse": round(rmse(some, EXPRESSION), 4),
                "rmse_told_velocity": round(rmse(some, VELOCITY), 4),
                "better_by": round(better_by(some, EXPRESSION), 3),
                "better_by_told_velocity": round(better_by(some, VELOCITY), 3),
                "better_by_mean_of_phrases": round(
                    better_by(some, EXPRESSION, error=rmse_of_phrases), 3
                ),
                "rmse_of_typical_by_control": _rounded(rmse_by_control(some, MEAN)),
                "rmse_by_control": _rounded(rmse_by_control(some, EXPRESSION)),
                "rmse_told_velocity_by_control": _rounded(rmse_by_control(some, VELOCITY)),
            }
    return told


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(each, 3) for name, each in figures.items()}
