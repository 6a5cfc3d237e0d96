"""The pitch of a phrase in steps of 16 ms: bins, what a step knows of its note, the curve through.

The pitch generator works at 62.5 steps a second: enough for a vibrato of 8 Hz, and four times
cheaper than frames. A step's pitch is its deviation from the note's in semitones, in bins that are
fine near 0, where intonation and vibrato are, and coarse far away, where glides begin.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.extraction import vibrato_depth_semitones
from plugin_core.synthesis.note_conditioning import Conditioning
from plugin_core.types import CONTROLS

STEP_FRAMES = 4
"""Step s is at frame 4 s."""

LOOK_AHEAD = 24
"""Frames by which a pitch looks ahead: what follows later does not change it."""

BINS = 161
WIDEST = 12.0
"""Semitones: a glide from further away begins here."""
_FINE = 0.3
"""From this deviation on, in semitones, bins widen in proportion."""

TAIL_FRAMES = 4
"""So long after its end a note's pitch still moves, so that every note has a step."""
BREATH_FRAMES = 75
"""After so long a silence a phrase begins anew and remembers nothing."""
_SWITCH_FRAMES = 5
"""So long before the next onset, at most, the held pitch leaves for it."""

_INTO_FRAMES, _OUT_FRAMES, _ONSET_FRAMES = 60, 16, 25
_ROOM = 0.5
_DEEPER = 1.6
_SCOOP = (-1.0, 0.7)
_STEEP = 0.6
_JOINT_FRAMES = 12
_FAR = 1 << 30

Curve = NDArray[np.float32]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


def bin_edges() -> NDArray[np.float64]:
    """Return the edges of the bins of deviation, semitones, shape (BINS + 1,).

    They are even on the scale asinh(deviation / 0.3): 1.6 cents wide at 0, 65 at 12 semitones.
    """
    reach = np.arcsinh(WIDEST / _FINE)
    return np.asarray(_FINE * np.sinh(np.linspace(-reach, reach, BINS + 1)))


def bin_of(deviation: NDArray[np.floating]) -> Indices:
    """Return the bins of deviations in semitones, the outermost for all that is further away."""
    found = np.searchsorted(bin_edges(), deviation, side="right") - 1
    return np.clip(found, 0, BINS - 1)


class Course(NamedTuple):
    """What the steps of a phrase are about; S steps."""

    reference: Curve
    """MIDI pitch of the note that a step belongs to, shape (S,)."""
    is_played: Flags
    """Whether there is a pitch to be made, in a note or just after it, shape (S,)."""
    is_start: Flags
    """Whether the phrase begins anew and remembers nothing, shape (S,)."""
    lowest: Indices
    """The lowest bin that a step may take, shape (S,)."""
    highest: Indices
    """The highest one."""


class _Notes(NamedTuple):
    """Where the notes of T frames are: what starts at frame `starts[k]`, up to `ends[k]`."""

    starts: Indices
    ends: Indices
    since: Indices
    """Frames since the note's onset, far where no note was yet, shape (T,)."""
    silence: Indices
    """Frames since its end, 0 in the note, far where no note was yet."""
    until: Indices
    """Frames until the next onset."""
    gap_before: Indices
    """Frames of silence before the note."""
    before: Curve
    """MIDI pitch of the note before."""
    after: Curve


def _notes(conditioning: Conditioning) -> _Notes:
    count = len(conditioning)
    is_on, note, pitch = conditioning.is_on, conditioning.note, conditioning.pitch
    changes = np.concatenate(([True], (np.diff(note) != 0) | ~is_on[:-1]))
    starts = np.flatnonzero(is_on & changes)
    stops = np.append(np.flatnonzero(is_on[:-1] & (~is_on[1:] | (np.diff(note) != 0))) + 1, count)
    ends = stops[np.searchsorted(stops, starts, side="right")]
    at = np.arange(count)
    which = np.searchsorted(starts, at, side="right") - 1
    has_one = which >= 0
    padded = np.append(starts, _FAR)
    gaps = np.concatenate(([_FAR], starts[1:] - ends[:-1], [_FAR]))
    pitches = np.concatenate((pitch[starts[:1]], pitch[starts], pitch[starts[-1:]], [0.0]))
    own = np.maximum(which, 0)
    since = np.where(has_one, at - padded[own], _FAR)
    silence = np.where(has_one, np.maximum(at - np.append(ends, _FAR)[own] + 1, 0), _FAR)
    return _Notes(
        starts=starts,
        ends=ends,
        since=since,
        silence=silence,
        until=padded[which + 1] - at,
        gap_before=gaps[own],
        before=pitches[own].astype(np.float32),
        after=pitches[which + 2].astype(np.float32),
    )


