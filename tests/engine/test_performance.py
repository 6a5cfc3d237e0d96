"""A part as events: order, lanes before controllers, lengths, and how long it rings."""

import numpy as np
import pytest

from plugin_core.dx7.sysex import read_voices
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.performance import MAX_TAIL_S, part_events, perform, tail_s
from plugin_core.engine.records import TICK_S, EventType
from plugin_core.engine.single_note import Move, play_note
from plugin_core.sounds import presets_folder
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part
from tests.engine.playing import RATE, SINE, db, rms

CC = ControllerKind.CONTROL


def part(*notes: Note, controllers: tuple[Controller, ...] = ()) -> Part:
    return Part("part", notes=notes, controllers=controllers)


def table(a_part: Part, *, rate: float = RATE, samples: int = 10 * RATE, **lanes: Lane):
    return part_events(a_part, lanes=lanes, sample_rate=rate, samples=samples)


def of(found, kind: EventType, parameter_id: str | None = None):
    mine = found[found["type"] == kind]
    return mine if parameter_id is None else mine[mine["index"] == PARAMETER_INDEX[parameter_id]]


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 192000])
def test_notes_fall_on_the_nearest_sample(rate):
    found = table(part(Note(0.1234567, 0.7654321, 60, 90, 3)), rate=rate)
    (on,), (off,) = of(found, EventType.NOTE_ON), of(found, EventType.NOTE_OFF)
    assert (on["offset"], on["value"], on["key"], on["channel"]) == (
        round(0.1234567 * rate), 90, 60, 3,
    )  # fmt: skip
    assert off["offset"] == round(0.7654321 * rate)
    assert on["note_id"] == off["note_id"]


def test_notes_carry_their_length():
    found = table(part(Note(0.5, 1.75, 60, 90)))
    (length,) = of(found, EventType.NOTE_LENGTH)
    assert length["value"] == pytest.approx(1.25, abs=1 / RATE)
    kinds = found["type"].tolist()
    assert kinds.index(EventType.NOTE_LENGTH) < kinds.index(EventType.NOTE_ON)


def test_two_notes_of_one_key_that_begin_together_keep_both_lengths():
    found = table(part(Note(0.0, 1.0, 60, 90), Note(0.0, 3.0, 60, 90)))
    begins = found[np.isin(found["type"], [EventType.NOTE_LENGTH, EventType.NOTE_ON])]
    pairs = [(int(e["type"]), float(e["value"])) for e in begins]
    assert [value for kind, value in pairs if kind == EventType.NOTE_LENGTH] == [1.0, 3.0]
    assert [kind for kind, _ in pairs] == [EventType.NOTE_LENGTH, EventType.NOTE_ON] * 2


def test_a_note_of_no_length_lasts_a_sample():
    (off,) = of(table(part(Note(1.0, 1.0, 60, 90))), EventType.NOTE_OFF)
    assert off["offset"] == RATE + 1


def test_at_one_sample_ends_come_first_then_movements_then_beginnings():
    controllers = (Controller(1.0, CC, 64, 127), Controller(1.0, CC, 7, 80))
    a_part = part(Note(0.0, 1.0, 60, 90), Note(1.0, 2.0, 60, 90), controllers=controllers)
    found = table(a_part, volume=Lane.of([(0, 0.5), (1.0, 0.5), (1.0, 0.8)]))
    at_one = found[found["offset"] == RATE]["type"].tolist()
    assert at_one == [
        EventType.NOTE_OFF,
        EventType.PARAMETER,
        EventType.CONTROLLER,
        EventType.CONTROLLER,
        EventType.NOTE_LENGTH,
        EventType.NOTE_ON,
    ]


def test_events_are_sorted_and_end_with_the_piece():
    random = np.random.default_rng(0)
    notes = [
        Note(t, t + d, 60, 90)
        for t, d in zip(random.uniform(0, 9, 50), random.uniform(0, 3, 50), strict=True)
    ]
    found = table(part(*notes), samples=5 * RATE, vibrato=Lane.of([(0, 0), (20, 1)]))
    assert (np.diff(found["offset"]) >= 0).all()
    assert found["offset"].max() < 5 * RATE


@pytest.mark.parametrize(
    ("parameter_id", "number"), [("volume", 11), ("vibrato", 1), ("brightness", 74)]
)
def test_an_explicit_lane_wins_over_the_controller(parameter_id, number):
    controllers = (Controller(0.5, CC, number, 127), Controller(0.6, CC, 7, 90))
    found = table(part(controllers=controllers), **{parameter_id: Lane.constant(0.3)})
    assert of(found, EventType.CONTROLLER)["index"].tolist() == [7]
    assert number in of(table(part(controllers=controllers)), EventType.CONTROLLER)["index"]


def test_a_wheel_with_a_range_still_moves_under_a_lane_of_vibrato():
    controllers = (Controller(0.5, CC, 1, 127),)
    lanes = {"vibrato": Lane.constant(0.3), "wheel_range": Lane.constant(99)}
    assert len(of(table(part(controllers=controllers), **lanes), EventType.CONTROLLER)) == 1


def test_controllers_keep_channel_and_value():
    controllers = (
        Controller(0.1, ControllerKind.PITCH_BEND, 0, 16000, 2),
        Controller(0.2, ControllerKind.PRESSURE, 0, 77, 3),
        Controller(0.3, ControllerKind.KEY_PRESSURE, 61, 78, 4),
        Controller(0.4, ControllerKind.PROGRAM, 0, 5, 5),
    )
    found = table(part(controllers=controllers))
    (bend,), (touch,) = of(found, EventType.PITCH_BEND), of(found, EventType.PRESSURE)
    (key,) = of(found, EventType.KEY_PRESSURE)
    assert (bend["offset"], bend["channel"], bend["value"]) == (4410, 2, 16000)
    assert (touch["channel"], touch["value"]) == (3, 77)
    assert (key["channel"], key["key"], key["value"]) == (4, 61, 78)
    assert not of(found, EventType.SOUND).size


