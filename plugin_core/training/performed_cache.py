"""Performed phrases on disk: written once, then mapped into memory, shared by all who train.

A shard is a pair of files: `NAME.f32`, the columns of its phrases one behind the other (of each
phrase f0, confidence, loudness, amplitude, harmonics, noise, audio), and `NAME.json`, what else is
known of them, written last: a shard without it does not exist. Reading costs no memory but for the
pages that are touched.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import (
    Expression,
    ExpressiveNote,
    Frames,
    InputError,
    Mono,
    Note,
)

_CURVES = 4


@dataclass(frozen=True, slots=True)
class Performed:
    """What was played, and how: a phrase or a single note understood.

    Times are those of its frames, frame i at i / 250 s; levels are normalised: loud passages of the
    source read volume 0.9 with `gain_db` = 0.
    """

    name: str
    instrument: str
    source: str
    licence: str
    origin: str
    """performance, note, assembled (of analysed notes) or contour (no timbre is known)."""
    is_held_out: bool
    frames: Frames
    """What DDSP Inference hears; of contours harmonics and noise have no columns."""
    notes: tuple[ExpressiveNote, ...]
    """By onset; raw controls, NaN where unknown. Velocity tells the volume: `with_velocities`."""
    tuning_semitones: float
    """How much sharper than A = 440 Hz it is played."""
    audio: Mono | None
    """At 16 kHz, 64 samples a frame, scaled by `gain_db`; None of what is no recording."""
    gain_db: float
    """What was added to the recording's levels."""
    sample_rate: int
    """Of the recording: nothing is known above half of it."""


def write_shard(path: Path, phrases: Iterable[Performed]) -> None:
    """Write phrases as the shard `path` (without suffix), whole or not at all."""
    rows = []
    data, index = path.with_suffix(".f32"), path.with_suffix(".json")
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        for phrase in phrases:
            frames = phrase.frames
            audio = np.zeros(0, np.float32) if phrase.audio is None else phrase.audio
            columns = (
                *(frames.f0_hz, frames.confidence, frames.loudness_db, frames.amplitude),
                *(frames.harmonics, frames.noise, audio),
            )
            for column in columns:
                file.write(np.ascontiguousarray(column, np.float32).tobytes())
            rows.append(_row(phrase, len(audio)))
    part.replace(data)
    part.write_text(json.dumps(rows))
    part.replace(index)


def shard_exists(path: Path) -> bool:
    """Tell whether the shard `path` (without suffix) is whole."""
    return path.with_suffix(".json").is_file() and path.with_suffix(".f32").is_file()


def read_shard(path: Path) -> tuple[Performed, ...]:
    """Return the phrases of a shard, their columns views of the file.

    Raises InputError for a shard that is not there or not whole.
    """
    index = path.with_suffix(".json")
    try:
        rows: list[dict[str, Any]] = json.loads(index.read_text())
        data = path.with_suffix(".f32")
        size = data.stat().st_size // 4
        flat = np.memmap(data, np.float32, mode="r") if size else np.zeros(0, np.float32)
    except (OSError, ValueError) as error:
        raise InputError(index, "", "a shard of performed phrases", error) from error
    needed = sum(_size(row) for row in rows)
    if needed != size:
        raise InputError(path.with_suffix(".f32"), "", f"{needed} values", size)
    phrases, first = [], 0
    for row in rows:
        phrases.append(_phrase(row, np.asarray(flat[first : first + _size(row)])))
        first += _size(row)
    return tuple(phrases)


def _row(phrase: Performed, samples: int) -> dict[str, Any]:
    return {
        "name": phrase.name,
        "instrument": phrase.instrument,
        "source": phrase.source,
        "licence": phrase.licence,
        "origin": phrase.origin,
        "is_held_out": phrase.is_held_out,
        "tuning_semitones": float(phrase.tuning_semitones),
        "gain_db": float(phrase.gain_db),
        "sample_rate": phrase.sample_rate,
        "frames": len(phrase.frames),
        "harmonics": phrase.frames.harmonics.shape[1],
        "noise": phrase.frames.noise.shape[1],
        "samples": samples,
        "notes": [_note_row(note) for note in phrase.notes],
    }


def _note_row(row: ExpressiveNote) -> list[float | None]:
    note = row.note
    controls = (None if np.isnan(value) else float(value) for value in row.expression)
    return [note.onset_s, note.offset_s, note.midi_pitch, note.velocity, *controls]


def _note(row: Sequence[float | None]) -> ExpressiveNote:
    onset_s, offset_s, midi_pitch, velocity, *controls = (
        float("nan") if value is None else value for value in row
    )
    return ExpressiveNote(
        Note(onset_s, offset_s, int(midi_pitch), int(velocity)), Expression(*controls)
    )


def _size(row: dict[str, Any]) -> int:
    width = _CURVES + row["harmonics"] + row["noise"]
    return int(row["frames"] * width + row["samples"])


def _phrase(row: dict[str, Any], flat: NDArray[np.float32]) -> Performed:
    count, harmonics, noise = row["frames"], row["harmonics"], row["noise"]
    curves = flat[: _CURVES * count].reshape(_CURVES, count)
    tables = flat[_CURVES * count : count * (_CURVES + harmonics + noise)]
    f0_hz, confidence, loudness_db, amplitude = curves
    frames = Frames(
        f0_hz,
        confidence,
        loudness_db,
        amplitude,
        tables[: count * harmonics].reshape(count, harmonics),
        tables[count * harmonics :].reshape(count, noise),
    )
    return Performed(
        name=row["name"],
        instrument=row["instrument"],
        source=row["source"],
        licence=row["licence"],
        origin=row["origin"],
        is_held_out=row["is_held_out"],
        frames=frames,
        notes=tuple(_note(note) for note in row["notes"]),
        tuning_semitones=row["tuning_semitones"],
        audio=flat[len(flat) - row["samples"] :] if row["samples"] else None,
        gain_db=row["gain_db"],
        sample_rate=row["sample_rate"],
    )
