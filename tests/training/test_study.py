"""The comparison of the DDX7 study: an organ whose every number is known, on a known recording."""

import numpy as np
import pytest
import torch

from plugin_core.analysis.loudness import loudness_db
from plugin_core.engine.ddx7_layout import WEIGHTS, Ddx7Layer, ddx7_layout
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.synthesis.hpn_decoder import HpnDecoder, pack_hpn
from plugin_core.synthesis.hpn_kernels import hpn_size
from plugin_core.synthesis.study_archive import StudyModel, write_study_model
from plugin_core.training.ddx7_data import REFERENCE_DB, Take
from plugin_core.training.study import Candidate, compare, measured, read_candidate, resynthesized
from plugin_core.training.study_costs import cost
from plugin_core.types import HARMONICS, NOISE_BANDS, InputError
from tests.engine.ddx7_organ import ddx7_organ

RATE, FRAMES, SAMPLES = 16000, 250, 64 * 250
HZ, LEVEL = 1000.0, 0.2
"""At 1 kHz the A weighting is 1: a sine's loudness is its level."""


def sine(level: float) -> np.ndarray:
    return (level * np.sin(2 * np.pi * HZ * np.arange(SAMPLES) / RATE)).astype(np.float32)


def take_of(audio: np.ndarray) -> Take:
    """A recording of a sine, with what there is to know of it."""
    lines = np.zeros((FRAMES, HARMONICS), np.float32)
    lines[:, 0] = LEVEL
    return Take(
        name="sine.wav",
        source="user",
        licence="",
        is_note=False,
        is_held_out=True,
        sample_rate=RATE,
        gain_db=0.0,
        f0_hz=np.full(FRAMES, HZ, np.float32),
        confidence=np.ones(FRAMES, np.float32),
        loudness_db=loudness_db(audio, RATE)[:FRAMES],
        lines=lines,
        noise=np.zeros((FRAMES, NOISE_BANDS), np.float32),
        audio=audio,
    )


@pytest.fixture(scope="module")
def take():
    return take_of(sine(LEVEL))


@pytest.fixture(scope="module")
def organ():
    """One sine that is as loud as the recording asks, in the recordings' own scale."""
    model = ddx7_organ(playing={"REFERENCE_DB": REFERENCE_DB})
    told = {"kind": "ddx7", "instrument": "violin", "operators": [1], "i_max": 2.0, "noise": False}
    own = StudyModel(told, model.weights, model.layout, np.zeros(0, np.float32))
    return Candidate("organ", "ddx7", "violin", own)


def middle(audio: np.ndarray) -> np.ndarray:
    return audio[4000:12000]


def test_a_sine_comes_back_at_the_recordings_own_level(organ, take):
    """The organ's share is the logistic function of the loudness: 0.1 / 1.1 instead of 0.1."""
    made = middle(resynthesized(organ, take))
    expected = LEVEL / (1 + 10 ** (REFERENCE_DB / 20))
    assert np.sqrt(2 * np.mean(made**2)) == pytest.approx(expected, rel=0.02)


def test_nothing_is_late(organ, take):
    made, recorded = middle(resynthesized(organ, take)), middle(take.audio)
    lags = np.arange(-7, 8)
    alike = [np.dot(made[100:-100], np.roll(recorded, lag)[100:-100]) for lag in lags]
    assert lags[int(np.argmax(alike))] == 0


def test_the_level_of_training_changes_nothing(organ, take):
    made, louder = resynthesized(organ, take), resynthesized(organ, take.louder(6.0))
    np.testing.assert_allclose(louder, made, atol=1e-5)
    assert compare(organ, take.louder(6.0)).mss == pytest.approx(compare(organ, take).mss, rel=0.01)


def test_what_is_silent_in_a_recording_stays_silent(organ):
    audio = sine(LEVEL)
    audio[SAMPLES // 2 :] = 0.0
    made = resynthesized(organ, take_of(audio))
    assert np.abs(made[SAMPLES // 2 + 1000 :]).max() < 1e-9
    assert np.abs(middle(made)[:3000]).max() > LEVEL / 2


def test_a_room_answers_a_sample_late(organ, take):
    echo = np.zeros(100, np.float32)
    echo[7] = 0.5
    own = organ.model
    roomy = Candidate(
        "roomy", "ddx7", "violin", StudyModel(own.description, own.weights, own.layout, echo)
    )
    dry = resynthesized(organ, take)
    late = np.concatenate([np.zeros(8, np.float32), dry[:-8]])
    wet = resynthesized(roomy, take)
    np.testing.assert_allclose(wet[8:], (dry + 0.5 * late)[8:], atol=1e-5)


def test_what_was_analysed_of_a_sine_is_the_sine(take):
    np.testing.assert_allclose(middle(measured(take)), middle(take.audio), atol=1e-3)


def test_parameters_are_those_of_the_network(organ):
    layout = ddx7_layout()
    tables = layout[Ddx7Layer.NOISE, LayoutColumn.OFFSET]
    assert organ.parameters == tables == pytest.approx(400_000, rel=0.01)
    told = {**organ.model.description, "noise": True}
    noisy = Candidate("n", "ddx7", "violin", StudyModel(told, *_rest(organ.model)))
    assert noisy.parameters == organ.parameters + (128 + 1) * NOISE_BANDS
    assert noisy.parameters < WEIGHTS


def _rest(model: StudyModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return model.weights, model.layout, model.room


def test_a_baseline_is_played_and_costs_more_than_a_tcn(organ, take, tmp_path):
    torch.manual_seed(0)
    told = {"kind": "hpn", "instrument": "violin"}
    path = tmp_path / "violin-hpn.study"
    model = StudyModel(told, *pack_hpn(HpnDecoder()), np.zeros(0, np.float32))
    write_study_model(path, model)
    baseline = read_candidate(path)
    assert baseline.parameters == hpn_size()
    assert baseline.has_noise
    assert np.isfinite(compare(baseline, take).mss)
    assert cost(baseline).mean > cost(organ).mean > 0


def test_a_file_of_another_kind_is_refused(tmp_path, organ):
    path = tmp_path / "x.study"
    own = organ.model
    write_study_model(
        path,
        StudyModel({"kind": "live", "instrument": "violin"}, own.weights, own.layout, own.room),
    )
    with pytest.raises(InputError, match="kind"):
        read_candidate(path)


def test_the_baseline_is_led_in_as_well(take):
    """A decoder that says the same for ever; the echo comes 0.5 s late, after 500 periods."""
    torch.manual_seed(0)
    weights, layout = pack_hpn(HpnDecoder())
    told = {"kind": "hpn", "instrument": "violin"}
    echo = np.zeros(RATE // 2, np.float32)
    echo[-1] = 1.0
    dry, wet = (
        resynthesized(
            Candidate("x", "hpn", "violin", StudyModel(told, weights, layout, room)), take
        )
        for room in (np.zeros(0, np.float32), echo)
    )
    assert len(dry) == len(wet) == SAMPLES
    at_1_khz = np.exp(-2j * np.pi * HZ * np.arange(4000) / RATE)
    before, after = (abs(np.dot(each[2000:6000], at_1_khz)) for each in (dry, wet))
    assert after == pytest.approx(2 * before, rel=0.05)
