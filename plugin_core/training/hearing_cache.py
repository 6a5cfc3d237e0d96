"""What the analysis hears in a corpus, measured once and kept: the data of the hearing models.

A cache is a folder of shards, one for every few recordings, each an uncompressed `.npz` of all its
recordings' frames end to end. A shard appears whole or not at all, so an interrupted run goes on
where it stopped. Training recordings are kept in several copies: as they are, and varied.
"""

import hashlib
import multiprocessing
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.loudness import frame_count
from plugin_core.analysis.pitch.tracker import PitchTrack, track_pitch
from plugin_core.analysis.resampling import resample
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.levels import log_levels, reference_gain
from plugin_core.synthesis.log_mel import log_mel
from plugin_core.training.augmentation import vary
from plugin_core.training.corpus import Recording, read_mono
from plugin_core.types import FRAME_RATE, InputError, Mono

AUDIO_RATE = 16000
FRAME_SAMPLES = AUDIO_RATE // FRAME_RATE
_SCHEMA = 1
_SHARD_RECORDINGS = 24
_LONGEST_S = 60.0

Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which recordings are measured how often, and where the result is kept."""

    folder: Path
    recordings: tuple[Recording, ...]
    copies: int
    """Varied copies of every training recording, besides the recording itself."""

    def shards(self) -> list["Shard"]:
        """Return all shards of the plan, whether they exist or not."""
        size = _SHARD_RECORDINGS
        return [
            Shard(self, first, self.recordings[first : first + size])
            for first in range(0, len(self.recordings), size)
        ]


@dataclass(frozen=True, slots=True)
class Shard:
    """Some recordings of a plan and the file of what was heard in them."""

    plan: Plan
    first: int
    recordings: tuple[Recording, ...]

    @property
    def path(self) -> Path:
        """The file; its name changes with all that decides its content but the code."""
        content = f"{_SCHEMA} {self.plan.copies} " + " ".join(
            f"{recording.name} {recording.is_held_out}" for recording in self.recordings
        )
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        return self.plan.folder / f"heard-{self.first:05d}-{digest}.npz"


def fill(plan: Plan, *, jobs: int, progress: Callable[[int, int], None]) -> list[Path]:
    """Measure what is not yet in the cache; return the files of all shards.

    `progress` is called with the shards done and all. Raises InputError for a recording that cannot
    be read.
    """
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(plan.folder, "", "a folder for the cache", error) from error
    shards = plan.shards()
    missing = [shard for shard in shards if not shard.path.exists()]
    done = len(shards) - len(missing)
    progress(done, len(shards))
    if not missing:
        return [shard.path for shard in shards]
    # Spawned, not forked: torch and Numba keep threads.
    with multiprocessing.get_context("spawn").Pool(max(1, jobs)) as pool:
        for _ in pool.imap_unordered(_measure_shard, missing):
            done += 1
            progress(done, len(shards))
    return [shard.path for shard in shards]


def _measure_shard(shard: Shard) -> None:
    parts: list[Columns] = []
    for recording in shard.recordings:
        parts.extend(measure(recording, copies=shard.plan.copies))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    unfinished = shard.path.with_suffix(f".{os.getpid()}.part")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **columns)
    unfinished.replace(shard.path)


def measure(recording: Recording, *, copies: int) -> list[Columns]:
    """Return the columns of a recording as it is and, if it is for training, of varied copies.

    Long recordings are measured in pieces of a minute, which bounds the memory.
    """
    audio, sample_rate = read_mono(recording.path)
    piece = round(_LONGEST_S * sample_rate)
    columns = []
    for index, start in enumerate(range(0, max(len(audio) - sample_rate // 10, 1), piece)):
        part = audio[start : start + piece]
        pitch = track_pitch(part, sample_rate)
        seed = zlib.crc32(f"{recording.name} {index}".encode())
        columns.append(_columns(recording, part, sample_rate, pitch, copy=0))
        for copy in range(1, 1 + (0 if recording.is_held_out else copies)):
            varied, rate = vary(part, sample_rate, seed + copy)
            columns.append(_columns(recording, varied, rate, pitch, copy=copy))
    return columns


def _columns(
    recording: Recording, audio: Mono, sample_rate: int, pitch: PitchTrack, *, copy: int
) -> Columns:
    frames = measure_frames(
        audio, sample_rate, _fitted(pitch, frame_count(len(audio), sample_rate))
    )
    count = len(frames)
    gain = reference_gain(frames.loudness_db)
    heard = resample(audio, sample_rate, AUDIO_RATE)
    heard = np.pad(heard, (0, max(0, count * FRAME_SAMPLES - len(heard))))[: count * FRAME_SAMPLES]
    half = np.float16
    return {
        "name": np.array([recording.name]),
        "instrument": np.array([INSTRUMENTS.index(recording.instrument)], np.int16),
        "is_held_out": np.array([recording.is_held_out]),
        "copy": np.array([copy], np.int16),
        "sample_rate": np.array([sample_rate], np.int32),
        "gain": np.array([gain], np.float32),
        "count": np.array([count], np.int32),
        "f0_hz": frames.f0_hz.astype(np.float32),
        "confidence": frames.confidence.astype(half),
        "loudness_db": frames.loudness_db.astype(half),
        "mel": log_mel(audio, sample_rate, count, gain=float(np.exp(gain))).astype(half),
        "harmonics": log_levels(frames.amplitude[:, None] * frames.harmonics).astype(half),
        "noise": log_levels(frames.noise).astype(half),
        "audio": heard.astype(np.float32).reshape(count, FRAME_SAMPLES),
    }


def _fitted(pitch: PitchTrack, count: int) -> PitchTrack:
    """Return the track with `count` frames: resampling may have made one more or less."""
    index = np.minimum(np.arange(count), len(pitch.f0_hz) - 1)
    return PitchTrack(pitch.f0_hz[index], pitch.confidence[index])


def read_shards(paths: Sequence[Path]) -> Columns:
    """Return all shards end to end: one row a recording in the short columns, one a frame else."""
    loaded = []
    for path in paths:
        with np.load(path) as shard:
            loaded.append({name: shard[name] for name in shard.files})
    return {name: np.concatenate([shard[name] for shard in loaded]) for name in loaded[0]}
