"""Performed phrases: what the models of performing learn from, of whatever corpus there is.

In: a folder of recordings (`performance_corpora`). Out: `Performed` phrases and notes with the six
controls of every note, from a cache on disk that is made once and goes on where it stopped.
"""

import hashlib
import multiprocessing
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from plugin_core.expression.extraction import extract
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.training.assembled_corpus import assemble, assemblies
from plugin_core.training.contours import ContourShard, write_contours
from plugin_core.training.corpus import Recording, read_mono
from plugin_core.training.hearing_cache import AUDIO_RATE, Plan, fill
from plugin_core.training.performance_corpora import (
    URMP,
    USER,
    annotated_f0,
    annotated_notes,
    cache_name,
    is_usable,
    read_recordings,
)
from plugin_core.training.performed_cache import Performed, read_shard, shard_exists, write_shard
from plugin_core.training.performed_levels import (
    gain_group,
    heard_recordings,
    inferred_frames,
    source_gains_db,
)
from plugin_core.training.performed_notes import (
    best_notes,
    single_note,
    tuning,
)
from plugin_core.training.settled_pitch import doubted, settled
from plugin_core.types import FRAME_RATE, Frames, Note

__all__ = [
    "Performed",
    "fill_shards",
    "last_fifth_held_out",
    "part_of",
    "read_performed",
    "with_velocities",
    "without_long_rests",
]

CUT_SOURCES = ("musopen", URMP, USER)
"""Of their performances the last fifth is held out."""
WITHOUT_SOURCES = ("fcaspe_web",)

_SCHEMA = 2
_HELD_OUT_SHARE = 0.2
_BEFORE_ONSET_FRAMES = 5
_LEAD_S, _TAIL_S = 0.5, 1.5
_MEAN_VELOCITY, _VELOCITIES_PER_VOLUME = 64, 100.0

Progress = Callable[[int, int], None]


def read_performed(
    corpus: Path,
    *,
    cache: Path,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
    held_out_only: bool = False,
    instruments: Collection[str] = INSTRUMENTS,
    without_sources: Collection[str] = WITHOUT_SOURCES,
    contours: Path | None = None,
    instrument: str | None = None,
) -> tuple[Performed, ...]:
    """Return what is performed in a corpus, its frames mapped from the folder `cache`.

    `corpus` is in one of the layouts of `performance_corpora`; `instrument` is that of files
    directly in a user's folder. `progress` is called with the shards done and all. Of
    `instruments`, phrases are returned; the whole corpus is analysed, once. Raises InputError for
    what is no corpus or cannot be read.
    """
    recordings = read_recordings(corpus, instrument=instrument, without_sources=without_sources)
    own = cache_name(corpus, recordings)
    heard = fill(Plan(cache / f"heard{own}", recordings, copies=0), jobs=jobs, progress=progress)
    folder = cache / f"performed{own}"
    folder.mkdir(exist_ok=True)
    digest = hashlib.sha256(" ".join(path.name for path in heard).encode()).hexdigest()[:12]
    gains_db = source_gains_db(recordings, heard, folder / f"gains-{digest}.json")
    tasks = [
        _Task(folder / f"{path.stem.replace('heard', 'performed')}-{_SCHEMA}", path, part, gains_db)
        for path, part in zip(heard, _parts(recordings, len(heard)), strict=True)
    ]
    paths = [task.path for task in tasks]
    fill_shards(_perform, tasks, jobs, progress)
    assembled = assemblies(folder, paths)
    if held_out_only:
        played = {
            each.instrument for path in paths for each in read_shard(path) if _is_tested(each)
        }
        assembled = tuple(each for each in assembled if each.instrument not in played)
    fill_shards(assemble, assembled, jobs, progress)
    paths.extend(assembly.path for assembly in assembled)
    if contours is not None:
        contour_shard = ContourShard(folder, contours)
        fill_shards(write_contours, [contour_shard], 1, progress)
        paths.append(contour_shard.path)
    phrases = with_velocities([each for path in paths for each in read_shard(path)])
    return tuple(
        each
        for each in phrases
        if each.instrument in instruments and (each.is_held_out or not held_out_only)
    )


class _Makes(Protocol):
    @property
    def path(self) -> Path: ...


_Made = TypeVar("_Made", bound=_Makes)


def fill_shards(
    make: Callable[[_Made], None], tasks: Sequence[_Made], jobs: int, progress: Progress
) -> None:
    """Make the shards that are not there, in `jobs` processes; tell what is done and all."""
    missing = [task for task in tasks if not shard_exists(task.path)]
    progress(len(tasks) - len(missing), len(tasks))
    if not missing:
        return
    # Spawned, not forked: torch and Numba keep threads. One alone needs no process of its own.
    spawned = multiprocessing.get_context("spawn").Pool(jobs) if jobs > 1 else None
    with spawned or nullcontext():
        made = spawned.imap_unordered(make, missing) if spawned else map(make, missing)
        for done, _ in enumerate(made, start=1):
            progress(len(tasks) - len(missing) + done, len(tasks))


