"""Blocks never show: any way of cutting time gives the same bits, and so does playing again."""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from tests.conftest import FULL
from tests.engine.crowd import random_events, random_voice
from tests.engine.playing import SINE, engine, events, off, on, parameter, play

RATES = [22050, 44100, 48000, 96000, 192000]
BLOCKS = [1, 7, 64, 100, 128, 512, 8192]
SEEDS = range(40) if FULL else range(3)


def crowd(seed: int, rate: float) -> tuple[list[Voice], np.ndarray, int]:
    random = np.random.default_rng(seed)
    sounds = [random_voice(random) for _ in range(3)]
    samples = round(rate * 0.25)
    return sounds, random_events(random, 500, samples, sounds=3, note_ids=bool(seed % 2)), samples


def cut(instrument: Engine, table: np.ndarray, cuts: list[int]) -> np.ndarray:
    """Render through blocks that end at `cuts`."""
    parts, start = [], 0
    for stop in cuts:
        mine = table[(table["offset"] >= start) & (table["offset"] < stop)].copy()
        mine["offset"] -= start
        parts.append(instrument.render(stop - start, mine))
        start = stop
    return np.concatenate(parts)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rate", RATES)
def test_block_sizes_do_not_show(rate, seed):
    sounds, table, samples = crowd(seed, rate)
    whole = engine(*sounds, rate=rate).play(table, samples, block=samples)
    assert np.abs(whole).max() > 1e-4
    for block in BLOCKS:
        cut_up = engine(*sounds, rate=rate).play(table, samples, block=block)
        different = np.flatnonzero(cut_up != whole)
        assert len(different) == 0, f"block {block}: from sample {different[0]} on"


@pytest.mark.parametrize("seed", SEEDS)
def test_random_cuts_do_not_show(seed):
    sounds, table, samples = crowd(seed + 100, 44100)
    whole = engine(*sounds).play(table, samples, block=samples)
    cuts = np.unique(np.random.default_rng(seed).integers(1, samples, 300)).tolist()
    np.testing.assert_array_equal(cut(engine(*sounds), table, [*cuts, samples]), whole)


FEEDBACK = Voice.initial().edited(
    algorithm=1, feedback=7, op6_level=99, op5_level=80, op4_level=80, op3_level=99,
    op3_eg_rate4=99, op1_eg_rate4=99,
)  # fmt: skip


@pytest.mark.parametrize("block", [1, 50, 64, 1000])
def test_feedback_switched_on_in_a_note_does_not_show_blocks(block):
    table = events(
        parameter(0, "feedback", 0),
        on(0, 45),
        *(parameter(1000 + 37 * step, "feedback", step / 10) for step in range(60)),
    )
    whole = engine(FEEDBACK).play(table, 8000, block=8000)
    np.testing.assert_array_equal(engine(FEEDBACK).play(table, 8000, block=block), whole)


@pytest.mark.parametrize("block", [1, 50, 64, 1000])
def test_an_operator_that_falls_silent_in_a_note_does_not_show_blocks(block):
    table = events(
        on(0, 45),
        *(parameter(500 + 700 * n, "op6_on", n % 2) for n in range(8)),
    )
    whole = engine(FEEDBACK).play(table, 8000, block=8000)
    np.testing.assert_array_equal(engine(FEEDBACK).play(table, 8000, block=block), whole)


@pytest.mark.parametrize("block", [1, 50, 64, 1000])
def test_voices_used_again_do_not_show_blocks(block):
    """Feedback memory is not cleared: what a note leaves must not depend on the blocks."""
    notes = [
        event
        for n in range(150)
        for event in (on(n * 100, 40 + n % 24), off(n * 100 + 90, 40 + n % 24))
    ]
    table = events(parameter(0, "polyphony", 4), *notes)
    whole = engine(FEEDBACK).play(table, 16000, block=16000)
    np.testing.assert_array_equal(engine(FEEDBACK).play(table, 16000, block=block), whole)


def test_the_same_twice():
    sounds, table, samples = crowd(7, 44100)
    first = engine(*sounds).play(table, samples)
    np.testing.assert_array_equal(engine(*sounds).play(table, samples), first)


def test_reset_forgets_everything():
    sounds, table, samples = crowd(8, 48000)
    instrument = engine(*sounds, rate=48000)
    first = instrument.play(table, samples)
    instrument.reset()
    assert instrument.sounding == 0
    np.testing.assert_array_equal(instrument.play(table, samples), first)


def test_silence_before_does_not_show_where_nothing_runs_free():
    table = [on(0, 60), off(3000, 60)]
    whole = play(SINE, *table, samples=6000)
    late = [(sample + 12345, *event) for sample, *event in table]
    np.testing.assert_array_equal(play(SINE, *late, samples=18345)[12345:], whole)


def test_a_block_of_no_samples_takes_its_events():
    instrument = engine(SINE)
    assert instrument.render(0, events(on(0, 60))).shape == (0,)
    assert np.abs(instrument.render(500)).max() > 0.05
