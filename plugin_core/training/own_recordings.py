"""A user's own recordings as performed phrases, of whatever instrument: audio files and their MIDI.

In: a folder of `X.wav` (or FLAC) and `X.mid` (or `X.notes.csv`), directly or in sub-folders named
after an instrument, an articulation or both. Out: `Performed` phrases whose levels are those of the
analysis, and the style of each: the articulation's, or what CC55 says in the MIDI file (Grechin and
Groves). What no notes are written for is heard.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import track_pitch
from plugin_core.analysis.resampling import resample
from plugin_core.expression.extraction import extract
from plugin_core.expression.scales import (
    REFERENCE_LEVEL_DB,
    REFERENCE_PERCENTILE,
    VOICED_CONFIDENCE,
)
from plugin_core.training.corpus import MANIFEST, Recording, read_mono
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.known_notes import hear_notes
from plugin_core.training.note_alignment import aligned_notes
from plugin_core.training.own_styles import UNTOLD, of_one_style, style_ends
from plugin_core.training.performance_corpora import USER, annotated_notes, cache_name
from plugin_core.training.performed import (
    fill_shards,
    last_fifth_held_out,
    with_velocities,
    without_long_rests,
)
from plugin_core.training.performed_cache import Performed, read_shard, write_shard
from plugin_core.training.performed_notes import heard_notes, played_notes, tuning
from plugin_core.training.settled_pitch import settled
from plugin_core.training.styles import STYLES, StyleRange, articulation_style
from plugin_core.types import Frames, InputError, Mono

_SCHEMA = 1
_AUDIO = (".wav", ".flac")
_SHORT_NOTES, _HELD_OUT_EVERY = 40, 5

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class OwnRecordings:
    """What a user's folder holds."""

    instruments: tuple[str, ...]
    phrases: tuple[Performed, ...]
    styles: Mapping[str, float | None]
    """By the phrases' names; None for what is a way of playing of its own."""
    ranges: Mapping[str, StyleRange]
    """What style does, of every instrument of which there are both ends."""


def is_own_folder(corpus: Path) -> bool:
    """Tell whether a folder is a user's: audio files, but neither a manifest nor URMP's names."""
    if (corpus / MANIFEST).is_file() or any(corpus.glob("*_*/AuSep_*.wav")):
        return False
    return corpus.is_dir() and any(True for _ in _audio_files(corpus))


