"""The file of a neural instrument: a TorchScript archive with a description and plain weights.

`NAME.ts` is the zip file that `torch.jit.save` writes. Two of its extra files are what we read: the
description `hexachord.json` and `weights.safetensors`; both are data, so reading an archive from
a stranger runs nothing. `torch.jit.load` of the same file gives the network to any other program
(DESIGN.md, section 3).
"""

import io
import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from plugin_core.synthesis.archive_members import DESCRIPTION, SCHEMA, WEIGHTS, read_members
from plugin_core.types import InputError

__all__ = ["DESCRIPTION", "SCHEMA", "WEIGHTS", "read_archive", "write_archive"]


def write_archive(
    path: Path, network: nn.Module, weights: Mapping[str, Tensor], description: Mapping[str, Any]
) -> None:
    """Write an instrument to `path`, whole or not at all.

    `network` is what TorchScript compiles, `weights` all tensors of the model by name,
    `description` its card: kind, instruments, training data and terms, quality. Raises InputError
    where the file cannot be written.
    """
    content = {
        DESCRIPTION: json.dumps({"schema": SCHEMA, **description}, indent=1).encode(),
        WEIGHTS: safetensors.torch.save(
            {name: each.contiguous() for name, each in weights.items()}
        ),
    }
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # TorchScript is deprecated, and still the format that needs no Python to be read.
        warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
        script = torch.jit.script(network.cpu().eval())
        torch.jit.save(script, buffer, _extra_files=content)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(buffer.getvalue())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(path, "", "a file that can be written", error) from error


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the description and the weights of an instrument.

    Raises InputError for what is no archive, has another schema, or has weights that are not
    finite. No code of the archive runs.
    """
    description, packed = read_members(path)
    try:
        weights = safetensors.torch.load(packed)
    except safetensors.SafetensorError as error:
        raise InputError(path, WEIGHTS, "weights as safetensors", error) from error
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            raise InputError(path, f"{WEIGHTS}: {name}", "finite weights", "NaN or infinity")
    return description, weights
