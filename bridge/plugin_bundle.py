"""The built plug-in: where it is, what it carries, and the one line that says what is missing."""

import os
from pathlib import Path

from plugin_core.types import InputError

NAME = "Hexachord.vst3"

_BUILD = Path(__file__).resolve().parents[1] / "build"


def plugin_path() -> Path:
    """Return the absolute path of the plug-in: HEXACHORD_PLUGIN names it, else ci/build makes it.

    Raises InputError if nothing is there.
    """
    path = Path(os.environ.get("HEXACHORD_PLUGIN") or _BUILD / NAME).absolute()
    if not path.exists():
        raise InputError("plug-in", "", f"a built {NAME} (ci/build makes it)", f"nothing at {path}")
    return path


def require_model(plugin: Path, model: Path) -> None:
    """Raise InputError unless the plug-in was built with this live model inside."""
    files = [plugin] if plugin.is_file() else [each for each in plugin.rglob("*") if each.is_file()]
    wanted = model.read_bytes()
    if not any(wanted in each.read_bytes() for each in files):
        expected = f"{model.name} as it lies in {model.parent} built in (ci/build does it)"
        raise InputError(plugin, "", expected, "another live model, or none")
