import numpy as np
import pytest

from plugin_core.composing.solo import (
    ARTICULATIONS_PER_OCTAVE,
    FLAT_VELOCITY,
    NOTE_VALUES,
    TIMINGS_PER_OCTAVE,
    VELOCITY_STEP,
    Played,
    Written,
    expressive,
    flat,
    sequences_of,
    value_classes,
    written_of,
)

BEAT_S = 0.6
WRITTEN = [
    Written(0.0, 1.0, 72),
    Written(0.0, 2.0, 60),
    Written(1.0, 0.5, 74),
    Written(1.5, 0.5, 76),
    Written(2.0, 2.0, 77),
]


def played(stretch: float = 1.0) -> list[Played]:
    lengths = (0.9, 1.0, 0.5, 0.8, 1.0)
    return [
        Played(note.onset * BEAT_S * stretch, note.value * BEAT_S * stretch * share, 40 + 5 * i)
        for i, (note, share) in enumerate(zip(WRITTEN, lengths, strict=True))
    ]


def test_what_is_written_comes_back():
    assert written_of(sequences_of(WRITTEN, played())) == WRITTEN


def test_what_is_played_comes_back_within_its_classes():
    notes = sequences_of(WRITTEN, played())
    back = expressive(WRITTEN, notes, BEAT_S, np.random.default_rng(0))
    for new, old in zip(back, played(), strict=True):
        octaves = np.log2((new.offset_s - new.onset_s) / old.length_s)
        assert abs(octaves) <= 0.5 / TIMINGS_PER_OCTAVE + 1.0 / ARTICULATIONS_PER_OCTAVE
        assert abs(new.velocity - old.velocity) <= VELOCITY_STEP
    heads = [note.onset_s for note in back]
    assert heads[0] == heads[1]
    assert heads == pytest.approx([each.onset_s for each in played()], abs=0.06)


def test_the_tempo_of_a_piece_is_not_its_timing():
    slow, quick = (sequences_of(WRITTEN, played(stretch)) for stretch in (1.5, 0.7))
    assert (slow.timing == quick.timing).all()
    assert (slow.articulation == quick.articulation).all()


def test_the_flat_twin_is_what_is_written():
    notes = flat(WRITTEN, BEAT_S)
    assert [note.onset_s for note in notes] == [each.onset * BEAT_S for each in WRITTEN]
    assert {note.velocity for note in notes} == {FLAT_VELOCITY}


def test_expression_can_be_left_out():
    notes = sequences_of(WRITTEN, played())
    options = {"with_durations": False, "with_velocities": False}
    assert expressive(WRITTEN, notes, BEAT_S, np.random.default_rng(0), **options) == flat(
        WRITTEN, BEAT_S
    )


@pytest.mark.parametrize("value", NOTE_VALUES)
def test_note_values_are_their_own_classes(value: float):
    near = value_classes(np.array([value, 1.05 * value, 0.95 * value]))
    assert [NOTE_VALUES[each] for each in near] == [value] * 3


def test_transposed_notes_stay_on_the_keyboard():
    notes = sequences_of(WRITTEN, played())
    assert (notes.moved(5).pitch == notes.pitch + 5).all()
    assert (notes.moved(40).pitch < 88).all()
