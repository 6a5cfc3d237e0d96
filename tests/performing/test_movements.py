"""Lanes that move inside notes are heard there; pitch bends and CC7 as well."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.expression.extraction import brightness, vibrato
from plugin_core.performing.interpretation import interpret
from plugin_core.performing.movements import STILL, moved, movements
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part
from tests.performing.conftest import TYPICAL, Obedient, Organ

FRAMES = 600
LONG = Part("long", (Note(0.0, 2.0, 69, 80),))
INSIDE = slice(20, 480)


def played(part: Part, **lanes: Lane):
    """The frames of a part without and with what moves in it."""
    notes = interpret(Obedient(), part, "violin", lanes=lanes)
    frames = Organ().perform(notes, "violin", frames=FRAMES)
    moving = movements(part, notes, lanes, typical=TYPICAL, frames=FRAMES)
    return frames, moved(frames, [each.note for each in notes], 0, moving), moving


def db(curve) -> np.ndarray:
    return 20 * np.log10(np.maximum(curve, 1e-9))


def control(number: int, *moves: tuple[float, int]) -> tuple[Controller, ...]:
    return tuple(Controller(t, ControllerKind.CONTROL, number, v) for t, v in moves)


def test_nothing_moves_where_nothing_is_drawn():
    _, _, moving = played(LONG, volume=Lane.constant(0.4))
    assert moving == STILL


def test_a_swell_is_heard_inside_the_note():
    frames, swelling, _ = played(LONG, volume=Lane.of([(0, 0.5), (2, 0.9)]))
    # 60 dB for the whole range, around the note's mean of 0.7.
    times = np.arange(FRAMES)[INSIDE] / 250
    wanted = 60 * (0.5 + 0.2 * times - 0.7)
    gain_db = db(swelling.amplitude[INSIDE]) - db(frames.amplitude[INSIDE])
    np.testing.assert_allclose(gain_db, wanted, atol=0.1)
    noise_db = db(swelling.noise[INSIDE, 0]) - db(frames.noise[INSIDE, 0])
    np.testing.assert_allclose(noise_db, wanted, atol=0.1)


def test_what_is_drawn_beyond_the_range_counts_up_to_it():
    _, swelling, _ = played(LONG, volume=Lane.of([(0, 0.5), (1, 1.0)]), performer=Lane.constant(1))
    assert db(swelling.amplitude).max() <= -90 + 60 + 0.01


def test_vibrato_grows_inside_the_note():
    _, growing, _ = played(LONG, vibrato=Lane.of([(0, 0.0), (2, 0.8)]))
    cents = 1200 * np.log2(growing.f0_hz / 440)
    early, late = np.abs(cents[50:150]).max(), np.abs(cents[350:450]).max()
    # The lane is at 0.16 and 0.64 in the middle of these.
    assert late / early == pytest.approx(4, rel=0.35)
    assert vibrato(growing.f0_hz[:500]) > 0.1


def test_brightness_moves_inside_the_note():
    frames, brighter, _ = played(LONG, brightness=Lane.of([(0, 0.2), (2, 0.5)]))
    reading = [brightness(brighter.harmonics[n : n + 1]) for n in (125, 375)]
    plain = brightness(frames.harmonics[:1])
    assert reading == pytest.approx([plain - 0.075, plain + 0.075], abs=0.004)
    np.testing.assert_allclose(brighter.harmonics.sum(axis=1), 1.0, atol=1e-5)
    assert (brighter.harmonics >= 0).all()


def test_a_note_keeps_its_own_controls_where_only_its_neighbour_moves():
    part = Part("two", (Note(0.0, 1.0, 69, 80), Note(1.0, 2.0, 71, 80)))
    frames, moving, _ = played(part, volume=Lane.of([(0, 0.6), (1.2, 0.6), (2, 0.8)]))
    np.testing.assert_array_equal(moving.amplitude[:240], frames.amplitude[:240])


@pytest.mark.parametrize(("value", "db_wanted"), [(100, 0.0), (50, -12.04), (127, 4.15)])
def test_cc7_is_a_gain_where_100_is_0_db(value, db_wanted):
    frames, louder, _ = played(replace(LONG, controllers=control(7, (0.0, value))))
    gain_db = db(louder.amplitude[INSIDE]) - db(frames.amplitude[INSIDE])
    np.testing.assert_allclose(gain_db, db_wanted, atol=0.01)


def test_cc7_at_0_is_silence():
    _, silent, _ = played(replace(LONG, controllers=control(7, (0.0, 0))))
    assert silent.amplitude[INSIDE].max() < 1e-7


def bend(time_s: float, value: int) -> Controller:
    return Controller(time_s, ControllerKind.PITCH_BEND, 0, value)


def semitones(part: Part, **lanes: Lane) -> np.ndarray:
    frames, bent, _ = played(part, **lanes)
    return 12 * np.log2(bent.f0_hz / frames.f0_hz)


def test_a_pitch_bend_is_two_semitones_and_gets_there_within_30_ms():
    up = semitones(replace(LONG, controllers=(bend(1.0, 16383), bend(1.5, 8192))))
    assert up[100] == 0
    assert up[260] == pytest.approx(2, abs=0.01)
    assert up[400] == pytest.approx(0, abs=1e-6)
    assert np.abs(np.diff(up)).max() < 0.5


def test_the_bend_range_is_set_by_registered_parameter_0_or_a_lane():
    rpn = (*control(101, (0.0, 0)), *control(100, (0.0, 0)), *control(6, (0.0, 12)))
    bent = replace(LONG, controllers=(*rpn, bend(0.1, 0)))
    assert semitones(bent)[300] == pytest.approx(-12)
    assert semitones(bent, pitch_bend_range=Lane.constant(5))[300] == pytest.approx(-5)


def test_another_registered_parameter_is_not_the_bend_range():
    other = (*control(101, (0.0, 0)), *control(100, (0.0, 1)), *control(6, (0.0, 12)))
    bent = replace(LONG, controllers=(*other, bend(0.1, 0)))
    assert semitones(bent)[300] == pytest.approx(-2)


def test_all_controllers_reset_ends_a_bend():
    bent = replace(LONG, controllers=(bend(0.1, 0), *control(121, (1.0, 0))))
    assert semitones(bent)[[200, 300]] == pytest.approx([-2, 0], abs=1e-6)


def test_master_tune_is_in_cents():
    assert semitones(LONG, master_tune=Lane.constant(50))[100] == pytest.approx(0.5)


def test_the_movements_of_a_piece_are_those_of_its_parts():
    _, _, moving = played(LONG, volume=Lane.of([(0, 0.5), (2, 0.9)]))
    assert moving.gain_db is not None
    part = moving.at(100, 700).gain_db
    assert part is not None
    np.testing.assert_array_equal(part[:500], moving.gain_db[100:600])
    assert (part[500:] == moving.gain_db[-1]).all()
