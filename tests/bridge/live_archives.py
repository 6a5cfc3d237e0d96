"""Archives of a live model, made by hand: whole ones, and ones with something wrong in them."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.numpy
from numpy.typing import NDArray

from plugin_core.engine.live_model import LiveModel
from tests.engine.live_organ import organ

NAMES = ("kazoo", "saw")


def model() -> LiveModel:
    """Return a small model of two instruments."""
    return organ(len(NAMES))


def described(**changes: Any) -> dict[str, Any]:
    """Return a description of that model, with some keys changed or, where None, left out."""
    whole: dict[str, Any] = {"schema": 1, "kind": "live", "instruments": list(NAMES)}
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


def tensors(**changes: NDArray[Any] | None) -> bytes:
    """Return that model's weights and layout as safetensors, some changed or left out."""
    whole = {"weights": model().weights, "layout": model().layout}
    kept = {name: each for name, each in {**whole, **changes}.items() if each is not None}
    return safetensors.numpy.save(kept)


def archive(
    description: Mapping[str, Any] | bytes | None = None,
    weights: bytes | None = None,
    *,
    folder: str = "NAME",
    compression: int = zipfile.ZIP_STORED,
    others: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return an archive; `others` are further members by name."""
    text = description if isinstance(description, bytes) else json.dumps(description or described())
    members = {
        f"{folder}/data.pkl": b"nobody reads this",
        **(others or {}),
        f"{folder}/extra/hexachord.json": text,
        f"{folder}/extra/weights.safetensors": weights or tensors(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def header_only(header: Mapping[str, Any] | bytes) -> bytes:
    """Return safetensors of a header and 64 bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(64)


def relaid(change: tuple[int, int], value: int) -> bytes:
    """Return the model's tensors with one number of the layer table changed."""
    layout = model().layout.copy()
    layout[change] = value
    return tensors(layout=layout)


def reweighed(value: float) -> bytes:
    """Return the model's tensors with one weight changed."""
    weights = model().weights.copy()
    weights[len(weights) // 2] = value
    return tensors(weights=weights)


def patched(data: bytes, at: bytes, offset: int, value: bytes) -> bytes:
    """Return an archive with bytes changed, counted from the last place where `at` stands."""
    place = data.rindex(at) + offset
    return data[:place] + value + data[place + len(value) :]


def written(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder and return their paths."""
    paths = [folder / f"{name}.ts" for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    return paths
