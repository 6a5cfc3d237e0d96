"""Who plays which note of a chord."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plugin_core.performing.divisi import MOST_PLAYERS, divide
from plugin_core.types import Note


def note(onset: float, offset: float, pitch: int) -> Note:
    return Note(onset, offset, pitch, 80)


def pitches(players) -> list[list[int]]:
    return [[each.midi_pitch for each in player] for player in players]


def test_a_line_is_one_player():
    line = [note(n, n + 1, 60 + n) for n in range(5)]
    assert divide(line) == (tuple(line),)


def test_no_notes_need_no_player():
    assert divide([]) == ()


def test_chords_are_divided_by_pitch_and_voices_keep_their_line():
    soprano, alto, bass = [72, 74, 76, 77], [67, 67, 72, 69], [48, 55, 48, 53]
    chords = [note(n, n + 1, p) for n in range(4) for p in (bass[n], soprano[n], alto[n])]
    assert pitches(divide(chords)) == [soprano, alto, bass]


def test_a_melody_over_a_held_note_is_not_torn_between_players():
    pedal = note(0, 8, 50)
    melody = [note(n, n + 1, p) for n, p in enumerate((62, 64, 65, 67, 69, 67, 65, 64))]
    assert pitches(divide([pedal, *melody])) == [[62, 64, 65, 67, 69, 67, 65, 64], [50]]


def test_a_single_line_after_a_chord_stays_with_one_player():
    chord = [note(0, 1, 72), note(0, 1, 60)]
    line = [note(1 + n, 2 + n, p) for n, p in enumerate((71, 69, 67, 65, 64))]
    assert pitches(divide([*chord, *line])) == [[72, 71, 69, 67, 65, 64], [60]]


def test_a_little_overlap_is_legato():
    line = [note(0, 1.05, 60), note(1, 2.08, 62), note(2, 3, 64)]
    (player,) = divide(line)
    assert [each.offset_s for each in player] == [1, 2, 3]


def test_a_long_overlap_is_two_players():
    assert pitches(divide([note(0, 1.4, 60), note(1, 2, 62)])) == [[62], [60]]


def test_a_spread_chord_is_a_chord():
    spread = [note(0.000, 2, 48), note(0.012, 2, 55), note(0.024, 2, 64)]
    assert pitches(divide(spread)) == [[64], [55], [48]]


def test_a_key_struck_again_ends_there():
    (player,) = divide([note(0, 3, 60), note(1, 2, 60)])
    assert [(each.onset_s, each.offset_s) for each in player] == [(0, 1), (1, 2)]


def test_the_same_key_on_two_channels_is_played_once():
    assert divide([note(0, 1, 60), note(0, 2, 60)]) == ((note(0, 2, 60),),)


NOTES = st.lists(
    st.builds(
        lambda onset, length, pitch: note(onset / 50, (onset + length) / 50, pitch),
        st.integers(0, 200), st.integers(1, 150), st.integers(30, 90),
    ),
    max_size=40,
)  # fmt: skip


@given(NOTES)
def test_nobody_plays_two_notes_and_none_is_lost(notes):
    players = divide(notes)
    assert len(players) <= MOST_PLAYERS
    for player in players:
        assert all(a.offset_s <= b.onset_s for a, b in pairwise(player))
        assert all(each.offset_s > each.onset_s for each in player)
    begun = {(each.onset_s, each.midi_pitch) for player in players for each in player}
    assert begun <= {(each.onset_s, each.midi_pitch) for each in notes}
    # Only a key that begins together with itself is played once.
    for each in notes:
        assert any(
            p.midi_pitch == each.midi_pitch and abs(p.onset_s - each.onset_s) <= 0.03
            for player in players
            for p in player
        )
