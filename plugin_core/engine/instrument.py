"""The engine as Python holds it: its memory, and blocks in and out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.engine.library import Memory, bind
from plugin_core.engine.live_faults import LIVE_FAULTS
from plugin_core.engine.live_model import LiveModel, model_record
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
from plugin_core.types import Mono

Events = NDArray[Any]
"""A one-dimensional array of dtype `EVENT`, sorted by offset."""

MIN_SAMPLE_RATE = 22050
MAX_SAMPLE_RATE = 192000
MAX_BLOCK = 8192

NOTE_PEAK = 6 * 2.0 ** (4064 / 256 - 14) / 16
"""What one note reaches at most while controls and gains rest: six carriers in phase, each at
output level 99 with the strongest accent (facts sheet, sections 3 and 6), 1.38 in all."""

_CACHE_LINE = 64
_MAX_BOOST = 10 ** (12 / 20)
_NOISE_PEAK = 1.5
_MAX_CHANNEL_GAIN = (127 / 100) ** 2

PEAK = VOICES * (NOTE_PEAK * _MAX_BOOST + _NOISE_PEAK) * _MAX_BOOST**2 * _MAX_CHANNEL_GAIN
"""What no sample ever passes, whatever is asked: every voice at `NOTE_PEAK`, tilted by brightness,
with attack noise, and volume, output gain and controller 7 all at their highest."""


class Engine:
    """One instrument, mono: 32 voices of the sound that plays, and what still sounds of others.

    `patches` are the sounds that SOUND events choose from, each as `dx7.Voice.patch` gives it; the
    first one is loaded. `models` are those of MODEL events, in their slots. Raises ValueError for a
    sample rate outside 22050..192000 Hz and for models that are too many or not sound.
    """

    def __init__(
        self,
        sample_rate: float,
        patches: Sequence[NDArray[np.float32]],
        models: Sequence[LiveModel] = (),
    ) -> None:
        if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
            raise ValueError(
                f"sample rate is {MIN_SAMPLE_RATE}..{MAX_SAMPLE_RATE} Hz, found {sample_rate:g}"
            )
        if len(models) > MODEL_SLOTS:
            raise ValueError(f"an engine has room for {MODEL_SLOTS} models, found {len(models)}")
        self.sample_rate = float(sample_rate)
        self._memory = Memory(
            instruments=np.zeros(1, INSTRUMENT),
            voices=np.zeros(VOICES, VOICE),
            players=_aligned(PLAYERS, PLAYER),
            segments=np.zeros((VOICES, SEGMENTS), SEGMENT),
            scratches=np.zeros(1, SCRATCH),
            lives=_aligned(1, LIVE),
            sounds=np.stack(patches).astype(np.float32).reshape(-1, PATCH_SIZE),
            models=np.zeros(MODEL_SLOTS, MODEL),
            weights=np.zeros((MODEL_SLOTS, WEIGHTS_CAPACITY), np.float32),
            transports=np.zeros(1, TRANSPORT),
        )
        self._bound = bind(self._memory)
        for slot, model in enumerate(models):
            self._load(slot, model)
        self.reset()

    def _load(self, slot: int, model: LiveModel) -> None:
        record = model_record(model.weights, model.layout)
        fault = int(record["fault"][0])
        if fault:
            raise ValueError(f"model {slot}: {LIVE_FAULTS[fault]}")
        self._memory.models[slot : slot + 1] = record
        self._memory.weights[slot, : len(model.weights)] = model.weights

    def reset(self) -> None:
        """Silence everything and put all parameters and controllers to their defaults."""
        memory = self._memory
        for records in (memory.instruments, memory.voices, memory.players, memory.scratches):
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


def _aligned(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return zeroed records that begin with a cache line."""
    memory = np.zeros(count * dtype.itemsize + _CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % _CACHE_LINE
    return memory[first : first + count * dtype.itemsize].view(dtype)
