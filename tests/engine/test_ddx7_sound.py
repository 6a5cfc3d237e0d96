"""DDX7 voices whatever comes: blocks never show, nothing is random, nothing bursts or sticks."""

import hashlib

import numpy as np
import pytest

from plugin_core.engine.ddx7_file import Ddx7Model
from plugin_core.engine.ddx7_layout import Ddx7Layer, Playing, ddx7_layout
from plugin_core.engine.instrument import PEAK
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.parameters import PARAMETERS, VOICE_BASE
from plugin_core.engine.records import EventType

from .ddx7_organ import PLAYING, ddx7_organ, put
from .ddx7_twin import random_twin
from .live_organ import live_engine, load, organ
from .playing import events, levels_db, off, on, parameter

RATES = (22050, 48000, 192000)


def random_model(seed: int = 7) -> Ddx7Model:
    """A network with weights by chance, and noise, on the organ's tables."""
    model = ddx7_organ((0.5,) * 6, algorithm=5, noise_logit=-2.0, life=(5.5, 5.0))
    tables = ddx7_layout()[Ddx7Layer.TYPICAL, LayoutColumn.OFFSET]
    model.weights[:tables] = random_twin(seed).packed()[:tables]
    row = np.array([PLAYING.get(column.name, 0.0) for column in Playing], np.float32)
    row[Playing.ALGORITHM], row[Playing.GAIN_DB], row[Playing.NOISE] = 5, -20, 1
    row[Playing.NOISE_SCALE] = 0.01
    put(model.weights, Ddx7Layer.PLAYING, row)
    return model


def storm(seed: int, rate: float, seconds: float = 1.0):
    """Events by chance: notes, every parameter, bends, pedals, changes of the sound."""
    chance = np.random.default_rng(seed)
    length = int(rate * seconds)
    table = [load(0)]
    for _ in range(30):
        at, key = int(chance.integers(0, length)), int(chance.integers(0, 128))
        table.append(on(at, key, int(chance.integers(1, 128))))
        if chance.random() < 0.8:
            table.append(off(at + int(chance.integers(1, length)), key))
    for _ in range(120):
        index = int(chance.choice([*range(8), *range(VOICE_BASE, len(PARAMETERS))]))
        known = PARAMETERS[index]
        value = float(chance.uniform(known.low, known.high))
        table.append((int(chance.integers(0, length)), EventType.PARAMETER, 0, 0, -1, index, value))
    for _ in range(10):
        at = int(chance.integers(0, length))
        table.append((at, EventType.PITCH_BEND, 0, 0, -1, 0, float(chance.integers(0, 16384))))
        table.append((at, EventType.CONTROLLER, 0, 0, -1, 64, float(chance.integers(0, 128))))
        table.append(load(int(chance.integers(0, length)), slot=int(chance.integers(0, 2))))
    return events(*table), length


@pytest.mark.parametrize("rate", RATES)
def test_blocks_never_show(rate):
    table, length = storm(1, rate, 0.2)
    whole = live_engine(random_model(), organ(), rate=rate).play(table, length, block=8192)
    for block in (37, 480):
        cut = live_engine(random_model(), organ(), rate=rate).play(table, length, block=block)
        np.testing.assert_array_equal(cut, whole)


@pytest.mark.parametrize("seed", range(4))
def test_storms_stay_finite_bounded_and_end(seed):
    engine = live_engine(random_model(seed), organ())
    table, length = storm(seed, 48000)
    audio = engine.play(table, length)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() < PEAK
    quiet = [(0, EventType.CONTROLLER, 0, 0, -1, number, 0.0) for number in (64, 66, 123)]
    engine.play(events(*quiet), 2 * 48000)
    assert engine.sounding == 0


def test_the_same_events_are_the_same_sound():
    digests = set()
    for _ in range(2):
        table, length = storm(5, 48000, 0.5)
        audio = live_engine(random_model(), organ()).play(table, length)
        digests.add(hashlib.sha256(audio.tobytes()).hexdigest())
    assert len(digests) == 1


def test_a_reset_engine_plays_the_same_again():
    engine = live_engine(random_model())
    table = events(load(), on(0, 60), on(5000, 64), off(9000, 60), off(12000, 64))
    first = engine.play(table, 20000)
    engine.reset()
    np.testing.assert_array_equal(engine.play(table, 20000), first)


def test_the_first_frame_follows_endless_silence():
    """A note of a voice that has played before sounds as one that has not."""
    model = random_model()
    fresh = live_engine(model).play(events(load(), parameter(0, "seed", 1), on(0, 60)), 9600)
    engine = live_engine(model)
    engine.play(events(load(), parameter(0, "seed", 1), on(0, 72), off(4800, 72)), 4 * 48000)
    assert engine.sounding == 0
    again = engine.play(events(on(0, 60)), 9600)
    assert np.abs(levels_db(again, 48000)[3:] - levels_db(fresh, 48000)[3:]).max() < 1.5


def test_weights_that_burst_are_silent_and_do_not_stick():
    model = random_model()
    first = ddx7_layout()[Ddx7Layer.B4_A, LayoutColumn.OFFSET]
    model.weights[first : first + 1000] = 3e38
    engine = live_engine(model)
    audio = engine.play(events(load(), on(0, 60), off(24000, 60)), 3 * 48000)
    assert np.isfinite(audio).all()
    assert engine.sounding == 0


def test_tables_that_burst_stay_bounded():
    model = ddx7_organ(
        attack=np.full(50, 1e30), release=np.full(75, 1e30), playing={"GAIN_DB": 200.0}
    )
    engine = live_engine(model)
    audio = engine.play(events(load(), on(0, 60, 127), off(24000, 60)), 3 * 48000)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() < 4.001
    assert engine.sounding == 0
