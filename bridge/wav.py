"""WAV files written front to back: 32-bit float or 24-bit PCM, the same bytes for the same audio.

libsndfile stamps the time of writing into float files (its PEAK chunk), so two renders of one
session would differ. The layout is that of RIFF/WAVE (IBM and Microsoft 1991), and of RF64
(EBU Tech 3306) where the audio passes 4 GiB.
"""

import struct
from typing import BinaryIO, Literal

import numpy as np

from plugin_core.types import Audio

BitDepth = Literal["24", "32f"]

_PCM, _FLOAT = 1, 3
_BYTES = {"24": 3, "32f": 4}
_RIFF_LIMIT = 0xFFFFFFFF


def header(*, channels: int, sample_rate: int, samples: int, bit_depth: BitDepth) -> bytes:
    """Return all that stands before the first sample of a file of `samples` frames."""
    frame = channels * _BYTES[bit_depth]
    size = samples * frame
    tag = _FLOAT if bit_depth == "32f" else _PCM
    form = struct.pack(
        "<HHIIHH", tag, channels, sample_rate, sample_rate * frame, frame, 8 * _BYTES[bit_depth]
    )
    chunks = _chunk(b"fmt ", form)
    if tag == _FLOAT:
        chunks += _chunk(b"fact", struct.pack("<I", min(samples, _RIFF_LIMIT)))
    total = 4 + len(chunks) + 8 + size + size % 2
    if total <= _RIFF_LIMIT:
        return struct.pack("<4sI4s", b"RIFF", total, b"WAVE") + chunks + _data(size)
    sizes = _chunk(b"ds64", struct.pack("<QQQI", total + 36, size, samples, 0))
    return (
        struct.pack("<4sI4s", b"RF64", _RIFF_LIMIT, b"WAVE") + sizes + chunks + _data(_RIFF_LIMIT)
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content


def _data(size: int) -> bytes:
    return struct.pack("<4sI", b"data", size)


def encode(audio: Audio, bit_depth: BitDepth) -> bytes:
    """Return `audio`, shape (channels, samples), as interleaved little-endian samples.

    In 24 bits full scale is 2**23; what lies beyond it is clipped.
    """
    interleaved = np.ascontiguousarray(audio.T, dtype="<f4")
    if bit_depth == "32f":
        return interleaved.tobytes()
    scaled = np.rint(interleaved.astype(np.float64) * 2**23)
    whole = np.clip(scaled, -(2**23), 2**23 - 1).astype("<i4")
    return whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes()


class WavWriter:
    """Writes a WAV file whose length is known, piece by piece, to an open binary file."""

    def __init__(
        self, file: BinaryIO, *, channels: int, sample_rate: int, samples: int, bit_depth: BitDepth
    ) -> None:
        self._file = file
        self._bit_depth: BitDepth = bit_depth
        self._left = samples
        self._odd = samples * channels * _BYTES[bit_depth] % 2
        self.header = header(
            channels=channels, sample_rate=sample_rate, samples=samples, bit_depth=bit_depth
        )
        file.write(self.header)

    def write(self, audio: Audio) -> bytes:
        """Append `audio`, shape (channels, samples); return the bytes written."""
        self._left -= audio.shape[1]
        if self._left < 0:
            raise ValueError(f"{-self._left} samples more than the header announced")
        data = encode(audio, self._bit_depth)
        if self._left == 0:
            data += b"\0" * self._odd
        self._file.write(data)
        return data
