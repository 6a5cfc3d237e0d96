"""Neural voices under storms of everything: finite, never stuck, as loud as the recordings.

Ten seconds of each instrument, in `ci/test --full` ten minutes. Blocks and sample rates never show.
"""

import numpy as np
import pytest

from plugin_core.engine.live_layout import LIVE_INSTRUMENTS
from plugin_core.performing.ranges import LIVE_RANGES
from tests.conftest import FULL
from tests.engine.live_storms import (
    LOUDEST,
    MADE_UP,
    RATES,
    alone,
    bundled_model,
    choose,
    cut_into_blocks,
    end_all_notes,
    live_engine,
    made_up_model,
    mode,
    settle,
    storm,
    weather_changing_sounds,
    without_mixing,
)
from tests.engine.playing import (
    cents,
    events,
    frequency_hz,
    on,
    parameter,
)

SECONDS = 10.0
STORMS = 60 if FULL else 1

PLAYING_GAIN_DB = 24.0
TOLERANCE_DB = 12.0
WINDOW_S = 0.05

RECORDED_DB = {
    "violin": (-64.0, -36.0),
    "viola": (-89.7, -27.0),
    "cello": (-75.2, -37.0),
    "double_bass": (-69.4, -37.3),
    "flute": (-72.0, -33.8),
    "oboe": (-74.2, -27.2),
    "clarinet": (-76.2, -31.7),
    "saxophone": (-64.7, -40.6),
    "bassoon": (-70.7, -33.5),
    "trumpet": (-82.4, -32.4),
    "horn": (-83.0, -33.2),
    "trombone": (-79.4, -36.7),
    "tuba": (-82.5, -35.3),
    "guitar": (-88.0, -26.5),
}
"""Level of the corpus's notes, 5th and 99th percentile, on the scale of the controls: RMS in dB of
harmonics and noise, mean of a note from 50 ms on."""

LOUDEST_RECORDED_DB = -21.8
"""What one window of 48 ms in a thousand passes in the corpus, and the loudest window of one note
in a hundred; of all instruments together, since levels are normalised source by source."""

LOUD_VOLUME = 0.9
"""What loud passages of every source read."""

HIGHEST_CENTROID_HZ = 10_000.0
"""Brighter than this no recording can be; what is asked above 20 kHz is silent."""

UNDER_VOLUME_DB = 8.0
"""How far the RMS of notes usually lies under the sum of their harmonics' amplitudes."""


def row(instrument: str) -> int:
    model = bundled_model()
    if instrument not in model.instruments:
        pytest.skip(f"no {instrument} in the bundled model")
    return model.row(instrument)


