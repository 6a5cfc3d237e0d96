"""The compiled engine: the shared library that the build makes, or the kernels compiled here.

The library (`bridge.aot`) holds the very instructions of the plug-in and loads at once; the kernels
need Numba, and half a minute where they are not cached. HEXACHORD_ENGINE=jit asks for the kernels,
a path for another library. A library made from other sources is left alone.
"""

import ctypes
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.sources import kernel_digest
from plugin_core.types import InputError

NAME = "libhexachord_engine.so"
JIT = "jit"
"""What `origin` says where the kernels are compiled here."""

_BUILD = Path(__file__).resolve().parents[2] / "build"

Records = NDArray[Any]


class Memory(NamedTuple):
    """The arrays that an engine lives in, of the dtypes of `records`."""

    instruments: Records
    voices: Records
    players: Records
    segments: Records
    scratches: Records
    lives: Records
    sounds: NDArray[np.float32]
    models: Records
    weights: NDArray[np.float32]
    transports: Records


class Bound(NamedTuple):
    """The engine's entry points on one memory."""

    start: Callable[[float], None]
    """Set up the instrument for a sample rate; its memory must be zero."""
    render_block: Callable[[Records, NDArray[np.float32]], None]
    """Render the next block under the given events into the given output."""


def library_path() -> Path | None:
    """Return the shared library that fits these sources, None if there is none.

    Raises InputError if HEXACHORD_ENGINE asks for a library that is none, or not of these sources.
    """
    asked = os.environ.get("HEXACHORD_ENGINE", "")
    if asked == JIT:
        return None
    path = Path(asked) if asked else _BUILD / NAME
    if path.is_file() and _digest(path) == kernel_digest():
        return path
    if asked:
        found = f"{path}, which is none"
        raise InputError("HEXACHORD_ENGINE", "", "jit, or the library of these sources", found)
    return None


@lru_cache(maxsize=1)
def origin() -> str:
    """Return where the engine of this process comes from: the library's path, or "jit"."""
    return str(library_path() or JIT)


def bind(memory: Memory) -> Bound:
    """Return the entry points of this process on `memory`, the library's if there is one."""
    return _bind_kernels(memory) if origin() == JIT else _bind_library(memory)


def check_model(models: Records, weights: NDArray[np.float32]) -> None:
    """Set the fault and the instruments of one MODEL record; see `live_check.check_model`."""
    if origin() == JIT:
        from plugin_core.engine.live_check import check_model as check

        check(models, weights, len(weights))
    else:
        size = ctypes.c_int32(len(weights))
        _open(Path(origin())).hexachord_check_model(_at(models), _at(weights), size)


def _bind_kernels(memory: Memory) -> Bound:
    from plugin_core.engine.render import render_block
    from plugin_core.engine.start import start

    return Bound(
        lambda rate: start(memory.instruments, memory.lives, memory.sounds, rate),
        lambda events, out: render_block(*memory[:9], events, memory.transports, out),
    )


def _bind_library(memory: Memory) -> Bound:
    library = _open(Path(origin()))
    at = Memory(*(_at(array) for array in memory))  # type: ignore[arg-type]
    count = ctypes.c_int32(len(memory.sounds))

    def start(sample_rate: float) -> None:
        rate = ctypes.c_double(sample_rate)
        library.hexachord_start(at.instruments, at.lives, at.sounds, count, rate)

    def render_block(events: Records, out: NDArray[np.float32]) -> None:
        library.hexachord_render_block(
            *at[:6],
            at.sounds,
            count,
            at.models,
            at.weights,
            _at(events),
            ctypes.c_int32(len(events)),
            at.transports,
            _at(out),
            ctypes.c_int32(len(out)),
        )

    return Bound(start, render_block)


@lru_cache(maxsize=4)
def _open(path: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(path))


def _digest(path: Path) -> str | None:
    try:
        digest = _open(path).hexachord_digest
    except (OSError, AttributeError):
        return None
    digest.restype = ctypes.c_char_p
    found: bytes = digest()
    return found.decode()


def _at(array: Records) -> ctypes.c_void_p:
    if not array.flags.c_contiguous:
        raise ValueError("the engine's memory must be contiguous")
    return ctypes.c_void_p(array.ctypes.data if array.size else None)
