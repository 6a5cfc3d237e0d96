"""What of a DX7 voice a DDX7 instrument has: those parameters are heard, and no others are."""

from pathlib import Path

import numpy as np
import pytest

from plugin_core.dx7.fields import FIELDS
from plugin_core.engine.parameters import PARAMETERS, VOICE_BASE
from plugin_core.performance import perform, players, tail_s
from plugin_core.performing.live import DDX7_FIELDS, TAIL_S, live_lanes
from plugin_core.sounds import Ddx7Sound, load_sound
from plugin_core.types import Lane, Note, Part
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import FOLLOWS, ddx7_organ

RATE = 22050
NOTE = Part("note", (Note(0.0, 0.15, 69, 80),))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Ddx7Sound:
    """All operators sound, and their levels rise and fall with the note."""
    rising = np.linspace(-40.0, 0.0, 50)
    loud = {"REFERENCE_DB": 0.0, "NOTE_DB": -3.0, "QUIETEST_DB": -60.0, "GAIN_DB": 0.0}
    model = ddx7_organ((FOLLOWS,) * 6, algorithm=5, attack=rising, playing=loud)
    path: Path = written(tmp_path_factory.mktemp("models") / "organ.ts", model=model)
    loaded = load_sound(str(path))
    assert isinstance(loaded, Ddx7Sound)
    return loaded


def played(sound: Ddx7Sound, **lanes: float) -> np.ndarray:
    drawn = {name: Lane.constant(value) for name, value in lanes.items()}
    return perform(sound, NOTE, lanes=drawn, sample_rate=RATE, samples=RATE // 4)


def test_the_parameters_that_are_heard_are_those_that_are_said(sound):
    """Every parameter, at both ends of its range."""
    plain = played(sound)
    assert np.abs(plain).max() > 1e-3
    heard = set()
    for parameter in PARAMETERS[VOICE_BASE : VOICE_BASE + len(FIELDS)]:
        ends = (parameter.low, parameter.high)
        if any(not np.array_equal(played(sound, **{parameter.id: end}), plain) for end in ends):
            heard.add(parameter.id)
    assert heard == DDX7_FIELDS


def test_a_line_is_legato_and_one_player_plays_all(sound):
    assert live_lanes(NOTE, {})["voice_mode"].values.tolist() == [2]
    assert players(sound, NOTE).parts == (NOTE,)
    assert tail_s(sound, NOTE) == TAIL_S
