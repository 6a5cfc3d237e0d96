"""The performer that comes with Hexachord."""

import numpy as np
import pytest

from plugin_core.expression.performer import Performer, load_performer
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.types import Note


@pytest.fixture(scope="module")
def performer() -> Performer:
    return load_performer(presets_folder() / "instruments" / "expression.ts")


def line(length_s: float, count: int = 8) -> list[Note]:
    """Return notes up and down a scale, each as long."""
    keys = [62, 64, 66, 67, 69, 67, 66, 64]
    return [
        Note(index * length_s, (index + 1) * length_s, key, 64)
        for index, key in enumerate(keys[:count])
    ]


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_instrument_plays_every_note_within_what_can_be_played(
    performer: Performer, instrument: str
) -> None:
    for seed in (None, 1):
        played = np.array(performer.predict(line(0.4), instrument, seed=seed))
        assert played.shape == (8, 6)
        assert (played[:, 0] > 0.3).all()
        assert (played[:, 0] < 1.2).all()
        assert (played.std(axis=0) > 1e-3).any()


def test_long_notes_of_a_violin_vibrate_more_than_short_ones(performer: Performer) -> None:
    long, short = (
        np.array(performer.predict(line(length_s), "violin"))[:, 3].mean()
        for length_s in (1.5, 0.15)
    )
    assert short == 0.0
    assert long > 0.1


def test_told_velocities_move_the_volume_as_far_as_they_say(performer: Performer) -> None:
    notes = [
        Note(note.onset_s, note.offset_s, note.midi_pitch, 64 + 10 * (-1) ** index)
        for index, note in enumerate(line(0.5))
    ]
    volume = np.array(performer.predict(notes, "clarinet"))[:, 0]
    # One velocity is 0.01 of volume.
    assert np.mean(volume[::2] - volume[1::2]) == pytest.approx(0.2, abs=0.1)


def test_its_card_says_that_it_beats_the_means_by_a_quarter(performer: Performer) -> None:
    figures = performer.description["figures"]["held_out_performances"]
    assert figures["better_by"] >= 0.25
