"""What each instrument can reach, and notes beyond it moved there by octaves.

Sounding pitches as MIDI keys (60 is middle C). `lowest` and `highest` are the practical range of
the real instrument, as orchestration tutors give it: S. Adler, The Study of Orchestration, and the
table of ranges at orchestralibrary.com (after Del Mar, Read and Kennan). `corpus` is what the
recordings hold that the models were trained on (../shared/corpus/README.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plugin_core.types import Note

_OCTAVE = 12


@dataclass(frozen=True, slots=True)
class PlayingRange:
    """Keys from `lowest` to `highest`, both of them playable; `corpus` are those recorded."""

    lowest: int
    highest: int
    corpus: tuple[int, int]

    def __contains__(self, midi_pitch: object) -> bool:
        return isinstance(midi_pitch, int) and self.lowest <= midi_pitch <= self.highest


RANGES: Mapping[str, PlayingRange] = {
    "violin": PlayingRange(55, 100, (55, 96)),  # G3, the lowest string, to E7
    "viola": PlayingRange(48, 91, (48, 94)),  # C3, the lowest string, to G6
    "cello": PlayingRange(36, 88, (36, 96)),  # C2, the lowest string, to E6
    "double_bass": PlayingRange(24, 67, (24, 67)),  # C1, with the extension, to G4
    "flute": PlayingRange(59, 98, (48, 101)),  # B3, with the B foot, to D7
    "oboe": PlayingRange(58, 93, (58, 93)),  # B flat 3 to A6
    "clarinet": PlayingRange(50, 94, (50, 96)),  # in B flat: D3 to B flat 6
    "saxophone": PlayingRange(36, 88, (36, 91)),  # baritone's low A, C2, to soprano's F sharp, E6
    "bassoon": PlayingRange(34, 76, (34, 76)),  # B flat 1 to E5
    "trumpet": PlayingRange(52, 86, (52, 86)),  # in B flat: E3 to D6
    "horn": PlayingRange(34, 77, (34, 77)),  # B flat 1 to F5
    "trombone": PlayingRange(28, 77, (25, 76)),  # pedal E1 to F5
    "tuba": PlayingRange(26, 65, (29, 65)),  # D1 to F4
}

LIVE_RANGES: Mapping[str, PlayingRange] = {
    **RANGES,
    "guitar": PlayingRange(40, 83, (40, 80)),  # E2, the lowest string, to B5, the 19th fret
}
"""The same of the live instruments."""


def into_range(notes: Sequence[Note], instrument: str) -> tuple[tuple[Note, ...], int]:
    """Return the notes within the instrument's range, and how many of them had to be moved.

    If most are outside, the whole part moves by the octaves that leave the fewest outside, the
    least move of several; what is outside then moves by octaves alone. Raises KeyError for an
    unknown instrument.
    """
    reach = RANGES[instrument]
    outside = sum(note.midi_pitch not in reach for note in notes)
    shift = _shift_of_all(notes, reach) if 2 * outside > len(notes) else 0
    moved = tuple(
        replace(note, midi_pitch=_nearest(note.midi_pitch + shift, reach)) for note in notes
    )
    count = sum(a.midi_pitch != b.midi_pitch for a, b in zip(notes, moved, strict=True))
    return moved, count


def _shift_of_all(notes: Sequence[Note], reach: PlayingRange) -> int:
    shifts = sorted(range(-10 * _OCTAVE, 10 * _OCTAVE + 1, _OCTAVE), key=abs)
    return min(shifts, key=lambda shift: sum(n.midi_pitch + shift not in reach for n in notes))


def _nearest(midi_pitch: int, reach: PlayingRange) -> int:
    """Return the pitch, moved by the fewest octaves that bring it into the range."""
    if midi_pitch < reach.lowest:
        return midi_pitch + _OCTAVE * -(-(reach.lowest - midi_pitch) // _OCTAVE)
    if midi_pitch > reach.highest:
        return midi_pitch - _OCTAVE * -(-(midi_pitch - reach.highest) // _OCTAVE)
    return midi_pitch
