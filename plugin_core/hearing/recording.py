"""A recording to be heard: mono samples, read piece by piece, however long it is.

In: an array, or an audio file (WAV, FLAC, OGG, AIFF, MP3) of any number of channels, which are
averaged. A file is decoded once, into a scratch file of 32-bit floats.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plugin_core.types import Audio, InputError, Mono

if TYPE_CHECKING:
    import soundfile

LOWEST_RATE, HIGHEST_RATE = 8000, 192000
"""Sample rates that can be heard, Hz."""

LARGEST_PEAK = 1e6
"""No sample of a sane file is larger; full scale is 1, of 16-bit integers as floats 32768."""

_KINDS = "an audio file (WAV, FLAC, OGG, AIFF, MP3)"
_PIECE = 1 << 18
_ITEM = 4


@dataclass(frozen=True, slots=True)
class Recording:
    """Mono audio of `samples` samples at `sample_rate` Hz, in memory or in a raw float32 file."""

    sample_rate: int
    samples: int
    data: Mono | Path = field(repr=False)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.sample_rate

    def read(self, start: int, stop: int) -> Mono:
        """Return the samples from `start` up to `stop`, those outside cut off, shape (samples,)."""
        start, stop = max(start, 0), min(stop, self.samples)
        if isinstance(self.data, Path):
            count = max(stop - start, 0)
            return np.fromfile(self.data, np.float32, count, offset=_ITEM * start)
        return self.data[start:stop]

    def pieces(self) -> Iterator[Mono]:
        """Yield all of it, in order."""
        for start in range(0, self.samples, _PIECE):
            yield self.read(start, start + _PIECE)


def recording_of(audio: Mono, sample_rate: float) -> Recording:
    """Return audio in memory, shape (samples,), as a recording.

    Raises ValueError for another shape, and InputError for a rate that is no whole number of Hz in
    8000..192000, for no samples, and for samples that are not finite or beyond all scale.
    """
    if audio.ndim != 1:
        raise ValueError(f"audio of shape (samples,) is heard, found {audio.shape}")
    rate = _sane_rate(sample_rate, "audio")
    if len(audio) == 0:
        raise InputError("audio", "", "at least one sample", "none")
    mono = np.ascontiguousarray(audio, dtype=np.float32)
    _require_sane(mono[np.newaxis], 0, rate, "audio")
    return Recording(rate, len(mono), mono)


def read_recording(path: Path, scratch: Path) -> Recording:
    """Return the recording in the audio file `path`, decoded into the new file `scratch`.

    Its channels are averaged. Raises InputError for what is no such file and for what
    `recording_of` refuses.
    """
    import soundfile

    if path.is_dir():
        raise InputError(path, "", _KINDS, "a folder")
    try:
        with soundfile.SoundFile(path) as file, scratch.open("wb") as out:
            rate = _sane_rate(file.samplerate, path)
            samples = 0
            for piece in _decoded(file):
                _require_sane(piece, samples, rate, path)
                out.write(piece.mean(axis=0, dtype=np.float64).astype(np.float32).tobytes())
                samples += piece.shape[1]
    except soundfile.LibsndfileError as error:
        found = error.error_string.strip().rstrip(".") if path.is_file() else "no such file"
        raise InputError(path, "", _KINDS, found) from error
    if samples == 0:
        raise InputError(path, "", "at least one sample", "none")
    return Recording(rate, samples, scratch)


def _decoded(file: "soundfile.SoundFile") -> Iterator[Audio]:
    """Yield audio of shape (channels, samples)."""
    while len(piece := file.read(_PIECE, dtype="float32", always_2d=True)):
        yield piece.T


def _sane_rate(sample_rate: float, source: Path | str) -> int:
    if not (LOWEST_RATE <= sample_rate <= HIGHEST_RATE and sample_rate == int(sample_rate)):
        expected = f"a sample rate of {LOWEST_RATE}..{HIGHEST_RATE} Hz"
        raise InputError(source, "", expected, f"{sample_rate:g} Hz")
    return int(sample_rate)


def _require_sane(audio: Audio, first: int, sample_rate: int, source: Path | str) -> None:
    """Raise InputError for the first sample, counted from `first`, that is no sound."""
    # The comparison is false for NaN as well.
    sane = (np.abs(audio) <= LARGEST_PEAK).all(axis=0)
    if sane.all():
        return
    index = int(np.argmin(sane))
    channel = int(np.argmin(np.abs(audio[:, index]) <= LARGEST_PEAK))
    value = float(audio[channel, index])
    expected = f"samples of at most {LARGEST_PEAK:g}" if math.isfinite(value) else "finite samples"
    raise InputError(source, f"at {(first + index) / sample_rate:.6f} s", expected, f"{value:g}")
