"""The audio files of a render: measured, brought to level, written.

In: mixed audio on disk, two channels of float32. Out: WAV files, and of each its peak,
loudness, hash and spectrogram.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bridge.loudness import LoudnessMeter
from bridge.mixing import SEGMENT
from bridge.scratch import Scratch
from bridge.spectrogram import Spectrogram
from plugin_core.types import Audio, InputError

BitDepth = Literal["24", "32f"]
"""Sample formats of the files: 24-bit PCM and 32-bit float."""

NORMALIZED_DB = -1.0
"""The level in dBFS to which `normalize` brings the loudest peak of a render."""

_RECORDED_DECIMALS = 2
_BITS = {"24": 24, "32f": 32}
_FULL_SCALE = 2**23
_UNUSED_BITS = 8


@dataclass(frozen=True)
class AudioFile:
    """A finished audio file: its path in the target folder and what was measured in it."""

    file: str
    peak_dbfs: float | None
    """None for silence."""
    loudness_lufs: float | None
    """None for what is too short or too quiet to have one."""
    sha256: str
    spectrogram: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True)
class Mixed:
    """Audio to be written: what an error calls it, where it is, its length and peak (linear)."""

    label: str
    audio: Scratch
    samples: int
    peak: float


def level(files: Sequence[Mixed], *, bit_depth: BitDepth, normalize: bool, source: str) -> float:
    """Return the one gain (linear) with which all files are written.

    Raises InputError if a 24-bit file would pass full scale: it names the file and the gain that
    would fit.
    """
    loudest = max(files, key=lambda mixed: mixed.peak)
    if normalize:
        return float(10 ** (NORMALIZED_DB / 20) / loudest.peak) if loudest.peak > 0 else 1.0
    if bit_depth == "24" and loudest.peak > 1.0:
        over = 20 * math.log10(loudest.peak)
        fits = math.floor(-over * 10) / 10
        raise InputError(
            source,
            loudest.label,
            "a peak of at most 0 dBFS, as 24 bits hold",
            f"{over:+.2f} dBFS; a gain of {fits:.1f} dB would fit, --normalize finds one for all",
        )
    return 1.0


def write_audio(
    mixed: Mixed, path: Path, *, file: str, gain: float, sample_rate: int, bit_depth: BitDepth
) -> AudioFile:
    """Write the audio times `gain` to a WAV file at `path`, measuring it as it passes.

    The same audio gives the same bytes. Past 4 GiB the file is RF64. Raises OSError.
    """
    import pedalboard.io

    meter = LoudnessMeter(sample_rate, channels=2)
    picture = Spectrogram(mixed.samples, sample_rate)
    with (
        path.open("wb") as out,
        pedalboard.io.AudioFile(
            out, "w", sample_rate, num_channels=2, bit_depth=_BITS[bit_depth], format="wav"
        ) as writer,
    ):
        for start in range(0, mixed.samples, SEGMENT):
            piece = mixed.audio.read(start, min(start + SEGMENT, mixed.samples))
            piece *= np.float32(gain)
            writer.write(_whole(piece) if bit_depth == "24" else piece)
            meter.feed(piece)
            picture.feed(piece)
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256")
    peak = mixed.peak * gain
    return AudioFile(
        file=file,
        peak_dbfs=round(20 * math.log10(peak), _RECORDED_DECIMALS) if peak > 0 else None,
        loudness_lufs=_rounded(meter.integrated()),
        sha256=digest.hexdigest(),
        spectrogram=picture.levels_db(),
    )


def _whole(audio: Audio) -> NDArray[np.int32]:
    """Return the nearest 24-bit values in the upper bits of 32; what is beyond them is clipped.

    Given floats, the writer would cut off what is below the last bit.
    """
    steps = np.rint(audio.astype(np.float64) * _FULL_SCALE)
    return np.clip(steps, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int32) << _UNUSED_BITS


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _RECORDED_DECIMALS)
