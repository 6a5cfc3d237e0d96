"""A phrase whose truth is known: notes with vibrato and a swell, synthesized from frames."""

from typing import NamedTuple

import numpy as np
import pytest

from plugin_core.hearing import synthesize
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, Frames, Mono


class Phrase(NamedTuple):
    frames: Frames
    keys: tuple[int, ...]
    onsets_s: tuple[float, ...]

    def audio(self, sample_rate: int) -> Mono:
        return synthesize(self.frames, sample_rate)


def phrase_of(keys: tuple[int, ...], *, note_s: float = 0.8, pause_s: float = 0.2) -> Phrase:
    """Notes of twenty harmonics at -6 dB an octave, 0.2 s apart, over faint noise."""
    each = round((note_s + pause_s) * FRAME_RATE)
    count = each * len(keys) + round(pause_s * FRAME_RATE)
    time_s = np.arange(count) / FRAME_RATE - pause_s
    number = np.clip(np.arange(count) - round(pause_s * FRAME_RATE), 0, None) // each
    inside_s = np.where(
        time_s < 0, -1.0, (np.arange(count) - round(pause_s * FRAME_RATE)) % each / FRAME_RATE
    )
    vibrato = 0.3 * np.sin(2 * np.pi * 5.5 * inside_s)
    f0_hz = 440 * 2 ** ((np.array(keys)[number] + vibrato - 69) / 12)
    attack = np.clip(inside_s / 0.02, 0, 1) * np.clip((note_s - inside_s) / 0.04, 0, 1)
    shares = np.zeros((count, HARMONICS))
    shares[:, :20] = 1 / np.arange(1, 21)
    full = np.ones(count)
    arrays = (f0_hz, full, -20 * full, 0.4 * attack, shares / shares.sum(axis=1, keepdims=True))
    noise = np.full((count, NOISE_BANDS), 1e-4)
    frames = Frames(*(np.asarray(array, np.float32) for array in (*arrays, noise)))
    onsets = tuple(pause_s + (note_s + pause_s) * index for index in range(len(keys)))
    return Phrase(frames, keys, onsets)


@pytest.fixture(scope="session")
def phrase() -> Phrase:
    return phrase_of((67, 71, 64))
