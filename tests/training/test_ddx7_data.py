"""What DDX7 models are given: levels, what is held out, what is left out."""

import numpy as np
import pytest
import soundfile

from plugin_core.analysis.sounding import loud_level_db
from plugin_core.training.ddx7_data import (
    REFERENCE_DB,
    corpus_material,
    folder_material,
    heard_takes,
    levelled,
    read_folder,
)
from plugin_core.types import InputError

from .conftest import HEADER, tone


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "recordings"
    (folder / "more").mkdir(parents=True)
    for index in range(5):
        place = folder / "more" if index > 2 else folder
        sound = 10 ** (-index / 4) * tone(60 + index, 0.6, 16000)
        soundfile.write(place / f"{index}.wav", sound.astype(np.float32), 16000)
    return folder


def test_every_recording_of_a_folder_is_brought_to_one_level(recordings, tmp_path):
    material = folder_material(recordings, cache=tmp_path / "cache")
    assert len(material.training) == 4
    for take in (*material.training, *material.held_out):
        assert loud_level_db(take.loudness_db) == pytest.approx(REFERENCE_DB, abs=1e-3)
        assert len(take.audio) == 64 * len(take)


def test_of_short_recordings_every_fifth_is_held_out(recordings, tmp_path):
    material = folder_material(recordings, cache=tmp_path / "cache")
    assert [take.name for take in material.held_out] == ["more/4.wav"]


def test_what_was_measured_is_kept(recordings, tmp_path):
    told = []
    found = read_folder(recordings)
    for _ in range(2):
        takes = heard_takes(found, cache=tmp_path, progress=lambda done, all_: told.append(done))
    assert told == [0, 1, 2, 3, 4, 5, 5]
    assert takes[0].f0_hz[50] == pytest.approx(440 * 2 ** (-9 / 12), rel=0.01)


def test_louder_takes_are_louder_in_everything(recordings, tmp_path):
    quiet = heard_takes(read_folder(recordings), cache=tmp_path)[4]
    loud = levelled(quiet)
    gain = 10 ** (loud.gain_db / 20)
    assert loud.gain_db > 10
    assert loud.lines == pytest.approx(gain * quiet.lines, rel=1e-4)
    assert loud.audio == pytest.approx(gain * quiet.audio, rel=1e-4)


def test_a_folder_without_recordings_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"recordings \(.wav"):
        folder_material(tmp_path, cache=tmp_path / "cache")


def test_the_end_of_a_long_performance_is_held_out_and_other_ways_to_play_left_out(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    rows = (
        ("long.wav", "performance", "mixed", 24.0, "train", ""),
        ("note.wav", "note", "normal", 0.5, "train", ""),
        ("told.wav", "note", "normal", 0.5, "valid", ""),
        ("flutter.wav", "note", "fluttertonguing", 0.5, "train", ""),
        ("noisy.wav", "note", "normal", 0.5, "train", "noisy"),
    )
    lines = [HEADER]
    for name, kind, articulation, seconds, split, flags in rows:
        soundfile.write(folder / name, tone(72, seconds, 16000), 16000)
        lines.append(f"{name},flute,urmp,terms,{kind},72,mf,{articulation},,{split},{flags}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    material = corpus_material(folder, "flute", cache=tmp_path / "cache")
    assert [(take.name, round(take.seconds)) for take in material.training] == [
        ("long.wav", 18),
        ("note.wav", 1),
    ]
    assert [(take.name, round(take.seconds)) for take in material.held_out] == [
        ("long.wav", 6),
        ("told.wav", 1),
    ]


def test_what_has_no_pitch_is_left_out_and_told(recordings, tmp_path):
    random = np.random.default_rng(0)
    noise = 0.1 * random.standard_normal(16000).astype(np.float32)
    soundfile.write(recordings / "noise.wav", noise, 16000)
    soundfile.write(recordings / "silence.wav", np.zeros(16000, np.float32), 16000)
    material = folder_material(recordings, cache=tmp_path / "cache")
    assert material.unpitched == ("noise.wav", "silence.wav")
    assert len(material.training) + len(material.held_out) == 5


def test_noise_and_silence_alone_are_no_instrument(tmp_path):
    folder = tmp_path / "quiet"
    folder.mkdir()
    soundfile.write(folder / "silence.wav", np.zeros(16000, np.float32), 16000)
    with pytest.raises(InputError, match="a pitch is heard, found 1 without a pitch"):
        folder_material(folder, cache=tmp_path / "cache")


def test_samples_that_are_no_numbers_are_told_with_their_place(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    audio = tone(69, 0.5, 16000).astype(np.float32)
    audio[800] = np.nan
    soundfile.write(folder / "nan.wav", audio, 16000, subtype="FLOAT")
    with pytest.raises(InputError, match=r"at 0.050000 s: expected finite samples, found nan"):
        folder_material(folder, cache=tmp_path / "cache")
