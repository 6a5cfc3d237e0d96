import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bridge.cli.evaluate_synthesis import figures
from plugin_core.audio.reverb import Room
from plugin_core.expression.extraction import extract
from plugin_core.hearing.resynthesis import synthesize
from plugin_core.synthesis.midi2params import Midi2Params
from plugin_core.training.performed import Performed
from plugin_core.training.synthesis_evaluation import (
    MIDI2PARAMS,
    SYNTHESIS,
    WITHOUT_FITTING,
    another,
    evaluate,
    held_out_phrases,
    root_mean_square_errors,
)
from plugin_core.types import CONTROLS, ExpressiveNote, Frames, Note

NOTES = [Note(0.1, 0.6, 69, 64), Note(0.6, 1.1, 72, 64)]


def frames(level_db: float = -36.0) -> Frames:
    """Return 300 frames of two steady notes with three harmonics."""
    f0_hz = np.where(np.arange(300) < 150, 440.0, 523.25).astype(np.float32)
    return Frames(
        f0_hz,
        np.ones(300, np.float32),
        np.full(300, level_db, np.float32),
        np.full(300, 10 ** (level_db / 20), np.float32),
        np.tile(np.array([0.5, 0.3, 0.2], np.float32), (300, 1)),
        np.full((300, 65), 1e-5, np.float32),
    )


def performed(origin: str = "performance", **changes: Any) -> Performed:
    notes = NOTES[:1] if origin == "note" else NOTES
    played = Performed(
        name=f"made {origin}",
        instrument="flute",
        source="made",
        licence="CC0",
        origin=origin,
        is_held_out=True,
        frames=frames(),
        notes=extract(frames(), notes, gain_db=0.0),
        tuning_semitones=0.0,
        audio=synthesize(frames(), 16000, 300 * 64),
        gain_db=0.0,
        sample_rate=48000,
    )
    return replace(played, **changes)


class Player:
    """A model that plays every phrase alike, 12 dB too soft unless it may fit its controls."""

    def perform(
        self, notes: list[ExpressiveNote], instrument: str, *, frames: int, fit: bool = True
    ) -> Frames:
        return globals()["frames"](-36.0 if fit else -48.0)

    def room(self, instrument: str, sample_rate: int) -> Room:
        return Room(np.zeros(1, np.float32), 0.0)


class Baseline(Midi2Params):
    """One whose notes are 6 dB too soft."""

    def perform(self, notes: Any, instrument: str, **_: Any) -> Frames:
        return globals()["frames"](-42.0)


@pytest.fixture(scope="module")
def results() -> list[Any]:
    phrases = [
        performed(),
        performed("note"),
        performed(is_held_out=False),
        performed("assembled"),
    ]
    return evaluate(phrases, Player(), Baseline())  # type: ignore[arg-type]


def test_the_error_is_what_each_model_misses_the_volume_by(results: list[Any]) -> None:
    # 60 dB of level are 1 of volume; one of six controls is wrong.
    for model, volume in ((SYNTHESIS, 0.0), (WITHOUT_FITTING, 0.2), (MIDI2PARAMS, 0.1)):
        per_control, pooled = root_mean_square_errors(results[:1], model)
        np.testing.assert_allclose(per_control, [volume, 0, 0, 0, 0, 0], atol=1e-5)
        assert pooled == pytest.approx(volume / np.sqrt(6), abs=1e-5)


def test_controls_count_within_their_scale(results: list[Any]) -> None:
    # The tracker slipped by an octave: vibrato reads 8 and counts as 1.
    asked = results[0].asked.copy()
    asked[:, CONTROLS.index("vibrato")] = 8.0
    per_control, _ = root_mean_square_errors([replace(results[0], asked=asked)], SYNTHESIS)
    assert per_control[CONTROLS.index("vibrato")] == pytest.approx(1.0)


def test_what_is_not_known_does_not_count(results: list[Any]) -> None:
    asked = results[0].asked.copy()
    asked[:, CONTROLS.index("volume")] = np.nan
    _, pooled = root_mean_square_errors([replace(results[0], asked=asked)], WITHOUT_FITTING)
    assert pooled == pytest.approx(0.0, abs=1e-5)


def test_held_out_performances_and_single_notes_are_played(results: list[Any]) -> None:
    assert [result.name for result in results] == ["made performance", "made note"]
    # A tuba has no performances.
    tuba = performed("assembled", instrument="tuba")
    chosen = held_out_phrases([performed(), performed("assembled"), tuba])
    assert [each.instrument for each in chosen] == ["flute", "tuba"]


def test_a_perfect_rendering_is_as_real_as_the_recording(results: list[Any]) -> None:
    all_of_them = figures(results)["all"]
    assert all_of_them["median_cents"][SYNTHESIS] == pytest.approx(0.0, abs=0.1)
    assert all_of_them["spectral_distance_db"] == pytest.approx(0.0, abs=0.1)
    clicks = all_of_them["clicks"]
    assert clicks["at_boundaries"] == clicks["in_recording"]
    assert clicks["places"] == 4


def test_json_holds_no_nan(results: list[Any]) -> None:
    # The steady notes have no vibrato, and there is no other note.
    assert figures(results)["all"]["vibrato_in_range"] == {SYNTHESIS: None, "recording": None}
    assert figures(results)["flute"]["other_distance_db"] is None
    json.dumps(figures(results), allow_nan=False)


def test_another_note_of_the_dynamic_is_the_nearest_of_the_training_side() -> None:
    def note(name: str, pitch: int, **changes: Any) -> Performed:
        row = replace(performed("note").notes[0], note=replace(NOTES[0], midi_pitch=pitch))
        return performed("note", name=name, notes=(row,), **{"is_held_out": False, **changes})

    single = note("single", 69, is_held_out=True)
    others = [
        note("far", 74),
        note("near", 71),
        note("loud", 69),
        note("elsewhere", 69, source="other"),
        note("held out", 69, is_held_out=True),
    ]
    dynamics = dict.fromkeys(["single", "far", "near", "elsewhere", "held out"], "p")
    dynamics["loud"] = "f"
    found = another(single, [single, *others], dynamics)
    assert found is not None
    assert found.name == "near"
    assert another(single, [single, *others], {}) is None
    assert another(single, others[:1], dynamics) is None
