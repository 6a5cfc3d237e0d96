"""How far the pitch tracker is from the labels of the corpus, note by note."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from plugin_core.analysis.pitch import PitchTrack, track_pitch
from plugin_core.types import InputError

FAR_CENTS = 60.0
"""A note further from its label than this is wrong."""

_LONGEST_S = 4.0
_VOICED = 0.5


class PitchError(NamedTuple):
    """One note of the corpus, heard without knowing its label."""

    path: str
    instrument: str
    midi_pitch: int
    label_hz: float
    heard_hz: float
    """Median over the frames of confidence above 0.5, or over all if there are none."""
    cents: float
    """Heard minus label."""
    confidence: float
    """Median over the middle half of the sounding frames."""
    varies: bool
    """A trill, tremolo or glissando, whose label is only indicative, says the corpus."""

    @property
    def is_far(self) -> bool:
        """Tell whether the note counts as wrong."""
        return abs(self.cents) > FAR_CENTS


def labelled_notes(corpus: Path) -> list[dict[str, str]]:
    """Return the rows of the manifest that are notes; raises InputError if there is none."""
    manifest = corpus / "manifest.csv"
    if not manifest.is_file():
        raise InputError(manifest, "", "the table of a corpus", "no such file")
    with manifest.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "note"]
    if not rows:
        raise InputError(manifest, "kind", "rows that are notes", "none")
    return rows


def pitch_errors(
    corpus: Path, rows: Sequence[dict[str, str]] | None = None
) -> Iterator[PitchError]:
    """Yield the error of every labelled note of the corpus folder, or of these rows of its table.

    The first 4 s of each file are tracked, knowing neither label nor instrument.
    """
    for row in labelled_notes(corpus) if rows is None else rows:
        path = corpus / row["path"]
        with soundfile.SoundFile(path) as file:
            audio = file.read(int(_LONGEST_S * file.samplerate), dtype="float32")
            track = track_pitch(audio, file.samplerate)
        label = float(row["f0_median_hz"])
        heard, sure = _note_pitch(track)
        yield PitchError(
            row["path"],
            row["instrument"],
            int(row["midi_pitch"]),
            label,
            heard,
            1200.0 * float(np.log2(max(heard, 1.0) / label)),
            sure,
            bool(re.search(r"\bpitch_varies\b", row["flags"])),
        )


def _note_pitch(track: PitchTrack) -> tuple[float, float]:
    voiced = track.confidence > _VOICED
    if not voiced.any():
        voiced = track.f0_hz > 0
    if not voiced.any():
        return 0.0, 0.0
    first, last = np.flatnonzero(voiced)[[0, -1]]
    quarter = (last - first) // 4
    middle = track.confidence[first + quarter : last + 1 - quarter]
    return float(np.median(track.f0_hz[voiced])), float(np.median(middle))
