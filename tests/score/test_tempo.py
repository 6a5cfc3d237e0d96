import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.score.tempo import TempoMap

bpms = st.floats(3.0, 3000.0)
tempo_maps = st.lists(st.tuples(st.floats(0.01, 500.0), bpms), max_size=12).map(
    lambda spans: TempoMap.of(
        zip(np.cumsum([span for span, _ in spans]), [bpm for _, bpm in spans], strict=True)
    )
)


def test_at_120_bpm_a_beat_lasts_half_a_second():
    assert TempoMap().seconds(3.0) == 1.5
    assert TempoMap.constant(120).beats(1.5) == 3.0


def test_tempo_changes_count_from_their_beat():
    # 4 beats at 60 are 4 s, 4 at 120 are 2 s, and 30 bpm from there.
    tempo = TempoMap(((0, 60), (4, 120), (8, 30)))
    assert tempo.seconds(np.array([0, 4, 6, 8, 9.0])).tolist() == [0, 4, 5, 6, 8]
    assert tempo.beats(np.array([0, 4, 5, 6, 8.0])).tolist() == [0, 4, 6, 8, 9]
    assert [tempo.bpm(beat) for beat in (0, 3.9, 4, 100)] == [60, 60, 120, 30]


def test_a_map_by_seconds_is_the_map_by_beats():
    assert TempoMap.timed([(0, 60), (4, 120), (6, 30)]) == TempoMap(((0, 60), (4, 120), (8, 30)))


def test_120_bpm_until_the_first_change_and_the_last_of_several_counts():
    assert TempoMap.of([(2, 60), (2, 90)]) == TempoMap(((0, 120), (2, 90)))


@given(tempo_maps, st.lists(st.floats(0, 10_000), min_size=1))
def test_seconds_and_beats_are_inverse(tempo: TempoMap, beats: list[float]):
    there = tempo.seconds(np.array(beats))
    np.testing.assert_allclose(tempo.beats(there), beats, rtol=1e-9, atol=1e-9)
    assert tempo.seconds(beats[0]) == there[0]


@given(tempo_maps, st.floats(0, 10_000), st.floats(0, 10_000))
def test_time_never_runs_back(tempo: TempoMap, one: float, other: float):
    early, late = sorted((one, other))
    assert tempo.seconds(early) <= tempo.seconds(late)


@pytest.mark.parametrize(
    "changes", [(), ((1, 120),), ((0, 0),), ((0, -3),), ((0, float("nan")),), ((0, 60), (0, 70))]
)
def test_a_map_that_is_none_is_refused(changes: tuple[tuple[float, float], ...]):
    with pytest.raises(ValueError, match=r"tempo|rise"):
        TempoMap(changes)
