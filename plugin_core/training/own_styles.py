"""The style of a user's own recordings: CC55 in their MIDI, or what their folder is named.

In: performed parts of a recording. Out: the same, cut into stretches of one style 0..1 (CC55 / 127,
Grechin and Groves), and what style does on an instrument.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from plugin_core.score.midi import read_midi
from plugin_core.training.corpus import Recording
from plugin_core.training.performed import part_of
from plugin_core.training.performed_cache import Performed
from plugin_core.training.styles import STYLES, StyleRange, articulation_style
from plugin_core.types import FRAME_RATE, ControllerKind

STYLE_CONTROLLER = 55
UNTOLD = -1.0
"""In place of a style: nobody says which."""

_FEWEST_NOTES = 5
_LOW_BELOW, _HIGH_ABOVE = 0.3, 0.7
_ONSET_SLACK_S = 0.03
"""A controller this little after a note still belongs to it."""
_HIGHEST = 127.0

Styled = tuple[Performed, float | None]


def of_one_style(parts: Sequence[Performed], recording: Recording) -> Iterator[Styled]:
    """Yield the parts of a recording, cut where CC55 changes, and the style of each.

    `parts` follow one another. Where the MIDI file has no CC55, the style is that of the
    recording's articulation, UNTOLD where there is none, None for a way of playing of its own.
    Raises InputError for a MIDI file that cannot be read.
    """
    lane = _style_lane(recording.path.with_suffix(".mid"))
    named = articulation_style(recording.articulation) if recording.articulation else UNTOLD
    shift_s = 0.0
    for part in parts:
        if not lane:
            yield part, named
        else:
            yield from _cut_by_style(part, lane, shift_s)
        shift_s += len(part.frames) / FRAME_RATE


def _style_lane(path: Path) -> list[tuple[float, float]]:
    """Return (seconds, 0..1) of every CC55 in a MIDI file, none of none."""
    if not path.is_file():
        return []
    return sorted(
        (each.time_s, each.value / _HIGHEST)
        for entry in read_midi(path).parts
        for each in entry.part.controllers
        if each.kind is ControllerKind.CONTROL and each.index == STYLE_CONTROLLER
    )


def _cut_by_style(
    part: Performed, lane: Sequence[tuple[float, float]], shift_s: float
) -> Iterator[Styled]:
    times_s = np.array([time_s for time_s, _ in lane])

    def style_at(row: int) -> float:
        onset_s = part.notes[row].note.onset_s + shift_s + _ONSET_SLACK_S
        at = int(np.searchsorted(times_s, onset_s, side="right")) - 1
        return lane[max(at, 0)][1]

    runs = [(style, next(rows)) for style, rows in groupby(range(len(part.notes)), style_at)]
    begins = [round(part.notes[first].note.onset_s * FRAME_RATE) for _, first in runs]
    ends = [*begins[1:], len(part.frames)]
    for index, (style, _) in enumerate(runs):
        begin = begins[index] if index else 0
        cut = part_of(part, begin, ends[index], is_held_out=part.is_held_out)
        if cut.notes:
            yield replace(cut, name=f"{part.name}@{begin}" if index else part.name), style


def style_ends(
    phrases: Sequence[Performed],
    styles: Mapping[str, float | None],
    recordings: Sequence[Recording],
) -> dict[str, StyleRange]:
    """Return what style does on every instrument whose training phrases have both ends.

    Those are a style below 0.3 and one above 0.7, of five notes each at least.
    """
    words = {STYLES.get(each.articulation): each.articulation for each in recordings}
    lengths: dict[str, dict[float, list[float]]] = {}
    for phrase in phrases:
        style = styles.get(phrase.name)
        if style is None or phrase.is_held_out:
            continue
        of_it = lengths.setdefault(phrase.instrument, {}).setdefault(style, [])
        of_it += [row.note.offset_s - row.note.onset_s for row in phrase.notes]
    ranges = {}
    for instrument, by_style in lengths.items():
        enough = [style for style, seconds in by_style.items() if len(seconds) >= _FEWEST_NOTES]
        if enough and min(enough) < _LOW_BELOW and max(enough) > _HIGH_ABOVE:
            ends = (min(enough), max(enough))
            low, high = (words.get(end) or f"CC55 {end * _HIGHEST:.0f}" for end in ends)
            shortest_s = round(float(np.median(by_style[ends[0]])), 3)
            ranges[instrument] = StyleRange(low, high, shortest_s)
    return ranges
