"""How kernels are compiled: one set of flags for all, one disk cache per state of the sources.

Numba's own cache looks only at the file of the function that it caches, not at the functions which
that one calls, so a changed kernel could go unnoticed. Here the cache folder is named after all
kernel sources, the Numba version and the processor.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import llvmlite.binding
import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")

_PACKAGE = Path(__file__).resolve().parents[1]
_KERNEL_FOLDERS = ("audio", "dx7", "engine")
# No reassociation and no finite-math: feedback paths and tests for NaN must mean what they say.
_FAST_MATH = {"contract", "arcp", "nsz"}


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for folder in _KERNEL_FOLDERS:
        for path in sorted((_PACKAGE / folder).glob("*.py")):
            digest.update(path.read_bytes())
    cpu = llvmlite.binding.get_host_cpu_name()
    digest.update(f"{numba.__version__} {llvmlite.__version__} {cpu}".encode())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return the folder of the compiled kernels of this state of the sources."""
    root = os.environ.get("HEXACHORD_CACHE") or os.environ.get("XDG_CACHE_HOME")
    base = Path(root) if root else Path.home() / ".cache"
    return base / "hexachord" / "kernels" / _fingerprint()


# Numba makes its settings module attributes at run time.
numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function that other kernels call."""
    return _compiled(function)


def entry_point(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function that Python calls, without the GIL, kept on disk between runs."""
    return _compiled(function, nogil=True, cache=True)


def _compiled(function: Callable[_P, _R], **options: Any) -> Callable[_P, _R]:
    compiled: Callable[_P, _R] = numba.njit(fastmath=_FAST_MATH, error_model="numpy", **options)(
        function
    )
    return compiled
