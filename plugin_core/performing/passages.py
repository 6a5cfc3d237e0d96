"""A player's notes in passages that are generated one by one: memory does not grow with length.

A rest that is long enough for the sound to die ends a passage. A long one is divided where a note
begins, after the longest silence that there is: both sides are generated with some notes of the
other, and blended over a few frames. Where the cuts are, and what chance plays in a passage,
depends on its own notes and on when they begin, on nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from plugin_core.expression.scales import FLOOR_DB
from plugin_core.types import FRAME_RATE, ExpressiveNote, Frames, Note

LEAD_FRAMES = 50
"""Before the first note of a passage: what is heard before its onset."""
RELEASE_FRAMES = 250
"""After the last note of a passage, in which it dies away."""
TAIL_S = 3.0
"""A note and its room are over this long after its key."""
REST_FRAMES = LEAD_FRAMES + RELEASE_FRAMES
"""A rest of at least this many frames ends a passage."""

_LONGEST_FRAMES = 7500
_SHORTEST = 2500
_CONTEXT_FRAMES = 500
BLEND_FRAMES = 10
RISE_FRAMES, FALL_FRAMES = 20, 60
"""After and before a rest, in which there is nothing."""
FIRST_RISE_FRAMES = 3
"""Where the first note begins at once."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Notes that are generated together, and the frames that they fill.

    `first` .. `last` are the passage's own frames, from `start` on it is generated. `notes` are
    its own and those of its context, in the time of the piece.
    """

    notes: tuple[ExpressiveNote, ...]
    start: int
    first: int
    last: int
    is_joined_before: bool
    is_joined_after: bool

    @property
    def stop(self) -> int:
        """Where generating ends: after BLEND_FRAMES of the next passage that is joined on."""
        return self.last + (BLEND_FRAMES if self.is_joined_after else 0)

    @property
    def shifted(self) -> tuple[ExpressiveNote, ...]:
        """The notes in the passage's own time: 0 is `start`."""
        back_s = self.start / FRAME_RATE
        return tuple(replace(each, note=_later(each.note, -back_s)) for each in self.notes)


def passages(notes: Sequence[ExpressiveNote], frames: int) -> tuple[Passage, ...]:
    """Return the passages of notes, monophonic and by onset, within the frames 0 .. `frames`."""
    timeline = _Timeline.of(notes)
    found = [
        timeline.passage(phrase, begin, end)
        for phrase in timeline.phrases()
        for begin, end in timeline.divided(*phrase)
    ]
    return tuple(passage for passage in found if passage.first < frames)


@dataclass(frozen=True, slots=True)
class _Timeline:
    """Notes with their first frames and the frames after their last ones."""

    notes: Sequence[ExpressiveNote]
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, notes: Sequence[ExpressiveNote]) -> "_Timeline":
        starts = [max(round(each.note.onset_s * FRAME_RATE), 0) for each in notes]
        offsets = [round(each.note.offset_s * FRAME_RATE) for each in notes]
        return cls(notes, starts, list(map(max, offsets, (start + 1 for start in starts))))

    def phrases(self) -> list[tuple[int, int]]:
        """Return (first note, note after the last) of what long rests set apart."""
        gaps = [b - a for a, b in zip(self.ends, self.starts[1:], strict=False)]
        heads = [0, *(i for i, gap in enumerate(gaps, start=1) if gap >= REST_FRAMES)]
        return list(pairwise([*heads, len(self.notes)])) if self.notes else []

    def divided(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Return the pieces of a phrase, from note to note, none of them very long."""
        cuts = [begin]
        while self.ends[end - 1] - self.starts[cuts[-1]] > _LONGEST_FRAMES:
            head = self.starts[cuts[-1]]
            later = [i for i in range(cuts[-1] + 1, end) if self.starts[i] - head >= _SHORTEST]
            near = [i for i in later if self.starts[i] - head <= _LONGEST_FRAMES] or later[:1]
            if not near:
                break
            # After the longest silence, of several the latest.
            cuts.append(max(near, key=lambda i: (self.starts[i] - self.ends[i - 1], i)))
        return list(pairwise([*cuts, end]))

    def passage(self, phrase: tuple[int, int], begin: int, end: int) -> Passage:
        """Return the notes `begin` .. `end` of a phrase with those around them."""
        is_joined_before, is_joined_after = begin > phrase[0], end < phrase[1]
        before, after = begin, end
        while before > phrase[0] and self.starts[begin] - self.ends[before - 1] < _CONTEXT_FRAMES:
            before -= 1
        while after < phrase[1] and self.starts[after] - self.ends[end - 1] < _CONTEXT_FRAMES:
            after += 1
        chosen = list(self.notes[before:after])
        earliest = self.starts[begin] - _CONTEXT_FRAMES
        if before < begin and self.starts[before] < earliest:
            # A note held for long: its end is enough.
            held = replace(chosen[0].note, onset_s=earliest / FRAME_RATE)
            chosen[0] = replace(chosen[0], note=held)
        head = round(chosen[0].note.onset_s * FRAME_RATE)
        lead = 0 if is_joined_before else LEAD_FRAMES
        last = self.starts[end] if is_joined_after else self.ends[end - 1] + RELEASE_FRAMES
        return Passage(
            notes=tuple(chosen),
            start=max(head - LEAD_FRAMES, 0),
            first=max(self.starts[begin] - lead, 0),
            last=last,
            is_joined_before=is_joined_before,
            is_joined_after=is_joined_after,
        )


def _later(note: Note, by_s: float) -> Note:
    return replace(note, onset_s=note.onset_s + by_s, offset_s=note.offset_s + by_s)


def blended(earlier: Frames, later: Frames) -> Frames:
    """Return frames that lead from the one to the other, both of the same length."""
    count = len(earlier)
    share = ((np.arange(count) + 0.5) / count).astype(np.float32)
    column = share[:, None]
    partials = (1 - column) * earlier.amplitude[:, None] * earlier.harmonics
    partials += column * later.amplitude[:, None] * later.harmonics
    amplitude = partials.sum(axis=1)
    shares = np.where(
        amplitude[:, None] > 0, partials / np.maximum(amplitude, 1e-12)[:, None], later.harmonics
    )
    voiced = (earlier.f0_hz > 0) & (later.f0_hz > 0)
    bent = np.exp(
        (1 - share) * np.log(np.maximum(earlier.f0_hz, 1e-3))
        + share * np.log(np.maximum(later.f0_hz, 1e-3))
    )
    return Frames(
        f0_hz=np.where(voiced, bent, later.f0_hz).astype(np.float32),
        confidence=(1 - share) * earlier.confidence + share * later.confidence,
        loudness_db=(1 - share) * earlier.loudness_db + share * later.loudness_db,
        amplitude=amplitude.astype(np.float32),
        harmonics=shares.astype(np.float32),
        noise=(1 - column) * earlier.noise + column * later.noise,
    )


def faded(frames: Frames, *, rise: int, fall: int) -> Frames:
    """Return frames that rise from silence in the first `rise` and end in it after `fall`."""
    count = len(frames)
    gain = np.ones(count, np.float32)
    for length, end in ((min(rise, count), gain), (min(fall, count), gain[::-1])):
        end[:length] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(length, 1))
    loudness_db = frames.loudness_db + 20 * np.log10(np.maximum(gain, 1e-6))
    return replace(
        frames,
        amplitude=frames.amplitude * gain,
        noise=frames.noise * gain[:, None],
        loudness_db=np.maximum(loudness_db, FLOOR_DB).astype(np.float32),
    )
