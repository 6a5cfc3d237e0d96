"""Notes of a made string: measured, cut and damped as a player would."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from plugin_core.expression.extraction import level_db
from plugin_core.training import plucked
from plugin_core.training.corpus import read_corpus
from plugin_core.training.measured import measured_notes
from plugin_core.training.note_material import Source, sources_of
from plugin_core.training.plucked import plucked_manner, plucked_note, read_plucked
from plugin_core.types import Mono
from tests.training.test_parameter_phrases import single_note

RATE = 22050
PLUCKED_AT_S, DECAY_DB_PER_S = 0.3, 20.0
HEADER = "path,instrument,source,licence,kind,midi_pitch,dynamic,articulation,split"


def plucked_string(midi_pitch: int) -> Mono:
    """Return a string plucked after 0.3 s of a rumbling room: 12 harmonics, -20 dB a second."""
    times_s = np.arange(2 * RATE) / RATE
    since_s = times_s - PLUCKED_AT_S
    hz = 440 * 2 ** ((midi_pitch - 69) / 12)
    partials = sum(0.3 / k * np.sin(2 * np.pi * k * hz * since_s) for k in range(1, 13))
    decay = np.where(since_s > 0, 10 ** (-DECAY_DB_PER_S * since_s / 20), 0.0)
    hiss = np.random.default_rng(1).uniform(-2e-4, 2e-4, len(times_s))
    rumble = 0.02 * np.sin(2 * np.pi * 17 * times_s)
    return (partials * decay + rumble + hiss).astype(np.float32)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    rows = [HEADER]
    for pitch, instrument, articulation, split in (
        (52, "guitar", "normal", "train"),
        (64, "guitar", "normal", "valid"),
        (57, "guitar", "harmonics", "train"),
        (40, "double_bass", "pizzicato", "train"),
        (45, "double_bass", "normal", "train"),
    ):
        name = f"{instrument}-{pitch}.wav"
        soundfile.write(folder / name, plucked_string(pitch), RATE)
        rows.append(f"{name},{instrument},made,CC0,note,{pitch},f,{articulation},{split}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_a_measured_note_is_what_was_played(corpus: Path, tmp_path: Path) -> None:
    guitar = [each for each in read_corpus(corpus, instruments=["guitar"]) if each.is_held_out]
    note = measured_notes(guitar, cache=tmp_path)[0]
    row = note.notes[0]
    assert row.note.midi_pitch == 64
    assert note.tuning_semitones == pytest.approx(0.0, abs=0.02)
    # What comes before the sound is cut off but for 50 ms; the rumble does not begin it.
    assert row.note.onset_s == pytest.approx(0.05, abs=0.016)
    # 24 dB below the loudest at 20 dB a second.
    assert row.note.offset_s - row.note.onset_s == pytest.approx(24 / DECAY_DB_PER_S, abs=0.08)
    frames = note.frames
    begin = round(row.note.onset_s * 250) + 20
    levels = level_db(frames.amplitude[begin : begin + 200])
    slope = np.polyfit(np.arange(200) / 250, levels, 1)[0]
    assert slope == pytest.approx(-DECAY_DB_PER_S, abs=1.5)
    shares = 1 / np.arange(1, 13)
    np.testing.assert_allclose(frames.harmonics[begin, :12], shares / shares.sum(), atol=0.01)


def test_loud_frames_read_volume_nine_tenths_unless_a_gain_is_given(
    corpus: Path, tmp_path: Path
) -> None:
    guitar = [each for each in read_corpus(corpus, instruments=["guitar"]) if each.is_held_out]
    note = measured_notes(guitar, cache=tmp_path)[0]
    voiced = note.frames.amplitude[note.frames.confidence > 0.5]
    assert level_db(np.percentile(voiced, [95.0]))[0] == pytest.approx(-36.0, abs=0.1)
    given = measured_notes(guitar, cache=tmp_path, gain_db=note.gain_db - 6.0)[0]
    assert given.notes[0].expression.volume == pytest.approx(
        note.notes[0].expression.volume - 6 / 60, abs=0.01
    )


def test_guitar_and_pizzicato_are_read_and_kept(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PHRASES", "HELD_OUT_PHRASES"):
        monkeypatch.setattr(plucked, name, 1)
    bowed = replace(
        single_note(45), instrument="double_bass", source="made", gain_db=-12.0, name="bowed"
    )
    found = read_plucked(corpus, [bowed], cache=tmp_path)
    notes = {each.name: each for each in found if each.origin == "note"}
    # Harmonics of a string and what is bowed are others' business.
    assert set(notes) == {"guitar-52.wav", "guitar-64.wav", "double_bass-40.wav"}
    assert notes["double_bass-40.wav"].gain_db == -12.0
    assert notes["guitar-64.wav"].is_held_out
    phrases = [each for each in found if each.origin == "assembled"]
    assert {each.is_held_out for each in phrases} == {False, True}
    files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "measured").iterdir()}
    again = read_plucked(corpus, [bowed], cache=tmp_path)
    assert [each.name for each in again] == [each.name for each in found]
    assert files == {
        path.name: path.stat().st_mtime_ns for path in (tmp_path / "measured").iterdir()
    }


def test_a_folder_without_a_manifest_has_nothing_plucked(tmp_path: Path) -> None:
    assert read_plucked(tmp_path, [], cache=tmp_path) == ()


def source() -> Source:
    return sources_of([single_note(60)])[0]


@pytest.mark.parametrize("count", [20, 100, 800])
@pytest.mark.parametrize("is_joined", [True, False])
def test_every_note_is_plucked_even_if_joined(count: int, is_joined: bool) -> None:
    played = plucked_note(source(), 62, count, has_attack=not is_joined, has_release=not is_joined)
    assert len(played.frames) == len(played.deviation) == count
    np.testing.assert_array_equal(played.frames.amplitude[:20], source().frames.amplitude[:20])
    assert (len(played.tail) == 0) == is_joined


def test_a_string_is_damped_when_the_key_comes_up() -> None:
    tail = plucked_note(source(), 60, 100, has_attack=True, has_release=True).tail
    levels = level_db(tail.amplitude)
    # 24 dB in 80 ms at least: 20 frames; overtones go first.
    assert levels[20] < levels[0] - 22
    assert tail.harmonics[20, 7] < tail.harmonics[0, 7]
    np.testing.assert_allclose(tail.harmonics.sum(axis=1), 1.0, atol=1e-5)


def test_natural_notes_keep_their_decay() -> None:
    manners = [plucked_manner(np.random.default_rng(seed)) for seed in range(40)]
    assert all(manner.natural.volume_fluctuation is None for manner in manners)
    still = [manner.natural.vibrato == 0 for manner in manners]
    assert 0.5 < np.mean(still) < 0.95