def with_velocities(phrases: Sequence[Performed]) -> list[Performed]:
    """Return the phrases with velocities that tell the volumes of their notes, 1..127.

    64 is the mean volume of the instrument's training notes (performances and single notes), one
    more is 0.01 more of volume.
    """
    volumes: dict[str, list[float]] = {}
    for phrase in phrases:
        if not phrase.is_held_out and phrase.origin in ("performance", "note"):
            volumes.setdefault(phrase.instrument, []).extend(
                row.expression.volume for row in phrase.notes
            )
    means = {instrument: float(np.mean(values)) for instrument, values in volumes.items() if values}
    told = []
    for phrase in phrases:
        mean = means.get(phrase.instrument, 0.75)
        notes = (
            replace(row, note=replace(row.note, velocity=_velocity(row.expression.volume - mean)))
            for row in phrase.notes
        )
        told.append(replace(phrase, notes=tuple(notes)))
    return told


def _velocity(louder: float) -> int:
    return int(np.clip(round(_MEAN_VELOCITY + _VELOCITIES_PER_VOLUME * louder), 1, 127))


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    heard: Path
    recordings: tuple[Recording, ...]
    gains_db: dict[str, float]


def _parts(recordings: tuple[Recording, ...], count: int) -> list[tuple[Recording, ...]]:
    plan = Plan(Path(), recordings, copies=0)
    parts = [shard.recordings for shard in plan.shards()]
    assert len(parts) == count
    return parts


def _perform(task: _Task) -> None:
    import torch

    from plugin_core.synthesis.hearing_model import load_model

    torch.set_num_threads(1)  # more are slower (DESIGN.md, section 7)
    model = load_model(presets_folder() / "instruments" / "inference.ts")
    heard = heard_recordings(task.heard)
    phrases: list[Performed] = []
    for recording in task.recordings:
        if not is_usable(recording) or recording.name not in heard:
            continue
        gain_db = task.gains_db[gain_group(recording)]
        frames, audio = inferred_frames(model, heard[recording.name], gain_db)
        curve = annotated_f0(recording)
        frames = frames if curve is None else doubted(frames, *curve)
        notes = _notes(recording, frames, audio)
        if not notes:
            continue
        frames = settled(frames, notes)
        whole = Performed(
            name=recording.name,
            instrument=recording.instrument,
            source=recording.source,
            licence=recording.licence,
            origin="note" if recording.is_note else "performance",
            is_held_out=recording.is_held_out,
            frames=frames,
            notes=extract(frames, notes, gain_db=0.0),
            tuning_semitones=tuning(frames, notes),
            audio=audio,
            gain_db=gain_db,
            sample_rate=heard[recording.name].sample_rate,
        )
        cut = recording.source in CUT_SOURCES and not recording.is_note
        parts = last_fifth_held_out(whole) if cut else [whole]
        phrases.extend(without_long_rests(part) for part in parts)
    write_shard(task.path, phrases)


def _notes(recording: Recording, frames: Frames, audio: np.ndarray) -> list[Note]:
    if recording.is_note:
        return single_note(audio, AUDIO_RATE, frames, recording.midi_pitch or 0)
    return best_notes(*read_mono(recording.path), frames, annotated_notes(recording))


def _is_tested(phrase: Performed) -> bool:
    return phrase.origin == "performance" and phrase.is_held_out


def last_fifth_held_out(whole: Performed) -> list[Performed]:
    """Return a performance in two, cut just before a note: the later fifth is held out."""
    wanted_s = (1 - _HELD_OUT_SHARE) * len(whole.frames) / FRAME_RATE
    later = [row.note.onset_s for row in whole.notes if row.note.onset_s >= wanted_s]
    if not later:
        return [whole]
    onset = round(later[0] * FRAME_RATE)
    ended = max(
        (round(r.note.offset_s * FRAME_RATE) for r in whole.notes if r.note.onset_s < later[0]),
        default=0,
    )
    cut = max(onset - _BEFORE_ONSET_FRAMES, min(ended, onset))
    earlier = part_of(whole, 0, cut, is_held_out=False)
    last = part_of(whole, cut, len(whole.frames), is_held_out=True)
    return [earlier, replace(last, name=f"{whole.name}@{cut}")]


def without_long_rests(phrase: Performed) -> Performed:
    """Return a phrase with at most 0.5 s before its first note and 1.5 s after its last."""
    first = round((phrase.notes[0].note.onset_s - _LEAD_S) * FRAME_RATE)
    last = round((phrase.notes[-1].note.offset_s + _TAIL_S) * FRAME_RATE)
    begin, end = max(first, 0), min(last, len(phrase.frames))
    if begin == 0 and end == len(phrase.frames):
        return phrase
    return part_of(phrase, begin, end, is_held_out=phrase.is_held_out)


def part_of(whole: Performed, begin: int, end: int, *, is_held_out: bool) -> Performed:
    """Return the frames `begin` up to `end` of a phrase, and the notes that begin in them."""
    seconds = begin / FRAME_RATE
    columns = (getattr(whole.frames, name)[begin:end] for name in Frames.__dataclass_fields__)
    samples = AUDIO_RATE // FRAME_RATE
    return replace(
        whole,
        is_held_out=is_held_out,
        frames=Frames(*columns),
        notes=tuple(
            replace(
                row,
                note=replace(
                    row.note,
                    onset_s=row.note.onset_s - seconds,
                    offset_s=row.note.offset_s - seconds,
                ),
            )
            for row in whole.notes
            if begin <= round(row.note.onset_s * FRAME_RATE) < end
        ),
        audio=None if whole.audio is None else whole.audio[begin * samples : end * samples],
    )
