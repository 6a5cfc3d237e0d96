"""Edits of notes, heard in the frames: asked values are reached, the rest stays as it was."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from plugin_core.analysis.frames import measure_frames
from plugin_core.analysis.notes import detect_notes
from plugin_core.analysis.onset_curves import onset_curves
from plugin_core.analysis.pitch import track_pitch
from plugin_core.expression.editing import apply_edits
from plugin_core.expression.extraction import (
    extract,
    note_frames,
    reference_gain_db,
    vibrato_rate_hz,
)
from plugin_core.training.corpus import read_mono
from plugin_core.types import CONTROLS, ExpressiveNote, Frames, Performance
from tests.expression.performances import measured, performance

ASKED = {
    "volume": (0.2, 0.6, 1.1),
    "volume_fluctuation": (0.0, 0.1, 0.7),
    "volume_peak_position": (0.0, 0.3, 0.8, 1.0),
    "vibrato": (0.0, 0.15, 0.6, 1.2),
    "brightness": (0.2, 0.5, 1.5),
    "attack_noise": (-0.2, 0.4, 1.0),
}
LONG = 3
"""The first three notes are long enough for vibrato."""


def midi(frames: Frames, where: slice) -> float:
    return float(np.median(69 + 12 * np.log2(frames.f0_hz[where] / 440)))


def attack_frames(frames: Frames) -> int:
    """Return how long the third note takes to come within 6 dB of where it is after 0.1 s."""
    levels = 20 * np.log10(frames.amplitude[475:500])
    return int(np.argmax(levels > levels[-1] - 6))


def with_control(row: ExpressiveNote, name: str, value: float) -> ExpressiveNote:
    return replace(row, expression=row.expression._replace(**{name: value}))


def with_note(row: ExpressiveNote, **changes: float) -> ExpressiveNote:
    return replace(row, note=replace(row.note, **changes))


def assert_same(frames: Frames, others: Frames, where: slice, at: slice | None = None) -> None:
    for column in fields(Frames):
        one, two = getattr(frames, column.name)[where], getattr(others, column.name)[at or where]
        np.testing.assert_array_equal(one, two, err_msg=column.name)


def test_no_edit_changes_no_bit() -> None:
    before = performance()
    assert_same(apply_edits(before, before.notes), before.frames, slice(None))


def test_notes_that_overlap_or_outlast_the_frames_change_no_bit() -> None:
    before = performance()
    rows = [with_note(before.notes[0], offset_s=1.3), *before.notes[1:3]]
    rows.append(with_note(before.notes[3], offset_s=9.0))
    after = apply_edits(replace(before, notes=tuple(rows)), rows)
    assert_same(after, before.frames, slice(None))


def test_rounding_in_a_table_is_no_edit() -> None:
    before = performance()
    rows = [
        replace(row, expression=type(row.expression)(*(round(v, 3) for v in row.expression)))
        for row in before.notes
    ]
    assert_same(apply_edits(before, rows), before.frames, slice(None))


@pytest.mark.parametrize(
    ("control", "value"), [(name, value) for name, values in ASKED.items() for value in values]
)
def test_a_control_reads_what_was_asked_and_the_others_stay(control: str, value: float) -> None:
    before = performance()
    count = LONG if control == "vibrato" else len(before.notes)
    rows = [with_control(row, control, value) for row in before.notes[:count]]
    rows += before.notes[count:]
    found = measured(apply_edits(before, rows), rows)
    for row, expression in zip(rows, found, strict=True):
        for name in CONTROLS:
            # Without fluctuation there is no peak; on 50 frames a peak is known to 1/49.
            if (control, value, name) == ("volume_fluctuation", 0.0, "volume_peak_position"):
                continue
            assert getattr(expression, name) == pytest.approx(
                getattr(row.expression, name), abs=0.02
            ), name


def test_all_controls_at_once() -> None:
    before = performance()
    asked = dict(zip(CONTROLS, (0.7, 0.25, 0.6, 0.5, 0.6, 0.7), strict=True))
    rows = [replace(r, expression=type(r.expression)(**asked)) for r in before.notes[:LONG]]
    rows += before.notes[LONG:]
    for row, found in zip(rows, measured(apply_edits(before, rows), rows), strict=True):
        np.testing.assert_allclose(found, row.expression, atol=0.02)


@pytest.mark.parametrize("control", CONTROLS)
def test_other_notes_come_out_to_the_bit(control: str) -> None:
    before = performance()
    rows = list(before.notes)
    rows[1] = with_control(rows[1], control, ASKED[control][1])
    after = apply_edits(before, rows)
    assert_same(after, before.frames, slice(0, 250))
    assert_same(after, before.frames, slice(475, None))


@pytest.mark.parametrize("semitones", [-12, -3, 1, 7])
def test_a_pitch_edit_transposes_the_note_alone(semitones: int) -> None:
    before = performance()
    rows = list(before.notes)
    rows[2] = with_note(rows[2], midi_pitch=67 + semitones)
    after = apply_edits(before, rows)
    place = note_frames(rows[2].note, 1001)
    assert midi(after, place) - midi(before.frames, place) == pytest.approx(semitones, abs=1e-3)
    assert_same(after, before.frames, slice(0, 475))
    assert_same(after, before.frames, slice(775, None))
    kept = measured(after, rows)[2]
    for name in ("volume", "volume_fluctuation", "volume_peak_position", "vibrato", "attack_noise"):
        assert getattr(kept, name) == pytest.approx(
            getattr(before.notes[2].expression, name), abs=1e-3
        )


def test_a_transposed_legato_note_is_led_over_to() -> None:
    before = performance()
    rows = list(before.notes)
    rows[0] = with_note(rows[0], midi_pitch=66)
    after = apply_edits(before, rows)
    assert_same(after, before.frames, slice(250, None))
    steps = np.abs(np.diff(12 * np.log2(after.f0_hz[200:260])))
    assert steps.max() < 1.0


def test_legato_notes_moved_alike_keep_their_glide() -> None:
    before = performance()
    rows = [with_note(row, midi_pitch=row.note.midi_pitch + 5) for row in before.notes]
    after = apply_edits(before, rows)
    intervals = 12 * np.log2(after.f0_hz[50:] / before.frames.f0_hz[50:])
    np.testing.assert_allclose(intervals, 5, atol=1e-4)


def test_a_moved_note_is_the_same_elsewhere() -> None:
    before = performance()
    rows = list(before.notes)
    rows[3] = with_note(rows[3], onset_s=3.4, offset_s=3.6)
    after = apply_edits(before, rows)
    assert_same(after, before.frames, slice(850, 900), slice(775, 825))
    assert after.amplitude[800:849].max() == 0
    assert_same(after, before.frames, slice(0, 775))


@pytest.mark.parametrize("factor", [0.6, 1.5, 2.5])
def test_a_stretched_note_keeps_its_attack_its_controls_and_its_vibrato_rate(factor: float) -> None:
    before = performance()
    rows = [*before.notes[:2], with_note(before.notes[2], offset_s=1.9 + factor)]
    after = apply_edits(before, rows)
    assert attack_frames(after) == pytest.approx(attack_frames(before.frames), abs=2)
    np.testing.assert_allclose(measured(after, rows)[2], rows[2].expression, atol=0.02)
    place = note_frames(rows[2].note, len(after))
    assert vibrato_rate_hz(after.f0_hz[place]) == pytest.approx(5.3, rel=0.03)


def test_a_longer_performance_has_more_frames() -> None:
    before = performance()
    rows = [*before.notes[:3], with_note(before.notes[3], onset_s=6.0, offset_s=7.0)]
    after = apply_edits(before, rows)
    assert 1750 <= len(after) <= 1800
    assert after.amplitude[1500:1750].min() > 0
    assert after.amplitude[800:1499].max() == 0


def test_a_deleted_note_is_silent_and_its_neighbours_stay() -> None:
    before = performance()
    after = apply_edits(before, [before.notes[0], *before.notes[2:]])
    assert_same(after, before.frames, slice(0, 250))
    assert_same(after, before.frames, slice(475, None))
    assert after.amplitude[250] > 0  # It fades,
    assert (np.diff(after.amplitude[250:266]) <= 0).all()
    assert after.amplitude[265:475].max() == 0  # then there is the room.
    assert 20 * np.log10(after.noise[300:475].mean()) < -80


def test_without_notes_there_is_silence() -> None:
    after = apply_edits(performance(), [])
    assert len(after) == 1001
    assert after.amplitude.max() == 0


def test_an_added_note_has_the_controls_of_its_row() -> None:
    before = performance()
    asked = type(before.notes[0].expression)(0.75, 0.2, 0.4, 0.5, 0.5, 0.6)
    note = replace(before.notes[0].note, onset_s=3.4, offset_s=3.9, midi_pitch=62)
    rows = [*before.notes, ExpressiveNote(note, asked)]
    after = apply_edits(before, rows)
    np.testing.assert_allclose(measured(after, rows)[4], asked, atol=0.02)
    assert midi(after, slice(850, 975)) == pytest.approx(62, abs=0.3)
    assert_same(after, before.frames, slice(0, 825))


def test_a_note_is_cut_where_the_next_one_begins() -> None:
    before = performance()
    rows = [before.notes[0], with_note(before.notes[1], onset_s=0.8), *before.notes[2:]]
    after = apply_edits(before, rows)
    assert_same(after, before.frames, slice(0, 200))
    assert midi(after, slice(220, 380)) == pytest.approx(64, abs=0.3)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"offset_s": 1.8}, "1.9 to 1.8"),
        ({"onset_s": -1.0}, "-1"),
        ({"offset_s": 1e9}, "1e"),
        ({"onset_s": 1.0012}, "1.0012"),
    ],
)
def test_notes_that_cannot_be_are_refused(changes: dict[str, float], found: str) -> None:
    before = performance()
    rows = [*before.notes[:2], with_note(before.notes[2], **changes)]
    with pytest.raises(ValueError, match=found):
        apply_edits(before, rows)


def test_controls_that_are_no_numbers_are_refused() -> None:
    before = performance()
    with pytest.raises(ValueError, match="nan"):
        apply_edits(before, [with_control(before.notes[0], "volume", np.nan)])


def test_notes_cannot_be_made_of_none() -> None:
    before = performance()
    with pytest.raises(ValueError, match="without notes"):
        apply_edits(replace(before, notes=()), before.notes)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_recording_reads_what_was_asked(control: str, shared: Path) -> None:
    before = recording(shared)
    value = {"volume_peak_position": 0.4, "brightness": 0.3}.get(control, 0.5)
    place = [note_frames(row.note, len(before.frames)) for row in before.notes]
    rows = [
        with_control(row, control, value) if where.stop - where.start > 60 else row
        for row, where in zip(before.notes, place, strict=True)
    ]
    after = apply_edits(before, rows)
    found = extract(after, [row.note for row in rows], before.gain_db)
    np.testing.assert_allclose(
        [row.expression for row in found], [row.expression for row in rows], atol=0.02
    )


_RECORDINGS: dict[Path, Performance] = {}


def recording(shared: Path) -> Performance:
    path = shared / "corpus/audio/flute/philharmonia/phrase_060_legato_mf.ogg"
    if path not in _RECORDINGS:
        audio, rate = read_mono(path)
        pitch = track_pitch(audio, rate)
        frames = measure_frames(audio, rate, pitch)
        gain_db = reference_gain_db(frames)
        notes = detect_notes(pitch, onset_curves(audio, rate))
        _RECORDINGS[path] = Performance(frames, extract(frames, notes, gain_db), gain_db)
    return _RECORDINGS[path]
