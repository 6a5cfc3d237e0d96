"""Sweeps of a live model's controls: what is asked of who plays, and what is read."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.performing.playing import PLAYING_GAIN_DB
from plugin_core.training.control_evaluation import NoteSequence, correlation, error
from plugin_core.training.live_player import RATE, READING_GAIN_DB, measured, slurred, stepped
from plugin_core.training.live_sweeps import (
    STEPS,
    SweepTask,
    live_sequences,
    staircase,
    sweep,
    sweep_tasks,
)
from plugin_core.training.performed import Performed
from plugin_core.types import CONTROLS, Expression, ExpressiveNote, Note
from tests.training.live_players import make_obedient
from tests.training.performances import ruled

TYPICAL = Expression(0.7, 0.05, 0.4, 0.2, 0.3, 0.1)
VOLUME, PEAK, VIBRATO = 0, 2, 3


def sequence(*notes: Note) -> NoteSequence:
    return NoteSequence("a phrase", "oboe", notes)


def task(control: int, *notes: Note, are_lengths_told: bool = True) -> SweepTask:
    return SweepTask("here", (sequence(*notes),), TYPICAL, control, are_lengths_told)


PHRASE = (Note(0.1, 0.8, 69, 64), Note(0.8, 1.0, 71, 64), Note(1.1, 1.9, 72, 64))


def recording(name: str, origin: str, *notes: Note) -> Performed:
    phrase = ruled(0, instrument="oboe", name=name, origin=origin, is_held_out=True)
    return replace(phrase, notes=tuple(ExpressiveNote(note, TYPICAL) for note in notes))


def test_single_notes_make_one_phrase_and_performances_need_long_notes() -> None:
    singles = [recording(f"{key}", "note", Note(0.1, 1.1, key, 64)) for key in range(60, 72)]
    long_notes = [Note(0.6 * index, 0.6 * index + 0.55, 60 + index, 64) for index in range(3)]
    performances = [
        recording("long", "performance", *long_notes),
        recording("short", "performance", *long_notes[:2]),
    ]
    found = live_sequences([*singles, *performances])
    assert [len(each.notes) for each in found] == [6, 3]
    assert found[1].name == "long"


def test_the_swept_control_moves_by_automation_and_all_others_stand_still() -> None:
    one = task(VOLUME, *PHRASE)
    part = staircase(one.sequences[0], one)
    moving = {name for name, lane in part.lanes.items() if np.ptp(lane.values) > 0}
    assert moving == {"volume"}
    onsets = np.array([note.onset_s for note in part.part.notes])
    asked = part.lanes["volume"].at(onsets).reshape(STEPS, 3)
    np.testing.assert_allclose(asked, np.linspace(0, 1, STEPS)[:, None] * np.ones(3))
    assert part.lanes["performer"].at(onsets).max() == 0
    assert part.lanes["vibrato"].at(onsets).tolist() == [0.2] * len(onsets)


def test_a_peak_is_swept_where_there_is_one() -> None:
    one = task(PEAK, *PHRASE)
    part = staircase(one.sequences[0], one)
    assert part.lanes["volume_fluctuation"].at(np.zeros(1))[0] == pytest.approx(0.1)


def test_repetitions_do_not_touch_and_lie_on_whole_blocks() -> None:
    one = task(VOLUME, *PHRASE)
    part = staircase(one.sequences[0], one)
    period = part.samples // STEPS
    assert part.samples == STEPS * period
    assert period % 64 == 0
    assert period % (RATE // 250) == 0
    first_of_second = part.part.notes[3]
    assert first_of_second.onset_s == pytest.approx(period / RATE + 0.1)
    assert first_of_second.onset_s - part.part.notes[2].offset_s > 2.0


def test_who_is_not_told_lengths_takes_every_note_to_last_a_second() -> None:
    told, untold = task(VOLUME, *PHRASE), task(VOLUME, *PHRASE, are_lengths_told=False)
    assert "note_length" not in staircase(told.sequences[0], told).lanes
    lane = staircase(untold.sequences[0], untold).lanes["note_length"]
    assert lane.values.tolist() == [1.0]


def test_notes_that_touch_overlap_but_for_repeated_keys() -> None:
    repeated = (Note(0.0, 0.5, 60, 64), Note(0.5, 1.0, 60, 64), Note(1.05, 1.5, 62, 64))
    assert slurred(repeated) == repeated
    touching = (Note(0.0, 0.5, 60, 64), Note(0.51, 1.0, 62, 64))
    assert slurred(touching)[0].offset_s > touching[1].onset_s
    assert slurred(touching)[1] == touching[1]


def test_lanes_keep_within_the_scale() -> None:
    lane = stepped([0.0, 1.0], [1.4, -0.2])
    assert lane.at(np.array([0.0, 0.99, 1.0])).tolist() == [1.0, 1.0, 0.0]


def test_every_instrument_that_is_known_has_six_sweeps() -> None:
    sequences = [sequence(*PHRASE), sequence(*PHRASE), NoteSequence("", "kazoo", PHRASE)]
    tasks = sweep_tasks(sequences, {"oboe": TYPICAL}, "here", most_phrases=1)
    assert [each.control for each in tasks] == list(range(len(CONTROLS)))
    assert {len(each.sequences) for each in tasks} == {1}


def test_what_is_played_as_asked_is_read_as_asked() -> None:
    tasks = [task(control, Note(0.1, 0.9, 69, 64)) for control in (VOLUME, VIBRATO)]
    sweeps = sweep(tasks, make_obedient)
    assert [each.control for each in sweeps] == [VOLUME, VIBRATO]
    for each in sweeps:
        assert each.read.shape == (STEPS, 1, len(CONTROLS))
        assert correlation(sweeps, each.control, "here") > 0.999
        assert error(sweeps, each.control, "here") < 0.02


def test_levels_are_read_where_the_engine_plays_them() -> None:
    assert READING_GAIN_DB == -PLAYING_GAIN_DB


@pytest.mark.full
def test_processes_share_the_tasks_in_their_order() -> None:
    tasks = [task(control, Note(0.1, 0.9, 69, 64)) for control in (VOLUME, VIBRATO)]
    alone = sweep(tasks, make_obedient)
    together = sweep(tasks, make_obedient, jobs=2)
    for one, other in zip(alone, together, strict=True):
        assert one.control == other.control
        np.testing.assert_array_equal(one.read, other.read)


def test_progress_counts_the_tasks() -> None:
    told: list[tuple[int, int]] = []
    found = measured(
        lambda _player, each: each, [3, 4], make_obedient, progress=lambda *at: told.append(at)
    )
    assert found == [3, 4]
    assert told == [(1, 2), (2, 2)]
