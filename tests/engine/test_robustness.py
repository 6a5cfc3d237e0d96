"""Nothing that comes in makes the output other than finite and below the documented peak."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import NOTE_PEAK, PEAK
from plugin_core.engine.parameters import PARAMETERS
from plugin_core.engine.records import EVENT, EventType
from tests.conftest import FULL
from tests.engine.crowd import random_events, random_voice
from tests.engine.playing import SINE, controller, engine, events, off, on, parameter, play
from tests.engine.test_facts import patches

ODD = [float("nan"), float("inf"), -float("inf"), -1e30, 1e30, -1.0, 0.0, 0.4, 128.0, 1e9]


def sane(audio: np.ndarray, peak: float = PEAK) -> bool:
    return bool(np.isfinite(audio).all() and np.abs(audio).max(initial=0) <= peak)


@pytest.mark.parametrize("kind", EventType)
@pytest.mark.parametrize("value", ODD)
def test_odd_values(kind, value):
    instrument = engine(SINE, SINE)
    table = np.array([on(0, 60)] + [(10 * n, kind, 0, 60, -1, n, value) for n in range(200)], EVENT)
    assert sane(instrument.play(table, 4000))
    assert sane(instrument.render(4000, events(on(0, 64))))
    assert np.isfinite(instrument.parameters).all()


@pytest.mark.parametrize("kind", EventType)
@pytest.mark.parametrize("place", [-(2**31), -1, 16, 127, 128, 10**6, 2**31 - 1])
def test_odd_places(kind, place):
    instrument = engine(SINE, SINE)
    table = np.array(
        [
            (0, kind, place, 60, -1, 1, 64),
            (1, kind, 0, place, -1, 1, 64),
            (2, kind, 0, 60, place, 1, 64),
            (3, kind, 0, 60, -1, place, 64),
        ],
        EVENT,
    )
    assert sane(instrument.play(table, 2000))
    assert sane(instrument.render(4000, events(on(0, 64))))


@pytest.mark.parametrize("kind", [-1, 10, 999, -(2**31)])
def test_events_of_no_kind_do_nothing(kind):
    table = np.array([on(0, 60), (5, kind, 0, 60, -1, 1, 64)], EVENT)
    np.testing.assert_array_equal(
        engine(SINE).play(table, 2000), play(SINE, on(0, 60), samples=2000)
    )


def test_events_out_of_order_act_late_but_all_of_them():
    """The caller sorts; if not, an event acts when those before it in the list have."""
    instrument = engine(SINE)
    table = np.array([on(500, 60), on(100, 64), on(300, 67)], EVENT)
    assert sane(instrument.render(1000, table))
    assert instrument.sounding == 3


@pytest.mark.parametrize("seed", range(60 if FULL else 6))
def test_storms_of_everything(seed):
    random = np.random.default_rng(seed)
    sounds = [random_voice(random) for _ in range(4)]
    instrument = engine(*sounds, rate=float(random.choice([22050, 44100, 192000])))
    for _ in range(4):
        table = random_events(random, 1500, 6000, sounds=4, channels=16, keys=(0, 128))
        assert sane(instrument.play(table, 6000, block=int(random.integers(1, 3000))))


def test_a_thousand_notes_a_second():
    random = np.random.default_rng(1)
    table = [
        on(round(n * 44.1), int(key), int(velocity))
        for n, (key, velocity) in enumerate(random.integers(1, 128, (3000, 2)))
    ]
    instrument = engine(random_voice(random))
    assert sane(instrument.play(events(*table), 3 * 44100))
    assert instrument.sounding <= 48


def test_every_parameter_to_both_ends_at_every_tick():
    random = np.random.default_rng(2)
    instrument = engine(random_voice(random))
    table = [on(n * 500, 40 + n) for n in range(20)]
    for n, p in enumerate([*PARAMETERS] * 2):
        table += [parameter(n * 40, p.id, p.low), parameter(n * 40 + 20, p.id, p.high)]
    assert sane(instrument.play(events(*table), 20_000, block=37))


@settings(max_examples=2000 if FULL else 150, phases=(Phase.explicit, Phase.generate))
@given(patches(), st.integers(0, 127), st.integers(1, 127), st.sampled_from([22050, 44100, 96000]))
def test_any_patch_on_any_note_stays_below_the_peak_of_a_note(voice, key, velocity, rate):
    table = [on(0, key, velocity), off(3000, key)]
    assert sane(play(voice, *table, samples=5000, rate=rate), NOTE_PEAK)


def loudest() -> Voice:
    levels = {f"op{n}_level": 99 for n in range(1, 7)}
    accents = {f"op{n}_velocity_sensitivity": 7 for n in range(1, 7)}
    return Voice.initial().edited(algorithm=32, **levels, **accents)


def test_the_peak_of_a_note_is_reached_and_not_passed():
    audio = play(loudest(), on(0, 30, 127), samples=20_000)
    assert NOTE_PEAK * 0.995 < np.abs(audio).max() <= NOTE_PEAK


def test_thirty_two_of_the_loudest_with_everything_up_stay_below_the_peak():
    table = [parameter(0, p, 1) for p in ("volume", "brightness", "attack_noise")]
    table += [parameter(0, "output_gain", 12), controller(0, 7, 127)]
    table += [on(0, 30, 127, note_id=n) for n in range(32)]
    audio = play(loudest(), *table, samples=20_000)
    assert sane(audio)
    assert np.abs(audio).max() > 32 * NOTE_PEAK * 3.9 * 3.9


@pytest.mark.parametrize("samples", [1, 2, 63, 8192, 20_000])
def test_any_block_length(samples):
    instrument = engine(SINE)
    assert instrument.render(samples, events(on(0, 60))).shape == (samples,)


def test_rendering_needs_no_more_memory_as_it_goes():
    """What Python can see: the output alone comes and goes."""
    random = np.random.default_rng(3)
    instrument = engine(random_voice(random))
    table = random_events(random, 300, 4000)
    instrument.play(table, 4000)
    tracemalloc.start()
    for _ in range(3):
        instrument.play(table, 4000)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        instrument.play(table, 4000)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 10_000


def test_events_are_not_changed_by_playing_them():
    table = events(on(0, 60), off(3000, 60))
    copy = table.copy()
    engine(SINE).play(table, 5000, block=100)
    np.testing.assert_array_equal(table, copy)
