"""Takes: recordings with pitch, loudness, lines and noise, measured once and kept.

In: recordings. Out: `Take`s of 250 frames a second, from a file of its own for each in a cache.
"""

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.pitch.tracker import track_pitch
from plugin_core.analysis.resampling import resample
from plugin_core.hearing.lead_in import with_lead_in
from plugin_core.training.corpus import Recording, read_mono
from plugin_core.training.hearing_cache import AUDIO_RATE, FRAME_SAMPLES
from plugin_core.types import FRAME_RATE, InputError, Mono

_SCHEMA = 1

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

    def led_in(self, frames: int) -> "Take":
        """Return the take after so many frames, mirrored at its beginning (`hearing.lead_in`)."""
        own: dict[str, Any] = {
            name: with_lead_in(getattr(self, name), frames)
            for name in ("f0_hz", "confidence", "loudness_db", "lines", "noise")
        }
        return replace(self, audio=with_lead_in(self.audio, frames * FRAME_SAMPLES), **own)


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
