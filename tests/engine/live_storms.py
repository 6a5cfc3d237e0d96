"""Made-up live models, and storms of events for neural voices."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from plugin_core.engine.live_layout import (
    KINDS,
    Layer,
    LayerKind,
    Widths,
    layer_shapes,
    layer_size,
)
from plugin_core.engine.live_model import LiveModel, read_live_model
from plugin_core.engine.parameters import PARAMETER_INDEX, VOICE_MODES
from plugin_core.engine.records import EVENT, EventType, Kind
from plugin_core.sounds import presets_folder
from plugin_core.types import Expression
from tests.conftest import FULL
from tests.engine.crowd import random_events
from tests.engine.playing import controller, events, off, on, voice_records
from tests.engine.test_blocks import cut

RATES = (22050.0, 32000.0, 44100.0, 48000.0, 96000.0, 192000.0)
TAIL_S = 3.0
"""After this time nothing sounds that was let go: a forced fade ends after 2.5 s."""

SILENT = 1e-5
"""-100 dBFS."""

LOUDEST = 12 * 4.0 * (1 + 65 / 8) * 16
"""Above any sum of 12 players at the engine's loudest frame with all gains at their highest."""

TYPICAL = Expression(0.6, 0.3, 0.4, 0.3, 0.5, 0.3)
MADE_UP = ("reed", "string")

_MIXING = ("output_gain",)
_MIXING_CONTROLLERS = (7,)
_MODEL_SHARE = 0.01


