"""Models of the DDX7 study in files as small as they can be: weights of a few bits.

A file `NAME.study` is a zip as an instrument's archive is (`archive_members`), without the network
that TorchScript has compiled: `NAME/extra/hexachord.json`, and `NAME/extra/weights.safetensors` of

    layout    int32 (layers, 5)    as the model has it
    codes     int8                 of all weight matrices, end to end
    scales    float16              one for each output of each matrix
    exact     float32              all other numbers, end to end: biases, norms, tables
    room      int8 (K, 64)         the learnt response, zeros to its end
    room_scales  float16 (K)       one for each row: it dies away over many dB
    room_samples int32 (1)

A weight is its code times its output's scale; a code is a whole number of at most 2^(bits - 1) - 1
either way; the room's are of 8 bits. What is small is packed well by the zip.
"""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from plugin_core.engine.live_layout import LayerKind, LayoutColumn
from plugin_core.synthesis.archive_members import DESCRIPTION, SCHEMA, WEIGHTS, read_members
from plugin_core.types import InputError

SUFFIX = ".study"
FEWEST_BITS, MOST_BITS = 3, 8
_ROOM_ROW = 64
_DATE = (1980, 1, 1, 0, 0, 0)
"""The same model makes the same file."""

Numbers = NDArray[np.float32]
Layout = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class StudyModel:
    """A model with what is told of it."""

    description: dict[str, Any]
    weights: Numbers = field(repr=False)
    """Flat, as the kernels take them."""
    layout: Layout = field(repr=False)
    room: Numbers = field(repr=False)
    """The learnt response at 16 kHz without its direct part; empty where there is none."""


