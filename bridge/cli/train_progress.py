"""What every training command shows and keeps: the bar, the loss by step, the device asked for."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from plugin_core.types import InputError

_LOGGED_STEPS = 20


class State(Protocol):
    """Where a training is."""

    @property
    def step(self) -> int:
        """Steps done."""

    @property
    def steps(self) -> int:
        """All steps."""

    @property
    def loss(self) -> float:
        """Mean of the last steps."""

    @property
    def seconds(self) -> float:
        """Since this run began."""


class TrainingBar:
    """The stages of a training, one bar each."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def stage(self, name: str, total: int | None = None) -> Callable[[int, int], None]:
        """Begin a stage; call what this returns with what is done of it and all of it."""
        task = self._progress.add_task(name, total=total)

        def show(done: int, whole: int) -> None:
            self._progress.update(task, completed=done, total=whole)

        return show

    def training(self, log: Path) -> Callable[[State], None]:
        """Begin the training; call what this returns after every step.

        `log` gets a line (step, loss, seconds) every 20 steps, after those of earlier runs.
        """
        task = self._progress.add_task("Training", total=None)

        def show(state: State) -> None:
            if state.step % _LOGGED_STEPS == 0:
                with log.open("a") as file:
                    file.write(f"{state.step},{state.loss:.4f},{state.seconds:.0f}\n")
            self._progress.update(
                task,
                completed=state.step,
                total=state.steps,
                description=f"Training, loss {state.loss:.3f}",
            )

        return show


@contextlib.contextmanager
def training_bar(console: Console) -> Iterator[TrainingBar]:
    """Show how far a training is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield TrainingBar(progress)


def require_device(device: str) -> None:
    """Raise InputError for a device that torch does not have."""
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError("--device", "", "a device that torch has", device) from error


def require_folder(out: Path) -> None:
    """Raise InputError where there is no folder for a model."""
    if not out.is_dir():
        raise InputError(out, "", "a folder for the model", "none")
