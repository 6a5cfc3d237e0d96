"""Rows of an edited table find the notes that they come from."""

from dataclasses import replace

from plugin_core.expression.note_matching import match_notes
from plugin_core.types import Expression, ExpressiveNote, Note

EXPRESSION = Expression(0.8, 0.2, 0.5, 0.3, 0.4, 0.5)


def rows(*notes: tuple[float, int]) -> list[ExpressiveNote]:
    return [
        ExpressiveNote(Note(onset, onset + 0.3, pitch, 64), EXPRESSION) for onset, pitch in notes
    ]


ORIGINAL = rows((0.0, 60), (0.5, 62), (1.0, 64), (1.5, 64), (2.0, 67))


def test_the_same_table_is_the_same_notes() -> None:
    assert match_notes(ORIGINAL, ORIGINAL) == (0, 1, 2, 3, 4)


def test_the_order_of_rows_does_not_matter() -> None:
    assert match_notes(ORIGINAL, ORIGINAL[::-1]) == (4, 3, 2, 1, 0)


def test_rounded_onsets_are_the_same_onsets() -> None:
    moved = [replace(r, note=replace(r.note, onset_s=r.note.onset_s + 0.0009)) for r in ORIGINAL]
    assert match_notes(ORIGINAL, moved[1:]) == (1, 2, 3, 4)


def test_as_many_rows_match_by_their_place() -> None:
    assert match_notes(ORIGINAL, rows((0, 72), (0.9, 40), (1.6, 64), (2.4, 65), (3, 67))) == (
        0,
        1,
        2,
        3,
        4,
    )


def test_what_is_unchanged_stays_itself_when_a_note_is_replaced() -> None:
    edited = rows((0.0, 60), (1.0, 64), (1.5, 64), (1.8, 50), (2.0, 67))
    assert match_notes(ORIGINAL, edited) == (0, 2, 3, 1, 4)


def test_deleted_rows_leave_the_others_alone() -> None:
    assert match_notes(ORIGINAL, [ORIGINAL[0], ORIGINAL[3]]) == (0, 3)
    assert match_notes(ORIGINAL, []) == ()


def test_added_rows_are_new() -> None:
    edited = [*ORIGINAL[:2], *rows((0.8, 65)), *ORIGINAL[2:]]
    assert match_notes(ORIGINAL, edited) == (0, 1, None, 2, 3, 4)


def test_of_fewer_rows_each_is_the_nearest_note() -> None:
    assert match_notes(ORIGINAL, rows((0.45, 62), (1.02, 65), (1.52, 63))) == (1, 2, 3)


def test_far_from_every_note_is_new() -> None:
    assert match_notes(ORIGINAL[:1], rows((0.1, 60), (7.0, 60))) == (0, None)
