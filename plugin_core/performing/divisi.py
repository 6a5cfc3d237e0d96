"""Divisi: the notes of a part shared out among players who sound one note at a time.

Notes that sound together go to different players, the highest to the first; a line that goes on
stays with the player who had it. Where a note only hangs over a little into the next, as legato is
played on a keyboard, that is one line: the earlier note ends where the later begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from plugin_core.types import Note

MOST_PLAYERS = 16
"""Where more notes sound at once, those held longest end early."""

TOGETHER_S = 0.03
"""Notes that begin within this time are a chord, however they are spread."""

OVERHANG_S = 0.1
OVERHANG_SHARE = 0.5
"""An overlap up to this long, and up to this share of either note, is legato."""

_SEMITONES_PER_S = 6.0
_LONGEST_IDLE_S = 2.0
_NEW_PLAYER = 24.0
_CROSSING = 1000.0
_OUT_OF_PLACE = 100.0


@dataclass(slots=True)
class _Player:
    """What one player has played, and until when the last note sounds."""

    notes: list[Note]

    def is_free(self, at_s: float) -> bool:
        return not self.notes or self.notes[-1].offset_s <= at_s


class _Neighbours(NamedTuple):
    """How many notes at once sound above and below a note while it sounds, at most."""

    above: int
    below: int


def divide(notes: Sequence[Note]) -> tuple[tuple[Note, ...], ...]:
    """Return the notes of every player, highest player first, each monophonic and by onset.

    A key that is struck again while it sounds ends there. There are as many players as notes sound
    together, at most MOST_PLAYERS; none for no notes.
    """
    chords = _chords(_trimmed(notes))
    neighbours = _neighbours(chords)
    players = [_Player([]) for _ in range(min(_most_at_once(chords), MOST_PLAYERS))]
    for chord in chords:
        _seat(chord, players, neighbours)
    return tuple(tuple(player.notes) for player in players)


def _trimmed(notes: Sequence[Note]) -> list[Note]:
    """Return the notes by onset, those of a chord by pitch; overhangs and struck keys cut off."""
    ordered = sorted(notes, key=lambda note: (note.onset_s, -note.midi_pitch))
    out: list[Note] = []
    sounding: list[int] = []
    for note in ordered:
        sounding = [i for i in sounding if out[i].offset_s > note.onset_s]
        doubled = False
        for i in sounding:
            earlier = out[i]
            if earlier.midi_pitch == note.midi_pitch and _is_chord(earlier, note):
                out[i] = replace(earlier, offset_s=max(earlier.offset_s, note.offset_s))
                doubled = True
            elif earlier.midi_pitch == note.midi_pitch or _hangs_over(earlier, note):
                out[i] = replace(earlier, offset_s=note.onset_s)
        if not doubled:
            sounding.append(len(out))
            out.append(note)
    return out


def _is_chord(earlier: Note, later: Note) -> bool:
    return later.onset_s - earlier.onset_s <= TOGETHER_S


def _hangs_over(earlier: Note, later: Note) -> bool:
    overlap_s = earlier.offset_s - later.onset_s
    shorter_s = min(earlier.offset_s - earlier.onset_s, later.offset_s - later.onset_s)
    return not _is_chord(earlier, later) and overlap_s <= min(
        OVERHANG_S, OVERHANG_SHARE * shorter_s
    )


def _chords(notes: Sequence[Note]) -> list[list[Note]]:
    """Return the notes in groups that begin together, each highest first."""
    chords: list[list[Note]] = []
    for note in notes:
        if chords and len(chords[-1]) < MOST_PLAYERS and _sound_together(chords[-1], note):
            chords[-1].append(note)
        else:
            chords.append([note])
    return [sorted(chord, key=lambda note: -note.midi_pitch) for chord in chords]


def _sound_together(chord: Sequence[Note], note: Note) -> bool:
    return _is_chord(chord[0], note) and all(each.offset_s > note.onset_s for each in chord)


def _sounding(chords: Sequence[Sequence[Note]]) -> Iterator[list[Note]]:
    """Yield what sounds together at the beginning of every chord."""
    sounding: list[Note] = []
    for chord in chords:
        onset_s = min(note.onset_s for note in chord)
        sounding = [*(note for note in sounding if note.offset_s > onset_s), *chord]
        yield sounding


def _most_at_once(chords: Sequence[Sequence[Note]]) -> int:
    return max(map(len, _sounding(chords)), default=0)


def _neighbours(chords: Sequence[Sequence[Note]]) -> dict[int, _Neighbours]:
    """Return the neighbours of every note, by its identity."""
    found: dict[int, _Neighbours] = {}
    for sounding in _sounding(chords):
        ordered = sorted(sounding, key=lambda note: -note.midi_pitch)
        for above, note in enumerate(ordered):
            before = found.get(id(note), _Neighbours(0, 0))
            below = len(ordered) - 1 - above
            found[id(note)] = _Neighbours(max(before.above, above), max(before.below, below))
    return found


def _seat(
    chord: Sequence[Note], players: Sequence[_Player], neighbours: Mapping[int, _Neighbours]
) -> None:
    """Give a chord, highest note first, to players who are free, in order of pitch."""
    onset_s = min(note.onset_s for note in chord)
    free = [i for i, player in enumerate(players) if player.is_free(onset_s)]
    if len(free) < len(chord):
        held = sorted(
            set(range(len(players))) - set(free), key=lambda i: players[i].notes[-1].onset_s
        )[: len(chord) - len(free)]
        for i in held:
            players[i].notes[-1] = replace(players[i].notes[-1], offset_s=onset_s)
        free = sorted([*free, *held])
    costs = {
        (n, i): _cost(note, i, players, onset_s) + _out_of_place(neighbours[id(note)], i, players)
        for n, note in enumerate(chord)
        for i in free
    }
    for note, i in zip(chord, _cheapest(len(chord), free, costs), strict=True):
        players[i].notes.append(note)


def _cost(note: Note, index: int, players: Sequence[_Player], onset_s: float) -> float:
    """Return how unlikely a player is to go on with a note, in semitones."""
    crossings = sum(
        (other < index) == (player.notes[-1].midi_pitch < note.midi_pitch)
        for other, player in enumerate(players)
        if other != index
        and not player.is_free(onset_s)
        and player.notes[-1].midi_pitch != note.midi_pitch
    )
    own = players[index].notes
    if not own:
        return _CROSSING * crossings + _NEW_PLAYER + index
    idle_s = min(max(onset_s - own[-1].offset_s, 0.0), _LONGEST_IDLE_S)
    leap = abs(own[-1].midi_pitch - note.midi_pitch)
    return _CROSSING * crossings + leap + _SEMITONES_PER_S * idle_s


def _out_of_place(around: _Neighbours, index: int, players: Sequence[_Player]) -> float:
    """Return the cost of a seat with too few players beside it for what is still to come."""
    above, below = around.above - index, index + around.below - len(players) + 1
    return _OUT_OF_PLACE * (max(above, 0) + max(below, 0))


def _cheapest(
    count: int, free: Sequence[int], costs: Mapping[tuple[int, int], float]
) -> tuple[int, ...]:
    """Return which of the free players take the notes 0..count - 1, in order, at the least cost."""
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for i in free:
        # From the last note down, so that nobody takes two.
        for n in sorted(best, reverse=True):
            if n == count:
                continue
            cost, seats = best[n]
            found = (cost + costs[n, i], (*seats, i))
            if n + 1 not in best or found[0] < best[n + 1][0]:
                best[n + 1] = found
    return best[count][1]
