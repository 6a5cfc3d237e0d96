"""The Synthesis Generator as a whole, with untrained networks: what holds for any weights."""

import numpy as np
import pytest
import torch

from plugin_core.expression.extraction import extract
from plugin_core.synthesis.synthesis_model import (
    SynthesisModel,
    chance,
    load_synthesis_model,
    save_synthesis_model,
)
from plugin_core.types import Expression, ExpressiveNote, InputError, Note

torch.set_num_threads(1)

NOTES = [
    ExpressiveNote(Note(0.1, 0.9, 60, 64), Expression(0.7, 0.1, 0.3, 0.2, 0.2, 0.3)),
    ExpressiveNote(Note(0.9, 1.7, 67, 64), Expression(0.8, 0.2, 0.6, 0.4, 0.4, 0.1)),
]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return SynthesisModel().eval()


@pytest.fixture(scope="module")
def frames(model):
    return model.perform(NOTES, "oboe", seed=3)


def test_frames_last_until_the_last_note_has_rung_on(frames):
    assert len(frames) == round(2.7 * 250)
    assert np.isfinite(frames.f0_hz).all()
    assert (frames.f0_hz > 0).all()
    np.testing.assert_allclose(frames.harmonics.sum(1), 1.0, atol=1e-5)
    assert frames.noise.shape == (675, 65)


def test_the_same_seed_plays_the_same_and_another_does_not(model, frames):
    again = model.perform(NOTES, "oboe", seed=3)
    other = model.perform(NOTES, "oboe", seed=4)
    for name in ("f0_hz", "amplitude", "harmonics", "noise"):
        np.testing.assert_array_equal(getattr(again, name), getattr(frames, name))
    assert not np.array_equal(other.f0_hz, frames.f0_hz)


def test_the_controls_are_those_asked(frames):
    read = extract(frames, [each.note for each in NOTES], 0.0)
    asked = np.array([each.expression for each in NOTES])
    np.testing.assert_allclose([each.expression for each in read], asked, atol=0.02)


def test_a_known_pitch_is_kept(model):
    hz = np.full(675, 261.6, np.float32)
    hz[225:] = 392.0
    made = model.perform(NOTES, "oboe", f0_hz=hz, fit=False)
    np.testing.assert_array_equal(made.f0_hz, hz)


def test_a_pitch_of_another_length_is_refused(model):
    with pytest.raises(ValueError, match="675 frames, found 3"):
        model.perform(NOTES, "oboe", f0_hz=np.full(3, 440.0, np.float32))


def test_beyond_what_recordings_hold_there_is_hardly_anything(model):
    high = [ExpressiveNote(Note(0.0, 0.5, 100, 64), NOTES[0].expression)]
    made = model.perform(high, "flute", fit=False)
    hz = made.f0_hz[:, None] * np.arange(1, 101)
    assert not made.harmonics[hz >= 22050].any()
    np.testing.assert_allclose(made.noise[:, 59:64], made.noise[:, 58:63] * 10**-0.3, rtol=1e-4)


def test_chance_does_not_depend_on_what_else_is_asked_for():
    whole = chance(5, 0, 1000)
    np.testing.assert_array_equal(chance(5, 130, 700), whole[130:700])
    assert not np.array_equal(chance(6, 0, 1000), whole)
    assert abs(float(whole.mean())) < 0.05
    assert float(whole.std()) == pytest.approx(1.0, abs=0.05)


def test_an_archive_plays_as_its_model_did(model, frames, tmp_path):
    path = tmp_path / "some.ts"
    save_synthesis_model(path, model, {"made_by": "a test"})
    loaded = load_synthesis_model(path)
    assert loaded.description["made_by"] == "a test"
    made = loaded.perform(NOTES, "oboe", seed=3, f0_hz=frames.f0_hz)
    # Half precision has 11 bits.
    np.testing.assert_allclose(made.amplitude, frames.amplitude, rtol=0.02, atol=1e-7)

    save_synthesis_model(path, loaded, {})
    again = load_synthesis_model(path).perform(NOTES, "oboe", seed=3)
    once = loaded.perform(NOTES, "oboe", seed=3)
    np.testing.assert_array_equal(again.f0_hz, once.f0_hz)
    np.testing.assert_array_equal(again.harmonics, once.harmonics)


def test_another_archive_is_refused(tmp_path):
    path = tmp_path / "not.ts"
    path.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"not\.ts"):
        load_synthesis_model(path)


def test_rooms_are_the_instruments(model):
    assert model.room("violin", 48000) is not None
    with pytest.raises(InputError, match="kazoo"):
        model.room("kazoo", 48000)
