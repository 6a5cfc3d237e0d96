"""A performance played otherwise: edited notes and controls applied to its synthesis parameters.

In: a performance and the table of its notes as it shall be. Out: new frames. What each edit does:

- pitch: f0 is moved and the harmonics follow the spectral envelope (`transposition`); beside a note
  that sounds on, the transposed one leads over to it in its own last or first 32 ms.
- timing: the note's attack and release are kept, its middle is stretched (`retiming`), then its
  controls are set right again; its tail comes along. What a note no longer fills is the room as it
  sounds in the recording's quietest frame, after a fade of 60 ms.
- deleting a row: the note before it ends as it did, then there is the room.
- adding a row: a note made of the one nearest in pitch, with all of the row's controls.
- volume, volume_fluctuation, volume_peak_position: the note's level is shaped (`level_edits`); the
  noise that sustains it follows its volume, its attack does not.
- vibrato (`vibrato_edits`), brightness and attack_noise (`timbre_edits`).

Only what differs from the original by more than 0.0005 counts as edited; measuring again then gives
the asked value. Notes that are not edited come out to the bit. Velocity says nothing here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.expression.control_edits import with_controls
from plugin_core.expression.edit_plan import Piece, plan_edits
from plugin_core.expression.excerpts import excerpt, fading, joined, room_sound
from plugin_core.expression.note_matching import SAME_ONSET_S
from plugin_core.expression.retiming import retime_note, stretch
from plugin_core.expression.transposition import transpose
from plugin_core.types import CONTROLS, ExpressiveNote, Frames, Performance

__all__ = [
    "LEAST_EDIT",
    "Source",
    "apply_edits",
    "edited_pieces",
    "is_edited",
    "stretch",
    "transpose",
]

Read = Callable[[int, int], Frames]
"""Returns the frames from the first to the second, exclusive, of a performance."""

LEAST_EDIT = 5e-4

_LEAD_FRAMES = 8
"""Over which a transposed note leads to or from one that sounds on beside it."""


class Source(NamedTuple):
    """Where an edited performance takes its sound from; the frames may be on disk."""

    read: Read
    frame_count: int
    quietest: int
    """The frame that holds the sound of the room."""
    gain_db: float


def is_edited(row: ExpressiveNote, original: ExpressiveNote) -> bool:
    """Return whether a note is otherwise than it was, by more than a table's rounding."""
    new, old = row.note, original.note
    times = abs(new.onset_s - old.onset_s), abs(new.offset_s - old.offset_s)
    controls = zip(row.expression, original.expression, strict=True)
    return (
        new.midi_pitch != old.midi_pitch
        or max(times) > SAME_ONSET_S
        or any(abs(value - before) > LEAST_EDIT for value, before in controls)
    )


def apply_edits(performance: Performance, edited: Sequence[ExpressiveNote]) -> Frames:
    """Return the frames of `performance` with its notes as in `edited`, at least as many as it has.

    Which row is which note, `note_matching` finds out. Raises ValueError for notes that cannot be
    (`edit_plan.plan_edits`) and for controls that are not finite.
    """
    frames = performance.frames
    if not len(frames):
        return frames
    source = Source(
        read=lambda first, end: excerpt(frames, slice(first, end)),
        frame_count=len(frames),
        quietest=int(np.argmin(frames.loudness_db)),
        gain_db=performance.gain_db,
    )
    return joined(edited_pieces(source, performance.notes, edited))


def edited_pieces(
    source: Source, original: Sequence[ExpressiveNote], edited: Sequence[ExpressiveNote]
) -> Iterator[Frames]:
    """Yield the same frames piece by piece, a note and what follows it at a time."""
    for row in edited:
        if not np.isfinite(row.expression).all():
            raise ValueError(f"controls must be finite, found {row.expression}")
    pieces = plan_edits(original, edited, source.frame_count)
    room = room_sound(source.read(source.quietest, source.quietest + 1))
    last_hz = 0.0
    for before, piece, after in zip([None, *pieces], pieces, [*pieces[1:], None], strict=False):
        if piece.note + piece.tail == 0:
            continue
        frames = _played(piece, source, room)
        if piece.semitones and after is not None and _lead_over(piece, after):
            first = source.read(after.source_first, after.source_first + 1)
            frames = _led_to(frames, piece.note, _transposed_hz(first, after))
        elif before is not None and not before.semitones and _lead_over(before, piece):
            frames = _led_from(frames, piece.note, last_hz)
        last_hz = float(frames.f0_hz[-1])
        yield frames


def _lead_over(before: Piece, after: Piece) -> bool:
    """Return whether one note goes over into the next, and no longer as it did."""
    is_legato = before.note > 0 and before.tail == 0 and before.source_tail == 0
    follows = after.source_first == before.source_first + before.source_note
    return is_legato and follows and before.semitones != after.semitones


def _transposed_hz(frame: Frames, piece: Piece) -> float:
    return float(frame.f0_hz[0]) * 2 ** (piece.semitones / 12)


def _led_to(frames: Frames, end: int, target_hz: float) -> Frames:
    count = min(_LEAD_FRAMES, end // 3)
    return _led(frames, slice(end - count, end), _rise(count), target_hz)


def _led_from(frames: Frames, end: int, target_hz: float) -> Frames:
    count = min(_LEAD_FRAMES, end // 3)
    return _led(frames, slice(0, count), _rise(count)[::-1], target_hz)


def _rise(count: int) -> NDArray[np.float64]:
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 1) / (count + 1)))


def _led(frames: Frames, where: slice, share: NDArray[np.float64], target_hz: float) -> Frames:
    f0_hz = frames.f0_hz.copy()
    if target_hz > 0 and (f0_hz[where] > 0).all():
        f0_hz[where] *= (target_hz / f0_hz[where]) ** share
    return replace(frames, f0_hz=f0_hz)


def _played(piece: Piece, source: Source, room: Frames) -> Frames:
    """Return the frames of a piece as it shall be played."""
    middle = piece.source_first + piece.source_note
    held = min(piece.tail, piece.source_tail)
    parts = []
    if piece.note:
        note = retime_note(source.read(piece.source_first, middle), piece.asked)
        parts.append(excerpt(note, slice(0, piece.note)))
    if held:
        parts.append(source.read(middle, middle + held))
    if piece.tail > held:
        end = middle + held
        last = source.read(end - 1, end) if end else room
        parts.append(fading(last, room, piece.tail - held))
    frames = transpose(joined(parts), piece.semitones)
    asked = _asked_controls(piece)
    return with_controls(frames, piece.note, asked, source.gain_db) if asked else frames


def _asked_controls(piece: Piece) -> dict[str, float]:
    if piece.original is None or piece.edited is None:
        return {}
    pairs = zip(CONTROLS, piece.edited.expression, piece.original.expression, strict=True)
    is_other = piece.is_new or piece.asked != piece.source_note
    return {name: new for name, new, old in pairs if is_other or abs(new - old) > LEAST_EDIT}
