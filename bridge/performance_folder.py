"""The folder of a performance: what stands in it, and how a person's edits in it are found.

`notes.csv`, `frames.npz`, `perf.wav` and `perf.png` are one player's take; `perform.json` says how
it came about: the notes that the frames were made of, with a digest of each note's frames, lanes
and controllers, seed and models. So whoever reads the folder again knows what was touched since.
Several players have a folder each, `player-1` and so on, below one with the sum of their sound.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bridge.performance_record import (
    RECORD,
    controllers_of,
    controls_of,
    lanes_of,
    note_of,
    number_of,
    read_record,
    texts_of,
)
from plugin_core.hearing.frames_file import ARRAYS, read_frames
from plugin_core.performing.revision import note_spans
from plugin_core.performing.takes import Take
from plugin_core.session.tables import Table
from plugin_core.sounds import PhraseSound, load_sound
from plugin_core.types import ExpressiveNote, Frames, InputError, Performance

NOTES, FRAMES, AUDIO, PICTURE = "notes.csv", "frames.npz", "perf.wav", "perf.png"
MOST_PLAYERS = 64

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Folder:
    """One player's take as it stands in a folder, with what a person did to it since."""

    path: Path
    take: Take
    """With the frames of the file, and the notes that these were made of."""
    source: str
    """What was performed: the name of a file, or of a part of it."""
    temperature: float
    sample_rate: int
    digests: tuple[str, ...]
    """Of the frames of each note when they were made."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Digests of the files as they were written."""
    models: Mapping[str, str] = field(default_factory=dict)
    frame_count: int = 0
    """How many frames there were when they were made."""

    def by_hand(self) -> tuple[int, ...]:
        """Return the notes whose frames are no longer those that were made."""
        now = note_digests(self.take.frames, self.take.notes)
        pairs = zip(now, self.digests, strict=True)
        return tuple(index for index, (new, old) in enumerate(pairs) if new != old)

    def is_edited(self, name: str) -> bool:
        """Return whether a file is no longer as it was written."""
        return digest_of(self.path / name) != self.files.get(name)


def note_digests(frames: Frames, notes: Sequence[ExpressiveNote]) -> tuple[str, ...]:
    """Return a digest for each note, by onset, of the frames from its onset to the next."""
    starts = [start for start, _ in note_spans(notes)]
    digests = []
    for start, end in zip(starts, [*starts[1:], len(frames)], strict=True):
        digest = hashlib.sha256()
        for name in ARRAYS:
            digest.update(np.ascontiguousarray(getattr(frames, name)[start:end]).tobytes())
        digests.append(digest.hexdigest()[:_DIGITS])
    return tuple(digests)


def digest_of(path: Path) -> str | None:
    """Return the SHA-256 of a file, None if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def model_digests(sound: PhraseSound) -> dict[str, str]:
    """Return the SHA-256 of an instrument's two models by their files' names."""
    paths = (sound.expression, sound.synthesis)
    return {path.name: digest_of(path) or "" for path in paths}


def players_in(folder: Path) -> tuple[Path, ...]:
    """Return the folders of the players of a performance: it alone, or those below it.

    Raises InputError for a folder that holds none.
    """
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise InputError(folder, "", "the folder of a performance", found)
    count = read_record(folder).integer("players", 1, MOST_PLAYERS)
    return (folder,) if count is None else tuple(folder / player_folder(i) for i in range(count))


def player_folder(index: int) -> str:
    """Return the name of a player's folder, 0 the first."""
    return f"player-{index + 1}"


def require_unedited(folder: Path) -> None:
    """Raise InputError if a performance stands there whose tables a person has edited since."""
    for place, record in _earlier(folder):
        for name in (NOTES, FRAMES):
            written, now = record.table("files").text(name), digest_of(place / name)
            if written and now not in (None, written):
                raise InputError(
                    place / name, "", "no edits to write over (another --out)", "edits in it"
                )


def earlier_files(folder: Path) -> tuple[str, ...]:
    """Return the files of a performance that stands in a folder, as paths from there."""
    places = {folder, *(place for place, _ in _earlier(folder))}
    names = (place / name for place in places for name in (NOTES, FRAMES, AUDIO, PICTURE, RECORD))
    if not (folder / RECORD).is_file():
        return ()
    return tuple(sorted(path.relative_to(folder).as_posix() for path in names if path.is_file()))


def _earlier(folder: Path) -> list[tuple[Path, Table]]:
    """Return the players of a performance that stands in a folder, none if that cannot be told."""
    try:
        return [(place, read_record(place)) for place in players_in(folder)]
    except InputError:
        return []


def read_folder(folder: Path) -> Folder:
    """Return a player's take from its folder; the picture and the sound are not read.

    Raises InputError, naming file and place, for what is missing, damaged, or of another
    performance.
    """
    record = read_record(folder)
    reference = record.text("sound")
    if reference is None:
        raise record.error("sound", "the sound that played")
    sound = load_sound(reference)
    if not isinstance(sound, PhraseSound):
        raise record.error("sound", "an instrument")
    entries = record.tables("notes")
    if not entries:
        raise record.error("notes", "at least one note")
    gain_db = number_of(record, "gain_db", -200.0, 200.0)
    file = read_frames(folder / FRAMES)
    if abs(file.gain_db - gain_db) > 1e-6:
        raise InputError(
            folder / FRAMES, "gain_db", f"{gain_db:g}, as perform writes it", file.gain_db
        )
    notes = tuple(note_of(entry) for entry in entries)
    take = Take(
        sound=sound,
        performance=Performance(file.frames, notes, gain_db),
        predicted=tuple(controls_of(entry, "predicted") for entry in entries),
        controllers=tuple(controllers_of(record)),
        lanes=lanes_of(record),
        seed=record.integer("seed", 0, 65535) or 0,
    )
    return Folder(
        path=folder,
        take=take,
        source=record.text("source") or "",
        temperature=number_of(record, "temperature", 0.0, 10.0),
        sample_rate=int(number_of(record, "sample_rate", 8000, 192000)),
        digests=tuple(entry.text("frames") or "" for entry in entries),
        files=texts_of(record.table("files")),
        models=texts_of(record.table("models")),
        frame_count=int(number_of(record, "frames", 1, 1e9)),
    )
