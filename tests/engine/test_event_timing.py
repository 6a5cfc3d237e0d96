"""Events act at their sample."""

import numpy as np
import pytest

from tests.engine.playing import (
    SINE,
    bend,
    controller,
    engine,
    events,
    off,
    on,
    parameter,
    play,
    voice_records,
)


@pytest.mark.parametrize("start", [0, 1, 63, 64, 65, 127, 128, 129, 511, 4095, 4096, 5000])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_note_starts_at_its_sample(start, rate):
    alone = play(SINE, on(0, 60), samples=2000, rate=rate)
    audio = play(SINE, on(start, 60), samples=start + 2000, rate=rate)
    assert not audio[:start].any()
    np.testing.assert_array_equal(audio[start:], alone)
    # The first sample of a note is its phase 0; the second one sounds.
    assert alone[0] == 0
    assert alone[1] != 0


def test_two_notes_are_the_sum_of_both():
    first = play(SINE, on(100, 60), off(2000, 60), samples=4000)
    second = play(SINE, on(777, 67), off(3000, 67), samples=4000)
    both = play(SINE, on(100, 60), on(777, 67), off(2000, 60), off(3000, 67), samples=4000)
    np.testing.assert_allclose(both, first + second, atol=3e-8)


@pytest.mark.parametrize("release", [1000, 1001, 1023, 1024, 1025])
def test_a_release_begins_with_the_tick_after_the_key_up(release):
    """Facts sheet, section 1: events count from the next control step of the voice on."""
    held = play(SINE, on(0, 60), samples=3000)
    let_go = play(SINE, on(0, 60), off(release, 60), samples=3000)
    first = np.flatnonzero(held != let_go)[0]
    tick = -(-release // 64) * 64
    assert tick <= first <= tick + 2


@pytest.mark.parametrize(
    "event",
    [
        bend(1000, 16383),
        controller(1000, 7, 20),
        parameter(1000, "volume", 0.2),
        parameter(1000, "master_tune", 50),
        parameter(1000, "op1_level", 60),
        parameter(1000, "algorithm", 32),
    ],
)
def test_nothing_changes_before_an_event_and_soon_after_it_does(event):
    voice = SINE.edited(op2_level=80)
    plain = play(voice, on(0, 60), samples=3000)
    changed = play(voice, on(0, 60), event, samples=3000)
    first = np.flatnonzero(plain != changed)[0]
    assert 1000 <= first <= 1000 + 3 * 64


def test_events_of_one_sample_act_in_their_order():
    instrument = engine(SINE)
    instrument.render(64, events(on(5, 60), off(5, 60), on(5, 64)))
    held = [int(v["key"]) for v in voice_records(instrument) if v["pressed"]]
    assert held == [64]


def test_events_after_the_block_act_at_its_end():
    """An event past the end is not lost: it acts before the next block."""
    instrument = engine(SINE)
    assert not instrument.render(100, events(on(250, 60))).any()
    np.testing.assert_array_equal(instrument.render(500), play(SINE, on(0, 60), samples=500))


def test_events_that_are_late_act_at_once():
    instrument = engine(SINE)
    np.testing.assert_array_equal(
        instrument.render(500, events(on(-250, 60))), play(SINE, on(0, 60), samples=500)
    )


def test_events_before_the_beginning_of_a_performance_act_at_once():
    np.testing.assert_array_equal(
        play(SINE, on(-250, 60), samples=500), play(SINE, on(0, 60), samples=500)
    )
