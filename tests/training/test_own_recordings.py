"""A user's folder of recordings and their MIDI: who plays, what, in which style."""

from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from plugin_core.training.own_recordings import (
    OwnRecordings,
    is_own_folder,
    read_own_recordings,
)
from plugin_core.types import InputError
from tests.training.conftest import tone

RATE = 22050
KEYS = (69, 72, 76, 74, 71, 69)
NOTE_S, GAP_S = 0.3, 0.1


def write(
    path: Path, *, styles: tuple[int, ...] = (), midi: bool = True, gain: float = 1.0
) -> None:
    """Write a recording of KEYS and its MIDI file, with CC55 before the first notes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    silence = np.zeros(round(GAP_S * RATE), np.float32)
    notes = [np.concatenate((silence, tone(key, NOTE_S, RATE))) for key in KEYS]
    audio = np.concatenate([*notes, silence, silence])
    noise = np.random.default_rng(1).uniform(-1e-4, 1e-4, len(audio))
    soundfile.write(path, gain * (audio + noise), RATE)
    if not midi:
        return
    file = mido.MidiFile(ticks_per_beat=500)  # at 120 a minute a tick is 1 ms
    track = mido.MidiTrack()
    file.tracks.append(track)
    for index, key in enumerate(KEYS):
        wait = round(1000 * GAP_S)
        if index < len(styles):
            track.append(mido.Message("control_change", control=55, value=styles[index], time=wait))
            wait = 0
        track.append(mido.Message("note_on", note=key, velocity=80, time=wait))
        track.append(mido.Message("note_off", note=key, time=round(1000 * NOTE_S)))
    file.save(path.with_suffix(".mid"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Nose Flute"


def read(folder: Path, **how: object) -> OwnRecordings:
    return read_own_recordings(folder, cache=folder.parent / "cache", **how)


def test_notes_are_those_of_the_midi_file_and_the_name_is_the_folders(folder: Path) -> None:
    write(folder / "one.wav")
    assert is_own_folder(folder)
    own = read(folder)
    assert own.instruments == ("nose_flute",)
    assert (own.styles, own.ranges) == ({}, {})
    # The last fifth, by time, is held out.
    assert [(each.is_held_out, len(each.notes)) for each in own.phrases] == [(False, 5), (True, 1)]
    rows = own.phrases[0].notes
    assert [row.note.midi_pitch for row in rows] == list(KEYS[:5])
    onsets = [row.note.onset_s for row in rows]
    np.testing.assert_allclose(onsets, GAP_S + (NOTE_S + GAP_S) * np.arange(5), atol=0.03)
    for phrase in own.phrases:
        assert phrase.origin == "performance"
        assert phrase.sample_rate == RATE
        assert phrase.audio is not None
        assert len(phrase.audio) == 64 * len(phrase.frames)
        assert (phrase.frames.f0_hz > 0).all()
        controls = np.array([row.expression for row in phrase.notes])
        assert np.isfinite(controls).all()
        # All tones are alike; loud passages are at volume 0.9.
        assert controls[:, 0] == pytest.approx(0.88, abs=0.06)
    assert read(folder, instrument="Kazoo").instruments == ("kazoo",)


def test_level_does_not_matter_and_midi_may_be_missing(folder: Path) -> None:
    write(folder / "one.wav")
    write(folder.parent / "quiet" / "one.wav", gain=0.1, midi=False)
    loud, quiet = read(folder), read(folder.parent / "quiet")
    assert quiet.phrases[0].gain_db == pytest.approx(loud.phrases[0].gain_db + 20, abs=1.0)
    heard = [row.note.midi_pitch for each in quiet.phrases for row in each.notes]
    assert heard == list(KEYS)


def test_cc55_cuts_a_recording_where_the_style_changes(folder: Path) -> None:
    write(folder / "one.wav", styles=(0, 0, 127))
    own = read(folder)
    trained = [each for each in own.phrases if not each.is_held_out]
    assert [len(each.notes) for each in trained] == [2, 3]
    assert [own.styles[each.name] for each in trained] == [0.0, 1.0]
    assert [own.styles[each.name] for each in own.phrases if each.is_held_out] == [1.0]
    for each in trained[1:]:
        assert each.notes[0].note.onset_s == pytest.approx(0.0, abs=0.01)
    # Two short notes are too few for a style.
    assert own.ranges == {}


def test_folders_name_instruments_and_articulations(folder: Path) -> None:
    write(folder / "Kazoo" / "staccato" / "one.wav")
    write(folder / "Kazoo" / "legato" / "one.wav")
    write(folder / "legato" / "two.wav")
    own = read(folder)
    assert own.instruments == ("kazoo", "nose_flute")
    by_folder = {each.name.rpartition("/")[0]: own.styles[each.name] for each in own.phrases}
    assert by_folder == {"Kazoo/staccato": 0.2, "Kazoo/legato": 1.0, "legato": 1.0}
    kazoo = own.ranges["kazoo"]
    assert (kazoo.low, kazoo.high) == ("staccato", "legato")
    assert kazoo.shortest_s == pytest.approx(NOTE_S, abs=0.05)
    assert list(own.ranges) == ["kazoo"]


def test_of_many_short_recordings_every_fifth_is_held_out(folder: Path) -> None:
    for name in "abcde":
        write(folder / f"{name}.wav")
    own = read(folder)
    assert [each.name for each in own.phrases if each.is_held_out] == ["e.wav"]
    assert [len(each.notes) for each in own.phrases] == [len(KEYS)] * 5


def test_what_cannot_be_read_is_one_line(folder: Path) -> None:
    with pytest.raises(InputError, match="expected a folder of recordings, found no such folder"):
        read(folder)
    folder.mkdir()
    assert not is_own_folder(folder)
    with pytest.raises(InputError, match="expected WAV or FLAC files, found none"):
        read(folder)
    (folder / "broken.wav").write_text("no audio")
    with pytest.raises(InputError, match=r"broken.wav: expected an audio file"):
        read(folder)
    soundfile.write(folder / "broken.wav", np.zeros(RATE), RATE)
    with pytest.raises(InputError, match="expected notes in the recordings, found none"):
        read(folder)
    write(folder / "broken.wav")
    (folder / "broken.mid").write_text("no MIDI")
    with pytest.raises(InputError, match=r"broken.mid: .*expected a MIDI file"):
        read(folder)


def test_corpora_of_other_layouts_are_no_folders_of_ones_own(small_corpus: Path) -> None:
    assert not is_own_folder(small_corpus)
    assert not is_own_folder(small_corpus / "a4.wav")
