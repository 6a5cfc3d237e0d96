"""Checkpoints: where a training goes on after an interruption.

A checkpoint is the settings that decide a run, the steps done, and the state of all its parts. It
appears whole or not at all.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch

from plugin_core.types import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Part(Protocol):
    """A module, an optimizer: what has a state."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state."""

    def load_state_dict(self, state_dict: dict[str, Any], /) -> object:
        """Go back to a state."""


def save_checkpoint(
    path: Path, settings: "DataclassInstance", step: int, parts: Mapping[str, Part]
) -> None:
    """Write the state of the `parts`, by name, after `step` steps."""
    unfinished = path.with_suffix(".part")
    states = {name: part.state_dict() for name, part in parts.items()}
    try:
        torch.save({"settings": asdict(settings), "step": step, **states}, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_checkpoint(
    path: Path, settings: "DataclassInstance", parts: Mapping[str, Part], *, device: str
) -> int:
    """Bring the `parts` to the state in a checkpoint; return how many steps were done.

    Raises InputError for what is no checkpoint, and for one of a run with other settings.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        own, step = state["settings"], int(state["step"])
    except Exception as error:  # torch and pickle raise a dozen kinds
        raise InputError(path, "", "a checkpoint of this training", error) from error
    if own != asdict(settings):
        raise InputError(path, "", f"a checkpoint of {settings}", own)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return step