def window_db(audio: np.ndarray, rate: float) -> np.ndarray:
    """Return the RMS of windows on the scale of the controls."""
    length = round(rate * WINDOW_S)
    windows = audio[: len(audio) // length * length].reshape(-1, length).astype(np.float64)
    return 10 * np.log10(np.maximum((windows**2).mean(axis=1), 1e-20)) - PLAYING_GAIN_DB


@pytest.mark.parametrize("instrument", LIVE_INSTRUMENTS)
def test_storms_of_everything(instrument):
    random = np.random.default_rng(LIVE_INSTRUMENTS.index(instrument))
    model, number = bundled_model(), row(instrument)
    for part in range(STORMS):
        rate = float(random.choice(RATES)) if FULL else 44100.0
        engine = live_engine(model, rate)
        density = float(10 ** random.uniform(0.7, 2.7))
        keys = (0, 128) if random.random() < 0.3 else (36, 84)
        table = storm(random, number, rate, SECONDS, density=density, keys=keys)
        audio = engine.play(table, round(SECONDS * rate), block=int(random.integers(16, 3000)))
        assert np.isfinite(audio).all(), part
        assert np.abs(audio).max() < LOUDEST, part
        end = settle(engine, random)
        assert engine.sounding == 0, f"storm {part}: a note is stuck"
        assert not end.any(), part


@pytest.mark.parametrize("instrument", LIVE_INSTRUMENTS)
def test_a_player_in_a_storm_is_no_louder_than_the_recordings(instrument):
    """A line at whatever control: mixing gains and other players aside."""
    random = np.random.default_rng(100 + LIVE_INSTRUMENTS.index(instrument))
    reach = LIVE_RANGES[instrument]
    keys = (reach.lowest, reach.highest + 1)
    rate, seconds = 24000.0, SECONDS if FULL else 4.0
    for _ in range(STORMS):
        density = float(10 ** random.uniform(0.7, 2))
        table = storm(random, row(instrument), rate, seconds, density=density, keys=keys)
        table = alone(without_mixing(table))
        audio = live_engine(bundled_model(), rate).play(table, round(seconds * rate))
        assert window_db(audio, rate).max() < LOUDEST_RECORDED_DB + TOLERANCE_DB


@pytest.mark.parametrize("instrument", LIVE_INSTRUMENTS)
def test_held_notes_are_as_loud_as_the_recordings(instrument):
    """Notes of half a second across the range, at volumes that recordings have, whatever else."""
    random = np.random.default_rng(200 + LIVE_INSTRUMENTS.index(instrument))
    reach = LIVE_RANGES[instrument]
    rate, seconds = 48000.0, 0.5
    quiet, loud = RECORDED_DB[instrument]
    quietest = (quiet + UNDER_VOLUME_DB + 90) / 60
    engine = live_engine(bundled_model(), rate)
    settings = [choose(0, row(instrument)), mode(0, "mono")]
    settings += [parameter(0, "style", 127), parameter(0, "performer", 0)]
    engine.render(round(0.2 * rate), events(*settings))
    for _ in range(60 if FULL else 12):
        key = int(random.integers(reach.lowest, reach.highest + 1))
        brightest = HIGHEST_CENTROID_HZ / (12 * 440 * 2 ** ((key - 69) / 12))
        table = [
            parameter(0, "volume", random.uniform(quietest, LOUD_VOLUME)),
            parameter(0, "brightness", random.uniform(0, min(1.0, brightest))),
            parameter(0, "volume_fluctuation", random.uniform(0, 0.5)),
            parameter(0, "attack_noise", random.uniform(0, 1)),
            on(round(0.02 * rate), key, int(random.integers(1, 128))),
        ]
        heard = window_db(engine.play(events(*table), round(seconds * rate)), rate)
        mean_db = 10 * np.log10((10 ** (heard[1:] / 10)).mean())
        assert quiet - TOLERANCE_DB < mean_db < loud + TOLERANCE_DB, (key, table)


@pytest.mark.parametrize("seed", range(40 if FULL else 4))
def test_blocks_do_not_show(seed):
    """Neural and FM sounds, switched while they sound; -100 dBFS is asked."""
    random = np.random.default_rng(300 + seed)
    rate = float(RATES[seed % len(RATES)])
    table = storm(random, seed % len(MADE_UP), rate, 0.5, density=600, keys=(36, 84))
    cut_into_blocks(made_up_model(seed), rate, table, random)


def test_playing_again_gives_the_same():
    table = storm(np.random.default_rng(1), 1, 44100, 0.5, density=400, keys=(36, 84))
    engine = live_engine(made_up_model())
    first = engine.play(table, 22050)
    engine.reset()
    np.testing.assert_array_equal(engine.play(table, 22050), first)


@pytest.mark.parametrize("key", [45, 69, 88])
def test_every_sample_rate_plays_the_same_note(key):
    """Its pitch and its level, drift and all: the frames are the same at all rates."""
    found = {}
    for rate in (22050.0, 44100.0, 48000.0, 88200.0, 96000.0, 176400.0, 192000.0):
        model = made_up_model(3, loudness=0.3)
        table = events(
            choose(0), parameter(0, "vibrato", 0), parameter(0, "performer", 0), on(0, key)
        )
        audio = live_engine(model, rate).play(table, round(rate))[round(0.5 * rate) :]
        assert np.isfinite(audio).all()
        near_hz = 440 * 2 ** ((key - 69) / 12)
        level = np.sqrt(np.mean(np.square(audio, dtype=np.float64)))
        found[rate] = frequency_hz(audio, near_hz, rate), level
    reference_hz, reference = found[192000.0]
    for rate, (f0_hz, level) in found.items():
        assert abs(cents(f0_hz, reference_hz)) < 1, rate
        assert abs(20 * np.log10(level / reference)) < 1, rate


@pytest.mark.parametrize("loudness", [0.0, 10.0, 1e6, 1e30])
def test_any_finite_weights_make_finite_sound(loudness):
    random = np.random.default_rng(4)
    model = made_up_model(4, loudness=loudness)
    for number in range(len(MADE_UP)):
        engine = live_engine(model)
        table = storm(random, number, 44100, 1, density=300, keys=(0, 128))
        audio = engine.play(table, 44100)
        assert np.isfinite(audio).all()
        assert np.abs(audio).max() < LOUDEST
        assert not settle(engine, random).any()
        assert engine.sounding == 0


@pytest.mark.parametrize("seed", range(30 if FULL else 3))
def test_sounds_that_change_in_a_storm(seed):
    """FM voices and both instruments of a model at any time, and slots that are empty."""
    random = np.random.default_rng(500 + seed)
    table = storm(random, 0, 44100, 2, density=300, keys=(24, 100))
    choices = [choose(0, number, slot) for number in (0, 1, 2, 99) for slot in (0, 1, -1, 4)]
    weather_changing_sounds(live_engine(made_up_model(seed)), table, choices, random)


@pytest.mark.parametrize("seed", range(400 if FULL else 16))
def test_notes_whose_keys_come_up_once_come_to_an_end(seed):
    """Slurs, chords, repeated keys and pedals, while voice modes and sounds change."""
    random = np.random.default_rng(700 + seed)
    end_all_notes(
        made_up_model(seed),
        lambda sample: choose(sample, int(random.integers(0, 2))),
        lambda sample: parameter(sample, "style", random.uniform(0, 127)),
        random,
        most_movements=8,
        has_ids=bool(seed % 2),
    )
