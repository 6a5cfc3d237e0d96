"""How phrases are articulated: the style 0..1 of each, and what style does on an instrument.

In: a corpus whose recordings say how they are played (an `articulation` in its manifest, or the
name of the sub-folder they lie in). Out: the style of `Performed` phrases by their names, 0 the
short or muted end, 1 the sustained one, as CC55 / 127 (Grechin and Groves' style channel).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plugin_core.training.performance_corpora import read_recordings
from plugin_core.training.performed import Performed

SHORT, MIDDLE, SUSTAINED = 0.0, 0.5, 1.0

STYLES: Mapping[str, float] = {
    "pizzicato": SHORT,
    "mute": SHORT,
    "muted": SHORT,
    "staccatissimo": SHORT,
    "spiccato": SHORT,
    "staccato": 0.2,
    "short": 0.25,
    "martele": 0.3,
    "nonlegato": MIDDLE,
    "detache": MIDDLE,
    "normal": MIDDLE,
    "mixed": MIDDLE,
    "portato": 0.6,
    "tongued-slur": 0.75,
    "tenuto": 0.85,
    "legato": SUSTAINED,
}

_LEFT_OUT = (
    *("trill", "tremolo", "fluttertonguing", "double-tonguing", "harmonic", "slap", "subtone"),
    "glissando",
)
_LOW_BELOW, _HIGH_ABOVE = 0.3, 0.7
_FEWEST_NOTES = 5
_CUT_MARK = "@"


@dataclass(frozen=True, slots=True)
class StyleRange:
    """What style does on an instrument: the words of its two ends."""

    low: str
    high: str
    shortest_s: float
    """How long the notes of the low end sound, in the median."""


def articulation_style(articulation: str) -> float | None:
    """Return the style of an articulation, None if it is a way of playing of its own.

    Those (trills, tremolo, flutter tonguing ...) are not to be learnt as a style. What is not known
    is neither end.
    """
    if any(word in articulation for word in _LEFT_OUT):
        return None
    return STYLES.get(articulation, MIDDLE)


def read_articulations(corpus: Path, *, instrument: str | None = None) -> dict[str, str]:
    """Return the articulation of every recording of a corpus by its name, "" if none is told.

    Arguments and errors are those of `performance_corpora.read_recordings`.
    """
    recordings = read_recordings(corpus, instrument=instrument)
    return {each.name: each.articulation for each in recordings}


def styles_of(
    phrases: Sequence[Performed], articulations: Mapping[str, str]
) -> dict[str, float | None]:
    """Return the style of each phrase by its name; not those of which no articulation is told.

    The ends of an instrument are 0 and 1 (the longest notes that a clarinettist was asked for are
    tongued slurs), what lies between is stretched from the middle.
    """
    ranges = style_ranges(phrases, articulations)
    styles: dict[str, float | None] = {}
    for phrase in phrases:
        word = articulation_of(phrase, articulations)
        if not word:
            continue
        style = articulation_style(word)
        own = ranges.get(phrase.instrument)
        styles[phrase.name] = style if style is None or own is None else _stretched(style, own)
    return styles


def _stretched(style: float, own: StyleRange) -> float:
    end = STYLES[own.low if style < MIDDLE else own.high]
    far = SHORT if style < MIDDLE else SUSTAINED
    scaled = MIDDLE + (style - MIDDLE) * (far - MIDDLE) / (end - MIDDLE)
    return min(max(scaled, SHORT), SUSTAINED)


def articulation_of(phrase: Performed, articulations: Mapping[str, str]) -> str:
    """Return how a phrase is articulated, "" if it is not told.

    The held-out part of a performance (`NAME@frame`) is articulated as the performance is.
    """
    whole, _, _ = phrase.name.rpartition(_CUT_MARK)
    return articulations.get(phrase.name) or articulations.get(whole) or ""


def style_ranges(
    phrases: Sequence[Performed], articulations: Mapping[str, str]
) -> dict[str, StyleRange]:
    """Return what style does, of every instrument whose training phrases have both ends.

    That is an articulation below 0.3 and one above 0.7, of five notes each at least.
    """
    lengths: dict[str, dict[str, list[float]]] = {}
    for phrase in phrases:
        word = articulation_of(phrase, articulations)
        if phrase.is_held_out or word not in STYLES:
            continue
        own = lengths.setdefault(phrase.instrument, {}).setdefault(word, [])
        own.extend(row.note.offset_s - row.note.onset_s for row in phrase.notes)
    ranges = {}
    for instrument, classes in lengths.items():
        words = [word for word, seconds in classes.items() if len(seconds) >= _FEWEST_NOTES]
        words.sort(key=lambda word: (STYLES[word], np.median(classes[word])))
        if words and STYLES[words[0]] < _LOW_BELOW and STYLES[words[-1]] > _HIGH_ABOVE:
            shortest_s = float(np.median(classes[words[0]]))
            ranges[instrument] = StyleRange(words[0], words[-1], round(shortest_s, 3))
    return ranges
