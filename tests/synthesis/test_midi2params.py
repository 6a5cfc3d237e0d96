from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.sounds import presets_folder
from plugin_core.synthesis.hearing_model import load_model
from plugin_core.synthesis.midi2params import (
    Midi2Params,
    as_curves,
    load_midi2params,
    save_midi2params,
)
from plugin_core.synthesis.midi2params_network import (
    LOUDNESS_BINS,
    PITCH_BINS,
    WIDTH,
    loudness_classes,
    loudness_values,
    note_features,
    note_steps,
    pitch_classes,
    pitch_values,
)
from plugin_core.types import InputError, Note

AUTOENCODER = presets_folder() / "instruments" / "autoencoder.ts"
NOTES = [Note(0.1, 0.5, 69, 64), Note(0.5, 0.9, 74, 64)]


@pytest.fixture(scope="module")
def model() -> Midi2Params:
    """The untrained baseline on the bundled autoencoder."""
    torch.manual_seed(0)
    made = Midi2Params()
    made.autoencoder = load_model(AUTOENCODER)
    return made.eval()


def test_every_class_is_its_own_value() -> None:
    np.testing.assert_array_equal(pitch_classes(pitch_values()), np.arange(PITCH_BINS))
    np.testing.assert_array_equal(loudness_classes(loudness_values()), np.arange(LOUDNESS_BINS))
    # A vibrato of a few cents is seen, and so is a glide over an octave.
    assert np.diff(pitch_values()).min() < 0.03
    assert pitch_values()[-1] == pytest.approx(12.0)
    assert pitch_classes(np.array([-40.0, 40.0])).tolist() == [0, PITCH_BINS - 1]


def test_a_step_knows_its_note_and_the_past_alone() -> None:
    features, pitches = note_features(NOTES, 70)
    assert features.shape == (70, WIDTH)
    assert note_steps(NOTES).tolist() == [[6, 31], [31, 56]]
    assert not features[:6].any()
    assert pitches[30] == 69
    assert pitches[31] == 74
    # What comes later changes nothing before it.
    shorter, _ = note_features([NOTES[0], Note(0.5, 0.6, 60, 64)], 70)
    np.testing.assert_array_equal(features[:31], shorter[:31])
    longer, _ = note_features([NOTES[0]], 70)
    np.testing.assert_array_equal(features[:31], longer[:31])


def test_notes_must_be_there_and_sorted() -> None:
    with pytest.raises(ValueError, match="at least one note"):
        note_features([], 10)
    with pytest.raises(ValueError, match="sorted"):
        note_features(NOTES[::-1], 10)


def test_curves_pass_through_the_middles_of_the_steps() -> None:
    f0_hz, loudness_db = as_curves(
        np.array([69.0, 69.0, 81.0]), np.array([-60.0, -40.0, -40.0]), 12
    )
    assert f0_hz[0] == pytest.approx(440.0)
    assert f0_hz[-1] == pytest.approx(880.0)
    # Frames 1.5 and 5.5 are the middles: frame 3 is 3/8 of the way.
    assert loudness_db[3] == pytest.approx(-52.5)


def test_the_same_seed_plays_the_same(model: Midi2Params) -> None:
    first, again, other = (
        model.perform(NOTES, "violin", seed=seed, frames=250) for seed in (3, 3, 4)
    )
    assert len(first) == 250
    np.testing.assert_array_equal(first.f0_hz, again.f0_hz)
    np.testing.assert_array_equal(first.noise, again.noise)
    assert not np.array_equal(first.f0_hz, other.f0_hz)
    np.testing.assert_allclose(first.harmonics.sum(axis=1), 1.0, atol=1e-5)
    assert len(model.perform(NOTES, "violin")) == round(1.9 * 250)


def test_the_autoencoder_hears_recordings_at_their_own_level(model: Midi2Params) -> None:
    f0_hz, quiet_db = np.full(100, 440, np.float32), np.full(100, -45, np.float32)
    model.gain_db.zero_()
    at_own_level = model.levels(f0_hz, quiet_db + np.float32(25), "flute")
    model.gain_db.fill_(-25.0)
    normalised = model.levels(f0_hz, quiet_db, "flute")
    model.gain_db.zero_()
    np.testing.assert_allclose(
        20 * np.log10(at_own_level.amplitude / normalised.amplitude), 25.0, atol=0.01
    )
    np.testing.assert_allclose(at_own_level.harmonics, normalised.harmonics, atol=1e-5)


def test_an_archive_plays_as_what_was_saved(model: Midi2Params, tmp_path: Path) -> None:
    path = tmp_path / "midi2params.ts"
    save_midi2params(path, model, {"name": "midi2params"})
    read = load_midi2params(path, autoencoder=AUTOENCODER)
    assert read.description["kind"] == "midi2params"
    assert path.stat().st_size < AUTOENCODER.stat().st_size
    np.testing.assert_array_equal(
        read.perform(NOTES, "tuba", frames=100).noise,
        model.perform(NOTES, "tuba", frames=100).noise,
    )


def test_wrong_files_and_names_are_told(model: Midi2Params) -> None:
    with pytest.raises(InputError, match="expected midi2params, found autoencoder"):
        load_midi2params(AUTOENCODER)
    with pytest.raises(InputError, match="one of violin"):
        model.perform(NOTES, "kazoo", frames=10)


@pytest.mark.parametrize("instrument", ["violin", "clarinet", "tuba"])
def test_the_bundled_baseline_plays_its_notes(instrument: str) -> None:
    key = 41 if instrument == "tuba" else 69
    model = load_midi2params(AUTOENCODER.with_name("midi2params.ts"))
    made = model.perform([Note(0.2, 1.2, key, 64)], instrument)
    cents = 1200 * np.log2(made.f0_hz[80:290] / (440 * 2 ** ((key - 69) / 12)))
    assert np.median(np.abs(cents)) < 25.0
    level_db = 20 * np.log10(np.maximum(made.amplitude, 1e-9))
    # Loud passages are at -36 dB (DESIGN.md, section 5); before its first note it is silent.
    assert np.median(level_db[80:290]) > -70.0
    assert np.median(level_db[80:290]) > np.median(level_db[:25]) + 15.0
