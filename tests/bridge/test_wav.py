import io

import numpy as np
import pytest
import soundfile

from bridge.wav import WavWriter, encode, header


def written(audio: np.ndarray, bit_depth: str, *, piece: int = 1000) -> bytes:
    out = io.BytesIO()
    channels, samples = audio.shape
    writer = WavWriter(
        out, channels=channels, sample_rate=48000, samples=samples, bit_depth=bit_depth
    )
    for start in range(0, samples, piece):
        writer.write(audio[:, start : start + piece])
    return out.getvalue()


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).uniform(-1, 1, (2, 4321)).astype(np.float32)


def test_float_files_hold_the_very_samples(noise):
    read, rate = soundfile.read(io.BytesIO(written(noise, "32f")), dtype="float32")
    assert rate == 48000
    assert np.array_equal(read.T, noise)


def test_24_bit_files_are_within_half_a_step(noise):
    read, _ = soundfile.read(io.BytesIO(written(noise, "24")), dtype="float64")
    assert np.abs(read.T - noise).max() <= 0.5 / 2**23


def test_24_bits_hold_full_scale_on_both_sides():
    assert encode(np.array([[1.0, -1.0]], np.float32), "24") == b"\xff\xff\x7f\x00\x00\x80"


@pytest.mark.parametrize("bit_depth", ["24", "32f"])
def test_a_mono_file_of_odd_size_is_padded_to_whole_words(bit_depth):
    audio = np.full((1, 3), 0.5, np.float32)
    data = written(audio, bit_depth)
    assert len(data) % 2 == 0
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    read, _ = soundfile.read(io.BytesIO(data))
    assert np.array_equal(read, [0.5, 0.5, 0.5])


def test_pieces_of_any_size_make_the_same_file(noise):
    assert written(noise, "24", piece=7) == written(noise, "24", piece=4321)


def test_beyond_4_gib_the_header_is_rf64():
    samples = 2**30
    head = header(channels=2, sample_rate=48000, samples=samples, bit_depth="32f")
    assert head[:4] == b"RF64"
    assert head[12:16] == b"ds64"
    riff, data, frames = (int.from_bytes(head[20 + 8 * n : 28 + 8 * n], "little") for n in range(3))
    assert frames == samples
    assert data == samples * 8
    assert riff == len(head) + data - 8


def test_libsndfile_reads_an_rf64_header():
    head = header(channels=2, sample_rate=48000, samples=2**30, bit_depth="32f")
    assert soundfile.info(io.BytesIO(head + bytes(80))).format == "RF64"


def test_more_samples_than_announced_are_refused():
    out = io.BytesIO()
    writer = WavWriter(out, channels=1, sample_rate=48000, samples=10, bit_depth="32f")
    with pytest.raises(ValueError, match="more than the header announced"):
        writer.write(np.zeros((1, 11), np.float32))
