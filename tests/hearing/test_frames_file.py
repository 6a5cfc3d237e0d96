"""frames.npz: NumPy reads it, we read it back, and what is damaged is one line."""

import numpy as np
import pytest

from plugin_core.hearing.frames_file import (
    ARRAYS,
    FrameStore,
    cut,
    joined,
    read_frames,
    write_frames,
)
from plugin_core.types import Frames, InputError

COUNT, HARMONICS = 40_000, 12


@pytest.fixture(scope="module")
def frames() -> Frames:
    random = np.random.default_rng(0)
    curves = random.uniform(0, 1, (4, COUNT)).astype(np.float32)
    curves[2] = -60 * curves[2]
    tables = (random.uniform(0, 1, (COUNT, width)).astype(np.float32) for width in (HARMONICS, 65))
    return Frames(*curves, *tables)


@pytest.fixture
def store(frames, tmp_path) -> FrameStore:
    folder = tmp_path / "store"
    folder.mkdir()
    store = FrameStore(folder, HARMONICS)
    for start in range(0, COUNT, 7000):
        store.append(cut(frames, start, start + 7000))
    return store


def same(one: Frames, other: Frames) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def test_a_store_gives_back_what_it_took(frames, store):
    assert len(store) == COUNT
    assert same(store.read(0, COUNT), frames)
    assert same(store.read(6990, 7010), cut(frames, 6990, 7010))
    assert same(store.read(COUNT - 5, COUNT + 5), cut(frames, COUNT - 5, COUNT))
    assert same(joined(store.blocks(999), HARMONICS), frames)
    np.testing.assert_array_equal(store.curve("amplitude"), frames.amplitude)


def test_numpy_reads_the_file(frames, store, tmp_path):
    write_frames(tmp_path / "frames.npz", store, sample_rate=44100, gain_db=-3.5)
    with np.load(tmp_path / "frames.npz") as archive:
        assert {*ARRAYS, "schema", "frame_rate", "sample_rate", "gain_db"} == set(archive)
        for name in ARRAYS:
            np.testing.assert_array_equal(archive[name], getattr(frames, name))
        assert archive["frame_rate"] == 250


def test_the_file_is_read_back(frames, store, tmp_path):
    write_frames(tmp_path / "frames.npz", store, sample_rate=44100, gain_db=-3.5)
    found = read_frames(tmp_path / "frames.npz")
    assert same(found.frames, frames)
    assert (found.sample_rate, found.gain_db) == (44100, -3.5)


def test_the_same_frames_are_the_same_bytes(store, tmp_path):
    for name in ("a", "b"):
        write_frames(tmp_path / name, store, sample_rate=44100, gain_db=0.0)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_frames_are_a_file_too(tmp_path):
    write_frames(tmp_path / "a", FrameStore(tmp_path, HARMONICS), sample_rate=8000, gain_db=0.0)
    assert read_frames(tmp_path / "a").frames.harmonics.shape == (0, HARMONICS)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": 2}, "schema: expected 1, found 2"),
        ({"frame_rate": 100}, "frame_rate: expected 250, found 100"),
        ({"gain_db": np.nan}, "gain_db: expected a number"),
        ({"gain_db": "loud"}, "gain_db: expected a number"),
        ({"noise": np.zeros((3, 64), np.float32)}, "noise: expected frames"),
        ({"f0_hz": np.zeros(2, np.float32)}, "expected frames as f0_hz has them"),
        ({"amplitude": np.zeros(3, np.int64)}, "amplitude: expected frames"),
        ({"f0_hz": np.float32([1, -1, 1])}, "f0_hz, frame 1: expected finite values of at least 0"),
        ({"loudness_db": np.float32([0, 0, np.nan])}, "loudness_db, frame 2: expected finite"),
        ({"harmonics": None}, "expected a frames.npz, found no array 'harmonics'"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, changes, told):
    arrays = {name: np.zeros(3, np.float32) for name in ARRAYS}
    arrays |= {"harmonics": np.zeros((3, 5), np.float32), "noise": np.zeros((3, 65), np.float32)}
    arrays |= {"schema": 1, "frame_rate": 250, "sample_rate": 44100, "gain_db": 0.0}
    chosen = {name: value for name, value in (arrays | changes).items() if value is not None}
    np.savez(tmp_path / "a.npz", **chosen)
    with pytest.raises(InputError) as error:
        read_frames(tmp_path / "a.npz")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_other_files_are_one_line(store, tmp_path):
    write_frames(tmp_path / "whole", store, sample_rate=8000, gain_db=0.0)
    whole = (tmp_path / "whole").read_bytes()
    np.save(tmp_path / "array.npy", np.zeros(3))
    samples = {
        "empty": b"", "text": b"hello", "half": whole[: len(whole) // 2],
        "array": (tmp_path / "array.npy").read_bytes(),
        "damaged": whole[:2000] + bytes(50_000) + whole[52_000:],
    }  # fmt: skip
    for name, content in samples.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="expected a frames"):
            read_frames(tmp_path / name)
    with pytest.raises(InputError, match="No such file"):
        read_frames(tmp_path / "none")
