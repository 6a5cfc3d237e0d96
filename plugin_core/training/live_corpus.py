"""What a live model is trained on: phrases, their styles, and what style does on each instrument.

In: corpora in the layouts of `performance_corpora`, and users' own folders, whose instruments may
have any name. Out: one `LiveCorpus`, cached on disk part by part.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plugin_core.engine.live_layout import LIVE_INSTRUMENTS, MOST_INSTRUMENTS
from plugin_core.performing.ranges import RANGES
from plugin_core.training.live_data import ORIGIN_SHARES
from plugin_core.training.own_recordings import (
    instrument_name,
    is_own_folder,
    read_own_recordings,
)
from plugin_core.training.performed import WITHOUT_SOURCES, Performed, read_performed
from plugin_core.training.plucked import read_plucked
from plugin_core.training.styles import StyleRange, read_articulations, style_ranges, styles_of
from plugin_core.types import FRAME_RATE, InputError

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LiveCorpus:
    """Phrases of all instruments of a model."""

    instruments: tuple[str, ...]
    """In the order of the model's rows."""
    performed: tuple[Performed, ...]
    """Performances, notes, what is assembled of them, contours; training and held out."""
    others: tuple[Performed, ...]
    """What is learnt but is not the usual way of the instrument: a double bass's pizzicato."""
    styles: Mapping[str, float | None]
    """By the phrases' names; None for what is not to be learnt."""
    ranges: Mapping[str, StyleRange]
    """What style does, of the instruments on which it does something."""

    @property
    def phrases(self) -> tuple[Performed, ...]:
        """All that the frame networks learn from."""
        return (*self.performed, *self.others)

    @property
    def minutes(self) -> float:
        """How much of it is for training, contours apart."""
        frames = sum(len(each.frames) for each in self.phrases if _is_learnt(each))
        return frames / FRAME_RATE / 60.0

    def keys(self) -> dict[str, tuple[int, int]]:
        """Return the lowest and the highest key of every instrument that was recorded.

        Of those that `performing.ranges` knows, within what players reach: a few notes are heard an
        octave off.
        """
        found: dict[str, list[int]] = {}
        for phrase in self.phrases:
            if phrase.origin in ("performance", "note"):
                reach = RANGES.get(phrase.instrument)
                keys = [row.note.midi_pitch for row in phrase.notes]
                kept = [key for key in keys if reach is None or key in reach]
                found.setdefault(phrase.instrument, []).extend(kept)
        return {name: (min(keys), max(keys)) for name, keys in found.items() if keys}


def read_live_corpus(
    corpora: Sequence[Path],
    *,
    cache: Path,
    instruments: Sequence[str] = (),
    contours: Path | None = None,
    without_sources: Collection[str] = WITHOUT_SOURCES,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> LiveCorpus:
    """Return what is performed in `corpora`; `contours` belong to the first of them.

    Of `instruments`, or of all that there are; one alone is also the name of what lies directly in
    a user's folder. Raises InputError for what cannot be read, and for a named instrument that is
    not there.
    """
    performed: list[Performed] = []
    others: list[Performed] = []
    styles: dict[str, float | None] = {}
    ranges: dict[str, StyleRange] = {}
    instruments = tuple(instrument_name(each) for each in instruments)
    alone = instruments[0] if len(instruments) == 1 else None
    for number, corpus in enumerate(corpora):
        if is_own_folder(corpus):
            own = read_own_recordings(
                corpus, cache=cache, instrument=alone, jobs=jobs, progress=progress
            )
            performed += own.phrases
            styles |= own.styles
            ranges |= own.ranges
            continue
        usual = read_performed(
            corpus,
            cache=cache,
            jobs=jobs,
            progress=progress,
            without_sources=without_sources,
            contours=contours if number == 0 else None,
        )
        plucked = read_plucked(corpus, usual, cache=cache)
        known = {each.instrument for each in usual}
        performed += [*usual, *(each for each in plucked if each.instrument not in known)]
        others += [each for each in plucked if each.instrument in known]
        articulations = read_articulations(corpus)
        styles |= styles_of([*usual, *plucked], articulations)
        ranges |= style_ranges([*usual, *plucked], articulations)
    rows = _rows([*performed, *others], instruments)
    return LiveCorpus(
        rows,
        tuple(each for each in performed if each.instrument in rows),
        tuple(each for each in others if each.instrument in rows),
        styles,
        {name: ranges[name] for name in rows if name in ranges},
    )


def _rows(phrases: Sequence[Performed], named: Sequence[str]) -> tuple[str, ...]:
    """Return the instruments of a model: those named, or all that can be learnt."""
    learnt = {each.instrument for each in phrases if _is_learnt(each)}
    known = [name for name in LIVE_INSTRUMENTS if name in learnt]
    all_of_them = (*known, *sorted(learnt - set(known)))
    for name in named:
        if name not in learnt:
            have = ", ".join(all_of_them) or "none"
            raise InputError("--instruments", "", f"instruments that are recorded ({have})", name)
    rows = tuple(dict.fromkeys(named)) or all_of_them
    if not rows:
        raise InputError("--corpus", "", "recordings to train on", "none")
    if len(rows) > MOST_INSTRUMENTS:
        raise InputError("--corpus", "", f"at most {MOST_INSTRUMENTS} instruments", len(rows))
    return rows


def _is_learnt(phrase: Performed) -> bool:
    is_known = all(np.isfinite(row.expression).all() for row in phrase.notes)
    return (
        phrase.origin in ORIGIN_SHARES
        and not phrase.is_held_out
        and bool(phrase.notes)
        and len(phrase.frames) > 1
        and is_known
    )
