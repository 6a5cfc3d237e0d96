from plugin_core.score.pedals import SOSTENUTO, SUSTAIN, sounding_notes
from plugin_core.types import Controller, ControllerKind, Note, Part


def press(time_s: float, pedal: int = SUSTAIN, value: int = 127, channel: int = 0) -> Controller:
    return Controller(time_s, ControllerKind.CONTROL, pedal, value, channel)


def release(time_s: float, pedal: int = SUSTAIN) -> Controller:
    return press(time_s, pedal, 0)


def ends(
    notes: list[tuple[float, float]], *controllers: Controller, end_s: float = 0
) -> list[float]:
    part = Part("", tuple(Note(on, off, 60, 64) for on, off in notes), controllers, end_s=end_s)
    return [note.offset_s for note in sounding_notes(part)]


def test_sustain_holds_keys_that_come_up_while_it_is_down():
    notes = [(0, 1), (0, 2), (2.5, 4), (3.2, 3.5)]
    assert ends(notes, press(1.5), release(3)) == [1, 3, 4, 3.5]


def test_a_pedal_is_down_from_64():
    assert ends([(0, 1)], press(0, value=63), release(2)) == [1]
    assert ends([(0, 1)], press(0, value=64), release(2)) == [2]


def test_sostenuto_holds_only_keys_that_are_down_when_it_is_pressed():
    notes = [(0, 0.5), (0, 2), (1.5, 2)]
    assert ends(notes, press(1, SOSTENUTO), release(5, SOSTENUTO)) == [0.5, 5, 2]


def test_sustain_takes_over_from_sostenuto():
    pedals = [press(1, SOSTENUTO), press(4), release(5, SOSTENUTO), release(6)]
    assert ends([(0, 2)], *pedals) == [6]


def test_another_channel_has_its_own_pedal():
    assert ends([(0, 1)], press(0, channel=1)) == [1]


def test_a_pedal_that_is_never_lifted_holds_until_the_end_of_the_part():
    assert ends([(0, 1), (1, 2)], press(0), end_s=9) == [9, 9]
    assert ends([(0, 1), (1, 2)], press(0)) == [2, 2]


def test_reset_all_controllers_lifts_the_pedals():
    assert ends([(0, 1)], press(0), press(3, 121, 0), release(5)) == [3]
