"""Phrase rules: how written lines are played where no performance was learnt from. Our own rules.

A phrase ends on a long note or before a rest. Within it loudness rises to two thirds and falls
after, strong beats and high notes are louder, the tempo presses on towards the middle and yields at
the end, most at the end of the piece; steps are bound, leaps and repeated notes are not. What a
player would not do twice alike comes from a seed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plugin_core.composing.solo import Played, Written
from plugin_core.score import TempoMap

LEVEL = 66.0
"""Velocity of a weak beat at the beginning of a phrase, about."""

_PEAK = 0.64
_SWELL, _PHRASES_APART, _WAVER = 13.0, 4.0, 1.6
_PER_SEMITONE, _HIGHEST = 0.6, 7.0
_ACCENTS = {0.0: 4.0, 2.0: 2.0, 1.0: 0.0, 3.0: 0.0}
_OFF_BEAT, _PASSING = -3.0, -5.0
_LAST = -6.0

_BOUND, _LEAP, _REPEATED, _PHRASE_END = 0.97, 0.87, 0.78, 0.82
_LONG, _LONGEST_PHRASE = 2.0, 16.0
_BEGINNING, _PRESSING, _YIELDING = 0.02, -0.06, 0.12
_RITARDANDO, _RITARDANDO_BEATS = 0.4, 6.0
_TEMPO_WAVER = 0.015


_SIXTEENTH = 0.25


@dataclass(frozen=True, slots=True)
class Performance:
    """How each voice is played, and the tempo that all of them keep."""

    voices: tuple[tuple[Played, ...], ...]
    tempo: TempoMap


@dataclass(frozen=True, slots=True)
class Phrase:
    """Where a phrase lies, in beats, and its height against the others in velocity."""

    start: float
    end: float
    height: float


def phrases_of(line: Sequence[Written], random: np.random.Generator) -> list[Phrase]:
    """Return the phrases of a melody by its long notes and rests."""
    phrases: list[Phrase] = []
    start = line[0].onset
    for index, note in enumerate(line):
        end = note.onset + note.value
        is_last = index + 1 == len(line)
        rests = not is_last and line[index + 1].onset - end >= 1.0
        closes = note.value >= _LONG and end - start >= 4.0
        if is_last or rests or closes or end - start >= _LONGEST_PHRASE:
            phrases.append(Phrase(start, end, float(random.normal(0.0, _PHRASES_APART))))
            start = end if is_last else line[index + 1].onset
    return phrases


def perform(
    voices: Sequence[Sequence[Written]], beat_s: float, random: np.random.Generator
) -> Performance:
    """Return how voices are played together; the first that has notes leads.

    Voices are in order of onset, one note at a time. Raises ValueError where no voice has notes.
    """
    leader = next((voice for voice in voices if voice), None)
    if leader is None:
        raise ValueError("at least one note is played, found none")
    phrases = phrases_of(leader, random)
    end = max(note.onset + note.value for voice in voices for note in voice)
    tempo = _tempo(phrases, end, beat_s, random)
    return Performance(
        tuple(tuple(_played(voice, phrases, tempo, random)) for voice in voices), tempo
    )


def _tempo(
    phrases: Sequence[Phrase], end: float, beat_s: float, random: np.random.Generator
) -> TempoMap:
    """Return the tempo, which changes every sixteenth."""
    changes = []
    waver = 0.0
    for beat in np.arange(0.0, end + _SIXTEENTH, _SIXTEENTH).tolist():
        late = max(0.0, 1.0 - (end - beat) / _RITARDANDO_BEATS)
        waver = 0.9 * waver + float(random.normal(0.0, _TEMPO_WAVER))
        octaves = _pull(_phrase_at(phrases, beat), beat) + waver
        octaves += _RITARDANDO * min(late, 1.0) ** 2
        changes.append((beat, 60.0 / (beat_s * 2.0**octaves)))
    return TempoMap.of(changes)


def _phrase_at(phrases: Sequence[Phrase], beat: float) -> Phrase:
    return next((each for each in phrases if beat < each.end), phrases[-1])


def _share(phrase: Phrase, beat: float) -> float:
    return min(max((beat - phrase.start) / max(phrase.end - phrase.start, 1e-6), 0.0), 1.0)


def _pull(phrase: Phrase, beat: float) -> float:
    """Return by how many octaves the beat is longer than the median."""
    share = _share(phrase, beat)
    if share < _PEAK:
        return _BEGINNING + (_PRESSING - _BEGINNING) * share / _PEAK
    return _PRESSING + (_YIELDING - _PRESSING) * ((share - _PEAK) / (1 - _PEAK)) ** 2


def _swell(share: float) -> float:
    """Return the loudness within a phrase, 0..1: up to the peak, and down."""
    if share < _PEAK:
        return math.sin(0.5 * math.pi * share / _PEAK)
    return math.cos(0.5 * math.pi * 0.8 * (share - _PEAK) / (1 - _PEAK))


def _accent(onset: float) -> float:
    in_bar = onset % 4.0
    if in_bar in _ACCENTS:
        return _ACCENTS[in_bar]
    return _OFF_BEAT if (onset * 2) % 1 == 0 else _PASSING


def _played(
    voice: Sequence[Written],
    phrases: Sequence[Phrase],
    tempo: TempoMap,
    random: np.random.Generator,
) -> list[Played]:
    if not voice:
        return []
    middle = float(np.average([n.pitch for n in voice], weights=[n.value for n in voice]))
    waver = 0.0
    played = []
    for index, note in enumerate(voice):
        phrase = _phrase_at(phrases, note.onset)
        end = note.onset + note.value
        closes = abs(end - phrase.end) < 1e-6
        following = voice[index + 1] if index + 1 < len(voice) else None
        height = _PER_SEMITONE * (note.pitch - middle)
        waver = 0.6 * waver + float(random.normal(0.0, _WAVER))
        velocity = (
            LEVEL
            + phrase.height
            + _SWELL * _swell(_share(phrase, note.onset))
            + _accent(note.onset)
            + min(max(height, -_HIGHEST), _HIGHEST)
            + (_LAST if closes else 0.0)
            + waver
        )
        share = _sounding(note, following, closes=closes) + float(random.normal(0.0, 0.03))
        start_s, end_s = (float(tempo.seconds(beat)) for beat in (note.onset, end))
        length_s = (end_s - start_s) * min(max(share, 0.4), 1.0)
        played.append(Played(start_s, length_s, round(min(max(velocity, 20.0), 120.0))))
    return played


def _sounding(note: Written, following: Written | None, *, closes: bool) -> float:
    """Return the share of its written length that a note sounds."""
    if closes or following is None:
        return _PHRASE_END
    interval = abs(following.pitch - note.pitch)
    if interval == 0:
        return _REPEATED
    return _BOUND if interval <= 2 else _LEAP if interval >= 5 else (_BOUND + _LEAP) / 2
