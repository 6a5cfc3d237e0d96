"""What made a render: our version and those of the packages that shape its samples."""

import platform
from importlib import metadata

PACKAGES = (
    *("numpy", "scipy", "numba", "llvmlite", "mido", "soundfile"),
    *("dawdreamer", "pedalboard", "matplotlib", "typer", "rich"),
)
"""What Hexachord stands on; all of them are needed."""

HEARING_PACKAGES = ("swift-f0", "onnxruntime")
"""What understanding recordings stands on besides; rendering needs none of them."""

MODEL_PACKAGES = ("torch", "safetensors")
"""What trained models stand on besides."""

_SOUNDING = ("numpy", "numba", "llvmlite", "dawdreamer", "pedalboard")


def version_of(package: str) -> str | None:
    """Return the installed version of a package, None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def hexachord_version() -> str:
    """Return our own version; a tree that is not installed has none."""
    return version_of("hexachord") or "not installed"


def sounding_versions(*, models: bool = False) -> dict[str, str | None]:
    """Return the versions of Python, the processor and the packages that shape samples.

    With those that neural `models` stand on, if they played.
    """
    return {
        "hexachord": hexachord_version(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{package: version_of(package) for package in _SOUNDING},
        **{package: version_of(package) for package in MODEL_PACKAGES if models},
    }
