"""A user's own recordings as performed phrases, of whatever instrument: audio files and their MIDI.

In: a folder of `X.wav` (or FLAC) and `X.mid` (or `X.notes.csv`), directly or in sub-folders named
after an instrument, an articulation or both. Out: `Performed` phrases whose levels are those of the
analysis, and the style of each: the articulation's, or what CC55 says in the MIDI file (Grechin and
Groves). What no notes are written for is heard.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
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
from plugin_core.score.midi import read_midi
from plugin_core.training.corpus import MANIFEST, Recording, read_mono
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.known_notes import hear_notes
from plugin_core.training.note_alignment import aligned_notes
from plugin_core.training.performance_corpora import USER, annotated_notes, cache_name
from plugin_core.training.performed import (
    fill_shards,
    last_fifth_held_out,
    part_of,
    with_velocities,
    without_long_rests,
)
from plugin_core.training.performed_cache import Performed, read_shard, write_shard
from plugin_core.training.performed_notes import heard_notes, played_notes, tuning
from plugin_core.training.settled_pitch import settled
from plugin_core.training.styles import STYLES, StyleRange, articulation_style
from plugin_core.types import FRAME_RATE, ControllerKind, Frames, InputError, Mono

STYLE_CONTROLLER = 55

_SCHEMA = 1
_AUDIO = (".wav", ".flac")
_FEWEST_NOTES = 5
_LOW_BELOW, _HIGH_ABOVE = 0.3, 0.7
_ONSET_SLACK_S = 0.03
"""A controller this little after a note still belongs to it."""
_HIGHEST = 127.0

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

    Whoever is not named by a sub-folder is `instrument`, or has the folder's own name. Of every
    recording the last fifth is held out. Raises InputError for a folder without recordings, a file
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
            of_it = by_instrument.setdefault(whole.instrument, [])
            of_it.append((task.recording, whole))
    if not by_instrument:
        raise InputError(folder, "", "notes in the recordings", "none")
    phrases: list[Performed] = []
    styles: dict[str, float | None] = {}
    for of_it in by_instrument.values():
        gain_db = _gain_db([whole.frames for _, whole in of_it])
        for recording, whole in of_it:
            parts = [_louder(each, gain_db) for each in last_fifth_held_out(whole)]
            for phrase, style in _of_one_style(parts, recording):
                phrases.append(without_long_rests(phrase))
                styles.update({} if style == _UNTOLD else {phrase.name: style})
    told = tuple(with_velocities(phrases))
    return OwnRecordings(tuple(sorted(by_instrument)), told, styles, _ranges(told, styles))


def _audio_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _AUDIO and path.is_file():
            yield path


def _recordings(folder: Path, instrument: str | None) -> Iterator[Recording]:
    if not folder.is_dir():
        raise InputError(folder, "", "a folder of recordings", "no such folder")
    for path in _audio_files(folder):
        words = [_word(part) for part in path.relative_to(folder).parts[:-1]]
        named = [word for word in words if not _is_articulation(word)]
        yield Recording(
            path=path,
            name=path.relative_to(folder).as_posix(),
            instrument=named[-1] if named else _word(instrument or folder.resolve().name),
            source=USER,
            is_note=False,
            is_held_out=False,
            licence="your own",
            articulation=next((word for word in words if _is_articulation(word)), ""),
        )


def _is_articulation(word: str) -> bool:
    return word in STYLES or articulation_style(word) is None


def _word(name: str) -> str:
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


_UNTOLD = -1.0
_Styled = tuple[Performed, float | None]


def _of_one_style(parts: Sequence[Performed], recording: Recording) -> Iterator[_Styled]:
    """Yield the parts of a recording, cut where CC55 changes, and the style of each."""
    lane = _style_lane(recording.path.with_suffix(".mid"))
    named = articulation_style(recording.articulation) if recording.articulation else _UNTOLD
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
) -> Iterator[_Styled]:
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


def _ranges(
    phrases: Sequence[Performed], styles: Mapping[str, float | None]
) -> dict[str, StyleRange]:
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
            shortest_s = round(float(np.median(by_style[min(enough)])), 3)
            ranges[instrument] = StyleRange(_name(min(enough)), _name(max(enough)), shortest_s)
    return ranges


def _name(style: float) -> str:
    """Return the articulation of a style, or what CC55 it is."""
    return next((w for w, value in STYLES.items() if value == style), f"CC55 {style * 127:.0f}")
