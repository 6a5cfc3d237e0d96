"""Folders as people have them: URMP as it is distributed, and one's own recordings."""

from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from plugin_core.training.performance_corpora import (
    annotated_f0,
    annotated_notes,
    cache_name,
    is_usable,
    notes_table,
    read_recordings,
)
from plugin_core.training.performed import read_performed
from plugin_core.types import InputError

RATE = 16000
MELODY = ((0.2, 69, 0.5), (0.7, 71, 0.4), (1.3, 67, 0.6), (1.9, 72, 0.5), (2.95, 74, 0.5))
"""Onset in seconds, key, duration in seconds."""


def hz(key: int) -> float:
    return 440 * 2 ** ((key - 69) / 12)


def sound() -> np.ndarray:
    audio = np.zeros(round(3.6 * RATE))
    for onset_s, key, length_s in MELODY:
        times = np.arange(round(length_s * RATE)) / RATE
        fade = np.minimum(1, np.minimum(times / 0.02, (length_s - times) / 0.04))
        tone = sum(0.2 / k * np.sin(2 * np.pi * k * hz(key) * times) for k in range(1, 9))
        audio[round(onset_s * RATE) :][: len(times)] += tone * fade
    noise = np.random.default_rng(1).uniform(-1e-4, 1e-4, len(audio))
    return (audio + noise).astype(np.float32)


@pytest.fixture
def urmp(tmp_path: Path) -> Path:
    """Return a folder in URMP's layout with one piece of two parts."""
    piece = tmp_path / "urmp" / "01_Jupiter_vn_sax"
    piece.mkdir(parents=True)
    for part, code in ((1, "vn"), (2, "sax")):
        name = f"{part}_{code}_01_Jupiter"
        soundfile.write(piece / f"AuSep_{name}.wav", sound(), RATE)
        rows = [f"{onset:.3f}\t{hz(key):.3f}\t{length:.3f}" for onset, key, length in MELODY]
        (piece / f"Notes_{name}.txt").write_text("\n".join(rows) + "\n")
        curve = [
            (time, next((hz(k) for on, k, length in MELODY if on <= time < on + length), 0.0))
            for time in np.arange(0, 3.6, 0.01)
        ]
        (piece / f"F0s_{name}.txt").write_text("".join(f"{t:.3f}\t{f:.3f}\n" for t, f in curve))
    (piece / "AuMix_01_Jupiter_vn_sax.wav").write_bytes(b"not read")
    return tmp_path / "urmp"


def test_urmp_is_read_as_it_is_distributed(urmp: Path) -> None:
    violin, saxophone = read_recordings(urmp)
    assert (violin.instrument, saxophone.instrument) == ("violin", "saxophone")
    assert violin.name == "01_Jupiter_vn_sax/AuSep_1_vn_01_Jupiter.wav"
    assert violin.source == "urmp"
    notes = annotated_notes(violin)
    assert notes is not None
    assert [note.midi_pitch for note in notes] == [key for _, key, _ in MELODY]
    times = [(note.onset_s, note.offset_s - note.onset_s) for note in notes]
    np.testing.assert_allclose(times, [(onset, length) for onset, _, length in MELODY], atol=1e-6)
    curve = annotated_f0(violin)
    assert curve is not None
    assert curve[1][30] == pytest.approx(440)


def test_urmp_becomes_performances_with_a_held_out_end(urmp: Path, tmp_path: Path) -> None:
    performed = read_performed(urmp, cache=tmp_path / "cache", instruments=("violin",))
    first, last = performed
    assert (first.origin, first.is_held_out, last.is_held_out) == ("performance", False, True)
    # A fifth of 3.6 s: the last note begins after 2.88 s, the one before did not.
    assert [row.note.midi_pitch for row in first.notes] == [69, 71, 67, 72]
    assert [row.note.midi_pitch for row in last.notes] == [74]
    onsets = [row.note.onset_s for row in first.notes]
    np.testing.assert_allclose(onsets, [onset for onset, _, _ in MELODY[:4]], atol=0.02)
    assert first.audio is not None
    assert len(first.audio) == 64 * len(first.frames)
    assert abs(first.tuning_semitones) < 0.02
    # Loud passages read 0.9, these tones are all alike.
    assert all(0.8 < row.expression.volume < 0.92 for row in first.notes)
    assert (first.frames.f0_hz > 0).all()
    again = read_performed(urmp, cache=tmp_path / "cache", held_out_only=True)
    assert sorted(each.instrument for each in again) == ["saxophone", "violin"]


def own(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(800, np.float32), RATE)
    return folder


def test_own_recordings_lie_in_folders_of_their_instruments(tmp_path: Path) -> None:
    folder = own(tmp_path / "mine", "violin/a.wav", "Tuba/deep/b.flac")
    found = {each.name: each.instrument for each in read_recordings(folder)}
    assert found == {"violin/a.wav": "violin", "Tuba/deep/b.flac": "tuba"}
    assert all(each.source == "user" for each in read_recordings(folder))


