"""The built plug-in: where it is, and the one line that says that it is not there."""

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
