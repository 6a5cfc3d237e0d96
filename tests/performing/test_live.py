"""What a score tells the engine that plays a live instrument: instrument, lengths, voice mode."""

import numpy as np
import pytest

from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.records import EventType
from plugin_core.performance import perform, players, tail_s
from plugin_core.performing.live import TAIL_S, driving_warnings, live_events, live_lanes
from plugin_core.sounds import LiveSound, load_sound
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part

RATE = 48000
LINE = (Note(0.1, 0.4, 67, 80), Note(0.38, 0.7, 69, 80), Note(0.7, 1.0, 71, 80))
CHORD = (Note(0.1, 0.9, 48, 80), Note(0.1, 0.9, 55, 80), Note(0.1, 0.9, 64, 80))
PEDAL = (
    Controller(0.0, ControllerKind.CONTROL, 64, 127),
    Controller(1.0, ControllerKind.CONTROL, 64, 0),
)
MODES = {"poly": 0, "mono": 1, "legato": 2}


@pytest.fixture(scope="module")
def violin() -> LiveSound:
    sound = load_sound("violin", model="live")
    assert isinstance(sound, LiveSound)
    return sound


@pytest.mark.parametrize(
    ("part", "mode"),
    [
        (Part("nothing"), "legato"),
        (Part("a line, slurred", LINE), "legato"),
        (Part("chords", CHORD), "poly"),
        (Part("two lines", (*LINE, Note(0.1, 1.0, 55, 80))), "poly"),
        (Part("a line under the pedal", LINE, PEDAL), "poly"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_one_player_can_play_is_played_legato(part: Part, mode: str):
    assert live_lanes(part, {})["voice_mode"].values.tolist() == [MODES[mode]]


def test_a_lane_for_the_voice_mode_wins():
    asked = {"voice_mode": Lane.constant(MODES["mono"]), "vibrato": Lane.constant(0.3)}
    assert live_lanes(Part("chords", CHORD), asked) == asked


def test_the_instrument_comes_first_then_parameters_then_notes_with_their_lengths(violin):
    events = live_events(
        violin,
        Part("line", (Note(0.0, 0.5, 67, 80),)),
        lanes={"vibrato": Lane.constant(0.25)},
        sample_rate=RATE,
        samples=RATE,
    )
    kinds = [EventType(kind) for kind in events["type"]]
    assert kinds == [
        EventType.MODEL, EventType.PARAMETER, EventType.PARAMETER,
        EventType.NOTE_LENGTH, EventType.NOTE_ON, EventType.NOTE_OFF,
    ]  # fmt: skip
    assert (events["index"][0], events["value"][0]) == (0, violin.row)
    assert events["index"][2] == PARAMETER_INDEX["vibrato"]
    assert events["value"][3] == pytest.approx(0.5)


def test_one_player_plays_it_all(violin):
    part = Part("chords", CHORD)
    assert players(violin, part).parts == (part,)


def test_a_part_sounds_and_has_died_away_when_its_tail_is_over(violin):
    part = Part("line", LINE)
    samples = round((1.0 + tail_s(violin, part) + 0.1) * RATE)
    audio = perform(violin, part, sample_rate=RATE, samples=samples)
    assert np.abs(audio[: round(0.1 * RATE) - 1]).max() == 0
    assert 1e-3 < np.abs(audio).max() < 1.0
    assert np.abs(audio[round((1.0 + TAIL_S) * RATE) :]).max() == 0


def test_an_unknown_lane_and_rate_are_misuse(violin):
    part = Part("line", LINE)
    with pytest.raises(KeyError, match="loudness"):
        perform(violin, part, lanes={"loudness": Lane.constant(1)}, sample_rate=RATE, samples=100)
    with pytest.raises(ValueError, match="22050"):
        perform(violin, part, sample_rate=8000, samples=100)


@pytest.mark.parametrize(
    ("controllers", "lanes", "count"),
    [
        ((), {"style": Lane.constant(0)}, 1),
        ((Controller(0.0, ControllerKind.CONTROL, 55, 20),), {}, 1),
        ((Controller(0.0, ControllerKind.CONTROL, 1, 20),), {}, 0),
    ],
)
def test_style_on_an_instrument_that_knows_none_is_told(violin, controllers, lanes, count):
    part = Part("line", LINE, controllers)
    told = [line for line in driving_warnings(violin, part, lanes) if "style" in line]
    assert len(told) == count
    flute = load_sound("flute", model="live")
    assert not [line for line in driving_warnings(flute, part, lanes) if "style" in line]
