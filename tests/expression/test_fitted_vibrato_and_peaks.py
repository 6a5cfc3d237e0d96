"""Control fitting against the definitions of the controls: vibrato, fluctuation and peaks."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.expression.control_fitting import fit_controls
from plugin_core.expression.extraction import level_db, note_frames, vibrato_rate_hz
from plugin_core.types import Expression, Frames
from tests.expression.fitted_phrases import AS_IT_IS, asked_of, phrase, read


def test_a_vibrato_that_is_there_is_scaled() -> None:
    frames, notes = phrase([500], jitter=0.0)
    seconds = np.arange(len(frames)) / 250
    movement = 0.1 * np.sin(2 * np.pi * 6.1 * seconds)
    wavy = replace(frames, f0_hz=(frames.f0_hz * 2 ** (movement / 12)).astype(np.float32))
    asked = 2 * read(wavy, notes)[0, 3]
    fitted = fit_controls(wavy, asked_of(notes, AS_IT_IS._replace(vibrato=asked)), 0.0)
    where = note_frames(notes[0], len(frames))
    assert vibrato_rate_hz(fitted.f0_hz[where]) == pytest.approx(6.1, abs=0.05)
    semitones = 12 * np.log2(fitted.f0_hz / frames.f0_hz)
    np.testing.assert_allclose(semitones[60:450], 2 * movement[60:450], atol=0.02)


def test_added_vibratos_begin_late_and_are_never_alike() -> None:
    frames, notes = phrase([400, 400, 400], jitter=0.0)
    rows = asked_of(notes, AS_IT_IS._replace(vibrato=0.6))
    fitted = fit_controls(frames, rows, 0.0)
    curves = []
    for note in notes:
        where = note_frames(note, len(frames))
        semitones = 12 * np.log2(fitted.f0_hz[where] / frames.f0_hz[where])
        curves.append(semitones)
        assert 4.5 < vibrato_rate_hz(fitted.f0_hz[where]) < 6.5
        assert np.abs(semitones[:12]).max() < 0.02
        assert np.abs(semitones[-1]) < 0.02
        assert np.abs(semitones).max() > 0.15
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(curves[one] - curves[other]).max() > 0.1
    # Chance hangs on the note alone: of a part of the piece, the same comes out.
    again = fit_controls(frames, rows[1:2], 0.0)
    where = note_frames(notes[1], len(frames))
    np.testing.assert_array_equal(again.f0_hz[where], fitted.f0_hz[where])
    assert not np.array_equal(fit_controls(frames, rows, 0.0, seed=1).f0_hz, fitted.f0_hz)


def test_a_note_without_vibrato_keeps_its_drift_and_a_player_s_unsteadiness() -> None:
    frames, notes = phrase([500], seed=4)
    seconds = np.arange(len(frames)) / 250
    unsteady = 0.04 * np.sin(2 * np.pi * 4.7 * seconds)
    wavy = replace(frames, f0_hz=(frames.f0_hz * 2 ** (unsteady / 12)).astype(np.float32))
    for asked in (0.0, 0.03):
        fitted = fit_controls(wavy, asked_of(notes, AS_IT_IS._replace(vibrato=asked)), 0.0)
        assert read(fitted, notes)[0, 3] <= 0.056
        cents = 1200 * np.log2(fitted.f0_hz[10:510] / wavy.f0_hz[10:510])
        assert np.abs(cents).max() < 6.0  # The vibrato was +-4 cents, the drift is more.
        spread = np.std(1200 * np.log2(fitted.f0_hz[60:460]))
        assert spread > 0.5 * np.std(1200 * np.log2(wavy.f0_hz[60:460]))


def test_a_passage_vibrates_as_in_the_whole() -> None:
    frames, notes = phrase([400, 400], jitter=0.0)
    rows = asked_of(notes, AS_IT_IS._replace(vibrato=0.6))
    whole = fit_controls(frames, rows, 0.0)
    part = Frames(*(getattr(frames, name)[400:] for name in Frames.__dataclass_fields__))
    second = rows[1].note
    moved = replace(second, onset_s=second.onset_s - 1.6, offset_s=second.offset_s - 1.6)
    passage = fit_controls(part, [replace(rows[1], note=moved)], 0.0, start_s=1.6)
    np.testing.assert_array_equal(passage.f0_hz[10:], whole.f0_hz[410:])


def test_a_fluctuation_that_fits_keeps_the_shape() -> None:
    frames, notes = phrase([300], seed=5)
    now = read(frames, notes)[0, 1]
    asked = AS_IT_IS._replace(volume_fluctuation=now / 2)
    fitted = fit_controls(frames, asked_of(notes, asked), 0.0)
    before, after = level_db(frames.amplitude)[10:310], level_db(fitted.amplitude)[10:310]
    assert np.corrcoef(before, after)[0, 1] > 0.999


def test_a_peak_at_the_onset_outlives_the_lead_from_a_softer_note() -> None:
    frames, notes = phrase([125, 125, 125], seed=3)
    one = Expression(0.75, 0.25, 0.0, 1.0, 0.5, 0.0)
    rows = asked_of(notes, one, one, one._replace(volume_fluctuation=0.125))
    found = read(fit_controls(frames, rows, 0.0), notes)
    np.testing.assert_allclose(found[:, 2], 0.0, atol=0.035)


@pytest.mark.parametrize("position", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_a_moved_peak_is_no_spike(position: float) -> None:
    frames, notes = phrase([300], seed=7)
    asked = AS_IT_IS._replace(volume_fluctuation=0.15, volume_peak_position=position)
    fitted = fit_controls(frames, asked_of(notes, asked), 0.0)
    level = level_db(fitted.amplitude)[10:310]
    peak = int(np.argmax(level))
    assert peak / 299 == pytest.approx(position, abs=0.005)
    beside = level[max(peak - 6, 0) : peak + 7]
    assert level[peak] - beside.min() < 2.0


def test_overlapping_and_simultaneous_notes_are_cut() -> None:
    frames, notes = phrase([200, 200])
    first = replace(notes[0], offset_s=notes[1].offset_s)
    rows = asked_of((first, notes[1], notes[1]), AS_IT_IS._replace(volume=0.6))
    found = read(fit_controls(frames, rows[::-1], 0.0), notes)
    np.testing.assert_allclose(found[:, 0], 0.6, atol=0.002)


def test_silence_can_be_made_to_sound() -> None:
    frames, notes = phrase([200])
    silent = replace(frames, amplitude=np.zeros_like(frames.amplitude))
    asked = AS_IT_IS._replace(volume=0.7, volume_fluctuation=0.2, volume_peak_position=0.3)
    found = read(fit_controls(silent, asked_of(notes, asked), 0.0), notes)[0]
    np.testing.assert_allclose(found[:3], [0.7, 0.2, 0.3], atol=0.004)
