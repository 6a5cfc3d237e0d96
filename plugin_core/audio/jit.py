"""How kernels are compiled: one set of flags for all, one disk cache per state of the sources.

Numba's own cache looks only at the file of the function that it caches, not at the functions which
that one calls, so a changed kernel could go unnoticed. Here the cache folder is named after all
kernel sources, the Numba version and the processor.
"""

import hashlib
import os
import tempfile
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
    """Return the folder of the compiled kernels of this state of the sources, in this place.

    It is under HEXACHORD_CACHE, XDG_CACHE_HOME or ~/.cache, or where none of that can be written,
    in the folder for temporary files.
    """
    root = os.environ.get("HEXACHORD_CACHE") or os.environ.get("XDG_CACHE_HOME")
    base = Path(root) if root else Path.home() / ".cache"
    try:
        base.mkdir(parents=True, exist_ok=True)
        is_writable = os.access(base, os.W_OK)
    except OSError:
        is_writable = False
    if not is_writable:
        base = Path(tempfile.gettempdir())
    return base / "hexachord" / "kernels" / f"{kernel_digest()}-{_compiler_digest()}"


def _compiler_digest() -> str:
    cpu = llvmlite.binding.get_host_cpu_name()
    # Numba keeps what it compiles by the path of the source as well.
    compiler = f"{numba.__version__} {llvmlite.__version__} {cpu} {__file__}"
    return hashlib.sha256(compiler.encode()).hexdigest()[:8]


# Numba makes its settings module attributes at run time.
numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function that other kernels call."""
    return _compiled(function)


def summing_kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function that other kernels call and whose sums may be taken in any order.

    Without that a dot product cannot run wide. Never for what feeds back.
    """
    return _compiled(function, fastmath=_FAST_MATH | {"reassoc"})


def entry_point(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function that Python calls, without the GIL, kept on disk between runs."""
    return _compiled(function, nogil=True, cache=True)


def _compiled(function: Callable[_P, _R], **options: Any) -> Callable[_P, _R]:
    options = {"fastmath": _FAST_MATH, "error_model": "numpy", **options}
    compiled: Callable[_P, _R] = numba.njit(**options)(function)
    return compiled
