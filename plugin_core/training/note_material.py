"""Analysed single notes cut to the lengths that phrases need.

In: `Performed` single notes. Out: frames of as many frames as asked, with the attack and the
release of the note or, in legato, without them; the middle is shortened or stretched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.excerpts import excerpt, read_at
from plugin_core.expression.extraction import level_db, note_frames
from plugin_core.expression.scales import VOICED_CONFIDENCE
from plugin_core.expression.transposition import transpose
from plugin_core.training.performed_cache import Performed
from plugin_core.types import Frames

ATTACK_FRAMES = 25
LEGATO_SKIPS_FRAMES = 25
"""What a legato note leaves out of its source's attack."""

SAMPLERS = ("soundfont",)

_FEWEST = 12
_LONGEST_STRETCH = 2.5
_SHORTEST_FRAMES = 60
_CROSSFADE_FRAMES = 12
_RELEASE_BELOW_DB = 6.0


@dataclass(frozen=True, slots=True)
class Source:
    """A single note to make others of."""

    frames: Frames = field(repr=False)
    """From its onset to the end of its release."""
    length: int
    """Frames of the note itself; what follows is its release."""
    sustained: int
    """Frames until it begins to fall silent."""
    midi_pitch: int
    centre_key: float
    """Its median pitch."""
    volume: float
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A note of the length asked for, and what sounds after it."""

    frames: Frames = field(repr=False)
    tail: Frames = field(repr=False)
    deviation: NDArray[np.float64] = field(repr=False)
    """Pitch of the note's frames relative to its key, semitones."""
    sample_rate: int


class Cutter(Protocol):
    """Makes notes of analysed ones, as `cut_note`."""

    def __call__(
        self, source: Source, midi_pitch: int, frames: int, *, has_attack: bool, has_release: bool
    ) -> Cut:
        """Return a note of `frames` frames at `midi_pitch`."""


def sources_of(notes: Sequence[Performed]) -> tuple[Source, ...]:
    """Return the notes that are long enough and surely pitched.

    Those of a sampler only where players recorded too few.
    """
    played = [note for note in notes if note.source not in SAMPLERS]
    for chosen in (played, notes):
        sources = tuple(source for note in chosen if (source := _source(note)) is not None)
        if len(sources) >= _FEWEST:
            break
    return sources


def _source(note: Performed) -> Source | None:
    row = note.notes[0]
    where = note_frames(row.note, len(note.frames))
    frames = excerpt(note.frames, slice(where.start, len(note.frames)))
    length = where.stop - where.start
    sure = frames.confidence[:length] > VOICED_CONFIDENCE
    if length < _SHORTEST_FRAMES or sure.mean() < 0.8 or not (frames.f0_hz > 0).all():
        return None
    keys = 69 + 12 * np.log2(frames.f0_hz[:length][sure].astype(np.float64) / 440)
    levels = level_db(frames.amplitude[:length])
    loud = np.flatnonzero(levels > np.median(levels) - _RELEASE_BELOW_DB)
    sustained = max(int(loud[-1]) + 1, length // 2)
    return Source(
        frames,
        length,
        sustained,
        row.note.midi_pitch,
        float(np.median(keys)),
        row.expression.volume,
        note.sample_rate,
    )


def choose(
    random: np.random.Generator, sources: Sequence[Source], midi_pitch: int, frames: int
) -> Source:
    """Return a source near the pitch, long enough to be stretched to `frames` if there is one."""

    def distance(source: Source) -> float:
        short = max(frames / (_LONGEST_STRETCH * source.sustained), 1.0)
        return abs(source.midi_pitch - midi_pitch) + 3.0 * float(np.log2(short))

    nearness = np.array([distance(source) for source in sources])
    near = np.flatnonzero(nearness <= nearness.min() + 1.0)
    return sources[int(random.choice(near))]


def cut_note(
    source: Source, midi_pitch: int, frames: int, *, has_attack: bool, has_release: bool
) -> Cut:
    """Return a note of `frames` frames at `midi_pitch`, at the level and colour of the source."""
    moved = transpose(source.frames, midi_pitch - source.midi_pitch)
    skip = 0 if has_attack else min(LEGATO_SKIPS_FRAMES, source.sustained // 3)
    end = source.length if has_release else source.sustained
    release = min(source.length - source.sustained + ATTACK_FRAMES, frames // 2)
    if not has_release:
        release = 1
    body = _body(moved, skip, end, frames, release)
    tail = excerpt(moved, slice(source.length, len(moved))) if has_release else _nothing(moved)
    keys = 69 + 12 * np.log2(body.f0_hz.astype(np.float64) / 440)
    deviation = keys - source.centre_key - (midi_pitch - source.midi_pitch)
    sample_rate = source.sample_rate
    return Cut(body, tail, np.clip(deviation, -1.0, 1.0), sample_rate)


def _body(frames: Frames, skip: int, end: int, count: int, release: int) -> Frames:
    """Return `count` frames of those from `skip` to `end`: begin and end as they are."""
    have = end - skip
    index = np.arange(count, dtype=np.float64)
    if have < count:
        begin = min(ATTACK_FRAMES, have // 3, count // 2)
        last = min(release, have // 3)
        positions = np.interp(
            index,
            [0, begin, max(count - 1 - last, begin + 1), count],
            [skip, skip + begin, end - 1 - last, end],
        )
        return read_at(frames, positions)
    early = read_at(frames, skip + index)
    late = read_at(frames, end - count + index)
    share = np.clip((index - (count - release)) / _CROSSFADE_FRAMES + 0.5, 0.0, 1.0)
    return blended(early, late, share)


def blended(one: Frames, two: Frames, share: NDArray[np.float64]) -> Frames:
    """Return frames between `one` (share 0) and `two` (1), levels in dB, shape (frames,) alike."""
    part = share.astype(np.float32)

    def linear(name: str) -> NDArray[np.float32]:
        first, last = getattr(one, name), getattr(two, name)
        return np.asarray(first + part.reshape(-1, *[1] * (first.ndim - 1)) * (last - first))

    def in_db(name: str) -> NDArray[np.float32]:
        first, last = (np.maximum(getattr(each, name), 1e-7) for each in (one, two))
        both: NDArray[np.float32] = first * (last / first) ** part.reshape(
            -1, *[1] * (first.ndim - 1)
        )
        return both

    return replace(
        one,
        f0_hz=in_db("f0_hz"),
        confidence=linear("confidence"),
        loudness_db=linear("loudness_db"),
        amplitude=in_db("amplitude"),
        harmonics=linear("harmonics"),
        noise=in_db("noise"),
    )


def _nothing(frames: Frames) -> Frames:
    return excerpt(frames, slice(0, 0))
