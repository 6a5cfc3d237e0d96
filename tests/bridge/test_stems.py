import hashlib
import resource
import signal
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.scratch import Scratch
from bridge.stems import AudioFile, Mixed, write_audio

STEP = 1 / 2**23


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).uniform(-0.99, 0.99, (2, 4321)).astype(np.float32)


def written(audio: np.ndarray, path: Path, bit_depth: str, *, gain: float = 1.0) -> AudioFile:
    scratch = Scratch(path.with_suffix(".raw"), channels=2)
    scratch.path.unlink(missing_ok=True)
    scratch.append(audio)
    mixed = Mixed("noise", scratch, audio.shape[1], float(np.abs(audio).max()))
    return write_audio(
        mixed, path, file=path.name, gain=gain, sample_rate=48000, bit_depth=bit_depth
    )


def read(path: Path) -> np.ndarray:
    audio, rate = soundfile.read(path, dtype="float64")
    assert rate == 48000
    return audio.T


def test_float_files_hold_the_very_samples(noise, tmp_path):
    written(1.5 * noise, tmp_path / "a.wav", "32f")
    assert soundfile.info(tmp_path / "a.wav").subtype == "FLOAT"
    assert np.array_equal(read(tmp_path / "a.wav"), 1.5 * noise)


def test_24_bit_files_are_within_half_a_step_and_not_shifted(noise, tmp_path):
    written(noise, tmp_path / "a.wav", "24")
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_24"
    error = read(tmp_path / "a.wav") - noise
    assert np.abs(error).max() <= 0.5 * STEP
    # Rounding errors are even in -1/2..1/2 steps: their mean has a deviation of sqrt(1/12/n).
    assert abs(error.mean()) < 5 * STEP * np.sqrt(1 / 12 / error.size)


def test_24_bits_hold_full_scale_on_both_sides_and_clip_beyond(tmp_path):
    audio = np.array([[1.0, -1.0, 1.5, -1.5], [0.0, 0.5, -0.5, STEP]], np.float32)
    written(audio, tmp_path / "a.wav", "24")
    wanted = [[1 - STEP, -1, 1 - STEP, -1], [0, 0.5, -0.5, STEP]]
    assert np.array_equal(read(tmp_path / "a.wav"), wanted)


def test_a_gain_is_applied_before_rounding(noise, tmp_path):
    written(noise, tmp_path / "a.wav", "24", gain=0.25)
    assert np.abs(read(tmp_path / "a.wav") - 0.25 * noise).max() <= 0.5 * STEP


@pytest.mark.parametrize("bit_depth", ["24", "32f"])
def test_pieces_of_any_size_make_the_same_bytes(noise, tmp_path, bit_depth, monkeypatch):
    one = written(noise, tmp_path / "a.wav", bit_depth)
    monkeypatch.setattr("bridge.stems.SEGMENT", 7)
    other = written(noise, tmp_path / "b.wav", bit_depth)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    assert one.sha256 == other.sha256


def test_the_hash_is_that_of_the_file(noise, tmp_path):
    audio = written(noise, tmp_path / "a.wav", "32f")
    assert audio.sha256 == hashlib.sha256((tmp_path / "a.wav").read_bytes()).hexdigest()


def test_a_full_disk_is_told(noise, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    long = np.tile(noise, 20)
    scratch = Scratch(tmp_path / "a.raw", channels=2)
    scratch.append(long)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
        with pytest.raises(OSError, match="large"):
            write_audio(
                Mixed("noise", scratch, long.shape[1], 1.0),
                tmp_path / "a.wav",
                file="a.wav",
                gain=1.0,
                sample_rate=48000,
                bit_depth="32f",
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.full
def test_beyond_4_gib_the_file_is_rf64(tmp_path):
    # A sparse scratch file: silence that takes no room until it is written.
    samples = 2**29 + 1000
    scratch = Scratch(tmp_path / "a.raw", channels=2)
    with scratch.path.open("wb") as file:
        file.truncate(8 * samples)
    mixed = Mixed("silence", scratch, samples, 0.0)
    path = tmp_path / "a.wav"
    write_audio(mixed, path, file="a.wav", gain=1.0, sample_rate=192000, bit_depth="32f")
    assert soundfile.info(path).format == "RF64"
    assert soundfile.info(path).frames == samples
