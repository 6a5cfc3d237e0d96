"""Archives of live models as far as sounds read them."""

import json
import zipfile
from pathlib import Path


def write_live(path: Path, *instruments: str, kind: str = "live") -> Path:
    """Write what is read of a live archive before it plays: its description."""
    description = {"schema": 1, "kind": kind, "instruments": list(instruments)}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}/extra/hexachord.json", json.dumps(description))
    return path
