"""The bundled composers by name: `presets/composers/NAME.ts`, or a file of one's own."""

from pathlib import Path

from plugin_core.types import InputError

DEFAULT_SOLO, DEFAULT_CHORALE = "chorale-lines", "chorale"
BUNDLED = (DEFAULT_CHORALE, DEFAULT_SOLO, "bach-performances")


def composers_folder() -> Path:
    """Return the folder of the bundled composers."""
    return Path(__file__).resolve().parents[2] / "presets" / "composers"


def composer_path(name: str) -> Path:
    """Return the file of a bundled composer, or the file that `name` is the path of.

    Raises InputError where there is none. Archives are read as data: nothing in them runs.
    """
    if name in BUNDLED:
        return composers_folder() / f"{name}.ts"
    path = Path(name)
    if path.suffix.lower() == ".ts" and path.is_file():
        return path
    raise InputError("--model", "", f"{', '.join(BUNDLED)}, or a file .ts", repr(name))
