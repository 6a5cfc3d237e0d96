"""What a pitch generator learns from: the pitch of played notes, cleaned and given more vibrato.

In: performed phrases. Out: pitch curves that are in tune, of notes that have one pitch, with a
vibrato of every depth on every instrument: as played, made stronger or weaker, or that of another
note of the corpus. The vibrato that a note then has is measured again and is what it asks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from plugin_core.expression.extraction import note_frames, vibrato, vibrato_rate_hz
from plugin_core.expression.scales import VIBRATO_MINIMUM_FRAMES, VOICED_CONFIDENCE
from plugin_core.expression.vibrato_edits import vibrato_movement
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Expression, ExpressiveNote

SLOWEST_HZ, FASTEST_HZ = 4.2, 7.3
"""What is slower or faster is no vibrato to learn from."""

_FAMILIES = (
    ("violin", "viola", "cello", "double_bass"),
    ("flute", "oboe", "clarinet", "saxophone", "bassoon"),
    ("trumpet", "horn", "trombone", "tuba"),
)
_RECORDED = ("performance", "note")
_KEPT_OFFSET, _LARGEST_OFFSET = 0.5, 0.12
"""Of a note's intonation half is kept, in semitones at most this."""
_FARTHEST_OFFSET = 0.6
_INTO_TUNE_FRAMES = 5.0
_SURE_SHARE = 0.5
_FAINT = 0.1
"""Where a note's amplitude is below this share of its largest, trackers slip."""
_ROUGHEST = 0.12
"""Semitones from frame to frame, in the mean: flutter and noise are no pitch."""
_WIDEST_SWING = 1.3
"""Semitones from a note's middle, inside it: trills and wrong notes."""
_EDGE_FRAMES = 25

_CLEAR = 0.25
_CLEAR_FRAMES = 100
_ABSENT = 0.12
_DEEPEST = 1.3
_AS_PLAYED, _OTHER_DEPTH, _NONE = 0.45, 0.35, 0.2
_OWN_INSTRUMENT = 0.5
_RATE_SPREAD = 0.07
_FLANK_FRAMES = 10

Semitones = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Movement:
    """The vibrato of a note."""

    semitones: Semitones = field(repr=False)
    rate_hz: float
    instrument: str


@dataclass(frozen=True, slots=True)
class PitchCurve:
    """The notes of a phrase as they are to be asked for, and the pitch of its T frames."""

    notes: tuple[ExpressiveNote, ...]
    instrument: str
    keys: Semitones = field(repr=False)
    """MIDI pitch, tuned to A = 440 Hz, shape (T,); something between where it is not known."""
    is_known: NDArray[np.bool_] = field(repr=False)
    """Whether it is known, shape (T,)."""


@dataclass(slots=True)
class _Played:
    """The pitch of a phrase while it is worked on."""

    keys: Semitones
    is_known: NDArray[np.bool_]


def movements_of(phrases: Sequence[Performed]) -> tuple[Movement, ...]:
    """Return all clear vibratos of the phrases."""
    found = []
    for phrase in phrases:
        if phrase.origin == "assembled":
            continue
        played = _played(phrase)
        for note in phrase.notes:
            where = note_frames(note.note, len(phrase.frames))
            if not played.is_known[where].any() or where.stop - where.start < _CLEAR_FRAMES:
                continue
            keys = played.keys[where]
            movement = vibrato_movement(keys)
            rate = vibrato_rate_hz(_hz(movement))
            is_clear = vibrato(_hz(keys)) >= _CLEAR and vibrato(_hz(movement)) >= _CLEAR
            if is_clear and SLOWEST_HZ <= rate <= FASTEST_HZ:
                found.append(Movement(movement, rate, phrase.instrument))
    return tuple(found)


def typical_expression(phrases: Sequence[Performed]) -> dict[str, Expression]:
    """Return the mean of each control over the recorded notes of every instrument.

    An instrument without recordings has the mean of all others.
    """
    rows: dict[str, list[Expression]] = {phrase.instrument: [] for phrase in phrases}
    for phrase in phrases:
        if phrase.origin in _RECORDED:
            rows[phrase.instrument].extend(note.expression for note in phrase.notes)
    everything = [expression for own in rows.values() for expression in own]
    everything = everything or [Expression(*[0.0] * len(CONTROLS))]
    return {
        instrument: Expression(*np.mean(own or everything, axis=0).tolist())
        for instrument, own in rows.items()
    }


def pitch_curve(
    phrase: Performed,
    typical: Mapping[str, Expression],
    movements: Sequence[Movement] = (),
    random: np.random.Generator | None = None,
) -> PitchCurve:
    """Return the pitch of a phrase, with `random` varied in its vibratos.

    Controls that are not known become the instrument's typical ones.
    """
    played = _played(phrase)
    notes = []
    for note in phrase.notes:
        where = note_frames(note.note, len(phrase.frames))
        keys = played.keys[where]
        known = played.is_known[where].any()
        if known:
            keys = _with_varied_vibrato(keys, phrase.instrument, movements, random)
            played.keys[where] = keys
        measured = vibrato(_hz(keys)) if known else 0.0
        usual = typical[phrase.instrument]
        filled = [
            own if np.isfinite(own) else other
            for own, other in zip(note.expression, usual, strict=True)
        ]
        notes.append(replace(note, expression=Expression(*filled)._replace(vibrato=measured)))
    return PitchCurve(
        notes=tuple(notes),
        instrument=phrase.instrument,
        keys=gaussian_filter1d(played.keys, 1.0),
        is_known=played.is_known,
    )


