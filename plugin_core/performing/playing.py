"""A part played by a neural instrument: expression to frames to sound, a passage at a time.

The models see levels at which loud passages read volume 0.9; for playing they are lifted by
PLAYING_GAIN_DB. What comes out does not depend on how it is divided into blocks, and memory does
not grow with the length of the piece.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from plugin_core.expression.excerpts import excerpt, joined
from plugin_core.expression.scales import FLOOR_DB
from plugin_core.hearing.resynthesis import resynthesize
from plugin_core.performing.interpretation import TEMPERATURE, interpret
from plugin_core.performing.models import Models, SynthesisPlayer
from plugin_core.performing.movements import STILL, Movements, moved, movements
from plugin_core.performing.passages import (
    BLEND_FRAMES,
    FALL_FRAMES,
    FIRST_RISE_FRAMES,
    RELEASE_FRAMES,
    RISE_FRAMES,
    Passage,
    blended,
    faded,
    passages,
)
from plugin_core.types import (
    FRAME_RATE,
    HARMONICS,
    NOISE_BANDS,
    ExpressiveNote,
    Frames,
    Lane,
    Mono,
    Part,
)

PLAYING_GAIN_DB = 24.0
"""From the level that the models see to that which is played."""

_SILENT_BLOCK = 2500
_SEED_STEP = 1 << 24
_RESTING_HZ = 440.0


def play(
    models: Models,
    part: Part,
    instrument: str,
    *,
    lanes: Mapping[str, Lane] | None = None,
    sample_rate: int,
    samples: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Mono:
    """Play a monophonic part of `lines` and return float32 audio, shape (samples,).

    `lanes` are by parameter id and win over the part's controllers; `progress` hears the share
    done. How the performer plays is drawn by the `seed`, so is all else that is left to chance: the
    same arguments give the same samples.
    """
    out = np.zeros(samples, np.float32)
    if not part.notes or not samples:
        return out
    frames = math.ceil(samples * FRAME_RATE / sample_rate) + 1
    notes = interpret(
        models.performer, part, instrument, lanes=lanes, seed=seed, temperature=TEMPERATURE
    )
    moving = movements(
        part, notes, lanes or {}, typical=models.performer.typical(instrument), frames=frames
    )
    blocks = generate(
        models.synthesis, notes, instrument,
        seed=seed, moving=moving, frames=frames, progress=progress,
    )  # fmt: skip
    filled = 0
    for piece in sounded(blocks, models.synthesis, instrument, sample_rate, samples, seed=seed):
        out[filled : filled + len(piece)] = piece
        filled += len(piece)
    return out


def generate(
    synthesis: SynthesisPlayer,
    notes: Sequence[ExpressiveNote],
    instrument: str,
    *,
    seed: int = 0,
    moving: Movements = STILL,
    frames: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Iterator[Frames]:
    """Yield the synthesis parameters of notes, monophonic and by onset, block after block.

    From frame 0 there are `frames` in all, by default until 1 s after the last key; levels are
    lifted by PLAYING_GAIN_DB. `moving` is laid over them.
    """
    if frames is None:
        latest = max((round(each.note.offset_s * FRAME_RATE) for each in notes), default=0)
        frames = latest + RELEASE_FRAMES
    done, tail, last_hz = 0, None, _RESTING_HZ
    for passage in passages(notes, frames):
        yield from _silence(passage.first - done, last_hz)
        made = _passage(synthesis, passage, instrument, seed)
        own = excerpt(made, slice(passage.first - passage.start, passage.last - passage.start))
        if tail is not None:
            head = blended(tail, excerpt(own, slice(0, BLEND_FRAMES)))
            own = joined((head, excerpt(own, slice(BLEND_FRAMES, len(own)))))
        tail = None
        if passage.is_joined_after:
            tail = excerpt(made, slice(passage.last - passage.start, len(made)))
        rise = RISE_FRAMES if passage.first > 0 else FIRST_RISE_FRAMES
        own = faded(
            own,
            rise=0 if passage.is_joined_before else rise,
            fall=0 if passage.is_joined_after else FALL_FRAMES,
        )
        sounding = [each.note for each in passage.notes]
        own = moved(lifted(own), sounding, passage.first, moving.at(passage.first, passage.last))
        own = excerpt(own, slice(0, frames - passage.first))
        yield own
        done, last_hz = passage.first + len(own), float(own.f0_hz[-1])
        if progress is not None:
            progress(done / frames)
    yield from _silence(frames - done, last_hz)


def gathered(blocks: Iterable[Frames]) -> Frames:
    """Return the frames of all blocks, at least one, as one value."""
    return joined(blocks)


def sounded(
    blocks: Iterable[Frames],
    synthesis: SynthesisPlayer,
    instrument: str,
    sample_rate: int,
    samples: int,
    *,
    seed: int = 0,
) -> Iterator[Mono]:
    """Yield the sound of frames that come in blocks, in the instrument's room, `samples` in all.

    `seed` is the noise's. There is at least one frame.
    """
    room = synthesis.room(instrument, sample_rate)
    return resynthesize(blocks, sample_rate, samples, room=room, seed=seed)


def lifted(frames: Frames, gain_db: float = PLAYING_GAIN_DB) -> Frames:
    """Return frames with their levels `gain_db` higher."""
    gain = np.float32(10 ** (gain_db / 20))
    return replace(
        frames,
        amplitude=frames.amplitude * gain,
        noise=frames.noise * gain,
        loudness_db=frames.loudness_db + np.float32(gain_db),
    )


def seed_of(seed: int, passage: Passage) -> int:
    """Return the seed of one passage of a performance: it depends on when that begins alone."""
    return seed * _SEED_STEP + passage.first


def _passage(synthesis: SynthesisPlayer, passage: Passage, instrument: str, seed: int) -> Frames:
    return synthesis.perform(
        passage.shifted,
        instrument,
        seed=seed_of(seed, passage),
        frames=passage.stop - passage.start,
    )


def _silence(count: int, f0_hz: float) -> Iterator[Frames]:
    """Yield `count` silent frames."""
    for first in range(0, count, _SILENT_BLOCK):
        length = min(_SILENT_BLOCK, count - first)
        harmonics = np.zeros((length, HARMONICS), np.float32)
        harmonics[:, 0] = 1.0
        zeros = np.zeros(length, np.float32)
        yield Frames(
            f0_hz=np.full(length, f0_hz, np.float32),
            confidence=zeros,
            loudness_db=np.full(length, FLOOR_DB, np.float32),
            amplitude=zeros,
            harmonics=harmonics,
            noise=np.zeros((length, NOISE_BANDS), np.float32),
        )