def test_a_lane_is_read_at_every_tick_and_breakpoint():
    found = of(
        table(part(), vibrato=Lane.of([(0.01, 0), (0.1034, 1)])), EventType.PARAMETER, "vibrato"
    )
    times = found["offset"] / RATE
    expected = np.interp(times, [0.01, 0.1034], [0, 1])
    np.testing.assert_allclose(found["value"], expected, atol=2 / RATE / 0.0934)
    assert np.diff(times[1:-1]).max() <= TICK_S + 1 / RATE
    assert found["value"][-1] == 1
    assert found["offset"][-1] == round(0.1034 * RATE)


def test_a_constant_lane_is_one_event():
    found = of(table(part(), brightness=Lane.constant(0.7)), EventType.PARAMETER, "brightness")
    assert found["offset"].tolist() == [0]
    assert found["value"][0] == pytest.approx(0.7)


def test_a_lane_of_a_stepped_parameter_changes_with_its_steps():
    found = of(
        table(part(), algorithm=Lane.of([(0, 1), (3.1, 32)])), EventType.PARAMETER, "algorithm"
    )
    assert found["value"].tolist() == list(range(1, 33))
    at = found["offset"] / RATE * 10 + 1
    np.testing.assert_allclose(at[1:], np.arange(1.5, 32), atol=0.02)


def test_a_step_in_a_lane_is_a_step():
    lane = Lane.of([(0, 20), (1, 20), (1, 90), (2, 90)])
    found = of(table(part(), op1_level=lane), EventType.PARAMETER, "op1_level")
    assert [(int(e["offset"]), float(e["value"])) for e in found] == [(0, 20), (RATE, 90)]


def test_the_seed_is_set():
    found = part_events(part(), lanes={}, sample_rate=RATE, samples=RATE, seed=99)
    assert of(found, EventType.PARAMETER, "seed")["value"].tolist() == [99]


def test_a_lane_of_no_parameter_is_refused():
    with pytest.raises(KeyError):
        table(part(), loudness=Lane.constant(1))


def test_a_part_of_one_note_is_that_note():
    audio = perform(SINE, part(Note(0.25, 1.0, 64, 90)), sample_rate=RATE, samples=2 * RATE)
    at = RATE // 4
    alone = play_note(
        SINE, pitch=64, velocity=90, on_samples=RATE - at, total_samples=2 * RATE - at
    )
    assert audio.dtype == np.float32
    assert not audio[:at].any()
    np.testing.assert_array_equal(audio[at:], alone)


def test_an_empty_part_is_silence():
    heard = []
    audio = perform(SINE, part(), sample_rate=RATE, samples=RATE, progress=heard.append)
    assert not audio.any()
    assert heard[-1] == 1
    assert perform(SINE, part(), sample_rate=RATE, samples=0).shape == (0,)


def test_a_single_notes_movements_act_at_their_sample():
    moves = [Move(1000, EventType.PITCH_BEND, 0, 16383)]
    settings = {"pitch_bend_range": 12}
    note = {"pitch": 60, "velocity": 100, "on_samples": 4000, "total_samples": 6000}
    plain = play_note(SINE, **note)
    bent = play_note(SINE, **note, parameters=settings, moves=moves)
    first = np.flatnonzero(plain != bent)[0]
    assert 1000 <= first <= 1088
    with pytest.raises(KeyError):
        play_note(SINE, **note, parameters={"nonsense": 1})


BUNDLED = [
    v for path in sorted(presets_folder().glob("dx7/*.syx")) for v in read_voices(path).voices
]


@pytest.mark.parametrize("voice", BUNDLED[::3], ids=lambda voice: voice.name)
@pytest.mark.parametrize("key", [36, 84])
def test_a_tail_is_long_enough(voice, key):
    """After it nothing is louder than 80 dB under the note's peak."""
    a_part = part(Note(0.0, 0.3, key, 100))
    tail = tail_s(voice, a_part)
    assert 0 < tail <= MAX_TAIL_S
    end = round((0.3 + min(tail, 8)) * RATE)
    audio = perform(voice, a_part, sample_rate=RATE, samples=end + RATE // 4)
    if tail < 8:
        assert db(np.abs(audio[end:]).max() / np.abs(audio).max()) < -80


def test_a_voice_that_never_ends_has_the_longest_tail():
    assert tail_s(SINE.edited(op1_eg_level4=50), part(Note(0, 1, 60, 100))) == MAX_TAIL_S
    assert tail_s(SINE, part(Note(0, 1, 60, 100))) < 0.1


def test_rate_scaling_shortens_the_tail_by_the_lowest_note():
    scaled = SINE.edited(op1_eg_rate4=40, op1_rate_scaling=7)
    low, high = part(Note(0, 1, 30, 100)), part(Note(0, 1, 100, 100))
    assert tail_s(scaled, high) < tail_s(scaled, low)
    both = part(Note(0, 1, 30, 100), Note(0, 1, 100, 100))
    assert tail_s(scaled, both) == tail_s(scaled, low)


def test_two_engines_in_a_process_do_not_meet():
    from tests.engine.playing import engine, events, on

    first, second = engine(SINE), engine(SINE)
    alone = engine(SINE).play(events(on(0, 60)), 4000)
    parts = []
    for block in range(4):
        parts.append(first.render(1000, events(on(0, 60)) if block == 0 else None))
        second.render(1000, events(on(0, 72)))
    np.testing.assert_array_equal(np.concatenate(parts), alone)
    assert rms(alone) > 0
