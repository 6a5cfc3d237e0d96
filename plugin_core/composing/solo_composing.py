"""A solo piece from nothing, from an opening, or from somebody's own notes, and its flat twin."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plugin_core.composing.solo import (
    FLAT_VELOCITY,
    Played,
    Sequences,
    Written,
    as_written_order,
    expressive,
    flat,
    is_line,
    one_at_a_time,
    sequences_of,
    written_of,
)
from plugin_core.composing.solo_features import CHORDS, MELODY, texture_of
from plugin_core.composing.solo_inference import SoloModel
from plugin_core.composing.solo_sampling import AS_LEARNT, Temperatures, compose, play
from plugin_core.score import Score, TempoMap
from plugin_core.types import Controller, InputError, Note, Part

EXPRESSIONS = ("velocity", "duration")
TOGETHER_BEATS = 1 / 24
"""Onsets of a given file this close are one chord."""

LOWEST_KEY, HIGHEST_KEY = 21, 108
MOST_NOTES = 20000
_FURTHEST = 0.15
PIANO = 0


@dataclass(frozen=True, slots=True)
class Solo:
    """A piece and its flat twin, each as the parts of a MIDI file at one tempo."""

    parts: tuple[Part, ...]
    flat_parts: tuple[Part, ...]
    tempo: TempoMap


@dataclass(frozen=True, slots=True)
class Given:
    """The notes of a file in the order of `solo`, and which part each is from."""

    notes: tuple[Note, ...]
    written: tuple[Written, ...]
    part: tuple[int, ...]
    names: tuple[str, ...]
    programs: tuple[int | None, ...]
    controllers: tuple[tuple[Controller, ...], ...]
    tempo: TempoMap
    source: str

    @property
    def sequences(self) -> Sequences:
        """The classes of the notes as they are played in the file."""
        head_s: dict[float, float] = {}
        for note, written in zip(self.notes, self.written, strict=True):
            head_s[written.onset] = min(head_s.get(written.onset, np.inf), note.onset_s)
        played = [
            Played(head_s[written.onset], note.offset_s - note.onset_s, note.velocity)
            for note, written in zip(self.notes, self.written, strict=True)
        ]
        return sequences_of(self.written, played)


def given_notes(score: Score) -> Given:
    """Return the notes of a score. Raises InputError where there are none, only drums, too many
    of them, or some beyond a piano's keys.
    """
    parts = [entry.part for entry in score.parts if not entry.is_drums]
    if not parts:
        found = "only drums" if score.parts else "none"
        raise InputError(score.source, "", "notes", found)
    pairs = [(note, number) for number, part in enumerate(parts) for note in part.notes]
    if len(pairs) > MOST_NOTES:
        raise InputError(score.source, "", f"at most {MOST_NOTES} notes", len(pairs))
    for note, _ in pairs:
        if not LOWEST_KEY <= note.midi_pitch <= HIGHEST_KEY:
            expected = f"pitches in {LOWEST_KEY}..{HIGHEST_KEY}, the keys of a piano"
            raise InputError(score.source, f"{note.onset_s:.2f} s", expected, note.midi_pitch)
    pairs.sort(key=lambda pair: pair[0].onset_s)
    onsets: list[float] = []
    for note, _ in pairs:
        beat = float(score.tempo.beats(note.onset_s))
        is_near = bool(onsets) and beat - onsets[-1] < TOGETHER_BEATS
        onsets.append(onsets[-1] if is_near else beat)
    order = as_written_order(onsets, [note.midi_pitch for note, _ in pairs])
    notes = tuple(pairs[i][0] for i in order)
    values = [float(score.tempo.beats(n.offset_s) - score.tempo.beats(n.onset_s)) for n in notes]
    return Given(
        notes,
        tuple(
            Written(onsets[i], max(value, 1 / 32), pairs[i][0].midi_pitch)
            for i, value in zip(order, values, strict=True)
        ),
        tuple(pairs[i][1] for i in order),
        tuple(part.name for part in parts),
        tuple(part.program for part in parts),
        tuple(part.controllers for part in parts),
        score.tempo,
        score.source,
    )


def compose_solo(
    model: SoloModel,
    *,
    bars: int,
    seed: int,
    chords: bool | None = None,
    temperatures: Temperatures = AS_LEARNT,
    expressions: Collection[str] = EXPRESSIONS,
    prime: Given | None = None,
    bpm: float | None = None,
) -> Solo:
    """Return a piece of so many bars; one with a `prime` begins with its notes as they are.

    `chords` False is one note at a time; None is as the prime, or a melody. Raises InputError for
    a prime that leaves no bar to compose.
    """
    known = None if prime is None else prime.sequences
    texture = CHORDS if chords else MELODY
    if chords is None and known is not None:
        texture = texture_of(known)
    if prime is not None:
        end = max(note.onset + note.value for note in prime.written)
        if end > bars * 4 - 1:
            expected = f"an opening shorter than {bars} bars (--bars)"
            raise InputError(prime.source, "", expected, f"{end / 4:.1f} bars")
    start = 0.0 if prime is None else prime.written[0].onset
    piece = compose(model, bars, seed, texture, temperatures, prime=known, start=start)
    written = written_of(piece)
    beat_s = 60.0 / bpm if bpm else model.beat_s(seed)
    if prime is not None:
        beat_s = 60.0 / prime.tempo.bpm(0.0)
        # The rest begins where the notes given let off, however they were placed in their beats.
        count = len(prime.written)
        shift = prime.written[-1].onset - written[count - 1].onset
        rest = [replace(each, onset=each.onset + shift) for each in written[count:]]
        written = [*prime.written, *rest]
    random = np.random.default_rng((seed, 4))
    notes = expressive(
        written,
        piece,
        beat_s,
        random,
        with_durations="duration" in expressions,
        with_velocities="velocity" in expressions,
    )
    plain = flat(written, beat_s)
    if prime is not None:
        notes = _after(prime, notes)
    tempo = TempoMap.constant(60.0 / beat_s)
    return Solo(_parts(notes), _parts(plain), tempo)


def _after(prime: Given, notes: Sequence[Note]) -> list[Note]:
    """Return the notes of a prime as they are, and then the others."""
    count = len(prime.notes)
    lag_s = prime.notes[count - 1].onset_s - notes[count - 1].onset_s
    rest = [
        replace(note, onset_s=note.onset_s + lag_s, offset_s=note.offset_s + lag_s)
        for note in notes[count:]
    ]
    first_s = prime.notes[-1].onset_s
    return [*prime.notes, *(note for note in rest if note.onset_s >= first_s)]


def humanize(
    model: SoloModel,
    given: Given,
    *,
    seed: int,
    temperatures: Temperatures = AS_LEARNT,
    expressions: Collection[str] = EXPRESSIONS,
) -> Solo:
    """Return somebody's notes with learnt velocities and durations, as far as `expressions` says.

    Pitches, their order and the rhythm stay; what is not asked for stays as it was. The flat twin
    is the file's own rhythm, with one velocity. The file's tempo changes and controllers are kept.
    """
    known = given.sequences
    start = given.written[0].onset
    drawn = play(model, known, seed, texture_of(known), temperatures, start=start)
    # Beats, not seconds: the tempo map of the file turns them into time.
    played = _with_the_beat(
        given.written, expressive(given.written, drawn, 1.0, np.random.default_rng((seed, 4)))
    )
    notes, plain = [], []
    for index, (own, written) in enumerate(zip(given.notes, given.written, strict=True)):
        new = played[index]
        onset, length = own.onset_s, own.offset_s - own.onset_s
        if "duration" in expressions:
            onset = float(given.tempo.seconds(new.onset_s))
            length = float(given.tempo.seconds(new.offset_s)) - onset
        velocity = new.velocity if "velocity" in expressions else own.velocity
        notes.append(replace(own, onset_s=onset, offset_s=onset + length, velocity=velocity))
        start_s = float(given.tempo.seconds(written.onset))
        end_s = float(given.tempo.seconds(written.onset + written.value))
        plain.append(replace(own, onset_s=start_s, offset_s=end_s, velocity=FLAT_VELOCITY))
    return Solo(_given_parts(given, notes), _given_parts(given, plain), given.tempo)


def _with_the_beat(written: Sequence[Written], played: Sequence[Note]) -> list[Note]:
    """Return notes, in beats, moved so that a line stays with its beat and its order.

    What has run ahead or fallen behind over the bars is taken out: the lag is averaged over two
    bars around each note. What is left is bounded by `_FURTHEST` of the way to the notes around.
    """
    onsets = np.array([note.onset for note in written])
    late = np.array([note.onset_s for note in played]) - onsets
    heads = np.unique(onsets)
    gap = np.append(np.diff(heads), 1.0)
    bound = _FURTHEST * np.minimum(np.minimum(gap, np.append(1.0, gap[:-1])), 1.0)
    moved = []
    for index, (onset, note) in enumerate(zip(onsets.tolist(), played, strict=True)):
        lag = late[np.abs(onsets - onset) <= 4.0].mean()
        furthest = float(bound[np.searchsorted(heads, onset)])
        place = max(onset + float(np.clip(late[index] - lag, -furthest, furthest)), 0.0)
        moved.append(replace(note, onset_s=place, offset_s=place + note.offset_s - note.onset_s))
    return one_at_a_time(moved) if is_line(written) else moved


def _parts(notes: Sequence[Note]) -> tuple[Part, ...]:
    end_s = max(note.offset_s for note in notes)
    plain = tuple(replace(note, channel=0) for note in notes)
    return (Part("Solo", plain, (), PIANO, end_s),)


def _given_parts(given: Given, notes: Sequence[Note]) -> tuple[Part, ...]:
    parts = []
    whole = zip(given.names, given.programs, given.controllers, strict=True)
    for number, (name, program, controllers) in enumerate(whole):
        own = sorted(
            (note for note, part in zip(notes, given.part, strict=True) if part == number),
            key=lambda note: note.onset_s,
        )
        end_s = max((note.offset_s for note in own), default=0.0)
        parts.append(Part(name, tuple(own), controllers, program, end_s))
    return tuple(parts)
