"""levels.csv: what is written is read again to the bit, and rows may lie anywhere."""

import numpy as np
import pytest

from plugin_core.hearing.operator_curves import (
    OperatorCurves,
    curve_rows,
    curves_of_table,
    heard_curves,
    note_numbers,
    read_curve_table,
    with_table,
)
from plugin_core.types import InputError, Note


@pytest.fixture
def curves() -> OperatorCurves:
    chance = np.random.default_rng(0)
    frames = 700
    return OperatorCurves(
        f0_hz=chance.uniform(100, 900, frames).astype(np.float32),
        loudness_db=chance.uniform(-90, 0, frames).astype(np.float32),
        levels=(10 ** chance.uniform(-9, 1, (frames, 6))).astype(np.float32),
        noise=chance.uniform(0, 2, frames).astype(np.float32),
        gain_db=chance.uniform(-20, 20, frames).astype(np.float32),
        note=np.repeat([1, 0, 2, 3], 175).astype(np.int32),
    )


def written(curves: OperatorCurves, path):
    path.write_text("".join(curve_rows(curves)))
    return path


def same(one: OperatorCurves, other: OperatorCurves) -> bool:
    names = ("f0_hz", "loudness_db", "levels", "noise", "gain_db", "note")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_what_is_written_is_read_again(curves, tmp_path):
    path = written(curves, tmp_path / "levels.csv")
    table = read_curve_table(path)
    nothing = np.zeros(len(curves), np.float32)
    bare = heard_curves(nothing, nothing, np.zeros(len(curves), np.int32))
    assert same(with_table(bare, table), curves)
    assert same(curves_of_table(table, path), curves)


def test_a_column_alone_replaces_that_curve_only(curves, tmp_path):
    path = tmp_path / "levels.csv"
    path.write_text("time_s,op2_level\n0,1\n1,3\n")
    other = with_table(curves, read_curve_table(path))
    np.testing.assert_allclose(other.levels[:251, 1], 1 + 2 * np.arange(251) / 250, rtol=1e-6)
    assert (other.levels[251:, 1] == 3).all()
    np.testing.assert_array_equal(np.delete(other.levels, 1, 1), np.delete(curves.levels, 1, 1))
    np.testing.assert_array_equal(other.f0_hz, curves.f0_hz)


def test_note_numbers_become_spans(curves):
    np.testing.assert_array_equal(curves.note_spans(), [[0, 175], [350, 525], [525, 700]])


def test_notes_are_numbered_where_they_sound():
    notes = [Note(0.0, 0.02, 60, 80), Note(0.02, 0.03, 62, 80), Note(0.05, 0.2, 60, 80)]
    np.testing.assert_array_equal(note_numbers(notes, 16), [1] * 5 + [2] * 3 + [0] * 4 + [3] * 4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_s,op1_level\n0,-1\n", "line 2, op1_level: expected a number in 0..100"),
        ("time_s,note\n0,1.5\n", "note: expected whole numbers, found 1.5"),
        ("time_s,f0_hz\n0,440\n99999,440\n", "expected times of at most 21600 s, found 99999 s"),
        ("time_s,noise\n0,\n", "expected a column of f0_hz"),
    ],
)
def test_what_a_table_cannot_say(text, told, tmp_path):
    path = tmp_path / "levels.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_curve_table(path)
    assert told in str(error.value)


def test_a_table_alone_needs_pitch_and_loudness(tmp_path):
    path = tmp_path / "levels.csv"
    path.write_text("time_s,f0_hz\n0,440\n1,440\n")
    with pytest.raises(InputError, match=r"expected a column loudness_db, found none"):
        curves_of_table(read_curve_table(path), path)
