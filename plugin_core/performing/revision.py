"""A performance whose table of notes was edited: what is played anew, and what stays to the bit.

In: a performance and its notes as they shall be. Out: the performance with new frames where a note
was changed, added or removed, and where it leads over to its neighbours; all other frames are those
that were there, whoever made them.

A note's own frames reach from its onset to the next one's, at most RELEASE_FRAMES past its end. A
touched note takes JOIN_FRAMES of its surroundings with it, at most a third of a neighbour: in the
outer half of these the new frames are faded into the kept ones, in the inner half is what leads
from note to note. The player hears the kept pitch to both sides, so that a line goes on from where
it is, a bend by hand included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.editing import is_edited
from plugin_core.expression.excerpts import joined
from plugin_core.types import FRAME_RATE, ExpressiveNote, Frames, Performance

JOIN_FRAMES = 30
RELEASE_FRAMES = 250
"""A second: how long a note may ring on in the frames."""

_AROUND = 250
"""How many kept frames to each side the player hears at least."""
_TOGETHER = 2 * _AROUND
"""Stretches nearer than this are played at once."""

_ARRAYS = tuple(each.name for each in fields(Frames))

Curve = NDArray[np.float64]
Span = tuple[int, int]


class Player(Protocol):
    """Whoever plays notes, at the levels of the performance that is revised."""

    def __call__(
        self,
        notes: Sequence[ExpressiveNote],
        first: int,
        count: int,
        f0_hz: NDArray[np.float32],
        /,
    ) -> Frames:
        """Return the frames `first` up to `first + count` of `notes` as played.

        `f0_hz`, shape (count,), is the pitch that is there already, NaN where it is to be found.
        """
        ...


@dataclass(frozen=True, slots=True)
class Revision:
    """A performance after an edit, and what of it is new."""

    performance: Performance
    share: Curve = field(repr=False)
    """How much of every frame is new: 0 is as it was to the bit, 1 all new; shape (frames,)."""
    played: tuple[int, ...]
    """Which of the notes were played anew: changed or added."""

    @property
    def is_none(self) -> bool:
        """Whether everything stays as it was."""
        return not self.share.any()


def revise(performance: Performance, notes: Sequence[ExpressiveNote], player: Player) -> Revision:
    """Return `performance` with its notes as in `notes`; `player` plays what changed.

    A row that differs by no more than a table's rounding (`editing.is_edited`) is no edit. Where
    notes overlap, the later one ends the earlier. There are at least as many frames as before, and
    RELEASE_FRAMES after the last note. Raises ValueError for no notes, and for two that begin in
    the same frame.
    """
    notes = in_one_line(notes)
    kept = _kept(performance.notes, notes)
    old = performance.frames
    if len(kept) == len(notes) == len(performance.notes):
        return Revision(performance, np.zeros(len(old)), ())
    notes = [performance.notes[kept[row]] if row in kept else new for row, new in enumerate(notes)]
    count = max(len(old), round(notes[-1].note.offset_s * FRAME_RATE) + RELEASE_FRAMES)
    is_kept = set(kept.values())
    share = np.zeros(count)
    _mark(share, note_spans(notes), [row not in kept for row in range(len(notes))])
    _mark(
        share,
        note_spans(performance.notes),
        [index not in is_kept for index in range(len(performance.notes))],
    )
    share[len(old) :] = 1.0
    frames = _lengthened(old, count)
    spans = note_spans(notes)
    for first, last in _runs(share):
        start, end = _window(spans, first, last, count)
        known = np.where(share[start:end] > 0, np.nan, frames.f0_hz[start:end])
        made = player(notes, start, end - start, known.astype(np.float32))
        _mix_in(frames, made, start, share[start:end])
    return Revision(
        replace(performance, frames=frames, notes=tuple(notes)),
        share,
        tuple(row for row in range(len(notes)) if row not in kept),
    )


def in_one_line(notes: Sequence[ExpressiveNote]) -> list[ExpressiveNote]:
    """Return notes by onset, each ended by the next one where they overlap.

    Raises ValueError for no notes, and for two that begin in the same frame.
    """
    if not notes:
        raise ValueError("at least one note is played, found none")
    ordered = sorted(notes, key=lambda each: each.note.onset_s)
    line = []
    for each, following in zip(ordered, [*ordered[1:], None], strict=True):
        note = each.note
        if following is not None:
            next_s = following.note.onset_s
            if round(note.onset_s * FRAME_RATE) == round(next_s * FRAME_RATE):
                raise ValueError(f"two notes begin in the same 4 ms, at {next_s:g} s")
            note = replace(note, offset_s=min(note.offset_s, next_s))
        line.append(replace(each, note=note))
    return line


def note_spans(notes: Sequence[ExpressiveNote]) -> list[Span]:
    """Return the first frame of every note, sorted by onset, and the frame after its last.

    A note ends at the latest where the next one begins.
    """
    starts = [round(each.note.onset_s * FRAME_RATE) for each in notes]
    ends = [round(each.note.offset_s * FRAME_RATE) for each in notes]
    spans = []
    for start, end, following in zip(starts, ends, [*starts[1:], None], strict=True):
        end = max(end, start + 1)
        spans.append((start, end if following is None else min(end, max(following, start))))
    return spans


def _kept(old: Sequence[ExpressiveNote], new: Sequence[ExpressiveNote]) -> dict[int, int]:
    """Return which note of `old` every unedited one of `new` is, by their indices.

    A note that another one cut short, or does so no longer, is another note.
    """
    by_start = {start: index for index, (start, _) in enumerate(note_spans(old))}
    old_spans, new_spans = note_spans(old), note_spans(new)
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for row, each in enumerate(new):
        start, end = new_spans[row]
        for near in (start, start - 1, start + 1):
            index = by_start.get(near)
            if index is None or is_edited(each, old[index]):
                continue
            lasts_as_long = abs(old_spans[index][1] - end) <= 1
            if lasts_as_long and index not in taken:
                kept[row] = index
                taken.add(index)
                break
    return kept


def _mark(share: Curve, spans: Sequence[Span], is_touched: Sequence[bool]) -> None:
    """Raise `share` to 1 in the frames of touched notes, and to what leads over to them."""
    for index, touched in enumerate(is_touched):
        if not touched:
            continue
        before = spans[index - 1] if index else None
        after = spans[index + 1] if index + 1 < len(spans) else None
        start, end, (rise, fall) = _reach(before, spans[index], after)
        places = np.arange(max(start, 0), min(end, len(share)))
        up = (places - start + 1) / (rise + 1)
        down = (end - places) / (fall + 1)
        ramp = np.clip(np.minimum(up, down), 0.0, 1.0)
        share[places] = np.maximum(share[places], 0.5 - 0.5 * np.cos(np.pi * ramp))


def _reach(before: Span | None, note: Span, after: Span | None) -> tuple[int, int, Span]:
    """Return from where to where a note is played anew, and over how many frames that fades."""
    start, end = note
    lead = JOIN_FRAMES if before is None else min(JOIN_FRAMES, (start - before[0]) // 3)
    half = JOIN_FRAMES // 2
    if after is None or after[0] - end >= RELEASE_FRAMES + half:
        return start - lead, end + RELEASE_FRAMES, (lead // 2, half)
    if after[0] - end >= 2 * JOIN_FRAMES:
        return start - lead, after[0] - half, (lead // 2, half)
    follow = min(JOIN_FRAMES, (after[1] - after[0]) // 3)
    return start - lead, after[0] + follow, (lead // 2, follow // 2)


def _runs(share: Curve) -> Iterator[Span]:
    """Yield the stretches with something new in them; near ones are one."""
    new = np.flatnonzero(share > 0)
    breaks = np.flatnonzero(np.diff(new) > _TOGETHER)
    for first, last in zip([0, *(breaks + 1)], [*breaks, len(new) - 1], strict=True):
        yield int(new[first]), int(new[last]) + 1


def _window(spans: Sequence[Span], first: int, last: int, count: int) -> Span:
    """Return a stretch with what is around it, whole notes as far as there are any."""
    first, last = max(first - _AROUND, 0), min(last + _AROUND, count)
    for start, end in spans:
        if start < first < end:
            first = start
        if start < last < end:
            last = end
    # The pitch goes by fours.
    return first - first % 4, min(last, count)


def _lengthened(frames: Frames, count: int) -> Frames:
    """Return a copy of frames, at least one, that goes on as silence up to `count`."""
    missing = count - len(frames)
    silence = Frames(
        f0_hz=np.repeat(frames.f0_hz[-1:], missing),
        confidence=np.zeros(missing, np.float32),
        loudness_db=np.repeat(frames.loudness_db[-1:], missing),
        amplitude=np.zeros(missing, np.float32),
        harmonics=np.repeat(frames.harmonics[-1:], missing, axis=0),
        noise=np.zeros((missing, frames.noise.shape[1]), np.float32),
    )
    return joined((frames, silence))


def _mix_in(frames: Frames, made: Frames, first: int, share: Curve) -> None:
    """Change `frames` from `first` on to `made` as far as `share` says, shape (len(made),).

    Pitch is mixed by its logarithm, partials and noise by their amplitudes. Where `share` is 0 or
    1, frames are the one or the other to the bit.
    """
    fading = np.flatnonzero((share > 0) & (share < 1))
    blend = _blended(frames, fading + first, made, fading, share[fading])
    new = np.flatnonzero(share == 1)
    for name in _ARRAYS:
        getattr(frames, name)[new + first] = getattr(made, name)[new]
        getattr(frames, name)[fading + first] = getattr(blend, name)


def _blended(
    old: Frames, at: NDArray[np.intp], new: Frames, by: NDArray[np.intp], part: Curve
) -> Frames:
    def straight(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float64]:
        weight = part.reshape(-1, *[1] * (before.ndim - 1))
        return np.asarray(before * (1 - weight) + after * weight)

    partials = straight(
        old.amplitude[at, None] * old.harmonics[at], new.amplitude[by, None] * new.harmonics[by]
    )
    amplitude = partials.sum(axis=1)
    sounds = amplitude > 0
    shares = np.where(
        sounds[:, None], partials / np.where(sounds, amplitude, 1.0)[:, None], old.harmonics[at]
    )
    before, after = old.f0_hz[at].astype(np.float64), new.f0_hz[by].astype(np.float64)
    both = (before > 0) & (after > 0)
    safe = np.where(both, before, 1.0), np.where(both, after, 1.0)
    gliding = safe[0] * (safe[1] / safe[0]) ** part
    f0_hz = np.where(both, gliding, np.where(part < 0.5, before, after))
    rows = (
        f0_hz,
        straight(old.confidence[at], new.confidence[by]),
        straight(old.loudness_db[at], new.loudness_db[by]),
        amplitude,
        shares,
        straight(old.noise[at], new.noise[by]),
    )
    return Frames(*(np.asarray(row, np.float32) for row in rows))
