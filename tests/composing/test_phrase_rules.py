"""What the rules say, without the luck: means over many seeds."""

import numpy as np
import pytest

from plugin_core.composing.phrase_rules import perform, phrases_of
from plugin_core.composing.solo import Written

BEAT_S = 0.5
SEEDS = 60


def notes(*pitches: int, value: float = 1.0) -> list[Written]:
    return [Written(i * value, value, pitch) for i, pitch in enumerate(pitches)]


def velocities(line: list[Written]) -> np.ndarray:
    played = [perform([line], BEAT_S, np.random.default_rng(seed)) for seed in range(SEEDS)]
    return np.mean([[each.velocity for each in one.voices[0]] for one in played], axis=0)


def test_a_phrase_is_loudest_at_about_two_thirds():
    line = [*notes(*[67] * 14), Written(14.0, 2.0, 67)]
    downbeats = velocities(line)[[0, 4, 8, 12]]
    assert np.argmax(downbeats) in (2, 3)
    assert velocities(line)[-1] < max(downbeats) - 4


def test_strong_beats_and_high_notes_are_louder():
    assert velocities(notes(*[67] * 8, value=0.5))[0] > velocities(notes(*[67] * 8, value=0.5))[1]
    high, low = velocities(notes(67, 67, 79, 67)), velocities(notes(67, 67, 55, 67))
    assert high[2] - low[2] > 8


def test_long_notes_and_rests_end_phrases():
    line = [*notes(67, 69, 71), Written(3.0, 2.0, 72), *notes(72)]
    line[-1] = Written(5.0, 1.0, 72)
    assert [phrase.end for phrase in phrases_of(line, np.random.default_rng(0))] == [5.0, 6.0]
    apart = [Written(0.0, 1.0, 60), Written(3.0, 1.0, 60)]
    assert len(phrases_of(apart, np.random.default_rng(0))) == 2


def test_steps_are_bound_and_repeated_notes_are_not():
    def share(*pitches: int) -> float:
        performance = perform([notes(*pitches)], BEAT_S, np.random.default_rng(0))
        first, second = performance.voices[0][:2]
        return first.length_s / (second.onset_s - first.onset_s)

    assert share(60, 62, 64, 65) > share(60, 67, 60, 67) > share(60, 60, 60, 60)


def test_the_end_slows_down():
    tempo = perform([notes(*[60] * 16)], BEAT_S, np.random.default_rng(0)).tempo
    assert tempo.bpm(15.75) < 0.85 * tempo.bpm(7.0)


def test_voices_keep_one_tempo():
    upper, lower = notes(72, 74, 76, 77), notes(48, 50, 52, 53)
    performance = perform([upper, lower], BEAT_S, np.random.default_rng(0))
    onsets = [[each.onset_s for each in voice] for voice in performance.voices]
    assert onsets[0] == pytest.approx(onsets[1])


def test_nothing_is_not_played():
    with pytest.raises(ValueError, match="at least one note"):
        perform([[], []], BEAT_S, np.random.default_rng(0))
