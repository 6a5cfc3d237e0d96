"""`hexachord evaluate controls`: Tables 2 and 7, what a user's lanes do to the sound."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from plugin_core.audio.jit import cache_folder
from plugin_core.training.control_evaluation import (
    AUDIO,
    LEAST_FLUCTUATION,
    PARAMETERS,
    SHORTEST_S,
    Sweep,
    correlation,
    error,
    evaluate,
    held_out_sequences,
    independence,
)
from plugin_core.types import CONTROLS, InputError

_PAPER = {
    "all": (0.97, 0.78, 0.57, 0.70, 0.92, 0.93),
    "violin": (0.99, 0.84, 0.80, 0.86, 0.96, 0.97),
    "viola": (0.98, 0.74, 0.70, 0.82, 0.98, 0.97),
    "cello": (0.97, 0.64, 0.54, 0.74, 0.98, 0.94),
    "double_bass": (0.98, 0.85, 0.34, 0.84, 0.99, 0.95),
}
"""MIDI-DDSP, Table 2."""
_FLOORS = {PARAMETERS: (0.95, 0.85), AUDIO: (0.90, 0.80)}
"""Least r that is asked of all instruments together, and of each."""
_MOST_MOVED = 0.25
_READ_FROM = {PARAMETERS: "the synthesis parameters", AUDIO: "rendered audio, by the analysis"}
_ALL = "all"
_TABLE_WIDTH = 110


def evaluate_controls(
    corpus: Path, models: Path, *, cache: Path | None, jobs: int, as_json: bool
) -> None:
    """Print how each control that is swept is found again, and what else it moves.

    `cache` keeps what is heard in the corpus between runs. Raises InputError for a model or a
    corpus that cannot be read.
    """
    from plugin_core.expression.performer import load_performer
    from plugin_core.training.performed import read_performed

    for name in ("synthesis.ts", "expression.ts"):
        if not (models / name).is_file():
            raise InputError(models / name, "", "a trained model", "none")
    performer = load_performer(models / "expression.ts")
    typical = {instrument: performer.typical(instrument) for instrument in performer.instruments}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        hearing = progress.add_task("Hearing the corpus", total=None)
        performed = read_performed(
            corpus,
            cache=cache or cache_folder().parents[1] / "training",
            jobs=jobs,
            held_out_only=True,
            progress=lambda done, total: progress.update(hearing, completed=done, total=total),
        )
        sequences = held_out_sequences(performed)
        if not sequences:
            raise InputError(corpus, "", f"held-out notes of {SHORTEST_S:g} s or more", "none")
        sweeping = progress.add_task("Sweeping", total=None)
        sweeps = evaluate(
            sequences,
            models / "synthesis.ts",
            typical,
            jobs=jobs,
            progress=lambda done, total: progress.update(sweeping, completed=done, total=total),
        )
    if as_json:
        print(json.dumps(figures(sweeps), indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    for source in (PARAMETERS, AUDIO):
        console.print(correlation_table(sweeps, source))
    for source in (PARAMETERS, AUDIO):
        console.print(independence_table(sweeps, source))


def figures(sweeps: Sequence[Sweep]) -> dict[str, Any]:
    """Return all figures as JSON holds them: by source, then by instrument; None: not measured."""
    return {
        source: {
            instrument: {
                "r": dict(zip(CONTROLS, _json(_each(correlation, of_it, source)), strict=True)),
                "rmse": dict(zip(CONTROLS, _json(_each(error, of_it, source)), strict=True)),
                "moved": [_json(row) for row in independence(of_it, source)],
            }
            for instrument, of_it in _by_instrument(sweeps).items()
        }
        for source in (PARAMETERS, AUDIO)
    }


def _json(values: Sequence[float] | NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _by_instrument(sweeps: Sequence[Sweep]) -> dict[str, list[Sweep]]:
    """Return all sweeps, then those of each instrument."""
    present = dict.fromkeys(each.instrument for each in sweeps)
    each = {name: [one for one in sweeps if one.instrument == name] for name in present}
    return {_ALL: list(sweeps), **each}


def _each(measure: Any, sweeps: Sequence[Sweep], source: str) -> list[float]:
    return [measure(sweeps, control, source) for control in range(len(CONTROLS))]


def correlation_table(sweeps: Sequence[Sweep], source: str) -> Table:
    """Return r of every control beside what is asked and what the paper has, by instrument."""
    for_all, for_each = _FLOORS[source]
    notes = sum(
        each.read.shape[1] for each in sweeps if each.source == source and each.control == 0
    )
    table = Table(
        title=f"Tables 2 and 7: Pearson's r of controls asked and read from {_READ_FROM[source]}, "
        f"{notes} held-out notes",
        title_justify="left",
    )
    table.add_column("")
    for control in CONTROLS:
        table.add_column(control.replace("_", " "), justify="right")
    table.add_column("RMSE", justify="right")
    for instrument, of_it in _by_instrument(sweeps).items():
        floor = for_all if instrument == _ALL else for_each
        found = _each(correlation, of_it, source)
        errors = np.array(_each(error, of_it, source))
        root_mean_square = f"{np.sqrt(np.nanmean(errors**2)):.3f}"
        table.add_row(instrument, *(_marked(r, r >= floor) for r in found), root_mean_square)
        if instrument == _ALL:
            table.add_row("  asked", *[f"{floor:.2f}"] * len(CONTROLS), "", style="dim")
        if instrument in _PAPER:
            paper = (f"{r:.2f}" for r in _PAPER[instrument])
            table.add_row("  paper", *paper, "", style="dim")
        if instrument == _ALL:
            table.add_section()
    table.caption = (
        f"asked of each instrument: {for_each:.2f}; ! is less. Notes of {SHORTEST_S:g} s or more, "
        f"peaks at a fluctuation of at least {LEAST_FLUCTUATION:g}; performer = 0."
    )
    return table


def _marked(value: float, is_enough: bool) -> str:
    return f"{value:.3f}" if is_enough else f"[bold]! {value:.3f}[/bold]"


def independence_table(sweeps: Sequence[Sweep], source: str) -> Table:
    """Return how far every control moves in a sweep of each, by the swept one's own range."""
    table = Table(
        title=f"Independence: how far controls move when one is swept, read from "
        f"{_READ_FROM[source]}",
        title_justify="left",
    )
    table.add_column("swept")
    for control in CONTROLS:
        table.add_column(control.replace("_", " "), justify="right")
    matrix = independence(sweeps, source)
    of_each = {
        instrument: independence(of_it, source)
        for instrument, of_it in _by_instrument(sweeps).items()
        if instrument != _ALL
    }
    worst = np.nanmax(list(of_each.values()), axis=0)
    for swept, name in enumerate(CONTROLS):
        cells = [
            "" if read == swept else _moved(matrix[swept, read]) + f" ({worst[swept, read]:.2f})"
            for read in range(len(CONTROLS))
        ]
        table.add_row(name.replace("_", " "), *cells)
    table.caption = (
        f"by the swept control's own range; asked: below {_MOST_MOVED:g}, ! is more. "
        "In brackets: of the instrument that moves most."
    )
    return table


def _moved(value: float) -> str:
    return f"{value:.2f}" if value < _MOST_MOVED else f"[bold]! {value:.2f}[/bold]"