def made_up_model(seed: int = 0, *, loudness: float = 1.0) -> LiveModel:
    """Two instruments of random weights, the second with style; `loudness` scales the networks."""
    random = np.random.default_rng(seed)
    rows, parts, offset = [], [], 0
    for layer, (inputs, outputs) in layer_shapes(len(MADE_UP), Widths(4, 16, 24, 16)).items():
        size = layer_size(KINDS[layer], inputs, outputs)
        rows.append((KINDS[layer], inputs, outputs, 0, offset))
        values = loudness * random.standard_normal(size) / np.sqrt(inputs)
        if KINDS[layer] == LayerKind.LAYER_NORM:
            values = np.repeat([1.0, 0.0], size // 2)
        elif layer == Layer.TYPICAL:
            values = np.tile(TYPICAL, len(MADE_UP))
        elif layer == Layer.STYLE:
            values = np.array([0.0, 0.0, 1.0, 0.1])
        elif layer == Layer.LIFE:
            values = np.tile([5.5, 4.0, 0.5, 0.05], len(MADE_UP))
        parts.append(values)
        offset += size
    return LiveModel(
        instruments=MADE_UP,
        typical=dict.fromkeys(MADE_UP, TYPICAL),
        styles={MADE_UP[0]: None, MADE_UP[1]: {"shortest_s": 0.1}},
        description={},
        layout=np.array(rows, np.int32),
        weights=np.concatenate(parts).astype(np.float32),
    )


@lru_cache(maxsize=1)
def bundled_model() -> LiveModel:
    """The live model of the repository; without it the test is skipped."""
    path = presets_folder() / "instruments" / "live.ts"
    if not path.is_file():
        pytest.skip(f"no bundled live model: {path} is not there")
    return read_live_model(path)


def live_engine(model: LiveModel, rate: float = 44100, *voices: Voice) -> Engine:
    return Engine(rate, [each.patch() for each in voices or (Voice.initial(),)], models=[model])


def choose(sample: int, row: int = 0, slot: int = 0):
    """The event that makes an instrument of a model the sound of the notes to come."""
    return (sample, EventType.MODEL, 0, 0, -1, slot, row)


def mode(sample: int, name: str):
    index = PARAMETER_INDEX["voice_mode"]
    return (sample, EventType.PARAMETER, 0, 0, -1, index, VOICE_MODES.index(name))


def storm(
    random: np.random.Generator,
    row: int,
    rate: float,
    seconds: float,
    *,
    density: float,
    keys: tuple[int, int],
) -> NDArray:
    """Return `density` events a second of all kinds, all of them for one neural instrument."""
    samples = round(seconds * rate)
    table = random_events(random, round(density * seconds), samples, note_ids=True, keys=keys)
    table["note_id"][random.random(len(table)) < 0.5] = -1
    again = table["type"] == EventType.SOUND
    again |= random.random(len(table)) < _MODEL_SHARE
    table["type"][again] = EventType.MODEL
    table["index"][again], table["value"][again] = 0, row
    table["note_id"][again] = -1
    return np.concatenate([np.array([choose(0, row)], EVENT), table])


def without_mixing(table: NDArray) -> NDArray:
    """Leave out what is not the player's: the gains of the output and of channels."""
    mixing = [PARAMETER_INDEX[name] for name in _MIXING]
    is_gain = (table["type"] == EventType.PARAMETER) & np.isin(table["index"], mixing)
    is_gain |= (table["type"] == EventType.CONTROLLER) & np.isin(
        table["index"], _MIXING_CONTROLLERS
    )
    return table[~is_gain]


def alone(table: NDArray) -> NDArray:
    """Make it a line of one player: nothing else but legato and re-attacks on one channel."""
    modes = [PARAMETER_INDEX[name] for name in ("voice_mode", "polyphony", "mpe")]
    is_mode = (table["type"] == EventType.PARAMETER) & np.isin(table["index"], modes)
    line = table[~is_mode].copy()
    line["channel"] = 0
    line["note_id"] = -1
    return np.concatenate([np.array([mode(0, "mono")], EVENT), line])


def lifted(random: np.random.Generator, sample: int) -> NDArray:
    """Return the end of a storm: every pedal up, every key up, by hand or by controller."""
    channels, keys = range(16), range(128)
    pedals = [
        (sample, EventType.CONTROLLER, channel, 0, -1, number, 0)
        for channel in channels
        for number in (64, 66)
    ]
    if random.random() < 0.5:
        up = [(sample, EventType.CONTROLLER, channel, 0, -1, 123, 0) for channel in channels]
    else:
        up = [
            (sample, EventType.NOTE_OFF, channel, key, -1, 0, 0)
            for channel in channels
            for key in keys
        ]
    return np.array(pedals + up if random.random() < 0.5 else up + pedals, EVENT)


def settle(engine: Engine, random: np.random.Generator) -> NDArray:
    """Let everything go and return what still sounds after all tails."""
    rate = engine.sample_rate
    engine.play(lifted(random, 0), round(TAIL_S * rate))
    return engine.render(round(0.1 * rate))


def struck_once(
    random: np.random.Generator, rate: float, seconds: float, *, has_ids: bool
) -> list[tuple]:
    """Return notes whose keys come up once: slurs, chords, repeated keys, on two channels."""
    table = []
    for number in range(int(random.integers(4, 60))):
        start = int(random.uniform(0, seconds - 1.5) * rate)
        length = int(random.choice([0.01, 0.1, 0.5, 1.2]) * rate * random.uniform(0.5, 1.2))
        key, channel = int(random.integers(50, 62)), int(random.integers(0, 2))
        note_id = number if has_ids else -1
        table.append(on(start, key, 80, channel=channel, note_id=note_id))
        table.append(off(start + length, key, channel=channel, note_id=note_id))
    return table


def weather_changing_sounds(
    engine: Engine, table: NDArray, choices: Sequence[tuple], random: np.random.Generator
) -> None:
    """Play two seconds of a storm in which every tenth event chooses another sound, and judge it.

    `choices` are such events of neural instruments; three in ten choose the FM voice.
    """
    for index in np.flatnonzero(random.random(len(table)) < 0.1):
        kind = choices[int(random.integers(0, len(choices)))] if random.random() < 0.7 else None
        table["type"][index] = EventType.MODEL if kind else EventType.SOUND
        table["index"][index], table["value"][index] = (kind[5], kind[6]) if kind else (0, 0)
    audio = engine.play(table, 88200, block=int(random.integers(1, 2000)))
    assert np.isfinite(audio).all()
    assert np.abs(audio).max() < LOUDEST
    assert np.isfinite(settle(engine, random)).all()
    # An FM voice may well release for a minute: a parameter of the storm says so.
    assert not (voice_records(engine)["kind"] == Kind.NEURAL).any()


def cut_into_blocks(
    model: LiveModel, rate: float, table: NDArray, random: np.random.Generator
) -> None:
    """Play half a second whole, in blocks and in random pieces, and judge that it is the same."""
    samples = round(0.5 * rate)
    whole = live_engine(model, rate).play(table, samples, block=samples)
    assert np.abs(whole).max() > 1e-4
    for block in (64, 441) if not FULL else (1, 7, 64, 128, 1000):
        other = live_engine(model, rate).play(table, samples, block=block)
        assert np.abs(other - whole).max() < SILENT, block
    cuts = np.unique(random.integers(1, samples, 200)).tolist()
    other = cut(live_engine(model, rate), table, [*cuts, samples])
    assert np.abs(other - whole).max() < SILENT


def end_all_notes(
    model: LiveModel,
    choice: Callable[[int], tuple],
    movement: Callable[[int], tuple],
    random: np.random.Generator,
    *,
    most_movements: int,
    has_ids: bool,
) -> None:
    """Play notes whose keys come up once, and judge that they come to an end.

    Between them pedals, voice modes, what `choice` and what `movement` make at a sample.
    """
    rate, seconds = 22050.0, 4.0
    table = [choice(0), *struck_once(random, rate, seconds, has_ids=has_ids)]
    for _ in range(int(random.integers(0, most_movements))):
        sample = int(random.uniform(0, seconds - 0.1) * rate)
        kind, channel = int(random.integers(0, 4)), int(random.integers(0, 2))
        if kind == 0:
            table.append(controller(sample, int(random.choice([64, 66])), 127, channel=channel))
        elif kind == 1:
            table.append(mode(sample, str(random.choice(VOICE_MODES))))
        else:
            table.append(choice(sample) if kind == 2 else movement(sample))
    end = round(seconds * rate) - 1
    table += [controller(end, number, 0, channel=c) for number in (64, 66) for c in (0, 1)]
    engine = live_engine(model, rate)
    audio = engine.play(events(*table), round(seconds * rate), block=int(random.integers(1, 999)))
    assert np.isfinite(audio).all()
    engine.render(8192)
    tail = engine.play(events(), round(TAIL_S * rate))
    assert engine.sounding == 0
    assert not tail[-1000:].any()
