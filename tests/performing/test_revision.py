"""An edited table of notes: what is touched is played anew, what is not stays to the bit."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.performing.revision import JOIN_FRAMES, RELEASE_FRAMES, revise
from plugin_core.types import Expression, ExpressiveNote, Frames, Note, Performance

TYPICAL = Expression(0.8, 0.1, 0.3, 0.2, 0.4, 0.3)
ARRAYS = ("f0_hz", "confidence", "loudness_db", "amplitude", "harmonics", "noise")


def note(onset_s, offset_s, key=60, **controls) -> ExpressiveNote:
    return ExpressiveNote(Note(onset_s, offset_s, key, 64), TYPICAL._replace(**controls))


LINE = (
    note(0.2, 0.8, 60),
    note(0.8, 1.4, 64),
    note(1.4, 1.8, 67),
    note(2.6, 3.6, 72),  # after a rest
    note(3.6, 4.4, 71),
)


class Musician:
    """Plays a level and a pitch for every note, smoothly; remembers what it heard."""

    def __init__(self, mood: float = 0.0) -> None:
        self.mood = mood
        self.asked: list[tuple[int, int]] = []
        self.heard: list[np.ndarray] = []

    def __call__(self, notes, first, count, f0_hz) -> Frames:
        self.asked.append((first, count))
        self.heard.append(f0_hz)
        at = np.arange(first - 25, first + count + 25)
        key, level = np.full(len(at), float(notes[0].note.midi_pitch)), np.full(len(at), -120.0)
        shade = np.full(len(at), 0.4)
        for each in notes:
            start, end = round(each.note.onset_s * 250), round(each.note.offset_s * 250)
            key[at >= start] = each.note.midi_pitch
            shade[at >= start] = each.expression.brightness
            level[(at >= start) & (at < end)] = 60 * each.expression.volume - 66
        bell = np.hanning(53)[1:-1] / np.hanning(53).sum()
        key, level, shade = (np.convolve(row, bell, "valid") for row in (key, level, shade))
        key = key + self.mood + 0.1 * np.sin(np.arange(first, first + count) / 7)
        found = 440 * 2 ** ((key - 69) / 12)
        amplitude = 10 ** (level / 20)
        shares = (1 - 1 / (1 + 11 * shade))[:, None] ** np.arange(100)
        return Frames(
            f0_hz=np.where(np.isnan(f0_hz), found, f0_hz).astype(np.float32),
            confidence=(level > -60).astype(np.float32),
            loudness_db=level.astype(np.float32),
            amplitude=amplitude.astype(np.float32),
            harmonics=(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32),
            noise=np.repeat(amplitude[:, None] / 50, 65, axis=1).astype(np.float32),
        )


def played(notes=LINE, mood=0.0) -> Performance:
    count = round(notes[-1].note.offset_s * 250) + RELEASE_FRAMES
    frames = Musician(mood)(notes, 0, count, np.full(count, np.nan, np.float32))
    return Performance(frames, tuple(notes), -24.0)


def same(a: Frames, b: Frames) -> np.ndarray:
    """Return which frames are the same to the bit, in all arrays, as far as both go."""
    count = min(len(a), len(b))
    rows = [
        (getattr(a, name)[:count] == getattr(b, name)[:count]).reshape(count, -1).all(axis=1)
        for name in ARRAYS
    ]
    return np.logical_and.reduce(rows)


def test_an_unedited_table_changes_nothing_and_asks_nobody():
    performance, musician = played(), Musician()
    rounded = [
        replace(each, note=replace(each.note, onset_s=each.note.onset_s + 0.001)) for each in LINE
    ]
    for table in (LINE, LINE[::-1], rounded):
        revision = revise(performance, table, musician)
        assert revision.is_none
        assert revision.performance is performance
    assert musician.asked == []


@pytest.mark.parametrize("index", range(len(LINE)))
def test_only_the_edited_note_and_its_joins_are_new(index):
    table = list(LINE)
    table[index] = replace(LINE[index], expression=TYPICAL._replace(volume=0.6))
    revision = revise(played(), table, Musician(mood=0.3))
    start, end = round(LINE[index].note.onset_s * 250), round(LINE[index].note.offset_s * 250)
    untouched = np.ones(len(played().frames), bool)
    untouched[max(start - JOIN_FRAMES, 0) : end + RELEASE_FRAMES] = False
    for other, each in enumerate(LINE):
        # Of every other note the middle third and more is as it was.
        if other != index:
            first, last = round(each.note.onset_s * 250), round(each.note.offset_s * 250)
            third = min(JOIN_FRAMES, (last - first) // 3)
            untouched[first + third : last - third] = True
    kept = same(revision.performance.frames, played().frames)
    assert kept[untouched].all()
    np.testing.assert_array_equal(kept, revision.share == 0)
    assert not kept[start:end].any()
    assert revision.played == (index,)


def test_the_edited_note_is_as_the_musician_plays_it():
    table = list(LINE)
    table[1] = replace(LINE[1], expression=TYPICAL._replace(volume=0.6))
    revised = revise(played(), table, Musician(mood=0.3)).performance.frames
    count = len(revised)
    whole = Musician(mood=0.3)(table, 0, count, np.full(count, np.nan, np.float32))
    assert same(revised, whole)[200:350].all()


def test_joins_are_without_a_step():
    table = list(LINE)
    table[1] = replace(LINE[1], expression=TYPICAL._replace(volume=0.72))
    table[3] = replace(LINE[3], note=replace(LINE[3].note, midi_pitch=74))
    before, after = played().frames, revise(played(), table, Musician(mood=0.3)).performance.frames
    for curve in ("f0_hz", "amplitude"):
        # No step is larger than the largest that the musician plays, and what the fade adds to it.
        old, new = (np.abs(np.diff(np.log(getattr(f, curve) + 1e-6))) for f in (before, after))
        assert new.max() < old.max() * 1.3 + 0.3 / 12 * np.log(2) / 6


def test_a_line_goes_on_from_the_pitch_that_is_there():
    performance, musician = played(), Musician(mood=0.3)
    bent = replace(performance.frames, f0_hz=performance.frames.f0_hz * np.float32(1.02))
    table = [*LINE[:2], replace(LINE[2], expression=TYPICAL._replace(vibrato=0.9)), *LINE[3:]]
    revise(replace(performance, frames=bent), table, musician)
    ((first, count),) = musician.asked
    heard = musician.heard[0]
    known = ~np.isnan(heard)
    np.testing.assert_array_equal(heard[known], bent.f0_hz[first : first + count][known])
    assert known[: 350 - JOIN_FRAMES - first].all()
    assert first <= 350 - JOIN_FRAMES - 250 or first == 0
    assert first % 4 == 0


def test_a_bend_by_hand_survives_the_edit_of_another_note():
    performance = played()
    bend = performance.frames.f0_hz.copy()
    bend[700:800] *= np.linspace(1, 1.1, 100, dtype=np.float32)
    bent = replace(performance, frames=replace(performance.frames, f0_hz=bend))
    table = [replace(LINE[0], expression=TYPICAL._replace(brightness=0.9)), *LINE[1:]]
    revised = revise(bent, table, Musician())
    np.testing.assert_array_equal(revised.performance.frames.f0_hz[300:], bend[300:])
    assert revised.share[100] == 1


def test_a_removed_note_leaves_silence_and_its_neighbours():
    table = [*LINE[:3], LINE[4]]
    revised = revise(played(), table, Musician())
    frames = revised.performance.frames
    assert revised.played == ()
    assert frames.amplitude[680:860].max() < 1e-3
    kept = same(frames, played().frames)
    assert kept[:450].all()
    assert kept[900 + JOIN_FRAMES : 1100].all()


def test_an_added_note_sounds_and_the_rest_is_kept():
    revised = revise(played(), [*LINE, note(2.0, 2.4, 69)], Musician())
    frames = revised.performance.frames
    assert revised.played == (3,)
    assert 12 * np.log2(np.median(frames.f0_hz[510:590]) / 440) == pytest.approx(0, abs=0.11)
    assert frames.amplitude[550] > 1e-2
    kept = same(frames, played().frames)
    assert kept[: 500 - JOIN_FRAMES].all()
    assert kept[650 + JOIN_FRAMES :].all()


def test_a_moved_note_leaves_its_place():
    moved = replace(LINE[3], note=replace(LINE[3].note, onset_s=2.9, offset_s=3.5))
    frames = revise(played(), [*LINE[:3], moved, LINE[4]], Musician()).performance.frames
    assert frames.amplitude[660:700].max() < 1e-3
    assert frames.amplitude[740:850].min() > 1e-3
    assert frames.amplitude[895] < 0.5 * frames.amplitude[800]


def test_a_later_end_makes_the_performance_longer():
    last = replace(LINE[4], note=replace(LINE[4].note, offset_s=6.0))
    frames = revise(played(), [*LINE[:4], last], Musician()).performance.frames
    assert len(frames) == 1500 + RELEASE_FRAMES
    assert frames.amplitude[1400] == pytest.approx(frames.amplitude[1000], rel=0.01)
    shorter = replace(LINE[4], note=replace(LINE[4].note, offset_s=4.0))
    frames = revise(played(), [*LINE[:4], shorter], Musician()).performance.frames
    assert len(frames) == len(played().frames)
    assert frames.amplitude[1050:].max() < 1e-3


def test_where_notes_overlap_the_later_one_ends_the_earlier():
    over = replace(LINE[0], note=replace(LINE[0].note, offset_s=1.2))
    assert revise(played(), [over, *LINE[1:]], Musician()).is_none
    revised = revise(played(), [over, *LINE[2:]], Musician()).performance
    assert [each.note.offset_s for each in revised.notes[:2]] == [1.2, 1.8]
    assert revised.frames.amplitude[280] > 1e-2


def test_distant_edits_are_played_each_on_its_own():
    far = [note(s, s + 0.5) for s in (0.0, 10.0, 20.0)]
    musician = Musician()
    table = [replace(far[0], expression=TYPICAL._replace(volume=0.5)), far[1],
             replace(far[2], expression=TYPICAL._replace(volume=0.5))]  # fmt: skip
    revise(played(far), table, musician)
    assert len(musician.asked) == 2
    assert sum(count for _, count in musician.asked) < 2000


@pytest.mark.parametrize("table", [[], [LINE[0], replace(LINE[1], note=LINE[0].note)]])
def test_what_cannot_be_played_is_an_error(table):
    with pytest.raises(ValueError, match=r"at least one note|the same 4 ms"):
        revise(played(), table, Musician())