def test_or_are_of_the_instrument_that_is_named(tmp_path: Path) -> None:
    folder = own(tmp_path / "mine", "a.wav", "oboe/b.wav")
    found = {each.name: each.instrument for each in read_recordings(folder, instrument="horn")}
    assert found == {"a.wav": "horn", "oboe/b.wav": "oboe"}
    with pytest.raises(InputError, match=r"a\.wav: expected a sub-folder named after its instru"):
        read_recordings(folder)
    with pytest.raises(InputError, match=r"--instrument: expected one of violin, .*found kazoo"):
        read_recordings(folder, instrument="kazoo")


def test_notes_of_own_recordings_are_in_tables_or_midi_files(tmp_path: Path) -> None:
    folder = own(
        tmp_path / "mine", "violin/a.wav", "violin/b.wav", "violin/c.wav", "horn/alone.wav"
    )
    (folder / "violin/a.notes.csv").write_text("midi_pitch,onset_s,offset_s\n60,0.5,1\n62,0,0.5\n")
    (folder / "horn/notes.csv").write_text("onset_s,offset_s,midi_pitch\n0.25,0.75,50\n")
    (folder / "violin/notes.csv").write_text("of none of them\n")
    file = mido.MidiFile(ticks_per_beat=480)
    file.tracks.append(
        mido.MidiTrack(
            [
                mido.Message("note_on", note=64, velocity=90, time=480),
                mido.Message("note_off", note=64, time=240),
            ]
        )
    )
    file.save(folder / "violin/b.mid")
    found = {each.name: annotated_notes(each) for each in read_recordings(folder)}
    assert found["violin/c.wav"] is None
    table, midi, alone = (
        found[name] for name in ("violin/a.wav", "violin/b.wav", "horn/alone.wav")
    )
    assert table is not None
    assert [(note.midi_pitch, note.onset_s) for note in table] == [(62, 0.0), (60, 0.5)]
    assert midi is not None
    assert [(note.midi_pitch, note.onset_s, note.offset_s) for note in midi] == [(64, 0.5, 0.75)]
    assert alone is not None
    assert [note.midi_pitch for note in alone] == [50]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("onset_s,offset_s\n0,1\n", "line 1: expected columns onset_s, offset_s, midi_pitch"),
        ("onset_s,offset_s,midi_pitch\n0,1,x\n", "line 2: expected numbers"),
        ("onset_s,offset_s,midi_pitch\n1,1,60\n", "line 2: expected 0 <= onset_s < offset_s"),
        ("onset_s,offset_s,midi_pitch\n0,nan,60\n", "line 2: expected 0 <= onset_s < offset_s"),
    ],
)
def test_a_broken_table_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.notes.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        notes_table(path)


def test_broken_urmp_files_are_told(urmp: Path) -> None:
    violin = read_recordings(urmp)[0]
    notes = violin.path.with_name("Notes_1_vn_01_Jupiter.txt")
    notes.write_text("0.5\t440\t1\n0.7\tA4\t1\n")
    with pytest.raises(InputError, match="line 2: expected numbers"):
        annotated_notes(violin)
    notes.write_text("0.5\t440\n")
    with pytest.raises(InputError, match="line 1: expected 3 numbers"):
        annotated_notes(violin)
    (violin.path.parent / "AuSep_3_kazoo_01_Jupiter.wav").write_bytes(b"")
    with pytest.raises(InputError, match="found kazoo"):
        read_recordings(urmp)


def test_a_folder_without_recordings_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a manifest\.csv, URMP's AuSep files, or WAV"):
        read_recordings(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_recordings(tmp_path / "nowhere")


def test_the_cache_of_a_folder_changes_with_its_annotations(tmp_path: Path) -> None:
    folder = own(tmp_path / "mine", "violin/a.wav")
    before = cache_name(folder, read_recordings(folder))
    assert before == cache_name(folder, read_recordings(folder))
    (folder / "violin/a.notes.csv").write_text("onset_s,offset_s,midi_pitch\n0,1,60\n")
    assert before != cache_name(folder, read_recordings(folder))


def test_the_given_corpus_is_usable_but_for_its_special_effects(shared: Path) -> None:
    recordings = read_recordings(shared / "corpus", without_sources=("fcaspe_web",))
    assert cache_name(shared / "corpus", recordings) == ""
    assert [each.is_note for each in recordings] == sorted(each.is_note for each in recordings)
    unused = {each.articulation for each in recordings if not is_usable(each)}
    effects = {"fluttertonguing", "tremolo", "pizzicato", "slap-tongue", "mute", "subtone"}
    assert effects <= unused
    assert "legato" not in unused
