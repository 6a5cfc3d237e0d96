"""Phrases for the training of a live model, drawn by instrument, origin and length.

An excerpt begins where the engine would begin, mostly with a note's first frame and nothing before
it; single notes of an instrument stand one after the other.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_core.training.live_excerpts import Batch, Piece, batch_of, excerpt
from plugin_core.training.performed import Performed
from plugin_core.training.styles import MIDDLE
from plugin_core.types import FRAME_RATE

ORIGIN_SHARES = {"performance": 0.35, "note": 0.3, "assembled": 0.35}
"""How often an excerpt is of each origin, where an instrument has it."""

_LONGEST_COUNTED = 2500
_IN_THE_MIDDLE = 0.25


class LiveData:
    """The phrases of a training, drawn by instrument, origin and length."""

    def __init__(
        self,
        phrases: Sequence[Performed],
        instruments: Sequence[str],
        styles: Mapping[str, float | None],
    ) -> None:
        """Take the phrases that are for training and have levels.

        `styles` are by the phrases' names: 0..1, None for what shall not be learnt; a phrase that
        is not there has the middle style.
        """
        self.instruments = tuple(instruments)
        self._styles = {name: style for name, style in styles.items() if style is not None}
        left_out = {name for name, style in styles.items() if style is None}
        self._phrases = [
            phrase
            for phrase in phrases
            if not phrase.is_held_out
            and phrase.origin in ORIGIN_SHARES
            and phrase.instrument in self.instruments
            and phrase.name not in left_out
            and phrase.notes
            and len(phrase.frames) > 1
            and np.isfinite([row.expression for row in phrase.notes]).all()
            and (phrase.frames.f0_hz > 0).all()
        ]
        lengths = np.array([len(phrase.frames) for phrase in self._phrases])
        self.frames = int(lengths.sum())
        self._rows: dict[tuple[int, str], NDArray[np.intp]] = {}
        self._shares: dict[tuple[int, str], NDArray[np.float64]] = {}
        totals = np.zeros(len(self.instruments))
        for index, name in enumerate(self.instruments):
            for origin in ORIGIN_SHARES:
                rows = np.array(
                    [
                        row
                        for row, phrase in enumerate(self._phrases)
                        if (phrase.instrument, phrase.origin) == (name, origin)
                    ],
                    np.intp,
                )
                if len(rows):
                    weights = np.minimum(lengths[rows], _LONGEST_COUNTED).astype(np.float64)
                    self._rows[index, origin] = rows
                    self._shares[index, origin] = weights / weights.sum()
                    totals[index] += weights.sum()
        # Between "every instrument alike" and "every second alike".
        self._instrument_shares = np.sqrt(totals) / np.sqrt(totals).sum()

    def draw(
        self, random: np.random.Generator, batch: int, frames: int, *, with_audio: bool = False
    ) -> Batch:
        """Return random excerpts; `with_audio` only such as have their recording."""
        excerpts, rows = [], []
        for _ in range(batch):
            index = int(random.choice(len(self.instruments), p=self._instrument_shares))
            pieces = self._pieces(random, index, frames, with_audio=with_audio)
            excerpts.append(excerpt(pieces, random))
            rows.append(index)
        return batch_of(excerpts, rows)

    def whole(self, phrase: Performed) -> Batch:
        """Return a whole phrase, from its first note on, as a batch of one, all lengths known."""
        first = _first_frame(phrase, 0)
        style = self._styles.get(phrase.name, MIDDLE)
        piece = Piece(phrase, first, len(phrase.frames), 0, style)
        row = self.instruments.index(phrase.instrument)
        return batch_of([excerpt([piece], None)], [row])

    def _pieces(
        self, random: np.random.Generator, instrument: int, frames: int, *, with_audio: bool
    ) -> list[Piece]:
        origins = [
            origin
            for origin in ORIGIN_SHARES
            if (instrument, origin) in self._rows and not (with_audio and origin == "assembled")
        ]
        shares = np.array([ORIGIN_SHARES[origin] for origin in origins])
        origin = str(random.choice(origins, p=shares / shares.sum()))
        pieces: list[Piece] = []
        filled = 0
        while filled < frames:
            rows = self._rows[instrument, origin]
            row = int(random.choice(rows, p=self._shares[instrument, origin]))
            phrase = self._phrases[row]
            first = 0
            if origin != "note" and not pieces:
                first = _beginning(phrase, random)
            elif not pieces:
                first = _first_frame(phrase, 0)
            take = min(frames - filled, len(phrase.frames) - first)
            style = self._styles.get(phrase.name, MIDDLE)
            pieces.append(Piece(phrase, first, first + take, filled, style))
            filled += take
        return pieces


def _beginning(phrase: Performed, random: np.random.Generator) -> int:
    """Return where an excerpt of a phrase begins: mostly with a note."""
    if random.random() < _IN_THE_MIDDLE:
        return int(random.integers(0, max(1, len(phrase.frames) // 2)))
    return _first_frame(phrase, int(random.integers(0, max(1, len(phrase.notes) * 2 // 3))))


def _first_frame(phrase: Performed, note: int) -> int:
    onset = int(np.ceil(phrase.notes[note].note.onset_s * FRAME_RATE - 1e-6))
    return min(max(0, onset), len(phrase.frames) - 1)
