"""Takes in pieces as short as the paper's excerpts: each is heard and played by itself.

In: a take of any length. Out: takes of 4 s at 16 kHz, each as loud as full scale allows, with what
is heard in its own audio alone; a piece knows nothing of what was before it.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import track_pitch
from plugin_core.training.ddx7_data import Take
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.types import Mono

PIECE_S = 4.0


def pieces(take: Take) -> Iterator[Take]:
    """Yield a take's pieces; what is left at its end is left out, silence as well.

    A take shorter than a piece is one.
    """
    size = round(PIECE_S * AUDIO_RATE)
    for first in range(0, max(1, len(take.audio) - size + 1), size):
        audio = take.audio[first : first + size]
        peak = float(np.abs(audio).max(initial=0.0))
        if peak > 0:
            yield _heard(take, first / AUDIO_RATE, (audio / peak).astype(np.float32))


def _heard(take: Take, since_s: float, audio: Mono) -> Take:
    frames = measure_frames(audio, AUDIO_RATE, track_pitch(audio, AUDIO_RATE))
    return replace(
        take,
        name=f"{take.name} from {since_s:g} s",
        sample_rate=AUDIO_RATE,
        gain_db=0.0,
        f0_hz=frames.f0_hz,
        confidence=frames.confidence,
        loudness_db=frames.loudness_db,
        lines=frames.amplitude[:, None] * frames.harmonics,
        noise=frames.noise,
        audio=np.pad(audio, (0, len(frames) * FRAME_SAMPLES - len(audio))),
    )
