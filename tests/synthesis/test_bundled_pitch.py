"""What the bundled pitch generator plays: in tune, with the vibrato asked, on 13 instruments."""

from collections.abc import Sequence

import numpy as np
import pytest

from plugin_core.expression.extraction import note_frames, vibrato, vibrato_rate_hz
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.note_conditioning import condition
from plugin_core.synthesis.pitch_generator import PitchGenerator, generate
from plugin_core.types import FRAME_RATE, Expression, ExpressiveNote, Note

MIDDLES = dict(zip(INSTRUMENTS, (74, 64, 52, 40, 79, 74, 65, 65, 50, 70, 58, 52, 45), strict=True))
"""A key in the middle of every instrument's range."""


@pytest.fixture(scope="module")
def model() -> PitchGenerator:
    path = presets_folder() / "instruments" / "synthesis.ts"
    if not path.exists():
        pytest.skip(f"no bundled model: {path}")
    from plugin_core.synthesis.synthesis_model import load_synthesis_model

    return load_synthesis_model(path).pitch


def scale(instrument: str, *, vibrato: float, seconds: float = 1.2) -> list[ExpressiveNote]:
    """Legato up a scale, and after a rest two notes apart."""
    notes, now = [], 0.1
    for step, rest in zip((0, 2, 4, 5, 7, 7, -5), (0, 0, 0, 0, 0.5, 0.1, 0), strict=True):
        note = Note(now, now + seconds, MIDDLES[instrument] + step, 64)
        notes.append(ExpressiveNote(note, Expression(0.8, 0.12, 0.4, vibrato, 0.25, 0.45)))
        now += seconds + rest
    return notes


def played(model: PitchGenerator, notes: Sequence[ExpressiveNote], instrument: str) -> np.ndarray:
    frames = round((notes[-1].note.offset_s + 0.5) * FRAME_RATE)
    return generate(model, condition(notes, instrument, frames))


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_without_vibrato_it_is_in_tune_and_not_dead_straight(
    model: PitchGenerator, instrument: str
) -> None:
    notes = scale(instrument, vibrato=0.0)
    f0_hz = played(model, notes, instrument)
    away = []
    for each in notes:
        where = note_frames(each.note, len(f0_hz))
        inner = f0_hz[where.start + 50 : where.stop - 25].astype(np.float64)
        away.append(1200 * np.log2(inner / 440) - 100 * (each.note.midi_pitch - 69))
        assert np.std(away[-1]) > 0.2
    assert np.median(np.abs(np.concatenate(away))) < 10.0


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_vibrato_is_as_fast_and_about_as_deep_as_it_should_be(
    model: PitchGenerator, instrument: str
) -> None:
    readings, rates = {}, []
    for asked in (0.0, 0.4, 0.9):
        notes = scale(instrument, vibrato=asked)
        f0_hz = played(model, notes, instrument)
        curves = [f0_hz[note_frames(each.note, len(f0_hz))] for each in notes]
        readings[asked] = float(np.mean([vibrato(curve) for curve in curves]))
        rates += [vibrato_rate_hz(curve) for curve in curves if vibrato(curve) > 0.3]
    # Chance may join two cycles once in a while; control fitting puts such a vibrato right.
    assert np.mean([4.0 <= rate <= 7.5 for rate in rates]) > 0.8
    assert 4.5 < np.median(rates) < 6.8
    assert readings[0.0] < 0.12
    assert readings[0.4] == pytest.approx(0.4, abs=0.25)
    assert readings[0.9] == pytest.approx(0.9, abs=0.35)
    assert readings[0.0] < readings[0.4] < readings[0.9]


def test_half_a_minute_does_not_stray(model: PitchGenerator) -> None:
    notes = [ExpressiveNote(Note(0.1, 30.1, 76, 64), Expression(0.8, 0.12, 0.4, 0.5, 0.25, 0.45))]
    f0_hz = played(model, notes, "violin")[25:7525].astype(np.float64)
    away = 12 * np.log2(f0_hz / 440) - 7
    assert np.abs(away).max() < 1.0
    for first in range(0, 7500, 1250):
        part = away[first : first + 1250]
        assert abs(part.mean()) < 0.15
        assert np.std(part) > 0.03
