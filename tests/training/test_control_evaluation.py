"""Tables 2 and 7: what is swept, what is read, and the figures of it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.expression.extraction import extract
from plugin_core.training.control_evaluation import (
    AUDIO,
    PARAMETERS,
    STEPS,
    Sweep,
    correlation,
    error,
    heard_again,
    held_out_sequences,
    independence,
    swept,
)
from plugin_core.training.performed_cache import Performed
from plugin_core.types import CONTROLS, Expression, ExpressiveNote, Frames, Note

TYPICAL = Expression(0.7, 0.05, 0.4, 0.2, 0.3, 0.1)


def phrase(*notes: tuple[float, float, int], origin: str, is_held_out: bool = True) -> Performed:
    nothing = np.zeros(0, np.float32)
    return Performed(
        name=f"{origin} {notes[0][2]}",
        instrument="oboe",
        source="philharmonia",
        licence="",
        origin=origin,
        is_held_out=is_held_out,
        frames=Frames(
            *[nothing] * 4, np.zeros((0, 100), np.float32), np.zeros((0, 65), np.float32)
        ),
        notes=tuple(
            ExpressiveNote(Note(onset, offset, key, 64), TYPICAL) for onset, offset, key in notes
        ),
        tuning_semitones=0.0,
        audio=None,
        gain_db=0.0,
        sample_rate=44100,
    )


def test_held_out_performances_with_long_notes_are_swept_as_they_are() -> None:
    performed = [
        phrase((0.2, 0.4, 60), (0.4, 1.0, 62), origin="performance"),
        phrase((0.2, 0.4, 70), origin="performance"),
        phrase((0.2, 1.4, 71), origin="performance", is_held_out=False),
        phrase((0.2, 1.4, 72), origin="assembled"),
    ]
    (only,) = held_out_sequences(performed)
    assert only.instrument == "oboe"
    assert [note.midi_pitch for note in only.notes] == [60, 62]
    assert only.notes[1].onset_s == 0.4


def test_single_notes_are_strung_together_in_phrases_through_the_whole_range() -> None:
    performed = [phrase((0.1, 3.1, key), origin="note") for key in range(60, 80)]
    performed.append(phrase((0.1, 0.3, 90), origin="note"))
    sequences = held_out_sequences(performed)
    assert [len(each.notes) for each in sequences] == [6, 6]
    for sequence in sequences:
        keys = [note.midi_pitch for note in sequence.notes]
        assert keys == sorted(keys)
        assert keys[0] <= 62
        assert keys[-1] >= 77
        for note, following in zip(sequence.notes, sequence.notes[1:], strict=False):
            assert note.offset_s - note.onset_s == pytest.approx(1.5)
            assert 0 <= following.onset_s - note.offset_s <= 0.1


def test_one_control_is_swept_and_a_peak_where_there_is_one() -> None:
    assert swept(TYPICAL, 4, 0.9) == TYPICAL._replace(brightness=0.9)
    peak = swept(TYPICAL, 2, 1.0)
    assert peak == TYPICAL._replace(volume_peak_position=1.0, volume_fluctuation=0.1)


def read_of(control: int, column: NDArray[np.float64]) -> Sweep:
    """Return a sweep of two notes in which only what was swept moves."""
    read = np.tile(np.array(TYPICAL), (len(STEPS), 2, 1))
    read[..., 1] = 0.2
    read[..., control] = column[:, None]
    return Sweep("oboe", control, PARAMETERS, read)


def test_what_is_read_as_asked_correlates_fully() -> None:
    sweep = read_of(3, STEPS)
    assert correlation([sweep], 3, PARAMETERS) == pytest.approx(1.0)
    assert error([sweep], 3, PARAMETERS) == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(correlation([sweep], 2, PARAMETERS))
    assert np.isnan(correlation([sweep], 3, AUDIO))


def test_correlation_is_pearsons_over_all_notes_of_all_instruments() -> None:
    sweeps = [read_of(0, STEPS), read_of(0, 0.5 * STEPS + 0.25)._replace(instrument="flute")]
    asked = np.tile(STEPS, 2)
    read = np.concatenate([STEPS, 0.5 * STEPS + 0.25])
    expected = np.corrcoef(asked, read)[0, 1]
    assert correlation(sweeps, 0, PARAMETERS) == pytest.approx(expected)
    assert error(sweeps, 0, PARAMETERS) == pytest.approx(np.sqrt(np.mean((read - asked) ** 2)))


def test_independence_is_by_the_swept_controls_own_range() -> None:
    sweep = read_of(4, 0.2 + 0.6 * STEPS)
    sweep.read[..., 0] += 0.06 * STEPS[:, None]
    matrix = independence([sweep], PARAMETERS)
    expected = np.zeros(6)
    expected[4], expected[0] = 1.0, 0.1
    np.testing.assert_allclose(matrix[4], expected, atol=1e-12)
    assert np.isnan(matrix[0]).all()


def test_peaks_of_steady_notes_do_not_count() -> None:
    sweep = read_of(1, STEPS)
    sweep.read[0, :, 2] = 0.0  # What a note that does not fluctuate reads.
    assert independence([sweep], PARAMETERS)[1, 2] == pytest.approx(0.0, abs=1e-12)


def test_audio_reads_what_the_frames_are() -> None:
    count = 500
    seconds = np.arange(count) / 250
    numbers = np.arange(1, 101)
    shares = np.tile(numbers**-2.0, (count, 1))
    depth = 0.6 * 0.8 / 3  # Reading 1 is +-80/3 cents.
    frames = Frames(
        f0_hz=(440 * 2 ** (depth * np.sin(2 * np.pi * 5.5 * seconds) / 12)).astype(np.float32),
        confidence=np.ones(count, np.float32),
        loudness_db=np.zeros(count, np.float32),
        amplitude=(10 ** ((-45 + 6 * np.sin(np.pi * seconds / 2)) / 20)).astype(np.float32),
        harmonics=(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32),
        noise=np.full((count, 65), 10 ** (-95 / 20), np.float32),
    )
    notes = (Note(0.02, 1.98, 69, 64),)
    asked = np.array(extract(frames, notes, 0.0)[0].expression)
    found = np.array(extract(heard_again(frames, notes), notes, -24.0)[0].expression)
    np.testing.assert_allclose(found, asked, atol=0.03)
    assert found[CONTROLS.index("vibrato")] == pytest.approx(0.6, abs=0.02)
    assert found[CONTROLS.index("volume_peak_position")] == pytest.approx(0.5, abs=0.03)
