"""`hexachord evaluate pitch|notes`: what the analysis hears against the labels of a corpus."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from plugin_core.training.onset_fitting import main as print_agreement
from plugin_core.training.pitch_evaluation import (
    FAR_CENTS,
    PitchError,
    labelled_notes,
    pitch_errors,
)

_TABLE_WIDTH = 96


def evaluate_pitch(corpus: Path, *, as_json: bool) -> None:
    """Print how many labelled notes of a corpus are heard where their labels are."""
    rows = labelled_notes(corpus)
    console = Console(stderr=True)
    errors = list(
        track(
            pitch_errors(corpus, rows),
            "Tracking pitch",
            total=len(rows),
            console=console,
            transient=True,
        )
    )
    if as_json:
        print(json.dumps([error._asdict() for error in errors], indent=1))
        return
    table = Table(
        title=f"f0 of labelled notes: within {FAR_CENTS:g} cents, error in cents",
        title_justify="left",
    )
    table.add_column("instrument")
    for column in ("notes", "off", "within", "median", "p95"):
        table.add_column(column, justify="right")
    for instrument in dict.fromkeys(error.instrument for error in errors):
        of_it = [error for error in errors if error.instrument == instrument]
        table.add_row(instrument, *_figures(of_it))
    table.add_section()
    table.add_row("all", *_figures(errors))
    Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False).print(table)


def evaluate_notes(corpus: Path) -> None:
    """Print how well the onsets and notes found agree with assembled phrases and annotations."""
    print_agreement(corpus, is_fit=False)


def _figures(errors: Sequence[PitchError]) -> tuple[str, ...]:
    off = sum(error.is_far for error in errors)
    cents = np.abs([error.cents for error in errors])
    return (
        str(len(errors)),
        str(off),
        f"{1 - off / len(errors):.2%}",
        f"{np.median(cents):.2f}",
        f"{np.percentile(cents, 95):.1f}",
    )
