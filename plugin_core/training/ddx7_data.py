"""What DDX7 models learn from: recordings with pitch, loudness, lines and noise, at one level.

In: the corpus' recordings of an instrument, or any folder of recordings. Out: `Take`s, those for
training and those held out apart, whose loud frames read `REFERENCE_DB`: a performance's by itself,
single notes' of a source together, so that soft notes stay soft. Every recording is measured once
and kept in a file of its own.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from plugin_core.analysis.sounding import SILENT_DB, SOUNDING_DB, loud_level_db, silence_gate
from plugin_core.training.corpus import Recording, read_corpus
from plugin_core.training.ddx7_takes import Progress, Take, heard_takes
from plugin_core.training.performed import WITHOUT_SOURCES
from plugin_core.types import FRAME_RATE, InputError

__all__ = [
    "REFERENCE_DB",
    "USER",
    "Material",
    "Take",
    "corpus_material",
    "folder_material",
    "heard_takes",
    "levelled",
    "read_folder",
]

REFERENCE_DB = -20.0
"""What `analysis.sounding.loud_level_db` reads of every performance."""

USER = "user"

_AUDIO = (".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3")
_UNPLAYED = ("flutter", "trill", "tremolo", "pizzicato", "short")
_FLAWS = ("low_confidence", "noisy", "double_stops")
_URMP_SHARE, _USER_SHARE = 0.25, 0.2
_MUSOPEN_S = {"_viii_": 40.0}
"""What is held out at the end of a performance: a share, or seconds of those named so."""
_SHORT_S, _HELD_OUT_EVERY = 20.0, 5
_LEAST_FRAMES = 25
_SURE, _LEAST_VOICED = 0.5, 0.05
"""A recording is of an instrument if in such a share of its sounding frames a pitch is sure."""


@dataclass(frozen=True, slots=True)
class Material:
    """The takes of an instrument."""

    training: tuple[Take, ...]
    held_out: tuple[Take, ...]
    unpitched: tuple[str, ...] = ()
    """Recordings that were left out: no pitch is heard in them."""


def corpus_material(
    folder: Path,
    instrument: str,
    *,
    cache: Path,
    without_sources: Collection[str] = WITHOUT_SOURCES,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> Material:
    """Return the corpus' recordings of an instrument, its usual ways of playing.

    Held out are the manifest's `valid` rows, the last quarter of every URMP recording (digital
    silence at its end apart) and the end of a Musopen one. Raises InputError for a folder that is
    no corpus or has no such recording.
    """
    recordings = [
        each
        for each in read_corpus(folder, instruments=[instrument], without_sources=without_sources)
        if not any(word in each.articulation for word in _UNPLAYED)
        and not any(flaw in each.flags for flaw in _FLAWS)
    ]
    return _material(recordings, cache, jobs, progress, _corpus_share)


def folder_material(
    folder: Path,
    *,
    cache: Path,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> Material:
    """Return all recordings in a folder and its sub-folders, a fifth of them held out.

    That is the end of every long recording; of short ones, where there are five or more, every
    fifth. Raises InputError for a folder without recordings in which a pitch is heard and for a
    file that cannot be read.
    """
    share = _USER_SHARE
    return _material(read_folder(folder), cache, jobs, progress, lambda _, long_s: share * long_s)


def read_folder(folder: Path) -> list[Recording]:
    """Return a user's recordings; raise InputError where there are none."""
    paths = [each for each in sorted(folder.rglob("*")) if each.suffix.lower() in _AUDIO]
    if not paths:
        raise InputError(folder, "", f"recordings ({', '.join(_AUDIO)})", "none")
    return [
        Recording(
            path=path,
            name=path.relative_to(folder).as_posix(),
            instrument="",
            source=USER,
            is_note=False,
            is_held_out=False,
            licence="your own",
        )
        for path in paths
    ]


def levelled(take: Take) -> Take:
    """Return a take whose loud frames read REFERENCE_DB."""
    return take.louder(REFERENCE_DB - loud_level_db(take.loudness_db))


def _material(
    recordings: Sequence[Recording],
    cache: Path,
    jobs: int,
    progress: Progress,
    held_out_s: Callable[[Take, float], float],
) -> Material:
    takes = [
        replace(take, is_held_out=recording.is_held_out)
        for recording, take in zip(
            recordings,
            heard_takes(recordings, cache=cache, jobs=jobs, progress=progress),
            strict=True,
        )
        if len(take) >= _LEAST_FRAMES
    ]
    unpitched = tuple(take.name for take in takes if take.source == USER and not _is_pitched(take))
    takes = [take for take in takes if take.name not in unpitched]
    short = [take for take in takes if take.seconds < _SHORT_S and take.source == USER]
    if len(short) >= _HELD_OUT_EVERY:
        tested = {take.name for take in short[_HELD_OUT_EVERY - 1 :: _HELD_OUT_EVERY]}
        takes = [replace(take, is_held_out=take.name in tested) for take in takes]
    parts = [part for take in takes for part in _tried_and_tested(take, held_out_s)]
    gains = {
        source: REFERENCE_DB
        - loud_level_db(
            np.concatenate([each.loudness_db for each in parts if each.source == source])
        )
        for source in {each.source for each in parts if each.is_note}
    }
    told = [part.louder(gains[part.source]) if part.is_note else levelled(part) for part in parts]
    material = Material(
        tuple(each for each in told if not each.is_held_out),
        tuple(each for each in told if each.is_held_out),
        unpitched,
    )
    if not material.training:
        found = f"{len(unpitched)} without a pitch" if unpitched else "none"
        raise InputError("recordings", "", "recordings in which a pitch is heard", found)
    return material


def _is_pitched(take: Take) -> bool:
    sounding = take.loudness_db > max(SILENT_DB, float(take.loudness_db.max()) - SOUNDING_DB)
    sure = take.confidence[sounding] > _SURE
    return len(sure) > 0 and float(sure.mean()) >= _LEAST_VOICED


def _tried_and_tested(take: Take, held_out_s: Callable[[Take, float], float]) -> Iterator[Take]:
    if take.is_held_out or take.is_note or take.seconds < _SHORT_S:
        yield take
        return
    cut = len(take) - round(held_out_s(take, take.seconds) * FRAME_RATE)
    yield take.part(0, cut, is_held_out=False)
    # Padding is no music: a distance of 0 from nothing would flatter a model.
    end = int(np.flatnonzero(silence_gate(take.loudness_db))[-1:].sum()) + 1
    if cut < end:
        yield take.part(cut, end, is_held_out=True)


def _corpus_share(take: Take, seconds: float) -> float:
    if take.source == "urmp":
        return _URMP_SHARE * seconds
    return next((each for word, each in _MUSOPEN_S.items() if word in take.name), 0.0)
