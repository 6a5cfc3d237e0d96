"""What DDX7 models learn from: recordings with pitch, loudness, lines and noise, at one level.

In: the corpus' recordings of an instrument, or any folder of recordings. Out: `Take`s, those for
training and those held out apart, whose loud frames read `REFERENCE_DB`: a performance's by itself,
single notes' of a source together, so that soft notes stay soft. Every recording is measured once
and kept in a file of its own.
"""

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import track_pitch
from plugin_core.analysis.resampling import resample
from plugin_core.analysis.sounding import loud_level_db
from plugin_core.training.corpus import Recording, read_corpus, read_mono
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.training.performed import WITHOUT_SOURCES
from plugin_core.types import FRAME_RATE, InputError, Mono

REFERENCE_DB = -20.0
"""What `analysis.sounding.loud_level_db` reads of every performance."""

USER = "user"
_SCHEMA = 1
_AUDIO = (".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3")
_UNPLAYED = ("flutter", "trill", "tremolo", "pizzicato", "short")
_FLAWS = ("low_confidence", "noisy", "double_stops")
_URMP_SHARE, _USER_SHARE = 0.25, 0.2
_MUSOPEN_S = {"_viii_": 40.0}
"""What is held out at the end of a performance: a share, or seconds of those named so."""
_SHORT_S, _HELD_OUT_EVERY = 20.0, 5
_LEAST_FRAMES = 25

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Take:
    """A recording or a part of it, frame k at k / 250 s."""

    name: str
    source: str
    licence: str
    is_note: bool
    is_held_out: bool
    sample_rate: int
    """Of the recording; nothing is known above half of it."""
    gain_db: float
    """What was added to the recording's level."""
    f0_hz: NDArray[np.float32]
    confidence: NDArray[np.float32]
    loudness_db: NDArray[np.float32]
    lines: NDArray[np.float32]
    """Linear amplitudes of 100 harmonics, shape (frames, 100)."""
    noise: NDArray[np.float32]
    """Linear magnitudes of the bands, shape (frames, 65)."""
    audio: Mono
    """At 16 kHz, 64 samples a frame."""

    def __len__(self) -> int:
        return len(self.f0_hz)

    @property
    def seconds(self) -> float:
        """The length."""
        return len(self) / FRAME_RATE

    def louder(self, gain_db: float) -> "Take":
        """Return the take as if recorded so much louder."""
        gain = np.float32(10 ** (gain_db / 20))
        return replace(
            self,
            gain_db=self.gain_db + gain_db,
            loudness_db=self.loudness_db + np.float32(gain_db),
            lines=self.lines * gain,
            noise=self.noise * gain,
            audio=self.audio * gain,
        )

    def part(self, begin: int, end: int, *, is_held_out: bool) -> "Take":
        """Return the frames `begin` .. `end` - 1 as a take of their own."""
        own = {
            name: getattr(self, name)[begin:end]
            for name in ("f0_hz", "confidence", "loudness_db", "lines", "noise")
        }
        audio = self.audio[begin * FRAME_SAMPLES : end * FRAME_SAMPLES]
        return replace(self, is_held_out=is_held_out, audio=audio, **own)


@dataclass(frozen=True, slots=True)
class Material:
    """The takes of an instrument."""

    training: tuple[Take, ...]
    held_out: tuple[Take, ...]


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

    Held out are the manifest's `valid` rows, the last quarter of every URMP recording and the end
    of a Musopen one. Raises InputError for a folder that is no corpus or has no such recording.
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
    fifth. Raises InputError for a folder without recordings and for a file that cannot be read.
    """
    return _material(
        read_folder(folder), cache, jobs, progress, lambda _, seconds: _USER_SHARE * seconds
    )


def read_folder(folder: Path) -> list[Recording]:
    """Return a user's recordings. Raises InputError where there are none."""
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


def heard_takes(
    recordings: Sequence[Recording],
    *,
    cache: Path,
    jobs: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[Take]:
    """Return the recordings as they are; what was measured is kept in the folder `cache`.

    Raises InputError for a file that cannot be read.
    """
    kept = cache / "ddx7-heard"
    kept.mkdir(parents=True, exist_ok=True)
    tasks = [_Task(kept / f"{_digest(each)}.npz", each) for each in recordings]
    missing = [task for task in tasks if not task.path.exists()]
    progress(len(tasks) - len(missing), len(tasks))
    # Spawned, not forked: torch and Numba keep threads. One alone needs no process of its own.
    jobs = min(jobs, len(missing))
    spawned = multiprocessing.get_context("spawn").Pool(jobs) if jobs > 1 else None
    with spawned or nullcontext():
        made = spawned.imap_unordered(_measure, missing) if spawned else map(_measure, missing)
        for done, _ in enumerate(made, start=1):
            progress(len(tasks) - len(missing) + done, len(tasks))
    return [_read(task) for task in tasks]


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
    )
    if material.training:
        return material
    raise InputError("recordings", "", "recordings to train on", "none")


def _tried_and_tested(take: Take, held_out_s: Callable[[Take, float], float]) -> Iterator[Take]:
    if take.is_held_out or take.is_note or take.seconds < _SHORT_S:
        yield take
        return
    cut = len(take) - round(held_out_s(take, take.seconds) * FRAME_RATE)
    yield take.part(0, cut, is_held_out=False)
    if cut < len(take):
        yield take.part(cut, len(take), is_held_out=True)


def _corpus_share(take: Take, seconds: float) -> float:
    if take.source == "urmp":
        return _URMP_SHARE * seconds
    return next((each for word, each in _MUSOPEN_S.items() if word in take.name), 0.0)


@dataclass(frozen=True, slots=True)
class _Task:
    path: Path
    recording: Recording


def _digest(recording: Recording) -> str:
    told = recording.path.stat()
    text = f"{_SCHEMA} {recording.path.resolve()} {told.st_size} {told.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _measure(task: _Task) -> None:
    audio, sample_rate = read_mono(task.recording.path)
    if len(audio) < sample_rate // 10:
        raise InputError(
            task.recording.path, "", "at least 0.1 s of audio", f"{len(audio)} samples"
        )
    frames = measure_frames(audio, sample_rate, track_pitch(audio, sample_rate))
    heard = resample(audio, sample_rate, AUDIO_RATE)
    samples = len(frames) * FRAME_SAMPLES
    unfinished = task.path.with_suffix(f".{os.getpid()}.part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            sample_rate=np.int32(sample_rate),
            f0_hz=frames.f0_hz,
            confidence=frames.confidence,
            loudness_db=frames.loudness_db,
            lines=frames.amplitude[:, None] * frames.harmonics,
            noise=frames.noise,
            audio=np.pad(heard, (0, max(0, samples - len(heard))))[:samples].astype(np.float32),
        )
    unfinished.replace(task.path)


def _read(task: _Task) -> Take:
    recording = task.recording
    with np.load(task.path) as kept:
        columns = {name: kept[name] for name in kept.files}
    return Take(
        name=recording.name,
        source=recording.source,
        licence=recording.licence,
        is_note=recording.is_note,
        is_held_out=False,
        gain_db=0.0,
        **{**columns, "sample_rate": int(columns["sample_rate"])},
    )
