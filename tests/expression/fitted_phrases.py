"""Phrases of many shapes whose controls are to be fitted, and what their controls read."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plugin_core.expression.extraction import extract
from plugin_core.types import Expression, ExpressiveNote, Frames, Note

AS_IT_IS = Expression(*[np.nan] * 6)


def phrase(
    lengths: list[int], *, gaps: list[int] | None = None, seed: int = 0, jitter: float = 1.0
) -> tuple[Frames, tuple[Note, ...]]:
    """Return frames as a network might make them, and the notes in them, which begin at frame 10.

    Every note rises, wanders, falls; between notes the level dies away; the pitch drifts.
    """
    random = np.random.default_rng(seed)
    gaps = gaps or [0] * len(lengths)
    count = 10 + sum(lengths) + sum(gaps) + 30
    level, pitch = np.full(count, -100.0), np.full(count, 60.0)
    notes, first = [], 10
    for index, (length, gap) in enumerate(zip(lengths, gaps, strict=True)):
        end, key = first + length, 60 + int(random.integers(-7, 8))
        rise = np.minimum(np.arange(length) / 12.0, 1.0)
        wander = 60.0 * gaussian_filter1d(random.standard_normal(length), 20.0, mode="wrap")
        level[first:end] = -44.0 - 15.0 * (1.0 - rise) + np.clip(wander, -6, 6)
        pitch[first:] = key
        rest = count - end
        level[end:] = level[end - 1] - 1.5 * np.arange(1, rest + 1)
        notes.append(Note(first / 250, end / 250, key, 64, index % 2))
        first = end + gap
    level = gaussian_filter1d(level, 1.0)
    level += jitter * gaussian_filter1d(random.standard_normal(count), 1.5)
    pitch += jitter * 1.5 * gaussian_filter1d(random.standard_normal(count), 60.0)
    pitch += jitter * 0.05 * gaussian_filter1d(random.standard_normal(count), 4.0)
    numbers = np.arange(1, 101)
    slope = 1.5 + 0.2 * gaussian_filter1d(random.standard_normal(count), 10.0)
    shares = numbers ** -slope[:, None]
    bands = -100.0 - 0.1 * np.arange(65) + random.standard_normal((count, 65))
    frames = Frames(
        f0_hz=(440 * 2 ** ((pitch - 69) / 12)).astype(np.float32),
        confidence=np.ones(count, np.float32),
        loudness_db=level.astype(np.float32),
        amplitude=(10 ** (level / 20)).astype(np.float32),
        harmonics=(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32),
        noise=(10 ** (bands / 20)).astype(np.float32),
    )
    return frames, tuple(notes)


def asked_of(notes: tuple[Note, ...], *controls: Expression) -> list[ExpressiveNote]:
    return [
        ExpressiveNote(note, controls[index % len(controls)]) for index, note in enumerate(notes)
    ]


def read(frames: Frames, notes: tuple[Note, ...]) -> NDArray[np.float64]:
    return np.array([row.expression for row in extract(frames, notes, 0.0)])
