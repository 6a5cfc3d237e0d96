"""Frames cut, joined, read at other times, and fading into the silence of a room."""

from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Frames

FADE_FRAMES = 15

_COLUMNS = tuple(column.name for column in fields(Frames))


def excerpt(frames: Frames, where: slice) -> Frames:
    """Return copies of the frames `where`."""
    return Frames(*(np.array(getattr(frames, name)[where]) for name in _COLUMNS))


def joined(parts: Iterable[Frames]) -> Frames:
    """Return the frames of all parts, at least one, in order."""
    rows = list(parts)
    return Frames(*(np.concatenate([getattr(row, name) for row in rows]) for name in _COLUMNS))


def read_at(frames: Frames, positions: NDArray[np.float64]) -> Frames:
    """Return the frames at these positions, in frames, linear between; f0 and loudness in log.

    Positions outside count as the first or last frame; whole positions give copies, to the bit.
    """
    last = len(frames) - 1
    at = np.clip(positions, 0, last)
    before = np.floor(at).astype(np.int64)
    after = np.minimum(before + 1, last)
    part = (at - before).astype(np.float32)

    def linear(table: NDArray[np.float32]) -> NDArray[np.float32]:
        share = part.reshape(-1, *[1] * (table.ndim - 1))
        return table[before] + share * (table[after] - table[before])

    def geometric(curve: NDArray[np.float32]) -> NDArray[np.float32]:
        both = (curve[before] > 0) & (curve[after] > 0)
        ratio = np.where(both, curve[after] / np.where(both, curve[before], 1), 1)
        return (curve[before] * ratio**part).astype(np.float32)

    columns = {name: linear(getattr(frames, name)) for name in _COLUMNS if name != "f0_hz"}
    return replace(frames, f0_hz=geometric(frames.f0_hz), **columns)


def room_sound(frame: Frames) -> Frames:
    """Return one frame with nothing but its noise, of the frames' quietest one."""
    nothing = np.zeros(1, np.float32)
    return replace(frame, confidence=nothing, amplitude=nothing)


def fading(last: Frames, room: Frames, count: int) -> Frames:
    """Return `count` frames that fade from the frame `last` to the frame `room` in 60 ms."""
    share = np.clip((np.arange(count) + 1) / FADE_FRAMES, 0.0, 1.0)
    fall = (0.5 + 0.5 * np.cos(np.pi * share)).astype(np.float32)

    def faded(name: str) -> NDArray[np.float32]:
        begin, end = getattr(last, name), getattr(room, name)
        part = fall.reshape(-1, *[1] * (begin.ndim - 1))
        return np.asarray(end + part * (begin - end), dtype=np.float32)

    return Frames(
        f0_hz=np.repeat(last.f0_hz, count),
        harmonics=np.repeat(last.harmonics, count, axis=0),
        **{name: faded(name) for name in ("confidence", "loudness_db", "amplitude", "noise")},
    )
