from itertools import pairwise

import numpy as np
import pytest

from plugin_core.composing.solo_composing import Solo, compose_solo, given_notes, humanize
from plugin_core.composing.solo_inference import SoloModel
from plugin_core.score import Score, TempoMap
from plugin_core.score.score import ScorePart
from plugin_core.types import Controller, ControllerKind, InputError, Note, Part
from tests.composing.untrained import BEAT_S, melody, untrained_solo

PEDAL = ControllerKind.CONTROL
TUNE = (60, 62, 64, 65, 67, 69, 71, 72)


@pytest.fixture(scope="module")
def model() -> SoloModel:
    return untrained_solo()[1]


def score(*parts: list[Note], channel: int = 1) -> Score:
    entries = tuple(
        ScorePart(number, channel, Part(f"part {number}", tuple(notes)))
        for number, notes in enumerate(parts, start=1)
    )
    return Score("tune.mid", entries, (), TempoMap(), 10.0)


def heard(solo: Solo) -> list[Note]:
    return [note for part in solo.parts for note in part.notes]


def test_a_piece_fills_its_bars(model: SoloModel):
    for bars in (1, 5):
        solo = compose_solo(model, bars=bars, seed=3)
        twin = [note for part in solo.flat_parts for note in part.notes]
        beats = [solo.tempo.beats(note.onset_s) for note in twin]
        assert max(beats) < 4 * bars
        assert solo.tempo.beats(max(note.offset_s for note in twin)) > 4 * bars - 4
        assert len(heard(solo)) == len(twin)


@pytest.mark.parametrize("seed", range(4))
def test_a_melody_is_one_note_at_a_time(model: SoloModel, seed: int):
    solo = compose_solo(model, bars=8, seed=seed)
    for parts in (solo.parts, solo.flat_parts):
        notes = parts[0].notes
        assert all(one.offset_s <= two.onset_s + 1e-9 for one, two in pairwise(notes))


def test_a_line_stays_with_its_beat(model: SoloModel):
    """An untrained network draws any timing: none moves a note far from where it is written."""
    own = melody(*TUNE * 4)
    beats = [note.onset_s / BEAT_S for note in own]
    for seed in range(4):
        notes = heard(humanize(model, given_notes(score(own)), seed=seed))
        played = np.array([note.onset_s / BEAT_S for note in notes])
        assert np.abs(played - beats).max() <= 0.15 + 1e-9
        assert np.abs(played - beats).max() > 0.01
        assert all(one.offset_s <= two.onset_s + 1e-9 for one, two in pairwise(notes))


def test_a_seed_is_a_piece(model: SoloModel):
    first, again, other = (compose_solo(model, bars=3, seed=seed) for seed in (1, 1, 2))
    assert heard(first) == heard(again)
    assert heard(first) != heard(other)


def test_an_opening_is_continued_as_it_is(model: SoloModel):
    opening = melody(*TUNE)
    solo = compose_solo(model, bars=6, seed=0, prime=given_notes(score(opening)))
    assert heard(solo)[: len(opening)] == opening
    assert len(heard(solo)) > len(opening)
    assert heard(solo)[len(opening)].onset_s > opening[-1].onset_s


def test_an_opening_after_a_rest_counts_the_rest(model: SoloModel):
    late = melody(*TUNE, start=9.0)
    solo = compose_solo(model, bars=8, seed=0, prime=given_notes(score(late)))
    beats = [note.onset_s / BEAT_S for note in solo.flat_parts[0].notes]
    assert beats[: len(late)] == pytest.approx([note.onset_s / BEAT_S for note in late])
    assert 28 <= max(beats) < 32


def test_kept_notes_keep_their_controllers(model: SoloModel):
    pedal = (Controller(0.5, PEDAL, 64, 127), Controller(2.0, PEDAL, 64, 0))
    part = Part("part 1", tuple(melody(*TUNE)), pedal)
    whole = Score("tune.mid", (ScorePart(1, 1, part),), (), TempoMap(), 10.0)
    assert humanize(model, given_notes(whole), seed=0).parts[0].controllers == pedal


def test_kept_notes_keep_pitches_rhythm_and_parts(model: SoloModel):
    upper, lower = melody(*TUNE * 3), melody(*[p - 24 for p in TUNE * 3])
    solo = humanize(model, given_notes(score(upper, lower)), seed=0)
    for part, own in zip(solo.parts, (upper, lower), strict=True):
        assert [note.midi_pitch for note in part.notes] == [note.midi_pitch for note in own]
        onsets = np.array([note.onset_s for note in part.notes])
        assert np.abs(onsets - [note.onset_s for note in own]).mean() < 0.4
        assert len({note.velocity for note in part.notes}) > 3


def test_only_what_is_asked_for_is_learnt(model: SoloModel):
    own = melody(*TUNE)
    louder = heard(humanize(model, given_notes(score(own)), seed=0, expressions=("velocity",)))
    assert [(n.onset_s, n.offset_s) for n in louder] == [(n.onset_s, n.offset_s) for n in own]
    assert [n.velocity for n in louder] != [n.velocity for n in own]
    longer = heard(humanize(model, given_notes(score(own)), seed=0, expressions=("duration",)))
    assert [n.velocity for n in longer] == [n.velocity for n in own]
    assert [n.offset_s for n in longer] != [n.offset_s for n in own]


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        (score(), "expected notes, found none"),
        (score(melody(*TUNE), channel=10), "expected notes, found only drums"),
        (score(melody(12)), "expected pitches in 21..108"),
    ],
)
def test_what_is_no_opening(notes: Score, told: str):
    with pytest.raises(InputError, match=told):
        given_notes(notes)


def test_an_opening_leaves_something_to_compose(model: SoloModel):
    with pytest.raises(InputError, match=r"tune\.mid: expected an opening shorter than 2 bars"):
        compose_solo(model, bars=2, seed=0, prime=given_notes(score(melody(*TUNE))))
