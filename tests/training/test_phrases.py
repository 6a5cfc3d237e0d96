"""Phrases whose notes are known: from tones made here, and from the corpus."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from plugin_core.training.corpus import Recording, read_corpus
from plugin_core.training.phrases import (
    LONGEST_S,
    assemble,
    attack_s,
    playable,
)

RATE = 16000


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    """Three keys, 1 s each: 50 ms of silence, then a tone at once."""
    folder = tmp_path_factory.mktemp("notes")
    rows = []
    for pitch in (60, 64, 67):
        time_s = np.arange(RATE) / RATE
        tone = 0.5 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time_s)
        tone[: RATE // 20] = 0
        path = folder / f"{pitch}.wav"
        soundfile.write(path, tone, RATE)
        rows.append(
            Recording(
                path,
                path.name,
                "flute",
                "made",
                is_note=True,
                is_held_out=False,
                midi_pitch=pitch,
                articulation="normal",
            )
        )
    return rows


def test_the_attack_is_where_the_level_rises(recordings: list[Recording]) -> None:
    audio, _ = soundfile.read(recordings[0].path, dtype="float32")
    assert attack_s(audio, RATE) == pytest.approx(0.05, abs=0.006)


def test_one_seed_is_one_phrase(recordings: list[Recording]) -> None:
    one, two, other = (assemble(recordings, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.audio, two.audio)
    assert one.notes == two.notes
    assert one.notes != other.notes


def test_notes_follow_each_other(recordings: list[Recording]) -> None:
    phrase = assemble(recordings, seed=3, note_count=40)
    assert len(phrase.notes) == len(phrase.joins) == 40
    assert set(phrase.joins) == {"gap", "detached", "legato"}
    for before, after, join in zip(phrase.notes, phrase.notes[1:], phrase.joins[1:], strict=False):
        pause = after.onset_s - before.offset_s
        assert {"gap": pause >= 0.03, "detached": 0 <= pause <= 0.02, "legato": pause == 0}[join]
        assert 0.04 <= after.offset_s - after.onset_s <= LONGEST_S
        assert join != "legato" or after.midi_pitch != before.midi_pitch


def test_the_true_onsets_are_where_energy_begins(recordings: list[Recording]) -> None:
    phrase = assemble(recordings, seed=4, note_count=40)
    for index in np.flatnonzero(np.array(phrase.joins) == "gap"):
        onset = round(phrase.notes[index].onset_s * RATE)
        before = phrase.audio[onset - 320 : onset - 100]
        after = phrase.audio[onset + 100 : onset + 320]
        assert np.abs(before).max() < 1e-3 < 0.05 < np.abs(after).max()


def test_the_true_pitches_sound(recordings: list[Recording]) -> None:
    phrase = assemble(recordings, seed=5)
    for note in phrase.notes:
        middle = round((note.onset_s + note.offset_s) / 2 * RATE)
        count = round((note.offset_s - note.onset_s) * RATE / 2)
        part = phrase.audio[middle - count // 2 : middle + count // 2] * np.hanning(count // 2 * 2)
        hz = np.argmax(np.abs(np.fft.rfft(part, 1 << 16))) * RATE / (1 << 16)
        assert 69 + 12 * np.log2(hz / 440) == pytest.approx(note.midi_pitch, abs=0.5)


def test_nothing_is_left_that_has_no_steady_pitch(shared: Path) -> None:
    kept = playable(read_corpus(shared / "corpus"))
    assert len(kept) > 2000
    assert all(recording.is_note for recording in kept)
    assert not [r.name for r in kept if "trill" in r.name or "tremolo" in r.name]


def test_no_recordings_no_phrase() -> None:
    with pytest.raises(ValueError, match="none"):
        assemble([], seed=0)
