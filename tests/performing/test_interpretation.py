"""effective = clip(lane + performer * (predicted - typical), 0, 1), note by note."""

import numpy as np
import pytest

from plugin_core.performing.interpretation import interpret, model_velocity
from plugin_core.types import CONTROLS, Controller, ControllerKind, Expression, Lane, Note, Part
from tests.performing.conftest import TYPICAL, Obedient

PLAYED = Expression(0.8, 0.2, 0.5, 0.1, 0.45, 0.4)


def part(*moves: Controller, velocities=(70, 90)) -> Part:
    notes = tuple(Note(n, n + 1.0, 60 + n, v, 3) for n, v in enumerate(velocities))
    return Part("p", notes, tuple(moves))


def cc(time_s: float, number: int, value: int, channel: int = 3) -> Controller:
    return Controller(time_s, ControllerKind.CONTROL, number, value, channel)


def controls(played) -> np.ndarray:
    return np.array([each.expression for each in played])


def test_without_lanes_it_is_what_the_performer_would_do():
    played = interpret(Obedient(PLAYED), part(), "violin")
    np.testing.assert_allclose(controls(played), [PLAYED, PLAYED])


def test_without_a_performer_the_lanes_are_obeyed():
    lanes = {name: Lane.constant(n / 10) for n, name in enumerate(CONTROLS)}
    played = interpret(
        Obedient(PLAYED), part(), "violin", lanes={**lanes, "performer": Lane.constant(0.0)}
    )
    np.testing.assert_allclose(controls(played), [np.arange(6) / 10] * 2)


def test_without_both_every_note_is_typical():
    played = interpret(Obedient(PLAYED), part(), "violin", lanes={"performer": Lane.constant(0)})
    np.testing.assert_allclose(controls(played), [TYPICAL, TYPICAL])


def test_the_performer_phrases_around_the_lane():
    lanes = {"brightness": Lane.constant(0.6), "performer": Lane.constant(0.5)}
    (first, _) = interpret(Obedient(PLAYED), part(), "violin", lanes=lanes)
    assert first.expression.brightness == pytest.approx(0.6 + 0.5 * (0.45 - 0.25))
    assert first.expression.vibrato == pytest.approx(0.3 + 0.5 * (0.1 - 0.3))


def test_what_is_drawn_stays_in_0_to_1():
    lanes = {"volume": Lane.constant(0.95), "vibrato": Lane.constant(0.1)}
    (first, _) = interpret(Obedient(PLAYED), part(), "violin", lanes=lanes)
    assert first.expression.volume == 1.0
    assert first.expression.vibrato == 0.0


def test_what_nobody_draws_is_played_as_it_was_recorded():
    raw = PLAYED._replace(attack_noise=-0.2, vibrato=1.2)
    (first, _) = interpret(Obedient(raw), part(), "violin")
    assert first.expression == pytest.approx(raw)
    drawn = {"attack_noise": Lane.constant(TYPICAL.attack_noise)}
    (first, _) = interpret(Obedient(raw), part(), "violin", lanes=drawn)
    assert first.expression.attack_noise == 0.0


def test_a_lane_counts_with_its_mean_over_the_note():
    lanes = {"volume": Lane.of([(0, 0.2), (2, 0.6)]), "performer": Lane.constant(0)}
    played = interpret(Obedient(), part(), "violin", lanes=lanes)
    assert [each.expression.volume for each in played] == pytest.approx([0.3, 0.5], abs=1e-3)


def test_the_attack_noise_counts_where_the_attack_is():
    lanes = {"attack_noise": Lane.of([(0, 0.9), (0.1, 0.9), (0.1, 0.1)])}
    first, second = interpret(Obedient(), part(), "violin", lanes=lanes)
    assert first.expression.attack_noise == pytest.approx(0.9)
    assert second.expression.attack_noise == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("number", "control"),
    [(11, "volume"), (1, "vibrato"), (74, "brightness"), (73, "attack_noise"),
     (20, "volume_fluctuation"), (21, "volume_peak_position")],
)  # fmt: skip
def test_a_controller_sets_what_the_lane_would(number, control):
    moves = [cc(0.0, number, 127 // 2), cc(1.0, number, 127)]
    played = interpret(Obedient(), part(*moves), "violin", lanes={"performer": Lane.constant(0.0)})
    values = [getattr(each.expression, control) for each in played]
    assert values == pytest.approx([63 / 127, 1.0])


def test_before_a_controller_moves_the_control_is_typical():
    played = interpret(Obedient(), part(cc(1.0, 1, 100), cc(9.0, 1, 0)), "violin")
    assert [each.expression.vibrato for each in played] == pytest.approx([0.3, 100 / 127])


@pytest.mark.parametrize(("number", "value"), [(1, 0), (11, 127), (11, 90), (74, 64)])
def test_a_controller_that_never_moves_says_nothing(number, value):
    moves = [cc(0.0, number, value), cc(1.0, number, value)]
    still = interpret(Obedient(PLAYED), part(*moves), "violin")
    assert still == interpret(Obedient(PLAYED), part(), "violin")


def test_a_lane_wins_over_a_controller():
    lanes = {"vibrato": Lane.constant(0.5)}
    first, _ = interpret(Obedient(), part(cc(0.0, 1, 127)), "violin", lanes=lanes)
    assert first.expression.vibrato == pytest.approx(0.5)


def test_controllers_of_another_channel_that_has_notes_are_for_those():
    notes = (Note(0, 1, 60, 80, 1), Note(1, 2, 62, 80, 2))
    moves = tuple(
        cc(time_s, number, value, channel=channel)
        for number, channel in ((1, 2), (74, 0))
        for time_s, value in ((0.0, 127), (5.0, 0))
    )
    played = interpret(Obedient(), Part("mpe", notes, moves), "violin")
    assert [each.expression.vibrato for each in played] == pytest.approx([0.3, 1.0])
    assert [each.expression.brightness for each in played] == pytest.approx([1.0, 1.0])


def test_velocities_reach_the_performer_on_the_scale_of_the_models():
    performer = Obedient()
    interpret(performer, part(velocities=(80, 100)), "violin")
    assert [note.velocity for note in performer.heard] == [64, 76]
    assert [model_velocity(v) for v in (1, 127)] == [17, 92]


def test_one_velocity_for_all_is_a_dynamic():
    loud = interpret(Obedient(), part(velocities=(100, 100)), "violin")
    plain = interpret(Obedient(), part(velocities=(80, 80)), "violin")
    difference = loud[0].expression.volume - plain[0].expression.volume
    assert difference == pytest.approx(0.12)
    assert plain[0].expression == pytest.approx(TYPICAL)


def test_a_part_without_notes_has_none():
    assert interpret(Obedient(), Part("rest"), "violin") == ()
