"""The file of a live model as the engine takes it: read without PyTorch, and without running code.

`NAME.ts` is a zip file (`synthesis.archive` writes it): `hexachord.json` tells the instruments,
`weights.safetensors` holds the flat array and the table of layers of `live_layout`.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from plugin_core.engine.library import check_model
from plugin_core.engine.live_faults import LIVE_FAULTS
from plugin_core.engine.live_layout import Layer, LayoutColumn
from plugin_core.engine.live_records import LAYERS, MODEL, MOST_LAYERS, WEIGHTS_CAPACITY
from plugin_core.types import Expression, InputError

SCHEMA = 1
KIND = "live"
DESCRIPTION = "hexachord.json"
WEIGHTS = "weights.safetensors"

_LARGEST = {DESCRIPTION: 1 << 20, WEIGHTS: 4 * WEIGHTS_CAPACITY + (1 << 16)}
_EXPECTED = "a Hexachord instrument (.ts)"


@dataclass(frozen=True, slots=True)
class LiveModel:
    """A model of one or more instruments that plays live."""

    instruments: tuple[str, ...]
    typical: Mapping[str, Expression]
    """The values that an instrument's controls usually have, 0..1."""
    styles: Mapping[str, Mapping[str, Any] | None]
    """What style does for an instrument; None: nothing."""
    description: Mapping[str, Any] = field(repr=False)
    layout: NDArray[np.int32] = field(repr=False)
    """Shape (layers, 5): see `live_layout`."""
    weights: NDArray[np.float32] = field(repr=False)
    """Shape (numbers,)."""

    def row(self, instrument: str) -> int:
        """Return which instrument of the model has this name.

        Raises ValueError for a name that it does not have.
        """
        if instrument not in self.instruments:
            known = ", ".join(self.instruments)
            raise ValueError(f"the model plays {known}, found {instrument!r}")
        return self.instruments.index(instrument)


class LiveInstrument(NamedTuple):
    """One of a model's instruments."""

    model: LiveModel
    row: int


def read_live_model(path: Path) -> LiveModel:
    """Return the live model in an archive.

    Raises InputError for what is no archive, has another schema or kind, or does not fit together.
    """
    description, arrays = read_archive(path, KIND)
    weights, layout = playable(path, arrays)
    if len(layout) != LAYERS:
        raise InputError(path, f"{WEIGHTS}: layout", f"{LAYERS} layers", len(layout))
    names = description["instruments"]
    typical = table(layout, weights, Layer.TYPICAL)
    style = table(layout, weights, Layer.STYLE)
    if len(typical) != len(names):
        raise InputError(path, DESCRIPTION, f"{len(typical)} instruments", len(names))
    told = description.get("styles")
    styles = told if isinstance(told, dict) else {}
    return LiveModel(
        instruments=tuple(names),
        typical={
            name: Expression(*(min(1.0, max(0.0, float(value))) for value in row))
            for name, row in zip(names, typical, strict=True)
        },
        styles={
            name: {**(styles.get(name) or {}), "shortest_s": float(row[1])} if row[0] else None
            for name, row in zip(names, style, strict=True)
        },
        description=description,
        layout=layout,
        weights=weights,
    )


def read_archive(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the description and the arrays of an archive of this kind.

    Raises InputError for what is no archive, or has another schema or kind.
    """
    text, packed = _members(path)
    description = _description(path, text, kind)
    try:
        return description, safetensors.numpy.load(packed)
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InputError(path, WEIGHTS, "weights as safetensors", error) from error


def _members(path: Path) -> tuple[bytes, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return (_member(archive, path, DESCRIPTION), _member(archive, path, WEIGHTS))
    except InputError:
        raise
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(path, "", _EXPECTED, error) from error
    except Exception as error:  # zlib.error, and what else a damaged file brings about
        raise InputError(path, "", _EXPECTED, f"{type(error).__name__}: {error}") from error


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> bytes:
    """Return an extra file: the folder above it is named after the file at saving time."""
    found = [each for each in archive.infolist() if each.filename.endswith(f"/extra/{name}")]
    if len(found) != 1:
        raise InputError(path, "", f"one {name} in it", len(found))
    if found[0].file_size > _LARGEST[name]:
        raise InputError(path, name, f"at most {_LARGEST[name]} bytes", found[0].file_size)
    return archive.read(found[0])


def _description(path: Path, text: bytes, kind: str) -> dict[str, Any]:
    try:
        description = json.loads(text)
    except ValueError as error:
        raise InputError(path, DESCRIPTION, "JSON", error) from error
    if not isinstance(description, dict):
        raise InputError(path, DESCRIPTION, "a description", type(description).__name__)
    for key, wanted in (("schema", SCHEMA), ("kind", kind)):
        if description.get(key) != wanted:
            raise InputError(path, DESCRIPTION, f"{key} {wanted}", description.get(key))
    names = description.get("instruments")
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) and name for name in names)
        or len(set(names)) != len(names)
    ):
        raise InputError(path, f"{DESCRIPTION}: instruments", "names, each once", names)
    return description


def playable(
    path: Path, arrays: Mapping[str, NDArray[Any]]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return weights and layout, which the engine can play.

    Raises InputError for those that it cannot.
    """
    weights, layout = arrays.get("weights"), arrays.get("layout")
    if weights is None or weights.dtype != np.float32 or weights.ndim != 1:
        raise InputError(path, f"{WEIGHTS}: weights", "float32 in one dimension", _shape(weights))
    columns = len(LayoutColumn)
    if layout is None or layout.dtype != np.int32 or layout.shape[1:] != (columns,):
        raise InputError(path, f"{WEIGHTS}: layout", f"int32 (layers, {columns})", _shape(layout))
    fault = int(model_record(weights, layout)["fault"][0])
    if fault:
        raise InputError(path, WEIGHTS, "a model that can be played", LIVE_FAULTS[fault])
    return weights, layout


def _shape(array: NDArray[Any] | None) -> str:
    return "none" if array is None else f"{array.dtype} {array.shape}"


def model_record(weights: NDArray[np.float32], layout: NDArray[np.int32]) -> NDArray[Any]:
    """Return a model's record, shape (1,), with the engine's own judgement of it."""
    record = np.zeros(1, MODEL)
    record["layers"] = len(layout)
    room = min(len(layout), MOST_LAYERS)
    record["layout"][0, :room] = layout[:room]
    check_model(record, np.ascontiguousarray(weights))
    return record


def table(
    layout: NDArray[np.int32], weights: NDArray[np.float32], layer: int
) -> NDArray[np.float32]:
    """Return a table of a model that can be played, shape (rows, columns)."""
    row = layout[layer]
    rows, columns = row[LayoutColumn.INPUTS], row[LayoutColumn.OUTPUTS]
    first = row[LayoutColumn.OFFSET]
    return weights[first : first + rows * columns].reshape(rows, columns)
