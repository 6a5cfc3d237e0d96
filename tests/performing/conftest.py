"""Models that do exactly what they are told, so that what is around them can be measured."""

from collections.abc import Sequence

import numpy as np
import pytest

from plugin_core.audio.reverb import Room
from plugin_core.performing.models import Models
from plugin_core.types import (
    FRAME_RATE,
    HARMONICS,
    NOISE_BANDS,
    Expression,
    ExpressiveNote,
    Frames,
    Note,
)

TYPICAL = Expression(0.7, 0.1, 0.4, 0.3, 0.25, 0.5)
SHARES = 0.75 ** np.arange(HARMONICS)


class Obedient:
    """A performer who plays every note as `played`, and tells what was asked."""

    def __init__(self, played: Expression = TYPICAL) -> None:
        self.played = played
        self.heard: list[Note] = []

    def predict(self, notes, instrument, *, seed=None, temperature=1.0):
        self.heard = list(notes)
        return (self.played,) * len(notes)

    def typical(self, instrument):
        return TYPICAL


class Organ:
    """Notes at the level of their volume, with a vibrato of 5 Hz and +-10 cents at 0.3."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def perform(
        self,
        notes: Sequence[ExpressiveNote],
        instrument: str,
        *,
        seed: int = 0,
        first: int = 0,
        frames: int | None = None,
        f0_hz=None,
        temperature: float = 1.0,
        fit: bool = True,
    ) -> Frames:
        assert frames is not None
        self.calls.append((seed, frames))
        amplitude, key = np.zeros(frames), np.full(frames, 60.0)
        times = np.arange(frames) / FRAME_RATE
        for each in notes:
            start = max(round(each.note.onset_s * FRAME_RATE), 0)
            end = round(each.note.offset_s * FRAME_RATE)
            amplitude[start:end] = 10 ** ((-90 + 60 * each.expression.volume) / 20)
            wave = np.sin(2 * np.pi * 5 * (times[start:] - times[min(start, frames - 1)]))
            key[start:] = each.note.midi_pitch + 0.1 * each.expression.vibrato / 0.3 * wave
        return Frames(
            f0_hz=(440 * 2 ** ((key - 69) / 12)).astype(np.float32),
            confidence=np.ones(frames, np.float32),
            loudness_db=np.full(frames, -40.0, np.float32),
            amplitude=amplitude.astype(np.float32),
            harmonics=np.tile(SHARES / SHARES.sum(), (frames, 1)).astype(np.float32),
            noise=np.full((frames, NOISE_BANDS), 1e-4, np.float32),
        )

    def room(self, instrument: str, sample_rate: int) -> Room:
        return Room(np.zeros(1), 0.0)


@pytest.fixture
def models() -> Models:
    return Models(Obedient(), Organ())