def read_own_recordings(
    folder: Path,
    *,
    cache: Path,
    instrument: str | None = None,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> OwnRecordings:
    """Return what is played in a user's folder; what was measured is kept in the folder `cache`.

    Whoever is not named by a sub-folder is `instrument`, or has the folder's own name. A
    fifth of what is played is held out. Raises InputError for a folder without recordings, a file
    that cannot be read, and where no note can be heard.
    """
    recordings = tuple(_recordings(folder, instrument))
    if not recordings:
        raise InputError(folder, "", "WAV or FLAC files", "none")
    kept = cache / f"own{cache_name(folder, recordings)}"
    kept.mkdir(parents=True, exist_ok=True)
    tasks = [_Task(kept / f"{at:05d}-{_SCHEMA}", each) for at, each in enumerate(recordings)]
    fill_shards(_measure, tasks, jobs, progress)
    by_instrument: dict[str, list[tuple[Recording, Performed]]] = {}
    for task in tasks:
        for whole in read_shard(task.path):
            name = task.recording.instrument
            of_it = by_instrument.setdefault(name, [])
            of_it.append((task.recording, replace(whole, instrument=name)))
    if not by_instrument:
        raise InputError(folder, "", "notes in the recordings", "none")
    phrases: list[Performed] = []
    styles: dict[str, float | None] = {}
    for of_it in by_instrument.values():
        gain_db = _gain_db([whole.frames for _, whole in of_it])
        for at, (recording, whole) in enumerate(of_it):
            parts = [_louder(each, gain_db) for each in _tried_and_tested(whole, at, of_it)]
            for phrase, style in of_one_style(parts, recording):
                phrases.append(without_long_rests(phrase))
                styles.update({} if style == UNTOLD else {phrase.name: style})
    told = tuple(with_velocities(phrases))
    ranges = style_ends(told, styles, recordings)
    return OwnRecordings(tuple(sorted(by_instrument)), told, styles, ranges)


def _audio_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _AUDIO and path.is_file():
            yield path


def _recordings(folder: Path, instrument: str | None) -> Iterator[Recording]:
    if not folder.is_dir():
        raise InputError(folder, "", "a folder of recordings", "no such folder")
    for path in _audio_files(folder):
        words = [instrument_name(part) for part in path.relative_to(folder).parts[:-1]]
        named = [word for word in words if not _is_articulation(word)]
        yield Recording(
            path=path,
            name=path.relative_to(folder).as_posix(),
            instrument=named[-1] if named else instrument_name(instrument or folder.resolve().name),
            source=USER,
            is_note=False,
            is_held_out=False,
            licence="your own",
            articulation=next((word for word in words if _is_articulation(word)), ""),
        )


def _is_articulation(word: str) -> bool:
    return word in STYLES or articulation_style(word) is None


def instrument_name(name: str) -> str:
    """Return the name of an instrument as sounds are called: small letters, no spaces."""
    return name.strip().lower().replace(" ", "_")


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    recording: Recording


def _measure(task: _Task) -> None:
    """Write the shard of a recording: the whole of it, its levels as recorded."""
    recording = task.recording
    audio, sample_rate = read_mono(recording.path)
    written = annotated_notes(recording)
    if written:
        frames = hear_notes(audio, sample_rate, written)
        notes = played_notes(frames, aligned_notes(frames, written))
    else:
        frames = measure_frames(audio, sample_rate, track_pitch(audio, sample_rate))
        notes = played_notes(frames, heard_notes(audio, sample_rate, frames))
    if not notes:
        write_shard(task.path, [])
        return
    frames = settled(frames, notes)
    whole = Performed(
        name=recording.name,
        instrument=recording.instrument,
        source=recording.source,
        licence=recording.licence,
        origin="performance",
        is_held_out=False,
        frames=frames,
        notes=extract(frames, notes, gain_db=0.0),
        tuning_semitones=tuning(frames, notes),
        audio=_at_16_khz(audio, sample_rate, len(frames)),
        gain_db=0.0,
        sample_rate=sample_rate,
    )
    write_shard(task.path, [whole])


def _tried_and_tested(
    whole: Performed, at: int, all_of_them: Sequence[tuple[Recording, Performed]]
) -> list[Performed]:
    """Return the parts of a recording, what is held out being the last fifth.

    Of short ones, where there are several, it is every fifth as a whole.
    """
    short = [row for row, (_, each) in enumerate(all_of_them) if len(each.notes) < _SHORT_NOTES]
    if at in short and len(short) >= _HELD_OUT_EVERY:
        is_held_out = short.index(at) % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1
        return [replace(whole, is_held_out=is_held_out)]
    return last_fifth_held_out(whole)


def _at_16_khz(audio: Mono, sample_rate: int, frames: int) -> Mono:
    heard = resample(audio, sample_rate, AUDIO_RATE)
    samples = frames * FRAME_SAMPLES
    return np.pad(heard, (0, max(samples - len(heard), 0)))[:samples].astype(np.float32)


def _gain_db(recorded: Sequence[Frames]) -> float:
    """Return what puts the loud frames of all recordings together at volume 0.9."""
    levels = np.concatenate(
        [
            frames.amplitude[(frames.confidence > VOICED_CONFIDENCE) & (frames.amplitude > 0)]
            for frames in recorded
        ]
    )
    if not len(levels):
        return 0.0
    loud = np.percentile(levels.astype(np.float64), REFERENCE_PERCENTILE)
    return REFERENCE_LEVEL_DB - float(20 * np.log10(loud))


def _louder(phrase: Performed, gain_db: float) -> Performed:
    gain = np.float32(10 ** (gain_db / 20))
    frames = replace(
        phrase.frames,
        loudness_db=phrase.frames.loudness_db + np.float32(gain_db),
        amplitude=phrase.frames.amplitude * gain,
        noise=phrase.frames.noise * gain,
    )
    return replace(
        phrase,
        frames=frames,
        notes=extract(frames, [row.note for row in phrase.notes], gain_db=0.0),
        audio=None if phrase.audio is None else phrase.audio * gain,
        gain_db=gain_db,
    )
