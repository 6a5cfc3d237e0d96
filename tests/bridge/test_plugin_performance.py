from xml.etree import ElementTree

import numpy as np
import pytest

from bridge.plugin_performance import (
    TimedMessage,
    midi_file,
    normalised,
    plugin_performance,
)
from bridge.plugin_state import unwrapped
from plugin_core.dx7.voice import Voice
from plugin_core.sounds import LiveSound, presets_folder
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part

RATE = 48000


def performance(part: Part, **lanes: Lane):
    return plugin_performance(Voice.initial(), part, lanes=lanes, sample_rate=RATE, seed=5)


def messages(part: Part, **lanes: Lane) -> list[tuple[int, bytes]]:
    return [(each.sample, each.data) for each in performance(part, **lanes).messages]


def test_notes_become_messages_on_their_channel():
    part = Part("lead", notes=(Note(0.5, 1.0, 60, 99, channel=3),))
    assert messages(part) == [(24000, b"\x93\x3c\x63"), (48000, b"\x83\x3c\x00")]


def test_in_one_sample_keys_come_up_first_and_go_down_last():
    part = Part(
        "lead",
        notes=(Note(0.5, 1.0, 60, 99), Note(0.0, 0.5, 60, 99)),
        controllers=(Controller(0.5, ControllerKind.PITCH_BEND, 0, 8192 + 130),),
    )
    middle = [data for sample, data in messages(part) if sample == 24000]
    assert middle == [b"\x80\x3c\x00", b"\xe0\x02\x41", b"\x90\x3c\x63"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (ControllerKind.CONTROL, b"\xb2\x07\x64"),
        (ControllerKind.KEY_PRESSURE, b"\xa2\x07\x64"),
        (ControllerKind.PRESSURE, b"\xd2\x64"),
        (ControllerKind.PITCH_BEND, b"\xe2\x64\x00"),
    ],
)
def test_controllers_become_messages(kind, data):
    part = Part("lead", controllers=(Controller(0.0, kind, 7, 100, channel=2),))
    assert messages(part) == [(0, data)]


def test_a_lane_takes_the_place_of_its_controller():
    wheel = Controller(0.1, ControllerKind.CONTROL, 1, 100)
    part = Part("lead", controllers=(wheel,))
    assert len(messages(part, volume=Lane.constant(0.4))) == 1
    assert messages(part, vibrato=Lane.constant(0.4)) == []


def test_lanes_that_stand_still_are_in_the_state_and_others_are_automation():
    moving = Lane.of([(0.0, 0.2), (1.0, 0.8)])
    made = performance(Part("lead"), volume=moving, output_gain=Lane.constant(-6))
    assert dict(made.automation) == {"volume": moving}
    values = ElementTree.fromstring(unwrapped(made.state)).find("parameters").attrib
    assert values == {"seed": "5.0", "volume": "0.2", "output_gain": "-6.0"}


def test_an_unknown_lane_is_a_key_error():
    with pytest.raises(KeyError, match="loudness"):
        performance(Part("lead"), loudness=Lane.constant(1))


def test_values_are_normalised_and_kept_in_range():
    found = normalised("output_gain", np.array([-60.0, -24.0, 12.0, 99.0]))
    assert found == pytest.approx([0.0, 0.5, 1.0, 1.0])


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000, 192000])
def test_a_host_that_cuts_times_down_finds_every_sample(rate):
    samples = [0, 1, 2, 63, 64, rate, 7 * rate + 1, 3600 * rate - 1]
    file = midi_file([TimedMessage(sample, b"\x90\x3c\x63") for sample in samples], rate)
    assert file.ticks_per_beat < 2**15
    seconds_per_tick = 0.05 / file.ticks_per_beat
    tick, found = 0, []
    for message in file.tracks[0]:
        assert message.time < 2**28
        tick += message.time
        if message.type == "note_on":
            found.append(int(tick * seconds_per_tick * rate))
    assert found == samples


HORN = LiveSound("Horn", "horn", "horn", presets_folder() / "instruments" / "live.ts", 10)
LINE = Part("line", (Note(0.1, 0.4, 60, 80), Note(0.5, 1.5, 62, 80)))


def live(part: Part, **lanes: Lane):
    return plugin_performance(HORN, part, lanes=lanes, sample_rate=RATE)


def test_a_live_instrument_is_told_how_long_its_notes_will_be():
    told = live(LINE).automation["note_length"]
    # 0.1 s and 0.5 s are samples 4800 and 24000: in the buffers that begin at 4800 and 24000.
    at = np.array([0, 4800, 23999, 24000, 90000])
    assert told.at(at / RATE) == pytest.approx([0.3, 0.3, 0.3, 1.0, 1.0])
    inside = Part("line", (Note(0.0, 0.2, 60, 80), Note(0.5001, 1.0, 62, 80)))
    lengths = live(inside).automation["note_length"]
    assert lengths.at(np.array([23999, 24000]) / RATE) == pytest.approx([0.2, 0.4999])


@pytest.mark.parametrize("lane", ["note_length", "note_length_sync"])
def test_a_lane_for_the_length_is_left_alone(lane):
    made = live(LINE, **{lane: Lane.constant(2)})
    assert "note_length" not in made.automation


def test_a_live_part_of_one_line_is_legato_in_the_plug_in_as_well():
    values = ElementTree.fromstring(unwrapped(live(LINE).state)).find("parameters").attrib
    assert values == {"seed": "0.0", "note_length": repr(LINE.notes[0].offset_s - 0.1),
                      "voice_mode": "2.0"}  # fmt: skip
