"""Audio files as they come: every format, rate and number of channels; one line for the rest."""

import re

import numpy as np
import pytest
import soundfile

from plugin_core.hearing.recording import read_recording, recording_of
from plugin_core.types import InputError

RATE = 22050
SINE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "error"),
    [("a.wav", 1e-4), ("a.flac", 1e-4), ("a.aiff", 1e-4), ("a.ogg", 0.05), ("a.mp3", 0.05)],
)
def test_files_of_every_kind_are_read(tmp_path, name, error):
    soundfile.write(tmp_path / name, SINE, RATE)
    recording = read_recording(tmp_path / name, tmp_path / "scratch")
    assert recording.sample_rate == RATE
    assert abs(recording.samples - RATE) < 2500  # MP3 pads to its frames
    middle = recording.read(5000, 15000)
    assert middle.dtype == np.float32
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), abs=error)


def test_pieces_are_the_whole(tmp_path):
    noise = np.random.default_rng(0).uniform(-1, 1, 600_001).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", noise, RATE, subtype="FLOAT")
    recording = read_recording(tmp_path / "a.wav", tmp_path / "scratch")
    assert recording.samples == len(noise)
    assert recording.seconds == len(noise) / RATE
    np.testing.assert_array_equal(np.concatenate(list(recording.pieces())), noise)
    np.testing.assert_array_equal(recording.read(-10, 20), noise[:20])
    np.testing.assert_array_equal(recording.read(600_000, 700_000), noise[600_000:])
    assert len(recording.read(700_000, 800_000)) == 0


@pytest.mark.parametrize("channels", [2, 5])
def test_channels_are_averaged(tmp_path, channels):
    audio = np.random.default_rng(1).uniform(-1, 1, (1000, channels)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    recording = read_recording(tmp_path / "a.wav", tmp_path / "scratch")
    np.testing.assert_allclose(recording.read(0, 1000), audio.mean(axis=1), atol=1e-7)


@pytest.mark.parametrize("rate", [8000, 192000])
def test_the_outermost_rates_are_read(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", SINE[:100], rate)
    assert read_recording(tmp_path / "a.wav", tmp_path / "scratch").sample_rate == rate


def refused(path) -> str:
    with pytest.raises(InputError) as error:
        read_recording(path, path.parent / "scratch")
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{path}: ")


def test_what_is_no_audio_file_is_one_line(tmp_path):
    kinds = "expected an audio file (WAV, FLAC, OGG, AIFF, MP3), found "
    assert refused(tmp_path / "none.wav") == kinds + "no such file"
    assert refused(tmp_path) == kinds + "a folder"
    (tmp_path / "text.wav").write_text("hello")
    assert refused(tmp_path / "text.wav").startswith(kinds)
    (tmp_path / "empty.wav").write_bytes(b"")
    assert refused(tmp_path / "empty.wav").startswith(kinds)


def test_no_samples_are_one_line(tmp_path):
    soundfile.write(tmp_path / "a.wav", SINE[:0], RATE)
    assert refused(tmp_path / "a.wav") == "expected at least one sample, found none"


@pytest.mark.parametrize("rate", [7999, 192001])
def test_other_rates_are_one_line(tmp_path, rate):
    soundfile.write(tmp_path / "a.wav", SINE, rate)
    told = f"expected a sample rate of 8000..192000 Hz, found {rate} Hz"
    assert refused(tmp_path / "a.wav") == told


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e7])
def test_the_first_bad_sample_is_named(tmp_path, value):
    audio = np.stack([np.tile(SINE, 20), np.tile(SINE, 20)], axis=1)
    audio[400_000, 1] = value
    audio[410_000:, 0] = np.nan
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    told = refused(tmp_path / "a.wav")
    assert told.startswith(f"at {400_000 / RATE:.6f} s: expected ")
    assert told.endswith(f"found {value:g}")


def test_arrays_are_judged_alike():
    assert recording_of(SINE, RATE).samples == RATE
    with pytest.raises(ValueError, match=re.escape("(2, 5)")):
        recording_of(np.zeros((2, 5), np.float32), RATE)
    for audio, rate in ((SINE[:0], RATE), (SINE * np.nan, RATE), (SINE, 100), (SINE, 44100.5)):
        with pytest.raises(InputError):
            recording_of(audio, rate)
