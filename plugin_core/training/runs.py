"""A training run: step after step, a checkpoint every few minutes, and on from the last of them."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from plugin_core.training.checkpoints import Part, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_LEAST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is."""

    step: int
    steps: int
    loss: float
    seconds: float


class Run(Protocol):
    """What is trained step by step."""

    step: int

    @property
    def settings(self) -> "DataclassInstance":
        """All that decides the run besides its data."""

    @property
    def device(self) -> str:
        """Where it is trained."""

    def advance(self) -> float:
        """Do one step; return its loss."""

    def parts(self) -> dict[str, Part]:
        """Return what has a state, by name."""


def go_on(
    run: Run,
    steps: int,
    checkpoint: Path,
    *,
    every_s: float,
    progress: Callable[[Progress], None],
) -> None:
    """Advance a run until `steps` are done, from its checkpoint if there is one.

    A checkpoint is written every `every_s` seconds and at the end; `progress` is called after each
    step. Raises InputError if the checkpoint there is of a run with other settings.
    """
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        run.step = load_checkpoint(checkpoint, run.settings, run.parts(), device=run.device)
    saved = started = time.monotonic()
    recent: float | None = None
    while run.step < steps:
        loss = run.advance()
        recent = loss if recent is None else 0.98 * recent + 0.02 * loss
        if time.monotonic() - saved > every_s or run.step == steps:
            save_checkpoint(checkpoint, run.settings, run.step, run.parts())
            saved = time.monotonic()
        progress(Progress(run.step, steps, recent, time.monotonic() - started))


def learning_share(step: int, steps: int, warm_up: int) -> float:
    """Return the share of the learning rate at a step: a ramp, then half a cosine down to 0.02."""
    if step < warm_up:
        return (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return _LEAST_SHARE + (1 - _LEAST_SHARE) * 0.5 * (1 + math.cos(math.pi * done))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters; of a group with a `share`, that share of it."""
    for group in optimizer.param_groups:
        group["lr"] = group.get("share", 1.0) * rate


def descend(
    optimizer: torch.optim.Optimizer,
    loss: Tensor,
    parameters: Iterable[nn.Parameter],
    largest_gradient: float,
) -> float:
    """Take a step down a loss, its gradient's norm bounded; return the loss.

    A gradient that is not finite is no step: it would be the last that means anything.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    if torch.isfinite(nn.utils.clip_grad_norm_(parameters, largest_gradient)):
        optimizer.step()
    return float(loss.detach())
