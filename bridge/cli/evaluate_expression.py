"""`hexachord evaluate expression`: Table 1c, the predicted controls of held-out performances."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from plugin_core.audio.jit import cache_folder
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.expression_evaluation import (
    EXPRESSION,
    FREE,
    MEAN,
    VELOCITY,
    Predictor,
    Row,
    better_by,
    evaluate,
    rmse,
    rmse_by_control,
    rmse_of_phrases,
)
from plugin_core.types import CONTROLS, InputError

MIDI2PARAMS = "midi2params"
_TITLES = {
    MEAN: "mean",
    MIDI2PARAMS: "Midi2Params",
    EXPRESSION: "Expression Generator",
    VELOCITY: "told velocity",
    FREE: "told nothing",
}
_FLOOR = 0.25
_TABLE_WIDTH = 110
_EXPLAINED = (
    "Root mean square error of the six controls, 0..1, over all notes and controls; teacher-forced "
    "(every note is told how those before it were played). mean: each instrument's mean over its "
    "training performances; all notes: pooled; mean of phrases: each held-out phrase alike, as the "
    "paper averages. Velocity is unknown to all but 'told velocity'; 'told nothing': "
    "neither velocities nor how any note was played."
)


def evaluate_expression(
    corpus: Path,
    models: Path,
    *,
    contours: Path | None,
    cache: Path | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Print how far predicted controls are from those of held-out performances.

    Midi2Params is measured where it is among the models. Raises InputError for a model or a corpus
    that cannot be read.
    """
    import torch

    from plugin_core.expression.performer import load_performer
    from plugin_core.training.performed import read_performed

    torch.set_num_threads(1)  # more are slower (DESIGN.md, section 7)
    if not (models / "expression.ts").is_file():
        raise InputError(models / "expression.ts", "", "a trained model", "none")
    performer = load_performer(models / "expression.ts")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        hearing = progress.add_task("Hearing the corpus", total=None)
        performed = read_performed(
            corpus,
            cache=cache or cache_folder().parents[1] / "training",
            jobs=jobs,
            progress=lambda done, total: progress.update(hearing, completed=done, total=total),
            held_out_only=True,
            contours=contours,
        )
        predicting = progress.add_task("Predicting", total=None)
        rows = evaluate(
            performed,
            performer,
            _baseline(models / "midi2params.ts"),
            progress=lambda done, total: progress.update(predicting, completed=done, total=total),
        )
    if not rows:
        raise InputError(corpus, "", "held-out performances", "none")
    if as_json:
        print(json.dumps(_figures(rows), indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    console.print(_by_instrument(rows))
    console.print(_by_control(rows))


def _baseline(path: Path) -> dict[str, Predictor]:
    if not path.is_file():
        return {}
    from plugin_core.synthesis.midi2params import load_midi2params
    from plugin_core.training.midi2params_evaluation import teacher_forced

    model = load_midi2params(path)
    return {MIDI2PARAMS: lambda phrase: teacher_forced(model, phrase)}


def _figures(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return every phrase's errors as JSON holds them."""
    return [
        {
            "name": row.name,
            "instrument": row.instrument,
            "source": row.source,
            "origin": row.origin,
            "notes": row.notes,
            "rmse": {name: rmse([row], name) for name in row.squares},
            "rmse_by_control": {name: rmse_by_control([row], name) for name in row.squares},
        }
        for row in rows
    ]


def _by_instrument(rows: Sequence[Row]) -> Table:
    predictors = _predictors(rows)
    performances = [row for row in rows if row.origin == "performance"]
    table = Table(
        title="Table 1c: controls predicted of held-out performances, RMSE",
        title_justify="left",
        caption=_EXPLAINED,
        caption_justify="left",
    )
    table.add_column("instrument")
    for column in ("phrases", "notes", *(_TITLES[name] for name in predictors), "better by"):
        table.add_column(column, justify="right")
    for instrument in INSTRUMENTS:
        of_it = [row for row in performances if row.instrument == instrument]
        if of_it:
            table.add_row(instrument, *_cells(of_it, predictors))
    table.add_section()
    table.add_row("all notes", *_cells(performances, predictors))
    table.add_row("mean of phrases", *_cells(performances, predictors, error=rmse_of_phrases))
    contours = [row for row in rows if row.origin == "contour"]
    if contours:
        table.add_row("violin contours (pitch, loudness)", *_cells(contours, predictors))
        table.add_row("all with contours", *_cells(rows, predictors))
    table.add_section()
    others = ["", ""] + ["0.23" if name == MIDI2PARAMS else "" for name in predictors]
    others[2 + predictors.index(EXPRESSION)] = "0.14"
    table.add_row("the paper (URMP)", *others, "")
    table.add_row("asked", *[""] * (2 + len(predictors)), f"{_FLOOR:.0%}")
    return table


def _cells(
    rows: Sequence[Row],
    predictors: Sequence[str],
    *,
    error: Callable[[Sequence[Row], str], float] = rmse,
) -> list[str]:
    return [
        str(len(rows)),
        str(sum(row.notes for row in rows)),
        *(f"{error(rows, name):.3f}" for name in predictors),
        f"{better_by(rows, EXPRESSION, error=error):.1%}",
    ]


def _by_control(rows: Sequence[Row]) -> Table:
    performances = [row for row in rows if row.origin == "performance"]
    table = Table(title="The same by control, performances", title_justify="left")
    table.add_column("")
    for control in CONTROLS:
        table.add_column(control.replace("_", " "), justify="right")
    errors = {name: rmse_by_control(performances, name) for name in _predictors(rows)}
    for name, by_control in errors.items():
        table.add_row(_TITLES[name], *(f"{by_control[each]:.3f}" for each in CONTROLS))
    table.add_section()
    table.add_row(
        "better by",
        *(f"{1 - errors[EXPRESSION][each] / errors[MEAN][each]:.1%}" for each in CONTROLS),
    )
    return table


def _predictors(rows: Sequence[Row]) -> list[str]:
    return [name for name in _TITLES if name in rows[0].squares]
