"""`hexachord train`: models from a corpus of recordings.

Training is long: it shows how far it is, writes a checkpoint every two minutes, and the same
command goes on from there after an interruption.
"""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from bridge.whole_file import whole_file
from plugin_core.audio.jit import cache_folder
from plugin_core.types import InputError


class What(StrEnum):
    """What can be trained."""

    INFERENCE = "inference"
    AUTOENCODER = "autoencoder"


_MEASURED_STEPS = {What.INFERENCE: 0, What.AUTOENCODER: 600}
_VARIED_SHARE = {What.INFERENCE: 0.5, What.AUTOENCODER: 0.2}
"""How much of what is drawn is from varied copies: the autoencoder cannot hear what was varied."""


def train(
    what: Annotated[What, typer.Argument(help="Which model.")],
    *,
    corpus: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with manifest.csv and its recordings.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the model and its card are written.")
    ],
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where data and checkpoints are kept between runs."),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Training steps of 16 s of sound.")] = 4000,
    copies: Annotated[
        int, typer.Option(min=0, help="Varied copies of every training recording.")
    ] = 1,
    without: Annotated[
        str, typer.Option(metavar="SOURCES", help="Sources left out, separated by commas.")
    ] = "fcaspe_web,urmp",
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another model.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that analyse recordings.")] = 2,
    device: Annotated[str, typer.Option(help="cpu, or cuda where there is one.")] = "cpu",
) -> None:
    """Train a model of hearing, measure it on held-out recordings, write it with its card."""
    import torch

    from plugin_core.synthesis.hearing_model import save_model
    from plugin_core.training.cards import card_text, sources_of
    from plugin_core.training.corpus import read_corpus
    from plugin_core.training.hearing_cache import Plan, fill
    from plugin_core.training.hearing_data import HearingData
    from plugin_core.training.inference_training import Settings, held_out_distances
    from plugin_core.training.inference_training import train as train_model

    _require_device(device)
    left_out = tuple(name.strip() for name in without.split(",") if name.strip())
    recordings = read_corpus(corpus, without_sources=left_out)
    if not out.is_dir():
        raise InputError(out, "", "a folder for the model", "none")
    torch.set_num_threads(1)
    folder = work or cache_folder().parents[1] / "training"
    settings = Settings(
        kind=what.value, steps=steps, measured_steps=min(steps, _MEASURED_STEPS[what]), seed=seed
    )
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        analysing = progress.add_task("Analysing", total=None)
        shards = fill(
            Plan(folder / "heard", recordings, copies),
            jobs=jobs,
            progress=lambda done, total: progress.update(analysing, completed=done, total=total),
        )
        data = HearingData(shards, varied_share=_VARIED_SHARE[what])
        training = progress.add_task("Training", total=steps)
        log = _Log(folder / f"{what.value}.csv")

        def show(state: Any) -> None:
            log.add(state.step, state.loss, state.seconds)
            progress.update(
                training, completed=state.step, description=f"Training, loss {state.loss:.3f}"
            )

        model = train_model(
            data, settings, folder / f"seed-{seed}", device=device, progress=show
        ).cpu()
        progress.update(training, completed=steps)
        progress.add_task("Measuring", total=None)
        distances = held_out_distances(model, data)
    card = {
        "name": what.value,
        "made_by": "hexachord " + shlex.join(sys.argv[1:]),
        "steps": steps,
        "batch_s": settings.batch * settings.frames / 250,
        "varied_copies": copies,
        "varied_share": _VARIED_SHARE[what] if copies else 0.0,
        "seed": seed,
        "parameters": sum(each.numel() for each in model.network.parameters()),
        "held_out_distance": {name: round(each, 3) for name, each in distances.items()},
        "sources": sources_of(recordings),
    }
    path = out / f"{what.value}.ts"
    save_model(path, model, card)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(card_text(card).encode())
    console.print(f"{path}: trained; hexachord evaluate inference --corpus {corpus} measures it")


def _require_device(device: str) -> None:
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError("--device", "", "a device that torch has", device) from error


class _Log:
    """Loss by step, one line every 20 steps, kept from run to run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, step: int, loss: float, seconds: float) -> None:
        if step % 20 == 0:
            with self._path.open("a") as file:
                file.write(f"{step},{loss:.4f},{seconds:.0f}\n")
