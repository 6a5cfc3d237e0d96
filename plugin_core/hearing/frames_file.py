"""Synthesis parameters on disk: `frames.npz`, and the store in which long ones wait.

`frames.npz` is a NumPy archive of the arrays of `Frames` by name, and of the numbers that go with
them: `schema`, `frame_rate`, `sample_rate` (of the recording), `gain_db` (of the controls).
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import FRAME_RATE, NOISE_BANDS, Frames, InputError

SCHEMA = 1
ARRAYS = tuple(field.name for field in fields(Frames))
"""The arrays of `Frames`: f0_hz, confidence, loudness_db, amplitude, harmonics, noise."""

_NUMBERS = ("schema", "frame_rate", "sample_rate", "gain_db")
_PIECE, _BLOCK = 1 << 14, 1 << 12
_KIND = "a frames.npz"


def no_frames(harmonics: int) -> Frames:
    """Return no frames at all, of so many harmonics."""
    nothing = np.zeros(0, np.float32)
    tables = (np.zeros((0, count), np.float32) for count in (harmonics, NOISE_BANDS))
    return Frames(nothing, nothing, nothing, nothing, *tables)


def joined(blocks: Iterable[Frames], harmonics: int) -> Frames:
    """Return frames that follow each other as one."""
    parts = [no_frames(harmonics), *blocks]
    return Frames(*(np.concatenate([getattr(part, name) for part in parts]) for name in ARRAYS))


def cut(frames: Frames, start: int, stop: int) -> Frames:
    """Return the frames from `start` up to `stop`."""
    return Frames(*(getattr(frames, name)[start:stop] for name in ARRAYS))


@dataclass(slots=True)
class FrameStore:
    """Frames in a folder, one file an array, added at the end and read from anywhere."""

    folder: Path
    harmonics: int
    count: int = 0

    @classmethod
    def at(cls, folder: Path, harmonics: int) -> Self:
        """Return an empty store in a new folder."""
        folder.mkdir()
        return cls(folder, harmonics)

    def __len__(self) -> int:
        return self.count

    def append(self, frames: Frames) -> None:
        """Add frames at the end. Raises OSError if the disk is full."""
        for name in ARRAYS:
            with self._file(name).open("ab") as file:
                file.write(np.ascontiguousarray(getattr(frames, name), np.float32).tobytes())
        self.count += len(frames)

    def read(self, start: int, stop: int) -> Frames:
        """Return the frames from `start` up to `stop` or the end."""
        return Frames(*(self._rows(name, start, min(stop, self.count)) for name in ARRAYS))

    def curve(self, name: str) -> NDArray[np.float32]:
        """Return the whole of an array of one value a frame, shape (frames,)."""
        return self._rows(name, 0, self.count)

    def blocks(self, size: int = _BLOCK) -> Iterator[Frames]:
        """Yield all frames in order, at most `size` at a time."""
        for start in range(0, self.count, size):
            yield self.read(start, start + size)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of an array."""
        width = {"harmonics": self.harmonics, "noise": NOISE_BANDS}.get(name)
        return (self.count,) if width is None else (self.count, width)

    def pieces(self, name: str) -> Iterator[NDArray[np.float32]]:
        """Yield an array in order, some rows at a time."""
        for start in range(0, self.count, _PIECE):
            yield self._rows(name, start, min(start + _PIECE, self.count))

    def _rows(self, name: str, start: int, stop: int) -> NDArray[np.float32]:
        width = int(np.prod(self.shape(name)[1:]))
        count = max(stop - start, 0)
        if self.count == 0:
            return np.zeros((0, *self.shape(name)[1:]), np.float32)
        flat = np.fromfile(self._file(name), np.float32, count * width, offset=4 * width * start)
        return flat.reshape(count, *self.shape(name)[1:])

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.f32"


@dataclass(frozen=True, slots=True)
class FramesFile:
    """What a `frames.npz` says."""

    frames: Frames
    sample_rate: int
    gain_db: float


def write_frames(path: Path, store: FrameStore, *, sample_rate: int, gain_db: float) -> None:
    """Write `frames.npz` from a store, piece by piece; the same frames give the same bytes."""
    numbers = {
        "schema": np.int64(SCHEMA),
        "frame_rate": np.int64(FRAME_RATE),
        "sample_rate": np.int64(sample_rate),
        "gain_db": np.float64(gain_db),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ARRAYS:
            with _member(archive, name) as file:
                header = {"descr": "<f4", "fortran_order": False, "shape": store.shape(name)}
                np.lib.format.write_array_header_1_0(file, header)
                for piece in store.pieces(name):
                    file.write(piece.astype("<f4", copy=False).tobytes())
        for name, number in numbers.items():
            with _member(archive, name) as file:
                np.lib.format.write_array(file, np.asarray(number), allow_pickle=False)


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    # Opened by name a member bears no date.
    return archive.open(f"{name}.npy", "w", force_zip64=True)


def read_frames(path: Path) -> FramesFile:
    """Return what is in a `frames.npz`, all of it in memory.

    Raises InputError, naming the array, for another schema, arrays that are missing, of the wrong
    shape or of values that cannot be.
    """
    return _Reader.of(path).read()


@dataclass(slots=True)
class _Reader:
    path: Path
    arrays: dict[str, NDArray[np.generic]]

    @classmethod
    def of(cls, path: Path) -> Self:
        try:
            archive = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(path, "", _KIND, "a single array")
            missing = [name for name in (*ARRAYS, *_NUMBERS) if name not in archive]
            if missing:
                raise InputError(path, "", _KIND, f"no array {missing[0]!r}")
            return cls(path, {name: archive[name] for name in (*ARRAYS, *_NUMBERS)})
        except OSError as error:
            raise InputError(path, "", _KIND, error.strerror or str(error)) from error
        except InputError:
            raise
        except (ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InputError(path, "", _KIND, "another file") from error

    def read(self) -> FramesFile:
        numbers = {name: self._number(name) for name in _NUMBERS}
        for name, wanted in (("schema", SCHEMA), ("frame_rate", FRAME_RATE)):
            if numbers[name] != wanted:
                raise InputError(self.path, name, f"{wanted}", f"{numbers[name]:g}")
        frames = Frames(*(self._frames(name) for name in ARRAYS))
        return FramesFile(frames, int(numbers["sample_rate"]), numbers["gain_db"])

    def _number(self, name: str) -> float:
        value = self.arrays[name]
        if value.shape != () or value.dtype.kind not in "iuf" or not np.isfinite(float(value)):
            raise InputError(self.path, name, "a number", f"{value.dtype} of shape {value.shape}")
        return float(value)

    def _frames(self, name: str) -> NDArray[np.float32]:
        value, count = self.arrays[name], self.arrays["f0_hz"].shape[:1]
        fits = value.shape[:1] == count and {
            "harmonics": value.ndim == 2 and value.shape[-1] > 0,
            "noise": value.ndim == 2 and value.shape[-1] == NOISE_BANDS,
        }.get(name, value.ndim == 1)
        if not fits or value.dtype.kind != "f":
            found = f"{value.dtype} of shape {value.shape}"
            raise InputError(self.path, name, "frames as f0_hz has them", found)
        array = value.astype(np.float32)
        low = -np.inf if name == "loudness_db" else 0.0
        wrong = ~(np.isfinite(array) & (array >= low))
        if wrong.any():
            frame = int(np.argwhere(wrong)[0, 0])
            expected = "finite values" if low else "finite values of at least 0"
            raise InputError(
                self.path, f"{name}, frame {frame}", expected, f"{array[wrong].flat[0]:g}"
            )
        return array
