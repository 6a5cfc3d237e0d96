"""Random excerpts of takes, as batches: what a training step of a DDX7 model sees.

Every excerpt is as loud as it was recorded, or as it would be if its few seconds were all that had
been recorded (`ddx7_data.levelled`), give or take GAIN_DB; some begin in the silence before a take.
The first CONTEXT frames only fill the network's memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugin_core.analysis.loudness import FLOOR_DB
from plugin_core.analysis.sounding import loud_level_db
from plugin_core.engine.ddx7_layout import SEEN_FRAMES
from plugin_core.training.ddx7_data import REFERENCE_DB, Take
from plugin_core.training.hearing_cache import FRAME_SAMPLES
from plugin_core.types import NOISE_BANDS

CONTEXT = SEEN_FRAMES
"""Frames at the beginning of an excerpt that no loss judges."""

GAIN_DB = 6.0
_ALONE, _ALONE_FRAMES = 0.5, 1000
"""How many excerpts of performances are as loud as if so much around them were a recording: soft
passages are raised then, as they are in a short file of a user's."""
_MOST_RAISED_DB = 20.0
_SILENCE_BEFORE = 0.3
_LONGEST_SILENCE = 160
_NYQUIST_SHARE = 0.47
_PERFORMANCE_WEIGHT = 3.0
_BAND_HZ = 24000 / (NOISE_BANDS - 1)
_VOICED = 0.5
_LEAST_AMPLITUDE = 1e-4


@dataclass(frozen=True, slots=True)
class Excerpts:
    """A batch: B excerpts of F frames."""

    f0_hz: Tensor
    """(B, F), carried on where unvoiced."""
    loudness_db: Tensor
    """(B, F), in the model's scale."""
    is_voiced: Tensor
    """(B, F)."""
    lines: Tensor
    """Linear amplitudes, (B, F, 100)."""
    noise: Tensor
    """Linear magnitudes, (B, F, 65)."""
    highest_hz: Tensor
    """What is known ends here, (B,)."""
    audio: Tensor
    """At 16 kHz, (B, 64 F)."""

    def known_bands(self) -> Tensor:
        """Return which noise bands are known, (B, 1, 65)."""
        centres = torch.arange(NOISE_BANDS) * _BAND_HZ
        return (centres <= self.highest_hz[:, None])[:, None]


def take_shares(takes: Sequence[Take], favoured: str, share: float) -> NDArray[np.float64]:
    """Return how often every take is drawn, shape (takes,), sum 1.

    By their lengths, performances thrice; those of the source `favoured` together `share` of all,
    where there are others.
    """
    weights = np.array(
        [each.seconds * (1.0 if each.is_note else _PERFORMANCE_WEIGHT) for each in takes]
    )
    preferred = np.array([each.source == favoured for each in takes])
    if preferred.any() and not preferred.all():
        weights[preferred] *= share / weights[preferred].sum()
        weights[~preferred] *= (1 - share) / weights[~preferred].sum()
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def draw(
    random: np.random.Generator,
    takes: Sequence[Take],
    shares: NDArray[np.float64],
    size: int,
    frames: int,
) -> Excerpts:
    """Return a batch of `size` excerpts of `frames` frames."""
    chosen = random.choice(len(takes), size, p=shares)
    parts = [_excerpt(random, takes[index], frames) for index in chosen]
    columns = [np.stack(column) for column in zip(*parts, strict=True)]
    return Excerpts(*(torch.from_numpy(column) for column in columns))


def whole(take: Take) -> Excerpts:
    """Return a take, CONTEXT frames of silence before it, as a batch of one."""
    parts = _cut(take, -CONTEXT, CONTEXT + len(take), 0.0)
    return Excerpts(*(torch.from_numpy(np.asarray(column)[None]) for column in parts))


def _excerpt(random: np.random.Generator, take: Take, frames: int) -> tuple[Any, ...]:
    spare = len(take) - frames
    first, last = (0, spare) if spare > 0 else (spare // 2, 0)
    if random.random() < _SILENCE_BEFORE:
        first = -_LONGEST_SILENCE
    begin = int(random.integers(min(first, last), max(first, last) + 1))
    gain_db = float(random.uniform(-GAIN_DB, GAIN_DB))
    if not take.is_note and random.random() < _ALONE:
        gain_db += _raised_db(take, begin + (frames - _ALONE_FRAMES) // 2)
    return _cut(take, begin, frames, gain_db)


def _raised_db(take: Take, begin: int) -> float:
    """Return how much louder a take would be if only _ALONE_FRAMES of it were recorded."""
    begin = int(np.clip(begin, 0, max(0, len(take) - _ALONE_FRAMES)))
    level_db = loud_level_db(take.loudness_db[begin : begin + _ALONE_FRAMES])
    return min(REFERENCE_DB - level_db, _MOST_RAISED_DB)


def _cut(take: Take, begin: int, frames: int, gain_db: float) -> tuple[Any, ...]:
    """Return the columns of an excerpt in the order of `Excerpts`; silence lies around a take."""
    since, until = max(begin, 0), min(begin + frames, len(take))
    part = take.part(since, until, is_held_out=False).louder(gain_db)
    around = (since - begin, begin + frames - until)

    def padded(values: NDArray[np.float32], silence: float) -> NDArray[np.float32]:
        sides = [around, *[(0, 0)] * (values.ndim - 1)]
        return np.pad(values, sides, constant_values=silence)

    lines = padded(part.lines, 0.0)
    confident = padded(part.confidence, 0.0) > _VOICED
    samples = (around[0] * FRAME_SAMPLES, around[1] * FRAME_SAMPLES)
    return (
        np.pad(part.f0_hz, around, mode="edge"),
        padded(part.loudness_db, FLOOR_DB),
        confident & (lines.sum(axis=1) > _LEAST_AMPLITUDE),
        lines,
        padded(part.noise, 0.0),
        np.float32(_NYQUIST_SHARE * take.sample_rate),
        np.pad(part.audio, samples),
    )
