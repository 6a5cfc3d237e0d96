"""Six operators follow curves: levels, ratios and routing are heard as theory says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import jv

from plugin_core.engine.ddx7_layout import Ddx7Layer
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.hearing.operator_curves import OperatorCurves, heard_curves
from plugin_core.hearing.operator_edits import OperatorEdits
from plugin_core.hearing.operator_model import NoiseFile, OperatorModel, curves_of
from plugin_core.hearing.operator_sound import operator_play, operator_sound, room_of
from plugin_core.types import FRAME_RATE, Lane
from tests.engine.ddx7_organ import FOLLOWS, OFF, ddx7_organ

RATE = 16000
F0 = 400.0
FRAMES = 251

LEVEL = 0.1 / 1.1
"""Of an operator that follows a loudness of -20 dB: its share is a sigmoid's."""


def organ(*shares: float | None, algorithm: int = 32, **others: object) -> OperatorModel:
    """A model whose operator 1 is as loud as is asked, or whose shares are as given."""
    given = (*(shares or (FOLLOWS,)), *[OFF] * 6)[:6]
    return OperatorModel("organ", ddx7_organ(given, algorithm=algorithm, **others))  # type: ignore[arg-type]


def curves(model: OperatorModel, loudness_db: float = -20.0, noise: NoiseFile | None = None):
    steady = np.ones(FRAMES, np.float32)
    heard = heard_curves(
        np.float32(F0) * steady, np.float32(loudness_db) * steady, np.ones(FRAMES, np.int32)
    )
    return curves_of(model, heard, None, noise)


def played(
    model: OperatorModel,
    played_curves: OperatorCurves,
    edits: dict[str, float | Lane] | None = None,
    noise: NoiseFile | None = None,
    **how: object,
) -> np.ndarray:
    lanes = {
        name: value if isinstance(value, Lane) else Lane.constant(value)
        for name, value in (edits or {}).items()
    }
    play = operator_play(model, played_curves, OperatorEdits(lanes), noise)
    pieces = list(operator_sound(play, RATE, RATE, **how))  # type: ignore[arg-type]
    return np.concatenate(pieces)


