"""Volume fluctuation and peak position: the level's shape inside a note."""

import numpy as np
import pytest

from plugin_core.engine.parameters import NOTE_VALUES
from plugin_core.engine.records import EventType
from tests.engine.playing import RATE, SINE, engine, events, levels_db, off, on, parameter, play

WINDOW_S = 0.01


def length(seconds: float, key: int = 69) -> tuple:
    return (0, EventType.NOTE_LENGTH, 0, key, -1, 0, seconds)


def shape(fluctuation: float, peak: float, *table, seconds: float = 2.0) -> np.ndarray:
    """Return the level of a note over its length, in dB against the plain note."""
    settings = [
        parameter(0, "volume_fluctuation", fluctuation),
        parameter(0, "volume_peak_position", peak),
    ]
    samples = round(seconds * RATE)
    audio = play(SINE, *settings, *table, on(0), samples=samples)
    return (levels_db(audio) - levels_db(play(SINE, on(0), samples=samples)))[1:]


@pytest.mark.parametrize("peak", [0.0, 0.1, 0.35, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("fluctuation", [0.1, 0.25, 0.5])
def test_the_deviation_is_24_db_times_the_fluctuation(fluctuation, peak):
    assert shape(fluctuation, peak, length(2.0)).std() == pytest.approx(24 * fluctuation, rel=0.02)


@pytest.mark.parametrize("peak", [0.0, 0.5, 1.0])
def test_the_deviation_is_12_db_at_most(peak):
    assert shape(1.0, peak, length(2.0)).std() == pytest.approx(12, rel=0.02)


@pytest.mark.parametrize("peak", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_peak_lies_at_its_position(peak):
    levels = shape(0.3, peak, length(2.0))
    assert np.argmax(levels) / len(levels) == pytest.approx(peak, abs=0.012)
    assert levels.max() == pytest.approx(0, abs=0.35)
    top = int(np.argmax(levels))
    assert (np.diff(levels[: top + 1]) > -0.02).all()
    assert (np.diff(levels[top:]) < 0.02).all()


@pytest.mark.parametrize("note_length", [0.25, 1.0, 1.5])
def test_a_live_note_runs_against_note_length_and_stays_at_the_end(note_length):
    levels = shape(0.3, 0.5, parameter(0, "note_length", note_length))
    within = round(note_length / WINDOW_S)
    assert np.argmax(levels) * WINDOW_S == pytest.approx(note_length / 2, abs=0.021)
    assert levels[:within].std() == pytest.approx(24 * 0.3, rel=0.05)
    assert np.ptp(levels[within + 2 :]) < 0.05


def test_a_length_from_the_score_is_of_one_note():
    table = [length(0.5), parameter(0, "volume_fluctuation", 0.3), on(0), off(4000), on(8000)]
    audio = play(SINE, *table, samples=8000 + RATE)
    levels = levels_db(audio[8000:])
    assert np.argmax(levels) * WINDOW_S == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("tempo_bpm", [60.0, 120.0, 200.0])
@pytest.mark.parametrize(("value", "beats"), [("1/16", 0.25), ("1/8", 0.5), ("1/4", 1), ("1/1", 4)])
def test_note_length_sync_follows_the_tempo(value, beats, tempo_bpm):
    instrument = engine(SINE)
    instrument._memory.transports["tempo_bpm"] = tempo_bpm
    settings = [
        parameter(0, "volume_fluctuation", 0.4),
        parameter(0, "volume_peak_position", 1.0),
        parameter(0, "note_length_sync", NOTE_VALUES.index(value)),
    ]
    seconds = beats * 60 / tempo_bpm
    audio = instrument.play(events(*settings, on(0)), round((seconds + 0.2) * RATE))
    levels = levels_db(audio)
    reached = np.flatnonzero(levels > levels[-5:].mean() - 0.05)[0]
    assert reached * WINDOW_S == pytest.approx(seconds, rel=0.03, abs=0.021)


@pytest.mark.parametrize("tempo_bpm", [0.0, -120.0, float("nan"), float("inf")])
def test_a_host_without_a_tempo_does_no_harm(tempo_bpm):
    instrument = engine(SINE)
    instrument._memory.transports["tempo_bpm"] = tempo_bpm
    settings = [parameter(0, "volume_fluctuation", 0.4), parameter(0, "note_length_sync", 3)]
    audio = instrument.play(events(*settings, on(0)), 5000)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() <= 0.13


def test_fluctuation_grows_with_its_control():
    found = [shape(f, 0.5, length(1.0), seconds=1.0).std() for f in np.linspace(0, 0.5, 6)]
    assert (np.diff(found) > 1).all()
