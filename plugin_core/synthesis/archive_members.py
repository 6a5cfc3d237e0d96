"""The two data files in the archive of a neural instrument, read without torch.

An archive `NAME.ts` is the zip file that `torch.jit.save` writes; under its `extra` folder lie
`hexachord.json`, which describes the instrument, and `weights.safetensors` (DESIGN.md, section 3).
Both are data: reading an archive from a stranger runs nothing.
"""

import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from plugin_core.types import InputError

SCHEMA = 1
DESCRIPTION = "hexachord.json"
WEIGHTS = "weights.safetensors"

_EXPECTED = "a Hexachord instrument (.ts)"
_LARGEST_DESCRIPTION = 1 << 20
_LARGEST_WEIGHTS = 1 << 28


class Members(NamedTuple):
    """An archive's description, and its weights as they lie in safetensors."""

    description: dict[str, Any]
    weights: bytes


def read_members(path: Path) -> Members:
    """Return both files of an archive.

    Raises InputError for what is no archive or has another schema.
    """
    description = read_description(path)
    return Members(description, _read(path, WEIGHTS, _LARGEST_WEIGHTS))


def read_description(path: Path) -> dict[str, Any]:
    """Return what an archive says of itself: `kind`, `instruments`, its card.

    Raises InputError for what is no archive or has another schema.
    """
    text = _read(path, DESCRIPTION, _LARGEST_DESCRIPTION)
    try:
        description = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(path, DESCRIPTION, "JSON", error) from error
    schema = description.get("schema") if isinstance(description, dict) else None
    if schema != SCHEMA:
        raise InputError(path, DESCRIPTION, f"schema {SCHEMA}", schema)
    return dict(description)


def _read(path: Path, name: str, largest: int) -> bytes:
    """Return an extra file: the folder above it is named after the file at saving time."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = [
                each for each in archive.infolist() if each.filename.endswith(f"/extra/{name}")
            ]
            if len(found) != 1:
                raise InputError(path, "", f"one {name} in it", len(found))
            if found[0].file_size > largest:
                raise InputError(path, name, f"at most {largest} bytes", found[0].file_size)
            return archive.read(found[0])
    except InputError:
        raise
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise InputError(path, "", _EXPECTED, error) from error
