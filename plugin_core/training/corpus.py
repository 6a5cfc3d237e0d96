"""A corpus of solo recordings: a folder with a `manifest.csv`, one row for each audio file.

The columns are those of the corpus' README; of them `path`, `instrument`, `source`, `kind`,
`split` are needed here. A source can be left out by its name: its terms may not fit a model.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.types import InputError, Mono

MANIFEST = "manifest.csv"

_NEEDED = ("path", "instrument", "source", "kind", "split")
_KINDS = ("note", "performance")
_SPLITS = ("train", "valid")


@dataclass(frozen=True, slots=True)
class Recording:
    """One audio file of a corpus."""

    path: Path
    name: str
    """The path inside the corpus."""
    instrument: str
    source: str
    is_note: bool
    """One note, not a performance of several."""
    is_held_out: bool
    licence: str = ""
    midi_pitch: int | None = None
    dynamic: str = ""
    articulation: str = ""
    f0_median_hz: float | None = None
    flags: tuple[str, ...] = ()


def read_corpus(
    folder: Path,
    *,
    instruments: Collection[str] = INSTRUMENTS,
    without_sources: Collection[str] = (),
) -> tuple[Recording, ...]:
    """Return the recordings of these instruments in the order of the manifest.

    Raises InputError for a folder without a manifest, a row that cannot be meant, an audio file
    that is missing, and when nothing is left.
    """
    manifest = folder / MANIFEST
    try:
        text = manifest.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(folder, "", f"a corpus with a {MANIFEST}", error) from error
    rows = csv.DictReader(text.splitlines())
    missing = [column for column in _NEEDED if column not in (rows.fieldnames or ())]
    if missing:
        raise InputError(manifest, "line 1", f"columns {', '.join(_NEEDED)}", rows.fieldnames)
    recordings = tuple(
        _recording(folder, row, f"line {line}")
        for line, row in enumerate(rows, start=2)
        if row["instrument"] in instruments and row["source"] not in without_sources
    )
    if not recordings:
        raise InputError(manifest, "", f"recordings of {', '.join(instruments)}", "none")
    return recordings


def read_mono(path: Path) -> tuple[Mono, int]:
    """Return the audio of a file, channels averaged, shape (samples,), and its sample rate.

    Raises InputError for what is no audio file and for samples that are not finite.
    """
    try:
        audio, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise InputError(path, "", "an audio file", error) from error
    mono = audio.mean(axis=1, dtype=np.float32)
    odd = np.flatnonzero(~np.isfinite(mono))
    if len(odd):
        place = f"at {odd[0] / sample_rate:.6f} s"
        raise InputError(path, place, "finite samples", f"{mono[odd[0]]}")
    return mono, int(sample_rate)


def _recording(folder: Path, row: dict[str, str], place: str) -> Recording:
    manifest = folder / MANIFEST
    for column, known in (("kind", _KINDS), ("split", _SPLITS)):
        if row[column] not in known:
            raise InputError(manifest, place, f"{column} {' or '.join(known)}", row[column])
    path = folder / row["path"]
    if not path.is_file():
        raise InputError(manifest, place, "the path of an audio file", row["path"])
    return Recording(
        path=path,
        name=row["path"],
        instrument=row["instrument"],
        source=row["source"],
        is_note=row["kind"] == "note",
        is_held_out=row["split"] == "valid",
        licence=row.get("licence") or "",
        midi_pitch=int(_number(manifest, place, row, "midi_pitch") or 0) or None,
        dynamic=row.get("dynamic") or "",
        articulation=row.get("articulation") or "",
        f0_median_hz=_number(manifest, place, row, "f0_median_hz"),
        flags=tuple((row.get("flags") or "").split()),
    )


def _number(manifest: Path, place: str, row: dict[str, str], column: str) -> float | None:
    text = row.get(column) or ""
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InputError(manifest, place, f"a number in {column}", text) from error
