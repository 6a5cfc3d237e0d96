"""DDX7 voices under storms of everything: finite, bounded, never stuck; blocks never show.

Notes, pedals, controllers, controls and every parameter of the DX7 voice at once. Ten seconds of
each model, in `ci/test --full` ten minutes.
"""

import numpy as np
import pytest

from plugin_core.dx7.voice import Voice
from plugin_core.engine.ddx7_layout import Ddx7Layer
from plugin_core.engine.instrument import Engine
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.records import EventType
from plugin_core.performing.live import DDX7_FIELDS
from plugin_core.synthesis.instruments import DDX7_INSTRUMENTS
from tests.conftest import FULL
from tests.engine.ddx7_organ import OFF, ddx7_organ
from tests.engine.ddx7_storms import bundled_ddx7, made_up_ddx7
from tests.engine.live_storms import (
    LOUDEST,
    RATES,
    alone,
    choose,
    cut_into_blocks,
    end_all_notes,
    live_engine,
    made_up_model,
    settle,
    storm,
    weather_changing_sounds,
    without_mixing,
)
from tests.engine.playing import parameter

SECONDS = 10.0
STORMS = 60 if FULL else 1

LOUDEST_PLAYER = 4.0 * (1 + 65 / 8)
"""Above any frame of one player: its carriers, and noise of 65 bands."""


def rewired(table: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give half of the parameters' events to what a DDX7 instrument has of a DX7 voice."""
    fields = [PARAMETER_INDEX[name] for name in sorted(DDX7_FIELDS)]
    chosen = (table["type"] == EventType.PARAMETER) & (random.random(len(table)) < 0.5)
    table["index"][chosen] = random.choice(fields, np.count_nonzero(chosen))
    table["value"][chosen] = random.uniform(-1, 100, np.count_nonzero(chosen))
    return table


@pytest.mark.parametrize("name", DDX7_INSTRUMENTS)
def test_storms_of_everything(name):
    random = np.random.default_rng(DDX7_INSTRUMENTS.index(name))
    model = bundled_ddx7(name)
    for part in range(STORMS):
        rate = float(random.choice(RATES)) if FULL else 44100.0
        engine = live_engine(model, rate)
        density = float(10 ** random.uniform(0.7, 2.7))
        keys = (0, 128) if random.random() < 0.3 else (36, 96)
        table = rewired(storm(random, 0, rate, SECONDS, density=density, keys=keys), random)
        audio = engine.play(table, round(SECONDS * rate), block=int(random.integers(16, 3000)))
        assert np.isfinite(audio).all(), part
        assert 1e-3 < np.abs(audio).max() < LOUDEST, part
        end = settle(engine, random)
        assert engine.sounding == 0, f"storm {part}: a note is stuck"
        assert not end.any(), part


@pytest.mark.parametrize("name", DDX7_INSTRUMENTS)
def test_a_player_in_a_storm_stays_within_the_loudest_frame(name):
    """A line at whatever control, routing, ratio and level: mixing gains and others aside."""
    random = np.random.default_rng(100 + DDX7_INSTRUMENTS.index(name))
    rate, seconds = 24000.0, SECONDS if FULL else 3.0
    for _ in range(STORMS):
        density = float(10 ** random.uniform(0.7, 2))
        table = storm(random, 0, rate, seconds, density=density, keys=(48, 96))
        table = alone(without_mixing(rewired(table, random)))
        audio = live_engine(bundled_ddx7(name), rate).play(table, round(seconds * rate))
        assert np.abs(audio).max() < LOUDEST_PLAYER


@pytest.mark.parametrize("seed", range(40 if FULL else 4))
def test_blocks_do_not_show(seed):
    """DDX7 and FM sounds, switched and rewired while they sound; -100 dBFS is asked."""
    random = np.random.default_rng(300 + seed)
    rate = float(RATES[seed % len(RATES)])
    table = rewired(storm(random, 0, rate, 0.5, density=600, keys=(36, 84)), random)
    cut_into_blocks(made_up_ddx7(seed), rate, table, random)


def test_playing_again_gives_the_same():
    random = np.random.default_rng(1)
    table = rewired(storm(random, 0, 44100, 0.5, density=400, keys=(36, 84)), random)
    engine = live_engine(made_up_ddx7())
    first = engine.play(table, 22050)
    engine.reset()
    np.testing.assert_array_equal(engine.play(table, 22050), first)


@pytest.mark.parametrize("size", [0.0, 10.0, 1e6, 1e30])
def test_any_finite_weights_make_finite_sound(size):
    random = np.random.default_rng(4)
    engine = live_engine(made_up_ddx7(4, size=size))
    table = rewired(storm(random, 0, 44100, 1, density=300, keys=(0, 128)), random)
    audio = engine.play(table, 44100)
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() < LOUDEST
    assert not settle(engine, random).any()
    assert engine.sounding == 0


@pytest.mark.parametrize("seed", range(30 if FULL else 3))
def test_sounds_that_change_in_a_storm(seed):
    """FM voices, instruments of a live model and a DDX7 model, and slots that are empty."""
    random = np.random.default_rng(500 + seed)
    table = rewired(storm(random, 0, 44100, 2, density=300, keys=(24, 100)), random)
    choices = [choose(0, number, slot) for number in (0, 1, 99) for slot in (0, 1, 2, -1, 16)]
    models = [made_up_ddx7(seed), made_up_model(seed)]
    engine = Engine(44100, [Voice.initial().patch()], models=models)
    weather_changing_sounds(engine, table, choices, random)


@pytest.mark.parametrize("seed", range(400 if FULL else 12))
def test_notes_whose_keys_come_up_once_come_to_an_end(seed):
    """Slurs, chords, repeated keys and pedals, while voice modes, routings and EG rates change."""
    random = np.random.default_rng(700 + seed)
    moved = ["algorithm", "op1_eg_rate4", "op3_eg_rate4", "op2_on"]
    end_all_notes(
        made_up_ddx7(seed),
        choose,
        lambda sample: parameter(sample, str(random.choice(moved)), float(random.integers(0, 33))),
        random,
        most_movements=12,
        has_ids=bool(seed % 2),
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("layer", [Ddx7Layer.B3_A, Ddx7Layer.VOICE, Ddx7Layer.ATTACK])
def test_weights_that_are_not_finite_are_refused(layer, value):
    model = ddx7_organ((0.5, OFF, OFF, OFF, OFF, OFF))
    model.weights[model.layout[layer, LayoutColumn.OFFSET] + 1] = value
    with pytest.raises(ValueError, match="model 0"):
        live_engine(model)
