"""The engine as Python holds it: its memory, and blocks in and out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.engine.parameters import PARAMETERS
from plugin_core.engine.records import (
    EVENT,
    INSTRUMENT,
    NO_RPN,
    PATCH_PARAMETERS,
    PATCH_SIZE,
    SCRATCH,
    SEGMENT,
    SEGMENTS,
    SHOWN_FROM,
    TICK_S,
    TRANSPORT,
    UNSET,
    VOICE,
    VOICES,
)
from plugin_core.engine.render import render_block
from plugin_core.types import Mono

Events = NDArray[Any]
"""A one-dimensional array of dtype `EVENT`, sorted by offset."""

MIN_SAMPLE_RATE = 22050
MAX_SAMPLE_RATE = 192000
MAX_BLOCK = 8192
MPE_BEND_RANGE = 48.0
"""Semitones of a full bend on an MPE member channel, unless the controller says otherwise."""


class Engine:
    """One instrument: 32 voices of one sound at a time, mono.

    `patches` are the sounds that SOUND events choose from, each as `dx7.Voice.patch` gives it; the
    first one is loaded. Raises ValueError for a sample rate outside 22050..192000 Hz.
    """

    def __init__(self, sample_rate: float, patches: Sequence[NDArray[np.float32]]) -> None:
        if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
            raise ValueError(
                f"sample rate is {MIN_SAMPLE_RATE}..{MAX_SAMPLE_RATE} Hz, found {sample_rate:g}"
            )
        self.sample_rate = float(sample_rate)
        self._sounds = np.stack(patches).astype(np.float32).reshape(-1, PATCH_SIZE)
        self._instrument = np.zeros(1, INSTRUMENT)
        self._voices = np.zeros(VOICES, VOICE)
        self._segments = np.zeros((VOICES, SEGMENTS), SEGMENT)
        self._scratch = np.zeros(1, SCRATCH)
        self._transport = np.zeros(1, TRANSPORT)
        self.reset()

    def reset(self) -> None:
        """Silence everything and put all parameters and controllers to their defaults."""
        self._voices[:] = np.zeros(1, VOICE)
        self._instrument[:] = np.zeros(1, INSTRUMENT)
        instrument = self._instrument[0]
        instrument["sample_rate"] = self.sample_rate
        instrument["tick_samples"] = TICK_S * self.sample_rate
        instrument["last_note"] = UNSET
        instrument["channel_gain"] = 1.0
        instrument["pressure"] = UNSET
        instrument["slide"] = UNSET
        instrument["rpn"] = NO_RPN
        instrument["member_bend_range"] = MPE_BEND_RANGE
        defaults = np.array([parameter.default for parameter in PARAMETERS], dtype=np.float32)
        defaults[PATCH_PARAMETERS] = self._sounds[0] + SHOWN_FROM
        instrument["current"] = defaults
        instrument["target"] = defaults
        self._transport["tempo_bpm"] = 120.0

    @property
    def parameters(self) -> NDArray[np.float32]:
        """What every parameter was last set to, in the order of the table."""
        values: NDArray[np.float32] = self._instrument["target"][0].copy()
        return values

    @property
    def sounding(self) -> int:
        """How many voices are not idle."""
        return int(np.count_nonzero(self._voices["status"]))

    def render(self, samples: int, events: Events | None = None) -> Mono:
        """Render the next block, float32 of shape (samples,)."""
        out = np.empty(samples, np.float32)
        block_events = np.zeros(0, EVENT) if events is None else events
        render_block(
            self._instrument,
            self._voices,
            self._segments,
            self._scratch,
            self._sounds,
            block_events,
            self._transport,
            out,
        )
        return out

    def play(
        self,
        events: Events,
        samples: int,
        *,
        block: int = 4096,
        progress: Callable[[float], None] | None = None,
    ) -> Mono:
        """Render `samples` from here on in blocks, event offsets counting from here.

        `progress` hears the share done, 0..1, after each block. Returns shape (samples,).
        """
        out = np.empty(samples, np.float32)
        offsets = events["offset"]
        for start in range(0, samples, block):
            stop = min(samples, start + block)
            first, last = np.searchsorted(offsets, [start, stop])
            if stop == samples:
                last = len(events)
            mine = events[first:last].copy()
            mine["offset"] -= start
            out[start:stop] = self.render(stop - start, mine)
            if progress is not None:
                progress(stop / samples)
        return out
