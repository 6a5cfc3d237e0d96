"""What the Expression Generator reads of notes."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.expression.note_features import (
    VELOCITY,
    WIDTH,
    has_velocities,
    note_features,
)
from plugin_core.types import Note


def line(keys: list[int], length_s: float, share: float = 1.0) -> list[Note]:
    """Return notes that follow each other every `length_s`, sounding for a share of it."""
    return [
        Note(index * length_s, (index + share) * length_s, key, 64 + index)
        for index, key in enumerate(keys)
    ]


def test_every_note_has_finite_features_also_the_strangest() -> None:
    strange = [Note(0, 0, 0, 0), Note(0, 900, 127, 127), Note(1000, 1000.001, 60, 1)]
    features = note_features(strange, is_velocity_known=True)
    assert features.shape == (3, WIDTH)
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 6
    assert note_features([], is_velocity_known=False).shape == (0, WIDTH)


def test_when_the_piece_begins_does_not_matter() -> None:
    notes = line([60, 64, 67, 72], 0.25)
    later = [replace(n, onset_s=n.onset_s + 64, offset_s=n.offset_s + 64) for n in notes]
    np.testing.assert_array_equal(
        note_features(notes, is_velocity_known=True), note_features(later, is_velocity_known=True)
    )


def test_hidden_velocities_cannot_be_read_in_anything() -> None:
    notes = line([60, 64, 67], 0.3)
    louder = [replace(note, velocity=127 - note.velocity) for note in notes]
    hidden = note_features(notes, is_velocity_known=False)
    np.testing.assert_array_equal(hidden, note_features(louder, is_velocity_known=False))
    told = note_features(notes, is_velocity_known=True)
    assert (told[:, VELOCITY] != 0).any()
    told[:, VELOCITY] = 0
    np.testing.assert_array_equal(hidden, told)


@pytest.mark.parametrize(
    "other",
    [
        line([60, 64, 67, 72], 0.25, share=0.5),
        line([60, 64, 67, 72], 0.5),
        line([60, 64, 67, 70], 0.25),
        line([48, 52, 55, 60], 0.25),
        line([60, 64, 67, 72], 0.25)[:3],
    ],
    ids=["detached", "slower", "another interval", "an octave lower", "shorter"],
)
def test_notes_that_are_played_otherwise_read_otherwise(other: list[Note]) -> None:
    notes = line([60, 64, 67, 72], 0.25)
    features = note_features(notes, is_velocity_known=False)[: len(other)]
    changed = np.abs(features - note_features(other, is_velocity_known=False)).max(axis=1)
    assert changed[-1] > 0.1


def test_notes_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="sorted by onset"):
        note_features(line([60, 62], 0.5)[::-1], is_velocity_known=False)


def test_equal_velocities_are_those_of_no_player() -> None:
    assert has_velocities(line([60, 62], 0.5))
    assert not has_velocities([replace(note, velocity=80) for note in line([60, 62], 0.5)])
    assert not has_velocities([])