def write_study_model(path: Path, model: StudyModel, *, bits: int = MOST_BITS) -> None:
    """Write a model with weights of `bits` bits to `path`, whole or not at all.

    Raises ValueError for a number of bits other than 3..8, and InputError where the file cannot
    be written.
    """
    if not FEWEST_BITS <= bits <= MOST_BITS:
        raise ValueError(f"weights have {FEWEST_BITS} to {MOST_BITS} bits, found {bits}")
    most = 2 ** (bits - 1) - 1
    codes, scales, exact = [], [], []
    for numbers, matrix in _parts(model.layout, model.weights):
        if not matrix:
            exact.append(numbers)
            continue
        code, scale = quantized(numbers.reshape(-1, matrix), most)
        codes.append(code.ravel())
        scales.append(scale)
    rows = -(-len(model.room) // _ROOM_ROW)
    padded = np.pad(model.room, (0, rows * _ROOM_ROW - len(model.room)))
    room, room_scales = quantized(padded.reshape(rows, _ROOM_ROW).T, 127)
    tensors: dict[str, NDArray[Any]] = {
        "layout": np.ascontiguousarray(model.layout, np.int32),
        "codes": np.concatenate(codes),
        "scales": np.concatenate(scales),
        "exact": np.concatenate(exact).astype(np.float32),
        "room": np.ascontiguousarray(room.T),
        "room_scales": room_scales,
        "room_samples": np.array([len(model.room)], np.int32),
    }
    content = {
        DESCRIPTION: json.dumps({"schema": SCHEMA, **model.description, "bits": bits}).encode(),
        WEIGHTS: safetensors.numpy.save(tensors),
    }
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(unfinished, "w") as archive:
            for name, data in content.items():
                member = zipfile.ZipInfo(f"{path.stem}/extra/{name}", _DATE)
                archive.writestr(member, data, zipfile.ZIP_LZMA)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(path, "", "a file that can be written", error) from error


def read_study_model(path: Path) -> StudyModel:
    """Return the model in a file.

    Raises InputError for what is none, and for one that was cut or changed.
    """
    description, packed = read_members(path)
    try:
        tensors = safetensors.numpy.load(packed)
        layout = tensors["layout"]
        weights = _unpacked(layout, tensors["codes"], tensors["scales"], tensors["exact"])
        room = (tensors["room"] * tensors["room_scales"].astype(np.float32)[:, None]).ravel()
        room = room[: int(tensors["room_samples"][0])]
    except (safetensors.SafetensorError, KeyError, ValueError, IndexError, TypeError) as error:
        raise InputError(path, WEIGHTS, "the weights of a model of the study", error) from error
    if not (np.isfinite(weights).all() and np.isfinite(room).all()):
        raise InputError(path, WEIGHTS, "finite weights", "NaN or infinity")
    return StudyModel(description, weights, layout, room.astype(np.float32))


def quantized(matrix: Numbers, most: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Return codes of a matrix, shape (rows, outputs), up to +-`most`, and a scale per output.

    Among some scales below that of the greatest weight, each output has the one with the least
    squared error: few weights are cut off, all others are finer.
    """
    if not matrix.size:
        return np.zeros(matrix.shape, np.int8), np.zeros(matrix.shape[1], np.float16)
    greatest = np.abs(matrix).max(axis=0)
    best = np.full(matrix.shape[1], np.inf)
    chosen = np.zeros(matrix.shape[1], np.float16)
    codes = np.zeros(matrix.shape, np.int8)
    for share in _SHARES:
        scale = (greatest * share / most).astype(np.float16)
        exact = np.maximum(scale.astype(np.float32), np.finfo(np.float32).tiny)
        tried = np.clip(np.rint(matrix / exact), -most, most)
        error = np.square(tried * scale.astype(np.float32) - matrix).sum(axis=0)
        better = error < best
        best[better], chosen[better] = error[better], scale[better]
        codes[:, better] = tried[:, better]
    return codes, chosen


_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)


def _parts(layout: Layout, weights: Numbers) -> Iterator[tuple[Numbers, int]]:
    """Yield all numbers in their order: (some, outputs of their matrix, 0 for no matrix)."""
    for size, outputs in _sizes(layout):
        yield weights[:size], outputs
        weights = weights[size:]
    if len(weights):
        raise ValueError(f"{len(weights)} numbers more than the layers have")


def _sizes(layout: Layout) -> Iterator[tuple[int, int]]:
    """Yield (numbers, outputs), as `audio.nn` packs the layers: biases, then matrices."""
    for row in layout:
        inputs, outputs = int(row[LayoutColumn.INPUTS]), int(row[LayoutColumn.OUTPUTS])
        kind = LayerKind(int(row[LayoutColumn.KIND]))
        if kind == LayerKind.TABLE:
            yield inputs * outputs, 0
        elif kind == LayerKind.LAYER_NORM:
            yield 2 * inputs, 0
        elif kind == LayerKind.GRU:
            yield 6 * outputs, 0
            yield 3 * outputs * inputs, 3 * outputs
            yield 3 * outputs * outputs, 3 * outputs
        else:
            taps = int(row[LayoutColumn.EXTRA]) >> 16 if kind == LayerKind.CAUSAL_CONV else 1
            yield outputs, 0
            yield taps * inputs * outputs, outputs


def _unpacked(
    layout: Layout, codes: NDArray[np.int8], scales: NDArray[np.float16], exact: Numbers
) -> Numbers:
    parts: list[Numbers] = []
    for size, outputs in _sizes(layout):
        if not outputs:
            parts.append(exact[:size])
            exact = exact[size:]
            continue
        matrix = codes[:size].reshape(-1, outputs)
        parts.append((matrix * scales[:outputs].astype(np.float32)).ravel().astype(np.float32))
        codes, scales = codes[size:], scales[outputs:]
    weights = np.concatenate(parts).astype(np.float32)
    if len(codes) or len(scales) or len(exact):
        raise ValueError("numbers more than the layers have")
    if len(weights) != sum(size for size, _ in _sizes(layout)):
        raise ValueError("fewer numbers than the layers have")
    return weights
