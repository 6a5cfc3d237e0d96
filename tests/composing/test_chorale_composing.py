import numpy as np
import pytest

from plugin_core.composing.chorale import RANGES, REST, STEPS_PER_BAR
from plugin_core.composing.chorale_composing import Chorale, Wanted, compose_chorale
from plugin_core.composing.chorale_parts import flat_twins, played_parts
from plugin_core.composing.chorale_sampling import Sampling
from plugin_core.types import InputError
from tests.composing.untrained import BEAT_S, line, untrained_chorale

BRIEF = Sampling(passes=4, mending=2, drafts=1)
TUNE = (67, 69, 71, 72, 74, 72, 71, 69)


def chorale(wanted: Wanted, seed: int = 0) -> Chorale:
    return compose_chorale(untrained_chorale(), wanted, seed, BRIEF)


def test_a_melody_is_kept_note_for_note():
    tune = line(*TUNE)
    made = chorale(Wanted({0: tune}))
    assert made.voices[0] == tune.written
    assert len(made.grid) == 2 * STEPS_PER_BAR
    assert all(voice for voice in made.voices)


def test_repeated_notes_of_a_melody_stay_apart():
    assert len(chorale(Wanted({0: line(67, 67, 67, 67)})).voices[0]) == 4


def test_the_key_of_a_melody_is_found_and_can_be_told():
    tune = line(60 + 7, 60 + 11, 60 + 14, 60 + 7, 60 + 9, 60 + 6, 60 + 7, 60 + 7)
    assert chorale(Wanted({0: tune})).key == 7
    assert chorale(Wanted({0: tune}, key=16)).key == 16


def test_bars_in_which_a_given_voice_is_silent_are_composed():
    tune = line(*TUNE[:4], start=4.0)
    made = chorale(Wanted({0: tune}, bars=3))
    assert (made.grid[:, 0] != REST).all()
    kept = [note for note in made.voices[0] if 4 <= note.onset < 8]
    assert kept == list(tune.written)


def test_only_some_bars_are_kept():
    given = {voice: line(*[low + 5] * 8) for voice, (low, _) in enumerate(RANGES)}
    made = chorale(Wanted(given, keep_bars={2}))
    for voice in range(4):
        kept = [note for note in made.voices[voice] if note.onset >= 4]
        assert kept == [note for note in given[voice].written if note.onset >= 4]
    assert (made.grid[:STEPS_PER_BAR] != np.array([low + 5 for low, _ in RANGES])).any()


def test_of_some_drafts_one_that_ends_on_the_tonic_is_taken():
    ends = [chorale(Wanted(key=key, bars=1), key).grid[-1, 3] % 12 for key in range(12)]
    many = Sampling(passes=4, mending=0, drafts=64)
    chosen = [
        compose_chorale(untrained_chorale(), Wanted(key=key, bars=1), key, many).grid[-1, 3] % 12
        for key in range(12)
    ]
    assert sum(end == key for key, end in enumerate(ends)) < 6
    assert sum(end == key for key, end in enumerate(chosen)) > 6


def test_a_melody_that_is_too_long_is_told_by_its_bars():
    with pytest.raises(InputError, match="expected at most 256 bars, found 261"):
        line(*[67] * 261, beats=4.0)


def test_from_nothing_there_are_eight_bars():
    assert len(chorale(Wanted()).grid) == 8 * STEPS_PER_BAR


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted({0: line(55)}, {0: "m.mid"}), "m.mid: bar 1, beat 1: expected a soprano note"),
        (Wanted({3: line(40, 70)}, {3: "b.mid"}), "b.mid: bar 1, beat 2: expected a bass note"),
        (Wanted({0: line(*TUNE)}, {0: "m.mid"}, bars=1), "expected at most 1 bars"),
        (Wanted({0: line(*TUNE)}, keep_bars={9}), "--keep-bars: expected bars in 1..2, found 9"),
        (Wanted({v: line(*[RANGES[v][0]] * 4) for v in range(4)}), "left to compose, found all"),
    ],
)
def test_what_cannot_be_composed(wanted: Wanted, told: str):
    with pytest.raises(InputError, match=told):
        chorale(wanted)


def test_it_is_played_by_our_rules_and_its_twin_is_not():
    made = chorale(Wanted({0: line(*TUNE)}))
    composed = played_parts(made.voices, BEAT_S, 0)
    beats = [composed.tempo.beats(note.onset_s) for note in composed.parts[0].notes]
    assert beats == pytest.approx(range(8), abs=1e-6)
    assert len({note.velocity for note in composed.parts[0].notes}) > 1
    assert [note.channel for part in composed.parts for note in part.notes[:1]] == [0, 1, 2, 3]
    twin = flat_twins(composed, BEAT_S)[0].notes
    assert [note.onset_s for note in twin] == pytest.approx(np.arange(8) * BEAT_S)
    assert len({note.velocity for note in twin}) == 1
