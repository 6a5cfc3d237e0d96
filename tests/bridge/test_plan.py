"""How long a session that has no length lasts."""

from dataclasses import replace

import pytest

from bridge.plan import plan_session
from plugin_core.types import Controller, ControllerKind, Part

pytestmark = pytest.mark.usefixtures("sines")


def pedal(time_s: float, value: int) -> Controller:
    return Controller(time_s, ControllerKind.CONTROL, 64, value)


def seconds(session, a_track, part: Part) -> float:
    song = session(replace(a_track, part=part), tail_s=0.25)
    return plan_session(song).samples / song.sample_rate


def test_it_lasts_until_the_last_key_and_its_tail(session, track):
    lead = track("Lead")
    assert seconds(session, lead, lead.part) == pytest.approx(1.25, abs=1e-3)


def test_a_note_that_the_pedal_holds_is_not_cut(session, track):
    lead = track("Lead")
    held = replace(lead.part, controllers=(pedal(0.5, 127), pedal(4.0, 0)))
    assert seconds(session, lead, held) == pytest.approx(4.25, abs=1e-3)