def _played(phrase: Performed) -> _Played:
    frames, count = phrase.frames, len(phrase.frames)
    known = (frames.confidence > VOICED_CONFIDENCE) & (frames.f0_hz > 0)
    keys = 69.0 + 12.0 * np.log2(np.maximum(frames.f0_hz, 1.0).astype(np.float64) / 440.0)
    keys -= phrase.tuning_semitones
    spans = [note_frames(note.note, count) for note in phrase.notes]
    for where in spans:
        known[where] &= frames.amplitude[where] >= _FAINT * frames.amplitude[where].max()
    if not known.any():
        return _Played(np.full(count, 60.0), known)
    keys = np.interp(np.arange(count), np.flatnonzero(known), keys[known])
    correction = np.zeros(count)
    end = 0
    for where, note in zip(spans, phrase.notes, strict=True):
        offset = _offset(keys[where], known[where], note.note.midi_pitch)
        if offset is None:
            known[where] = False
            continue
        kept = float(np.clip(_KEPT_OFFSET * offset, -_LARGEST_OFFSET, _LARGEST_OFFSET))
        correction[(end + where.start) // 2 if end else 0 :] = kept - offset
        end = where.stop
    keys += gaussian_filter1d(correction, _INTO_TUNE_FRAMES, mode="nearest")
    return _Played(keys, known)


def _offset(keys: Semitones, sure: NDArray[np.bool_], midi_pitch: int) -> float | None:
    """Return how much higher than its key a note is in the median; None if it has no one pitch."""
    if sure.mean() < _SURE_SHARE:
        return None
    edge = min(_EDGE_FRAMES, len(keys) // 3)
    inner = keys[edge : len(keys) - edge]
    middle = float(np.median(inner))
    wide = np.percentile(np.abs(inner - middle), 95) > _WIDEST_SWING
    rough = np.abs(np.diff(inner)).mean() > _ROUGHEST if len(inner) > 1 else False
    offset = middle - midi_pitch
    return None if wide or rough or abs(offset) > _FARTHEST_OFFSET else offset


def _with_varied_vibrato(
    keys: Semitones,
    instrument: str,
    movements: Sequence[Movement],
    random: np.random.Generator | None,
) -> Semitones:
    """Return a note with its vibrato as it is, of another depth, another's, or none."""
    if len(keys) <= VIBRATO_MINIMUM_FRAMES:
        return keys
    reading, rate = vibrato(_hz(keys)), vibrato_rate_hz(_hz(keys))
    is_good = reading < _ABSENT or SLOWEST_HZ <= rate <= FASTEST_HZ
    own = vibrato_movement(keys)
    if random is None or not movements:
        return keys if is_good else keys - own
    choice = random.random()
    if is_good and choice < _AS_PLAYED:
        return keys
    if choice > 1.0 - _NONE:
        return np.asarray(keys - own * random.uniform(0.7, 1.0))
    target = random.uniform(0.02, _DEEPEST)
    movement = own
    if not is_good or reading < _CLEAR or random.random() < 0.5:
        movement = _fitted(_drawn(movements, instrument, random), len(keys), random)
    depth = vibrato(_hz(movement))
    if depth < 0.02:
        return np.asarray(keys - own)
    return np.asarray(keys - own + movement * (target / depth))


def _drawn(movements: Sequence[Movement], instrument: str, random: np.random.Generator) -> Movement:
    family = next(each for each in _FAMILIES if instrument in each)
    wanted = (instrument,) if random.random() < _OWN_INSTRUMENT else family
    near = [each for each in movements if each.instrument in wanted]
    some = near if len(near) >= 5 else movements
    return some[int(random.integers(len(some)))]


def _fitted(movement: Movement, count: int, random: np.random.Generator) -> Semitones:
    """Return a movement of `count` frames, a little faster or slower than it was."""
    lowest, highest = SLOWEST_HZ / movement.rate_hz, FASTEST_HZ / movement.rate_hz
    faster = float(np.clip(1.0 + random.uniform(-_RATE_SPREAD, _RATE_SPREAD), lowest, highest))
    own = movement.semitones
    places = np.arange(0.0, len(own) - 1, faster)
    moved = np.interp(places, np.arange(len(own)), own)
    rising = np.flatnonzero((moved[:-1] < 0) & (moved[1:] >= 0))
    first, last = len(moved) // 4, len(moved) - _FLANK_FRAMES
    turns = rising[(rising > first) & (rising < last)]
    if len(turns) > 1 and len(moved) < count:
        # A long note goes on with the cycles after the first quarter, as often as need be.
        cycles = moved[turns[0] : turns[-1]]
        often = -(-(count - len(moved)) // len(cycles))
        moved = np.concatenate((moved[: turns[-1]], np.tile(cycles, often), moved[turns[-1] :]))
    moved = np.pad(moved, (0, max(0, count - len(moved))))
    spare = len(moved) - count
    start = int(random.integers(spare + 1)) if count < _CLEAR_FRAMES or random.random() < 0.2 else 0
    fitted = moved[start : start + count].copy()
    ramp = np.minimum(np.arange(count) + 0.5, _FLANK_FRAMES) / _FLANK_FRAMES
    return np.asarray(fitted * ramp * ramp[::-1])


def _hz(keys: Semitones) -> NDArray[np.float64]:
    return np.asarray(440.0 * 2.0 ** ((keys - 69.0) / 12.0))
