"""Edits of frames on disk are those of frames at once; only what differs counts as edited."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.expression.editing import stretch, transpose
from plugin_core.hearing.edits import Edits, count_edited, moved
from plugin_core.hearing.frames_file import ARRAYS, FrameStore, joined
from plugin_core.types import Expression, ExpressiveNote, Frames, Note

COUNT, HARMONICS = 46_001, 4
CONTROLS = Expression(0.5, 0.1, 0.5, 0.0, 0.3, 0.2)
NOTES = tuple(
    ExpressiveNote(Note(second, second + 0.9, 60, 90), CONTROLS) for second in range(0, 60, 2)
)


@pytest.fixture(scope="module")
def frames() -> Frames:
    random = np.random.default_rng(0)
    curves = random.uniform(0.1, 1, (4, COUNT)).astype(np.float32)
    tables = (random.uniform(0, 1, (COUNT, width)).astype(np.float32) for width in (HARMONICS, 65))
    return Frames(*curves, *tables)


@pytest.fixture
def store(frames, tmp_path) -> FrameStore:
    store = FrameStore(tmp_path, HARMONICS)
    store.append(frames)
    return store


def same(one: Frames, other: Frames) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)


def test_without_edits_nothing_moves(frames, store):
    assert Edits().are_none
    assert same(joined(moved(store, (), Edits()), HARMONICS), frames)


def test_transposed_in_blocks_is_transposed_at_once(frames, store):
    found = joined(moved(store, (), Edits(transpose=3)), HARMONICS)
    assert same(found, transpose(frames, 3))


@pytest.mark.parametrize("notes", [(), NOTES], ids=["no notes", "notes"])
@pytest.mark.parametrize("factor", [2.0, 3.0])
def test_stretched_in_groups_is_stretched_at_once(frames, store, factor, notes):
    found = joined(moved(store, notes, Edits(stretch=factor)), HARMONICS)
    assert same(found, stretch(frames, factor, [each.note for each in notes]))


@pytest.mark.parametrize("factor", [0.31, 0.999, 1.7])
def test_any_factor_gives_all_frames(store, factor):
    found = joined(moved(store, NOTES, Edits(stretch=factor)), HARMONICS)
    assert abs(len(found) - (round((COUNT - 1) * factor) + 1)) <= 1


def test_only_what_differs_counts_as_edited():
    first = NOTES[0]
    assert count_edited(NOTES, NOTES) == 0
    assert count_edited(NOTES, NOTES[1:]) == 1
    rounded = replace(first, expression=CONTROLS._replace(volume=0.5 + 4e-7))
    louder = replace(first, expression=CONTROLS._replace(volume=0.51))
    higher = replace(first, note=replace(first.note, midi_pitch=61))
    longer = replace(first, note=replace(first.note, offset_s=1.2))
    added = replace(first, note=replace(first.note, onset_s=1.2, offset_s=1.5))
    assert count_edited(NOTES, [rounded, *NOTES[1:]]) == 0
    for row in (louder, higher, longer):
        assert count_edited(NOTES, [row, *NOTES[1:]]) == 1
    assert count_edited(NOTES, [*NOTES, added]) == 1
