"""The synthesis parameters of a corpus, as DDSP Inference hears them, at one level for all.

In: shards of what was heard (`hearing_cache`). Out: `Frames` whose loud passages, of all recordings
of a source and an instrument together, read volume 0.9 (`expression.extraction.reference_gain_db`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from plugin_core.expression.scales import (
    REFERENCE_LEVEL_DB,
    REFERENCE_PERCENTILE,
    VOICED_CONFIDENCE,
)
from plugin_core.synthesis.hearing_model import HearingModel
from plugin_core.synthesis.inference import Heard
from plugin_core.synthesis.levels import NEPER_PER_DB, SILENT
from plugin_core.training.corpus import Recording
from plugin_core.training.hearing_cache import FRAME_SAMPLES, Columns, read_shards
from plugin_core.types import HARMONICS, NOISE_BANDS, Frames, Mono

_BLOCK, _CONTEXT = 4000, 250
_PIECE_FRAMES = 15000
"""`hearing_cache` measures longer recordings in pieces of a minute."""


@dataclass(frozen=True, slots=True)
class HeardRecording:
    """What was heard in one recording, its pieces put together, levels as recorded."""

    instrument: int
    sample_rate: int
    gains: tuple[tuple[int, float], ...]
    """(frames, nepers) of every piece: what the inference adds before it hears them."""
    columns: Columns = field(repr=False)
    """f0_hz, confidence, loudness_db, mel, harmonics, noise, audio; a row a frame."""


def heard_recordings(shard: Path) -> dict[str, HeardRecording]:
    """Return what a shard of `hearing_cache` holds, by the name of the recording."""
    columns = read_shards([shard])
    starts = np.concatenate(([0], np.cumsum(columns["count"])))
    per_frame = [name for name, column in columns.items() if len(column) == starts[-1]]
    recordings: dict[str, HeardRecording] = {}
    names = [str(name) for name in columns["name"]]
    for name in dict.fromkeys(names):
        rows = [row for row, of in enumerate(names) if of == name]
        counts = [
            min(int(columns["count"][row]), _PIECE_FRAMES if row != rows[-1] else 1 << 30)
            for row in rows
        ]
        where = np.concatenate(
            [starts[row] + np.arange(count) for row, count in zip(rows, counts, strict=True)]
        )
        recordings[name] = HeardRecording(
            int(columns["instrument"][rows[0]]),
            int(columns["sample_rate"][rows[0]]),
            tuple(
                (count, float(columns["gain"][row]))
                for row, count in zip(rows, counts, strict=True)
            ),
            {column: columns[column][where] for column in per_frame},
        )
    return recordings


def source_gains_db(
    recordings: Sequence[Recording], shards: Sequence[Path], kept: Path
) -> dict[str, float]:
    """Return the gain of every "source/instrument", dB; `kept` is the file that remembers them."""
    if kept.is_file():
        gains: dict[str, float] = json.loads(kept.read_text())
        return gains
    of = {recording.name: gain_group(recording) for recording in recordings}
    levels: dict[str, list[NDArray[np.float32]]] = {}
    for shard in shards:
        for name, heard in heard_recordings(shard).items():
            logs = heard.columns["harmonics"].astype(np.float32)
            amplitude = (np.exp(logs) * (logs > SILENT)).sum(axis=1)
            confidence = heard.columns["confidence"].astype(np.float32)
            voiced = (confidence > VOICED_CONFIDENCE) & (amplitude > 0)
            levels.setdefault(of[name], []).append(amplitude[voiced])
    found = {}
    for group, amplitudes in levels.items():
        voiced_levels = np.concatenate(amplitudes)
        loud = np.percentile(voiced_levels, REFERENCE_PERCENTILE) if len(voiced_levels) else 1.0
        found[group] = REFERENCE_LEVEL_DB - float(20 * np.log10(loud))
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(kept)
    return found


def gain_group(recording: Recording) -> str:
    """Return the group of recordings that share a gain."""
    return f"{recording.source}/{recording.instrument}"


def inferred_frames(
    model: HearingModel, heard: HeardRecording, gain_db: float
) -> tuple[Frames, Mono]:
    """Return the frames of a recording and its audio at 16 kHz, both `gain_db` louder."""
    columns = heard.columns
    count = len(columns["f0_hz"])
    gains = np.concatenate([np.full(frames, gain, np.float32) for frames, gain in heard.gains])
    added = gain_db * NEPER_PER_DB
    partials = np.empty((count, HARMONICS), np.float32)
    noise = np.empty((count, NOISE_BANDS), np.float32)
    index = torch.tensor([heard.instrument])
    with torch.inference_mode():
        for first in range(0, count, _BLOCK):
            last = min(count, first + _BLOCK)
            before, after = max(0, first - _CONTEXT), min(count, last + _CONTEXT)
            levels = model(_model_input(columns, gains, slice(before, after)), index)
            inner = slice(first - before, last - before)
            taken = torch.from_numpy(gains[first:last, None] - np.float32(added))
            partials[first:last] = torch.exp(levels.harmonics[0, inner] - taken).numpy()
            noise[first:last] = torch.exp(levels.noise[0, inner] - taken).numpy()
    f0_hz = columns["f0_hz"].astype(np.float32)
    hz = f0_hz[:, None] * np.arange(1, HARMONICS + 1, dtype=np.float32)
    silent = 2 * np.exp(SILENT + added)
    partials[(hz <= 0) | (hz >= heard.sample_rate / 2) | (partials < silent)] = 0.0
    noise[noise < silent] = 0.0
    amplitude = partials.sum(axis=1)
    shares = partials / np.maximum(amplitude, 1e-12)[:, None]
    shares[amplitude <= 0, 0] = 1.0
    frames = Frames(
        f0_hz,
        columns["confidence"].astype(np.float32),
        columns["loudness_db"].astype(np.float32) + np.float32(gain_db),
        amplitude,
        shares,
        noise,
    )
    audio = columns["audio"].astype(np.float32).reshape(count * FRAME_SAMPLES)
    return frames, audio * np.float32(10 ** (gain_db / 20))


def _model_input(columns: Columns, gains: NDArray[np.float32], where: slice) -> Heard:
    def tensor(name: str, per_neper: float = 0.0) -> torch.Tensor:
        values = columns[name][where].astype(np.float32)
        added = gains[where].reshape(-1, *[1] * (values.ndim - 1)) * np.float32(per_neper)
        return torch.from_numpy(values + added).unsqueeze(0)

    return Heard(
        tensor("f0_hz"),
        tensor("confidence"),
        tensor("loudness_db", 1 / NEPER_PER_DB),
        tensor("mel"),
        tensor("harmonics", 1.0),
        tensor("noise", 1.0),
    )
