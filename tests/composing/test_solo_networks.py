"""The networks in numpy are those that torch trains, and each draws as it should."""

import numpy as np
import pytest
import torch

from plugin_core.composing import solo_sampling
from plugin_core.composing.solo import PITCHES, Sequences
from plugin_core.composing.solo_drawing import draw
from plugin_core.composing.solo_features import (
    CHORDS,
    MELODY,
    TABLES,
    features,
    offsets,
    position_class,
    rows,
)
from plugin_core.composing.solo_pitches import HEARD, NEAR, PITCH_TOKENS, PitchesHeard, heard
from plugin_core.composing.solo_sampling import Temperatures, compose, play
from tests.composing.untrained import untrained_solo


def some_notes(count: int = 20) -> Sequences:
    random = np.random.default_rng(0)
    sizes = (88, 1, 13, 13, 31, 21, 32)
    return Sequences(*(random.integers(0, size, count) for size in sizes))


@pytest.mark.parametrize("name", ["pitch", "velocity"])
def test_steps_are_those_of_torch(name: str):
    networks, model = untrained_solo()
    seen = features(name, some_notes(), MELODY)
    with torch.inference_mode():
        expected = getattr(networks, name)(torch.from_numpy(seen)[None])[0].numpy()
    lstm, out = getattr(model, name), getattr(model, f"{name}_out")
    state = lstm.start
    for row, aim in zip(seen, expected, strict=True):
        state = lstm.step(state, row)
        assert out(state.hidden) == pytest.approx(aim, abs=1e-5)


def test_durations_are_those_of_torch():
    networks, model = untrained_solo()
    notes = some_notes()
    seen = features("duration", notes, CHORDS)
    known = [torch.from_numpy(each)[None] for each in (notes.step, notes.value, notes.timing)]
    with torch.inference_mode():
        expected = networks.duration(torch.from_numpy(seen)[None], *known)
    state, out = model.duration.start, model.duration_out
    for i, row in enumerate(seen):
        state = model.duration.step(state, row)
        played = out.played(state.hidden, notes.step[i], notes.value[i])
        found = (
            out.step(state.hidden),
            out.value(state.hidden, notes.step[i]),
            out.timing(played),
            out.articulation(played, notes.timing[i]),
        )
        for mine, theirs in zip(found, expected, strict=True):
            assert mine == pytest.approx(theirs[0, i].numpy(), abs=1e-5)


@pytest.mark.parametrize("network", TABLES)
def test_features_are_rows_of_their_own_part_of_the_table(network: str):
    seen = features(network, some_notes(), MELODY)
    low = offsets(network)
    high = np.append(low[1:], rows(network))
    assert ((seen >= low) & (seen < high)).all()


def test_what_is_heard_of_two_chords():
    """C major in four voices, then the soprano and alto of the next chord: the tenor is to come."""
    tokens = [72, 67 + PITCHES, 64 + PITCHES, 48 + PITCHES, 74, 69 + PITCHES]
    found = dict(zip(HEARD, heard([*tokens, 65 + PITCHES])[-1], strict=True))
    assert [found[f"token_{back}_before"] for back in range(1, NEAR + 1)] == tokens[:-5:-1]
    assert found["class_before"] == 69 % 12
    assert found["interval_before"] == 13 - 5
    assert (found["place"], found["size_before"]) == (2, 4)
    assert found["same_place_before"] == 64
    assert (found["highest"], found["highest_before"], found["lowest_before"]) == (74, 72, 48)


def test_what_is_heard_is_within_its_classes_and_known_note_by_note():
    tokens = np.random.default_rng(0).integers(0, PITCH_TOKENS, 300).tolist()
    found = heard(tokens)
    assert (found >= 0).all()
    assert (found < list(HEARD.values())).all()
    so_far = PitchesHeard()
    for token, row in zip(tokens, found, strict=True):
        assert so_far.features() == row.tolist()
        assert so_far.copied().features() == row.tolist()
        so_far.add(token)


def test_positions_are_sixteenths_of_a_bar():
    assert [position_class(beat) for beat in (0.0, 0.25, 3.75, 4.0, 1 / 3)] == [0, 1, 15, 0, 16]


def test_draws_follow_the_odds():
    odds = np.log(np.array([0.7, 0.2, 0.1], np.float32))
    random = np.random.default_rng(0)
    drawn = np.bincount([draw(odds, 1.0, random) for _ in range(4000)], minlength=3) / 4000
    assert drawn == pytest.approx([0.7, 0.2, 0.1], abs=0.03)
    assert {draw(odds, 0.01, random) for _ in range(50)} == {0}


def test_a_melody_has_no_chords_and_chords_go_down():
    _, model = untrained_solo()
    assert not compose(model, 4, 0, MELODY).together.any()
    chords = compose(model, 4, 0, CHORDS)
    below = chords.together == 1
    assert below.any()
    assert (np.diff(chords.pitch, prepend=PITCHES)[below] < 0).all()


def test_one_temperature_leaves_the_luck_of_the_others():
    _, model = untrained_solo()
    plain = compose(model, 12, 1, MELODY)
    louder = compose(model, 12, 1, MELODY, Temperatures(velocity=0.3))
    assert (plain.pitch == louder.pitch).all()
    assert (plain.timing == louder.timing).all()
    assert (plain.velocity != louder.velocity).any()


@pytest.mark.parametrize("texture", [MELODY, CHORDS])
def test_endings_are_those_of_pieces_drawn_from_the_beginning(texture: int, monkeypatch):
    _, model = untrained_solo()
    kept = compose(model, 40, 1, texture)
    assert len(kept) > 3 * solo_sampling.SOONEST_END
    monkeypatch.setattr(solo_sampling, "_KEPT", 0)
    anew = compose(model, 40, 1, texture)
    assert all((getattr(kept, name) == getattr(anew, name)).all() for name in Sequences.__slots__)


def test_what_is_known_is_not_played_anew():
    _, model = untrained_solo()
    notes = some_notes()
    played = play(model, notes, 0, MELODY, known=8)
    assert (played.velocity[:8] == notes.velocity[:8]).all()
    assert (played.timing[:8] == notes.timing[:8]).all()
    assert (played.step == notes.step).all()
    assert (played.velocity[8:] != notes.velocity[8:]).any()
