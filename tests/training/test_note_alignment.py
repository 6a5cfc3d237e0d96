"""Frames with known steps of level and pitch; the annotation is off by some 60 ms."""

import numpy as np
import pytest

from plugin_core.training.note_alignment import aligned_notes, pitch_agreement
from plugin_core.training.performed_notes import best_notes, played_notes, tuning
from plugin_core.training.settled_pitch import doubted, settled
from plugin_core.types import Frames, Note


def hz(key: float) -> float:
    return 440 * 2 ** ((key - 69) / 12)


def frames_of(keys: np.ndarray, level_db: np.ndarray) -> Frames:
    """Return frames at these pitches, sure where they sound."""
    count = len(keys)
    return Frames(
        (440 * 2 ** ((keys - 69) / 12)).astype(np.float32),
        (level_db > -80).astype(np.float32),
        level_db.astype(np.float32),
        (10 ** (level_db / 20)).astype(np.float32),
        np.eye(1, 100, dtype=np.float32).repeat(count, axis=0),
        np.full((count, 65), 1e-5, np.float32),
    )


def two_notes(*, gap: int, second: int) -> Frames:
    """Return 100 frames of silence, 100 of key 60, `gap` of silence, 100 of key `second`."""
    keys = np.concatenate([np.full(200 + gap, 60.0), np.full(150, float(second))])
    level = np.full(len(keys), -110.0)
    level[100:200] = -40.0
    level[200 + gap : 300 + gap] = -42.0
    return frames_of(keys, level)


@pytest.mark.parametrize("off", [-15, 0, 15])
@pytest.mark.parametrize(("gap", "second"), [(40, 60), (40, 64), (0, 64), (6, 60)])
def test_onsets_move_to_where_the_notes_begin(gap: int, second: int, off: int) -> None:
    frames = two_notes(gap=gap, second=second)
    annotated = [
        Note((100 + off) / 250, (200 + off) / 250, 60, 64),
        Note((200 + gap + off) / 250, (300 + gap + off) / 250, second, 64),
    ]
    found = played_notes(frames, aligned_notes(frames, annotated))
    onsets = [round(note.onset_s * 250) for note in found]
    assert np.abs(np.subtract(onsets, [100, 200 + gap])).max() <= 3
    # And a note ends where it has died away.
    ends = [round(note.offset_s * 250) for note in found]
    assert np.abs(np.subtract(ends, [200, 300 + gap])).max() <= 4
    assert pitch_agreement(frames, found) > 0.95


def test_a_note_annotated_an_octave_off_has_the_pitch_that_sounds() -> None:
    frames = two_notes(gap=0, second=64)
    annotated = [Note(0.4, 0.8, 60, 64), Note(0.8, 1.2, 52, 64), Note(1.2, 1.3, 70, 64)]
    found = played_notes(frames, annotated)
    # What is annotated in the silence at the end is no note.
    assert [note.midi_pitch for note in found] == [60, 64]


def test_the_better_of_annotation_and_hearing_is_taken() -> None:
    frames = two_notes(gap=20, second=67)
    rate = 16000
    times = np.arange(len(frames) * 64) / rate
    phase = 2 * np.pi * np.cumsum(np.repeat(frames.f0_hz, 64)) / rate
    audio = (np.repeat(frames.amplitude, 64) * 20 * np.sin(phase)).astype(np.float32)
    assert len(times) == len(audio)
    wrong = [Note(0.1, 0.3, 60, 64)]
    assert [note.midi_pitch for note in best_notes(audio, rate, frames, wrong)] == [60, 67]
    right = [Note(0.4, 0.8, 60, 64), Note(0.88, 1.28, 67, 64)]
    assert [note.midi_pitch for note in best_notes(audio, rate, frames, right)] == [60, 67]


def test_tuning_is_that_of_the_longer_notes() -> None:
    keys = np.concatenate([np.full(300, 60.2), np.full(50, 64.9)])
    frames = frames_of(keys, np.full(350, -40.0))
    notes = [Note(0.0, 1.2, 60, 64), Note(1.2, 1.4, 65, 64)]
    assert tuning(frames, notes) == pytest.approx(0.2, abs=1e-4)


def test_slips_of_the_tracker_are_mended_and_rests_hold_the_pitch() -> None:
    frames = two_notes(gap=40, second=64)
    f0_hz = frames.f0_hz.copy()
    f0_hz[140:150] = hz(48)  # An octave below, surely.
    f0_hz[200:240] = np.geomspace(hz(60), hz(64), 40)  # Carried through the rest.
    slipped = Frames(f0_hz, *(getattr(frames, name) for name in list(Frames.__slots__)[1:]))
    mended = settled(slipped, [Note(0.4, 0.8, 60, 64), Note(0.96, 1.36, 64, 64)])
    np.testing.assert_allclose(mended.f0_hz[:240], hz(60), rtol=1e-5)
    np.testing.assert_allclose(mended.f0_hz[240:], hz(64), rtol=1e-5)
    assert (mended.confidence[140:150] == 0).all()
    assert (mended.confidence[100:140] == 1).all()


def test_a_glide_from_the_note_before_is_no_slip() -> None:
    frames = two_notes(gap=0, second=64)
    f0_hz = frames.f0_hz.copy()
    f0_hz[195:210] = np.geomspace(hz(60), hz(64), 15)
    gliding = Frames(f0_hz, *(getattr(frames, name) for name in list(Frames.__slots__)[1:]))
    kept = settled(gliding, [Note(0.4, 0.8, 60, 64), Note(0.8, 1.2, 64, 64)])
    np.testing.assert_allclose(kept.f0_hz[190:300], f0_hz[190:300], rtol=1e-5)


def test_what_an_annotation_of_f0_contradicts_is_not_sure() -> None:
    frames = two_notes(gap=0, second=64)
    times_s = np.arange(0, 1.4, 0.01)
    annotated = np.where(times_s < 0.8, hz(60.2), hz(67))
    found = doubted(frames, times_s, annotated)
    assert (found.confidence[100:195] == 1).all()
    assert (found.confidence[205:] == 0).all()
