"""Performances made from a score by hand: which note is which is known."""

from itertools import pairwise

import numpy as np

from plugin_core.composing.solo import Written
from plugin_core.training.score_matching import match
from plugin_core.types import Note

BEAT_S = 0.5
SCORE = [
    Written(float(i), 1.0, pitch)
    for i in range(40)
    for pitch in (60 + (7 * i) % 12, 48 + (5 * i) % 12)
]


def played(seed: int = 0, *, wrong: bool = False) -> list[Note]:
    """Return the score with rubato and broken chords; `wrong` adds and leaves out notes."""
    random = np.random.default_rng(seed)
    clock = np.cumsum(random.uniform(0.35, 0.65, 41))
    notes = []
    for index, note in enumerate(SCORE):
        if wrong and index % 17 == 5:
            continue
        onset_s = float(clock[int(note.onset)] + random.uniform(0, 0.02))
        notes.append(Note(onset_s, onset_s + 0.3, note.pitch, 40 + index % 60))
        if wrong and index % 23 == 7:
            notes.append(Note(onset_s + 0.2, onset_s + 0.25, note.pitch + 1, 30))
    return sorted(notes, key=lambda note: note.onset_s)


def right(found: list, performed: list[Note]) -> float:
    """Return the share of matches whose velocity is that of the same note of the score."""
    velocity = {(note.onset, note.pitch): 40 + i % 60 for i, note in enumerate(SCORE)}
    hits = [
        velocity[each.written.onset, each.written.pitch] == each.played.velocity for each in found
    ]
    return float(np.mean(hits))


def test_every_note_is_found():
    performed = played()
    found = match(SCORE, performed)
    assert len(found) == len(SCORE)
    assert right(found, performed) == 1.0


def test_wrong_and_missing_notes_leave_the_others():
    performed = played(wrong=True)
    found = match(SCORE, performed)
    assert len(found) >= 0.9 * len([i for i in range(len(SCORE)) if i % 17 != 5])
    assert right(found, performed) > 0.95


def test_time_goes_on_and_chords_begin_together():
    found = match(SCORE, played(wrong=True))
    for before, after in pairwise(found):
        if after.written.onset > before.written.onset:
            assert after.played.onset_s > before.played.onset_s
        else:
            assert after.played.onset_s == before.played.onset_s
