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

from plugin_core.engine.live_check import check_model
from plugin_core.engine.live_records import (
    LIVE,
    MODEL,
    MODEL_SLOTS,
    PLAYER,
    PLAYERS,
    WEIGHTS_CAPACITY,
)
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
    "player": PLAYER,
    "segment": SEGMENT,
    "scratch": SCRATCH,
    "live": LIVE,
    "model": MODEL,
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


def _start(instruments: Any, lives: Any, sounds: Any, sound_count: int, sample_rate: float) -> None:
    start(
        carray(instruments, (1,)),
        carray(lives, (1,)),
        carray(sounds, (sound_count, PATCH_SIZE)),
        sample_rate,
    )


def _check_model(models: Any, weights: Any, size: int) -> None:
    check_model(carray(models, (1,)), carray(weights, (max(0, size),)), size)


def _render_block(
    instruments: Any,
    voices: Any,
    players: Any,
    segments: Any,
    scratches: Any,
    lives: Any,
    sounds: Any,
    sound_count: int,
    models: Any,
    weights: Any,
    events: Any,
    event_count: int,
    transports: Any,
    out: Any,
    samples: int,
) -> None:
    render_block(
        carray(instruments, (1,)),
        carray(voices, (VOICES,)),
        carray(players, (PLAYERS,)),
        carray(segments, (VOICES, SEGMENTS)),
        carray(scratches, (1,)),
        carray(lives, (1,)),
        carray(sounds, (sound_count, PATCH_SIZE)),
        carray(models, (MODEL_SLOTS,)),
        carray(weights, (MODEL_SLOTS, WEIGHTS_CAPACITY)),
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
            ("live*", "live"),
            ("const float*", "sounds"),
            ("int32_t", "sound_count"),
            ("double", "sample_rate"),
        ),
    ),
    EntryPoint(
        "check_model",
        _check_model,
        (("model*", "model"), ("const float*", "weights"), ("int32_t", "size")),
    ),
    EntryPoint(
        "render_block",
        _render_block,
        (
            ("instrument*", "instrument"),
            ("voice*", "voices"),
            ("player*", "players"),
            ("segment*", "segments"),
            ("scratch*", "scratch"),
            ("live*", "live"),
            ("const float*", "sounds"),
            ("int32_t", "sound_count"),
            ("const model*", "models"),
            ("const float*", "weights"),
            ("const event*", "events"),
            ("int32_t", "event_count"),
            ("const transport*", "transport"),
            ("float*", "out"),
            ("int32_t", "samples"),
        ),
    ),
)
