"""Archives of DDX7 models, made by hand of the organ whose every number is known."""

import json
import zipfile
from pathlib import Path
from typing import Any

import safetensors.numpy

from plugin_core.engine.ddx7_file import Ddx7Model
from tests.engine.ddx7_organ import ddx7_organ


def written(path: Path, *, model: Ddx7Model | None = None, **changes: Any) -> Path:
    """Write a model, by default the organ, and return its path; `changes` are of its description.

    Its instrument has the file's name unless the description says another.
    """
    model = model or ddx7_organ()
    description = {"schema": 1, "kind": "ddx7", "instruments": [path.stem], **changes}
    tensors = {"weights": model.weights, "layout": model.layout, "room": model.room}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}/extra/hexachord.json", json.dumps(description))
        weights = safetensors.numpy.save(tensors)
        archive.writestr(f"{path.stem}/extra/weights.safetensors", weights)
    return path
