"""How notes are played, measured on takes: loudness over pitch, drift, brightening."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugin_core.analysis.loudness import loudness_db
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import Ddx7Layer, Life, Playing
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.live_model import LiveInstrument, table
from plugin_core.engine.single_note import play_note
from plugin_core.synthesis.ddx7_export import save_ddx7_model
from plugin_core.synthesis.ddx7_model import Configuration, Ddx7Model
from plugin_core.synthesis.ddx7_voices import patch_of
from plugin_core.training.ddx7_brightening import missing_modulation, recorded_brightening
from plugin_core.training.ddx7_building import USUAL_NOTE_DB
from plugin_core.training.ddx7_data import REFERENCE_DB, Take
from plugin_core.training.ddx7_losses import line_amplitudes
from plugin_core.training.ddx7_remeasuring import remeasure
from plugin_core.training.ddx7_tables import drift_cents, measure_tables, slope_db
from tests.training.test_ddx7_training import HELD, PAIR, PAUSE, take

NOTES = 6
ONE = slice(PAUSE, PAUSE + HELD)


def played(name: str, pitches: list[float], louder_db: list[float], **more) -> Take:
    """A take whose notes have these pitches, each so much louder, steady."""
    plain = take(name, notes=len(pitches), **more)
    f0_hz, loudness = plain.f0_hz.copy(), plain.loudness_db.copy()
    for number, (pitch, louder) in enumerate(zip(pitches, louder_db, strict=True)):
        own = slice(number * (PAUSE + HELD), (number + 1) * (PAUSE + HELD))
        f0_hz[own] = 440 * 2 ** ((pitch - 69) / 12)
        loudness[own] += np.float32(louder)
    return replace(plain, f0_hz=f0_hz, loudness_db=loudness)


def brightening(per_db: float) -> Take:
    """Notes of one pitch, 12 dB apart in all, whose centroid rises by so many octaves per dB."""
    louder = [-6.0, -2.0, 2.0, 6.0, 0.0]
    made = played("bright", [69.0] * len(louder), louder)
    centroid = 2 ** (0.5 + per_db * (made.loudness_db - REFERENCE_DB))
    lines = np.zeros_like(made.lines)
    # Two harmonics, 1 and 3, in the shares that have this centroid.
    lines[:, 2] = (centroid - 1) / 2
    lines[:, 0] = 1 - lines[:, 2]
    steady = (made.loudness_db > REFERENCE_DB - 8).astype(np.float32)
    return replace(made, lines=lines, confidence=steady)


def test_loudness_over_pitch_is_read_within_recordings():
    """Both rise by 4 dB an octave; levels of their own make it look as if they fell."""
    low = played("low", [57, 69], [2.0, 6.0])
    high = played("high", [81, 93], [-8.0, -4.0])
    assert slope_db([low, high]) == pytest.approx(4.0, abs=0.05)
    notes = [
        played(str(pitch), [pitch], [4.0 * (pitch - 69) / 12], source="notes", is_note=True)
        for pitch in (57, 63, 69, 81)
    ]
    assert slope_db(notes) == pytest.approx(4.0, abs=0.05)
    assert slope_db([low, high, *notes]) == pytest.approx(4.0, abs=0.05)


def test_a_slope_has_an_end_and_vibrato_is_none():
    assert slope_db([played("steep", [57, 69], [-8.0, 8.0])]) == 6.0
    assert slope_db([played("near", [69, 73], [0.0, 8.0]), take()]) == 0.0


@pytest.mark.parametrize("cents", [0.0, 3.0, 6.0])
def test_pitch_drifts_as_far_as_it_did(cents):
    made = played("a", [69.0] * NOTES, [0.0] * NOTES)
    wander = cents * np.sin(2 * np.pi * 1.0 * np.arange(len(made)) / 250)
    drifting = replace(made, f0_hz=(made.f0_hz * 2 ** (wander / 1200)).astype(np.float32))
    assert drift_cents([drifting]) == pytest.approx(cents / np.sqrt(2), rel=0.2, abs=0.05)


def test_vibrato_is_no_drift():
    assert drift_cents([take(notes=NOTES)]) == 0.0


@pytest.mark.parametrize("per_db", [0.0, 0.02, 0.05])
def test_brightening_is_octaves_of_the_centroid_per_db(per_db):
    assert recorded_brightening([brightening(per_db)]) == pytest.approx(per_db, rel=0.05, abs=1e-6)


def test_what_a_model_lacks_of_brightening_is_made_up_for():
    """A model whose index does not move with loudness."""
    takes = [brightening(0.02)]
    tables = measure_tables(takes)
    levels = torch.zeros(6)
    levels[0], levels[1] = 0.5, 0.8

    def play(loudness: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:
        return levels.expand(*loudness.shape, 6)

    missing = missing_modulation(play, PAIR, takes, tables)

    def octaves(louder_db: float) -> float:
        row = levels.clone()
        row[1] *= 10 ** (missing * louder_db / 20)
        lines = line_amplitudes(row[None], PAIR).numpy()[0, :45]
        return float(np.log2(lines @ np.arange(1, 46) / lines.sum()))

    assert (octaves(5.0) - octaves(-5.0)) / 10 == pytest.approx(0.02, rel=0.1)


def test_a_model_that_brightens_enough_or_has_no_modulators_is_left_alone():
    takes = [brightening(0.0)]
    tables = measure_tables(takes)

    def play(loudness: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:
        index = 10 ** ((loudness - REFERENCE_DB) / 20)
        zero = torch.zeros_like(index)
        return torch.stack((zero + 0.5, index, zero, zero, zero, zero), dim=-1)

    assert missing_modulation(play, PAIR, takes, tables) == 0.0
    carriers = Configuration(32, (1.0,) * 6)
    assert missing_modulation(play, carriers, [brightening(0.05)], tables) == 0.0


def test_tables_are_measured_anew_and_what_was_trained_stays(tmp_path):
    path = tmp_path / "ddx7-made.ts"
    torch.manual_seed(0)
    model = Ddx7Model(PAIR, room_s=0.01)
    told = {"name": "made", "instruments": ["ddx7-made"], "instrument": "made"}
    patch = patch_of(PAIR.algorithm, [(1, 0)] * 6)
    save_ddx7_model(path, model, patch, measure_tables([take()]), told)
    before = read_ddx7_model(path)
    takes = [played("a", [57, 69, 64, 66, 61], [-2.0, 2.0, 0.0, 0.0, 0.0])]
    remeasure(path, takes)
    after = read_ddx7_model(path)
    trained = before.layout[Ddx7Layer.TYPICAL, LayoutColumn.OFFSET]
    np.testing.assert_array_equal(after.weights[:trained], before.weights[:trained])
    np.testing.assert_array_equal(after.room, before.room)
    assert after.description["instrument"] == "made"
    assert after.playing(Playing.SLOPE_DB) == pytest.approx(slope_db(takes), abs=1e-4)
    life = table(after.layout, after.weights, Ddx7Layer.LIFE)[0]
    assert life[Life.MODULATION] >= 0.0
    middle = round(after.playing(Playing.MIDDLE_PITCH))
    heard = play_note(
        LiveInstrument(after, 0),
        pitch=middle,
        velocity=64,
        on_samples=48000,
        total_samples=48000,
        sample_rate=48000,
    )
    level = np.median(loudness_db(heard[24000:], 48000))
    assert level == pytest.approx(USUAL_NOTE_DB, abs=0.6)
