"""`hexachord evaluate inference`: Table 1a, the models of hearing on held-out recordings."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from plugin_core.training.corpus import read_corpus
from plugin_core.training.inference_evaluation import MEASURED, Row, evaluate, means
from plugin_core.types import InputError

_MODELS = ("inference", "autoencoder")
_TITLES = {MEASURED: "measured", "inference": "DDSP Inference", "autoencoder": "autoencoder"}
_TABLE_WIDTH = 96


def evaluate_inference(
    corpus: Path, models: Path, *, source: str | None, jobs: int, as_json: bool
) -> None:
    """Print the distance of every model from the held-out recordings, or from all of a source."""
    paths = {name: models / f"{name}.ts" for name in _MODELS}
    for path in paths.values():
        if not path.is_file():
            raise InputError(path, "", "a trained model", "none")
    recordings = [
        recording
        for recording in read_corpus(corpus)
        if (recording.is_held_out if source is None else recording.source == source)
    ]
    if not recordings:
        raise InputError(corpus, "", f"recordings of {source or 'the held-out side'}", "none")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Resynthesizing", total=len(recordings))
        rows = evaluate(
            recordings,
            paths,
            jobs=jobs,
            progress=lambda done, _all: progress.update(task, completed=done),
        )
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else _TABLE_WIDTH, highlight=False)
    console.print(_table(rows, source))


def _table(rows: Sequence[Row], source: str | None) -> Table:
    of = "held-out recordings" if source is None else f"recordings of {source}"
    table = Table(
        title=f"Table 1a: spectral distance (MSS) from {len(rows)} {of}", title_justify="left"
    )
    table.add_column("instrument")
    for column in ("files", "seconds", *_TITLES.values()):
        table.add_column(column, justify="right")
    by_instrument = means(rows)
    for instrument, distances in by_instrument.items():
        of_it = [row for row in rows if row.instrument == instrument]
        table.add_row(
            instrument,
            str(len(of_it)),
            f"{sum(row.seconds for row in of_it):.0f}",
            *(f"{distances[name]:.2f}" for name in _TITLES),
        )
    table.add_section()
    mean = {
        name: float(np.mean([distances[name] for distances in by_instrument.values()]))
        for name in _TITLES
    }
    seconds = sum(row.seconds for row in rows)
    table.add_row(
        "mean", str(len(rows)), f"{seconds:.0f}", *(f"{mean[name]:.2f}" for name in _TITLES)
    )
    ratio = mean["inference"] / mean["autoencoder"]
    table.caption = f"DDSP Inference to autoencoder: {ratio:.3f} (the paper: 0.856)"
    return table
