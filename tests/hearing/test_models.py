"""Models named by their file, and recordings that they hear piece by piece."""

import numpy as np
import pytest

from plugin_core.hearing import models
from plugin_core.hearing.frames_file import FrameStore, joined
from plugin_core.hearing.hear import hear
from plugin_core.hearing.models import choose_model
from plugin_core.hearing.recording import recording_of
from plugin_core.types import HARMONICS, InputError

RATE = 16000


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A model that was never trained: what it hears is what was measured."""
    from plugin_core.synthesis.hearing_model import HearingModel, save_model

    path = tmp_path_factory.mktemp("models") / "mine.ts"
    save_model(path, HearingModel("inference"), {})
    return path


def test_measured_parameters_need_no_model(monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    assert choose_model("measured", None) is None
    assert choose_model(None, None) is None


def test_without_torch_a_model_is_refused(archive, monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="expected torch"):
        choose_model(str(archive), None)


def test_without_bundled_models_what_was_measured_is_played(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "presets_folder", lambda: tmp_path)
    assert choose_model(None, None) is None
    with pytest.raises(InputError, match="found one that is not bundled"):
        choose_model("inference", None)


def test_a_file_that_is_no_model_is_one_line(tmp_path):
    (tmp_path / "x.ts").write_text("hello")
    with pytest.raises(InputError, match=r"x\.ts"):
        choose_model(str(tmp_path / "x.ts"), None)


def test_an_instrument_the_models_do_not_know_is_an_unknown_one(archive):
    assert choose_model(str(archive), "guitar").instrument is None
    assert choose_model(str(archive), "violin").instrument == "violin"


def test_a_long_recording_is_inferred_in_slices(archive, phrase, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "_SLICE", 500)
    monkeypatch.setattr(models, "_CONTEXT", 250)
    recording = recording_of(phrase.audio(RATE), RATE)
    store = FrameStore(tmp_path, HARMONICS)
    hear(recording, store)
    found = joined(choose_model(str(archive), None).blocks(recording, store), HARMONICS)
    measured = store.read(0, len(store))
    assert len(found) == len(store) > 700
    np.testing.assert_array_equal(found.f0_hz, measured.f0_hz)
    audible = measured.amplitude > 1e-3
    np.testing.assert_allclose(found.amplitude[audible], measured.amplitude[audible], rtol=0.01)