def line(audio: np.ndarray, hz: float) -> float:
    """The amplitude of a partial in the second half, a whole number of periods."""
    half = audio[len(audio) // 2 :].astype(np.float64)
    time = np.arange(len(half)) / RATE
    return float(2 * np.abs(np.mean(half * np.exp(-2j * np.pi * hz * time))))


def test_an_operator_sounds_as_loud_as_the_recording():
    audio = played(organ(), curves(organ()))
    assert len(audio) == RATE
    assert line(audio, F0) == pytest.approx(LEVEL, rel=1e-3)


def test_gain_is_of_the_whole_sound():
    model = organ()
    louder = replace(curves(model), gain_db=np.full(FRAMES, 6.0206, np.float32))
    assert line(played(model, louder), F0) == pytest.approx(2 * LEVEL, rel=1e-3)


def test_a_moving_gain_moves_in_straight_lines_between_frames():
    model = organ()
    gain_db = np.where(np.arange(FRAMES) < 125, 0.0, -200.0).astype(np.float32)
    audio = played(model, replace(curves(model), gain_db=gain_db))
    plain = played(model, curves(model))
    places = np.arange(RATE) / RATE * FRAME_RATE
    expected = plain * np.clip(125 - places, 0, 1)
    np.testing.assert_allclose(audio, expected, atol=1e-5)


def test_a_ratio_moves_the_partial():
    audio = played(organ(), curves(organ()), {"op1_ratio": 2.5})
    assert line(audio, 2.5 * F0) == pytest.approx(LEVEL, rel=1e-3)
    assert line(audio, F0) < 1e-4


def test_a_scale_is_a_factor():
    audio = played(organ(), curves(organ()), {"op1_scale": 0.25})
    assert line(audio, F0) == pytest.approx(LEVEL / 4, rel=1e-3)


def test_another_algorithm_turns_a_carrier_into_a_modulator():
    """Share 0.5 of a carrier is 0.5 x I_max = 1 rad in algorithm 1, where 2 modulates 1."""
    model = organ(FOLLOWS, 0.5)
    audio = played(model, curves(model), {"algorithm": 1, "op2_ratio": 2.0})
    for harmonic, order in ((1, 0), (3, 1), (5, 2)):
        # Of sin(w t + I sin(2 w t)) the lines at w (1 - 2 n) fold onto those at w (2 n - 1).
        other = -float(jv(order + 1, 1.0)) * (-1.0) ** (order + 1)
        expected = LEVEL * abs(float(jv(order, 1.0)) + other)
        assert line(audio, harmonic * F0) == pytest.approx(expected, abs=2e-4)


def test_a_swap_exchanges_what_operators_do():
    model = organ(FOLLOWS, OFF)
    audio = played(model, curves(model), {"swap_1_2": 1.0, "op2_ratio": 3.0})
    assert line(audio, 3 * F0) == pytest.approx(LEVEL, rel=1e-3)


def test_a_lane_moves_while_it_plays():
    lane = Lane.of([(0, 1), (0.5, 1), (0.5, 0), (1, 0)])
    audio = played(organ(), curves(organ()), {"op1_scale": lane})
    assert np.abs(audio[: RATE // 2 - 100]).max() == pytest.approx(LEVEL, rel=1e-2)
    assert np.abs(audio[RATE // 2 + 100 :]).max() < 1e-6


def test_noise_is_what_the_network_says_times_the_curve_and_the_lane(tmp_path):
    model = organ(OFF, noise_logit=-1.0)
    sounds = {}
    for name, factor in (("plain", 1.0), ("double", 2.0)):
        noise = NoiseFile(tmp_path / name)
        own = curves(model, noise=noise)
        sounds[name] = played(model, own, {"noise": factor}, noise)
    assert np.abs(sounds["plain"]).max() > 1e-4
    np.testing.assert_allclose(sounds["double"], 2 * sounds["plain"], atol=1e-6)
    assert np.abs(played(model, own)).max() < 1e-6


def test_a_room_answers_one_of_its_own_samples_late():
    model = organ()
    echo = np.zeros(100, np.float32)
    echo[79] = 0.5
    model = OperatorModel("organ", replace(model.model, room=echo))
    room = room_of(model, RATE)
    assert room is not None
    dry, wet = played(model, curves(model)), played(model, curves(model), room=room)
    np.testing.assert_allclose(wet[80:], dry[80:] + 0.5 * dry[:-80], atol=1e-6)
    assert room_of(organ(), RATE) is None


def test_it_sounds_as_long_as_it_is_asked(monkeypatch):
    model = organ()
    monkeypatch.setattr("plugin_core.hearing.operator_sound._BLOCK", 37)
    short = played(model, curves(model))
    monkeypatch.setattr("plugin_core.hearing.operator_sound._BLOCK", 2500)
    np.testing.assert_array_equal(played(model, curves(model)), short)
    play = operator_play(model, curves(model), OperatorEdits(), None)
    for samples in (1, 100, 2 * RATE):
        assert sum(map(len, operator_sound(play, RATE, samples))) == samples


def test_a_slower_attack_is_heard():
    """A level that is at once there takes no time, however slow; one that rises does."""
    model = organ()
    own = curves(model)
    rising = own.levels.copy()
    rising[:, 0] *= np.minimum(np.arange(FRAMES) / 25, 1)
    audio = played(model, replace(own, levels=rising), {"op1_retime": 4.0})
    peak = np.abs(audio[round(0.1 * RATE) : round(0.11 * RATE)]).max()
    assert peak == pytest.approx(LEVEL * 0.105 / 0.4, rel=0.1)


def test_pitch_is_clipped_to_what_the_model_knows():
    model = organ(playing={"LOWEST_PITCH": 60.0, "HIGHEST_PITCH": 72.0, "MIDDLE_PITCH": 65.0})
    heard = model.heard_pitch(np.array([0.0, 100.0, 440.0, 5000.0], np.float32))
    np.testing.assert_allclose(heard, [65, 60, 69, 72], atol=1e-4)


def test_silence_is_no_louder_than_what_is_hardly_heard():
    model = organ()
    silence = np.full(100, -120.0, np.float32)
    assert model.shift_db(silence) == pytest.approx(-40 + 75)
    assert model.shift_db(np.full(100, -30.0, np.float32)) == pytest.approx(-10)


def roomy(model: OperatorModel, delay: int) -> OperatorModel:
    """The model in a room of one echo, as loud as the sound, so many samples of 16 kHz later."""
    room = np.zeros(delay, np.float32)
    room[-1] = 1.0
    return OperatorModel(model.name, replace(model.model, room=room))


def test_a_recording_that_begins_in_sound_begins_in_a_room_that_rings():
    """An echo half a second late, after 200 whole periods: twice the level from the beginning."""
    model = roomy(organ(), RATE // 2)
    audio = played(model, curves(model), room=room_of(model, RATE))
    assert len(audio) == RATE
    for half in (audio[: RATE // 2], audio):
        assert line(half, F0) == pytest.approx(2 * LEVEL, rel=1e-2)


def test_one_that_begins_in_silence_begins_in_an_empty_room():
    model = roomy(organ(), RATE // 2)
    silent_first = curves(model).loudness_db.copy()
    silent_first[:5] = -120.0
    heard = replace(curves(model), loudness_db=silent_first)
    audio = played(model, heard, room=room_of(model, RATE))
    assert line(audio[: RATE // 2], F0) == pytest.approx(LEVEL, rel=1e-2)
    assert line(audio, F0) == pytest.approx(2 * LEVEL, rel=1e-2)


def test_a_lead_in_is_played_with_lanes_as_they_are_at_the_beginning():
    """What rings at the beginning is the echo of operator 1 at three times the pitch."""
    model = roomy(organ(), RATE // 2)
    lane = Lane.of([(0, 3), (0.1, 3), (0.1, 1), (1, 1)])
    audio = played(model, curves(model), {"op1_ratio": lane}, room=room_of(model, RATE))
    quarter = audio[RATE // 4 : RATE // 2]
    assert line(quarter, 3 * F0) == pytest.approx(LEVEL, rel=1e-2)
    assert line(quarter, F0) == pytest.approx(LEVEL, rel=1e-2)


def test_the_network_is_as_if_it_had_played_before():
    """Weights at random: a network that remembers; of a steady sound all levels are the same."""
    model = organ(0.3, 0.3, algorithm=1)
    first = model.model.layout[Ddx7Layer.SKIP_IN, LayoutColumn.OFFSET]
    random = np.random.default_rng(0)
    model.model.weights[:first] = random.normal(0, 0.05, first)
    levels = curves(model).levels
    assert np.ptp(levels[0]) > 0.01
    np.testing.assert_allclose(levels, np.broadcast_to(levels[-1], levels.shape), rtol=1e-4)