def course(conditioning: Conditioning) -> Course:
    """Return what the steps are about, S = ceil(T / 4)."""
    notes = _notes(conditioning)
    at = np.arange(0, len(conditioning), STEP_FRAMES)
    gaps = np.concatenate(([_FAR], notes.starts[1:] - notes.ends[:-1]))[: len(notes.starts)]
    begun = np.searchsorted(notes.starts[gaps >= BREATH_FRAMES], at, side="right")
    low, high = _limits(conditioning, notes)
    return Course(
        reference=conditioning.pitch[at],
        is_played=notes.silence[at] <= TAIL_FRAMES,
        is_start=np.diff(begun, prepend=0) > 0,
        lowest=bin_of(low[at]),
        highest=bin_of(high[at]),
    )


def _limits(conditioning: Conditioning, notes: _Notes) -> tuple[Curve, Curve]:
    """Return how far below and above its note a frame's pitch may be, semitones, shapes (T,)."""
    vibrato = np.clip(conditioning.controls[:, CONTROLS.index("vibrato")], 0.0, 2.0)
    room = _ROOM + _DEEPER * vibrato_depth_semitones(1.0) * vibrato
    low, high = -room, room.copy()
    onset = (notes.since < _ONSET_FRAMES) & (notes.silence == 0)
    low = np.where(onset, np.minimum(low, _SCOOP[0]), low)
    high = np.where(onset, np.maximum(high, _SCOOP[1]), high)
    into = (notes.since < _INTO_FRAMES) & (notes.gap_before < BREATH_FRAMES)
    out = notes.until <= _OUT_FRAMES
    for counts, neighbour in ((into, notes.before), (out, notes.after)):
        interval = neighbour - conditioning.pitch
        low = np.where(counts, np.minimum(low, interval - _ROOM), low)
        high = np.where(counts, np.maximum(high, interval + _ROOM), high)
    return low.astype(np.float32), high.astype(np.float32)


def curve_through(pitches: Curve, steps: Course, conditioning: Conditioning) -> Curve:
    """Return the pitch of every frame, MIDI pitch, shape (T,), through those of the steps, (S,).

    In silence the last pitch is held until just before the next onset. Where nothing is played it
    is the note's.
    """
    count = len(conditioning)
    onsets = _notes(conditioning).starts
    played = np.flatnonzero(steps.is_played)
    if len(played) == 0:
        return conditioning.pitch.copy()
    runs = np.split(played, np.flatnonzero(np.diff(played) > 1) + 1)
    frames = np.empty(count, np.float32)
    filled = 0
    for index, run in enumerate(runs):
        first, last = int(run[0]) * STEP_FRAMES, int(run[-1]) * STEP_FRAMES
        if index:
            onset = int(onsets[np.searchsorted(onsets, first, side="right") - 1])
            switch = onset - min(_SWITCH_FRAMES, max(onset - filled, 0) // 2)
            frames[filled:switch] = frames[filled - 1]
            filled = min(switch, first)
        values = pitches[run]
        frames[filled:first] = values[0]
        inner = _through(values.astype(np.float64), STEP_FRAMES)
        frames[first : last + 1] = inner
        filled = last + 1
    frames[filled:] = frames[filled - 1]
    return frames


def _through(values: NDArray[np.float64], parts: int) -> NDArray[np.float64]:
    """Return a cubic through `values`, (n,), `parts` points apart, shape ((n - 1) parts + 1,).

    Its slopes are central differences: a vibrato of 8 Hz keeps its depth within a percent. At
    steep leaps they are limited so that nothing overshoots (Fritsch and Carlson 1980).
    """
    if len(values) == 1:
        return values
    steps = np.diff(values)
    left, right = np.concatenate((steps[:1], steps)), np.concatenate((steps, steps[-1:]))
    slopes = (left + right) / 2.0
    smaller = np.minimum(np.abs(left), np.abs(right))
    is_steep = np.maximum(np.abs(left), np.abs(right)) > _STEEP
    limit = np.where(left * right > 0, 3.0 * smaller, 0.0)
    slopes = np.where(is_steep, np.clip(slopes, -limit, limit), slopes)
    t = np.arange(parts)[:, None] / parts
    inner = (
        values[:-1]
        + t * slopes[:-1]
        + t**2 * (3.0 * steps - 2.0 * slopes[:-1] - slopes[1:])
        + t**3 * (slopes[:-1] + slopes[1:] - 2.0 * steps)
    )
    return np.append(inner.T.ravel(), values[-1])


def joined(keys: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `given`, MIDI pitch of T frames, and `keys` where it is NaN, without a step between.

    What the two differ by at a joint fades over 12 frames, at most the whole of what is missing.
    """
    missing = np.isnan(given)
    edges = np.flatnonzero(np.diff(missing, prepend=False, append=False))
    result = np.where(missing, keys, given)
    for start, end in edges.reshape(-1, 2):
        reach = min(_JOINT_FRAMES, end - start)
        fade = np.zeros(end - start)
        fade[:reach] = 1.0 - (np.arange(reach) + 1.0) / (reach + 1.0)
        if start > 0:
            result[start:end] += fade * (given[start - 1] - keys[start - 1])
        if end < len(keys):
            result[start:end] += fade[::-1] * (given[end] - keys[end])
    return result
