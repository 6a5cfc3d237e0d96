"""Frames to audio in a room: the last step of every model, without torch."""

from dataclasses import dataclass, field

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from plugin_core.analysis.resampling import resample
from plugin_core.audio.harmonic_plus_noise import synthesize
from plugin_core.types import Frames, Mono

ROOM_RATE = 16000


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of the direct sound, and what the room answers."""

    dry: float
    response: NDArray[np.float32] = field(repr=False)
    """Impulse response at 16 kHz, shape (samples,)."""

    def at(self, sample_rate: int) -> NDArray[np.float32]:
        """Return the response at another sample rate, of the same gain at every frequency."""
        if sample_rate == ROOM_RATE:
            return self.response
        resampled = resample(self.response, ROOM_RATE, sample_rate)
        return resampled * np.float32(ROOM_RATE / sample_rate)


def synthesize_in_room(
    frames: Frames, sample_rate: int, samples: int, *, room: Room | None = None, seed: int = 0
) -> Mono:
    """Return the sound of `frames`, shape (samples,); what rings on after that is cut off."""
    dry = synthesize(
        frames.f0_hz,
        frames.amplitude,
        frames.harmonics,
        frames.noise,
        sample_rate,
        samples,
        seed=seed,
    )
    if room is None:
        return dry
    answer = scipy.signal.oaconvolve(dry, room.at(sample_rate))[: len(dry)]
    placed: Mono = (room.dry * dry + answer).astype(np.float32)
    return placed
