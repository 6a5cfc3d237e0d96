"""The engine as Python holds it: its memory, and blocks in and out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.engine.library import Memory, bind
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
from plugin_core.types import Mono

Events = NDArray[Any]
"""A one-dimensional array of dtype `EVENT`, sorted by offset."""

MIN_SAMPLE_RATE = 22050
MAX_SAMPLE_RATE = 192000
MAX_BLOCK = 8192

NOTE_PEAK = 6 * 2.0 ** (4064 / 256 - 14) / 16
"""What one note reaches at most while controls and gains rest: six carriers in phase, each at
output level 99 with the strongest accent (facts sheet, sections 3 and 6), 1.38 in all."""

_MAX_BOOST = 10 ** (12 / 20)
_NOISE_PEAK = 1.5
_MAX_CHANNEL_GAIN = (127 / 100) ** 2

PEAK = VOICES * (NOTE_PEAK * _MAX_BOOST + _NOISE_PEAK) * _MAX_BOOST**2 * _MAX_CHANNEL_GAIN
"""What no sample ever passes, whatever is asked: every voice at `NOTE_PEAK`, tilted by brightness,
with attack noise, and volume, output gain and controller 7 all at their highest."""


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
        self._memory = Memory(
            instruments=np.zeros(1, INSTRUMENT),
            voices=np.zeros(VOICES, VOICE),
            segments=np.zeros((VOICES, SEGMENTS), SEGMENT),
            scratches=np.zeros(1, SCRATCH),
            sounds=np.stack(patches).astype(np.float32).reshape(-1, PATCH_SIZE),
            transports=np.zeros(1, TRANSPORT),
        )
        self._bound = bind(self._memory)
        self.reset()

    def reset(self) -> None:
        """Silence everything and put all parameters and controllers to their defaults."""
        for records in (self._memory.instruments, self._memory.voices, self._memory.scratches):
            records.view(np.uint8)[:] = 0
        self._memory.transports["tempo_bpm"] = 120.0
        self._bound.start(self.sample_rate)

    @property
    def parameters(self) -> NDArray[np.float32]:
        """What every parameter was last set to, in the order of the table."""
        values: NDArray[np.float32] = self._memory.instruments["target"][0].copy()
        return values

    @property
    def sounding(self) -> int:
        """How many voices are not idle."""
        return int(np.count_nonzero(self._memory.voices["status"]))

    def render(self, samples: int, events: Events | None = None) -> Mono:
        """Render the next block, float32 of shape (samples,)."""
        out = np.empty(samples, np.float32)
        self._bound.render_block(np.zeros(0, EVENT) if events is None else events, out)
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
            if start == 0:
                first = 0
            if stop == samples:
                last = len(events)
            mine = events[first:last].copy()
            mine["offset"] -= start
            out[start:stop] = self.render(stop - start, mine)
            if progress is not None:
                progress(stop / samples)
        return out
