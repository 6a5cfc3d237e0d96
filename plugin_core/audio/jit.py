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

from plugin_core.audio.sources import kernel_digest

_P = ParamSpec("_P")
_R = TypeVar("_R")

# No reassociation and no finite-math: feedback paths and tests for NaN must mean what they say.
_FAST_MATH = {"contract", "arcp", "nsz"}


def cache_folder() -> Path:
    """Return the folder of the compiled kernels of this state of the sources."""
    root = os.environ.get("HEXACHORD_CACHE") or os.environ.get("XDG_CACHE_HOME")
    base = Path(root) if root else Path.home() / ".cache"
    return base / "hexachord" / "kernels" / f"{kernel_digest()}-{_compiler_digest()}"


def _compiler_digest() -> str:
    cpu = llvmlite.binding.get_host_cpu_name()
    compiler = f"{numba.__version__} {llvmlite.__version__} {cpu}"
    return hashlib.sha256(compiler.encode()).hexdigest()[:8]


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
