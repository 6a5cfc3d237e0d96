"""The engine's entry points for C: their names, their arguments, and the kernels behind them.

Memory is passed as pointers to the records of `plugin_core.engine.records`; a number of records or
samples follows where it may vary.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import types

from plugin_core.engine.records import (
    EVENT,
    INSTRUMENT,
    PATCH_SIZE,
    SCRATCH,
    SEGMENT,
    SEGMENTS,
    TRANSPORT,
    VOICE,
    VOICES,
)
from plugin_core.engine.render import render_block
from plugin_core.engine.start import start

# Numba does not declare that it exports it.
carray: Any = numba.carray  # type: ignore[attr-defined]

RECORDS: dict[str, np.dtype[Any]] = {
    "instrument": INSTRUMENT,
    "voice": VOICE,
    "segment": SEGMENT,
    "scratch": SCRATCH,
    "event": EVENT,
    "transport": TRANSPORT,
}
"""The record types that cross the border, by the name that C gives them."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One function for C: `arguments` are (C type, name); a record type stands for a pointer."""

    name: str
    function: Callable[..., None]
    arguments: tuple[tuple[str, str], ...]

    @property
    def signature(self) -> Any:
        """The Numba signature."""
        return types.void(*(_numba_type(c_type) for c_type, _ in self.arguments))


def _numba_type(c_type: str) -> Any:
    scalars = {"int32_t": types.int32, "double": types.float64}
    if c_type in scalars:
        return scalars[c_type]
    name = c_type.removeprefix("const ").removesuffix("*").strip()
    item = types.float32 if name == "float" else numba.from_dtype(RECORDS[name])
    pointer: Any = types.CPointer
    return pointer(item)


def _start(instruments: Any, sounds: Any, sound_count: int, sample_rate: float) -> None:
    start(
        carray(instruments, (1,)),
        carray(sounds, (sound_count, PATCH_SIZE)),
        sample_rate,
    )


def _render_block(
    instruments: Any,
    voices: Any,
    segments: Any,
    scratches: Any,
    sounds: Any,
    sound_count: int,
    events: Any,
    event_count: int,
    transports: Any,
    out: Any,
    samples: int,
) -> None:
    render_block(
        carray(instruments, (1,)),
        carray(voices, (VOICES,)),
        carray(segments, (VOICES, SEGMENTS)),
        carray(scratches, (1,)),
        carray(sounds, (sound_count, PATCH_SIZE)),
        carray(events, (event_count,)),
        carray(transports, (1,)),
        carray(out, (samples,)),
    )


ENTRY_POINTS = (
    EntryPoint(
        "start",
        _start,
        (
            ("instrument*", "instrument"),
            ("const float*", "sounds"),
            ("int32_t", "sound_count"),
            ("double", "sample_rate"),
        ),
    ),
    EntryPoint(
        "render_block",
        _render_block,
        (
            ("instrument*", "instrument"),
            ("voice*", "voices"),
            ("segment*", "segments"),
            ("scratch*", "scratch"),
            ("const float*", "sounds"),
            ("int32_t", "sound_count"),
            ("const event*", "events"),
            ("int32_t", "event_count"),
            ("const transport*", "transport"),
            ("float*", "out"),
            ("int32_t", "samples"),
        ),
    ),
)
