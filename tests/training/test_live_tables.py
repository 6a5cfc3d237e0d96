"""What a live model is told of its instruments, on tones whose answers are known."""

import dataclasses

import numpy as np
import pytest

from plugin_core.engine.live_layout import Widths
from plugin_core.synthesis.streaming import StreamingModel
from plugin_core.training.live_tables import (
    USUAL_VIBRATO_HZ,
    drift_cents,
    fill_tables,
    typical,
    vibrato_hz,
)
from plugin_core.types import FRAME_RATE, Expression, ExpressiveNote
from tests.training.decaying import phrase


def moving(cents, *, count, vibrato=0.0, seconds=3.0):
    """Return phrases of one long note whose pitch moves by `cents`, a function of seconds."""
    times_s = np.arange(round(seconds * FRAME_RATE)) / FRAME_RATE
    found = []
    for seed in range(count):
        made = phrase(seed=seed, seconds=seconds)
        f0_hz = (440.0 * 2 ** (cents(times_s) / 1200)).astype(np.float32)
        note = dataclasses.replace(made.notes[0].note, onset_s=0.0, offset_s=seconds)
        expression = made.notes[0].expression._replace(vibrato=vibrato)
        frames = dataclasses.replace(made.frames, f0_hz=f0_hz)
        notes = (ExpressiveNote(note, expression),)
        found.append(dataclasses.replace(made, frames=frames, notes=notes))
    return found


def test_a_vibrato_is_as_fast_as_it_is():
    phrases = moving(lambda t: 40 * np.sin(2 * np.pi * 6.2 * t), count=5, vibrato=1.0)
    assert vibrato_hz(phrases) == pytest.approx(6.2, abs=0.2)


def test_without_vibratos_there_is_a_usual_rate():
    assert vibrato_hz(moving(lambda t: 0 * t, count=5)) == USUAL_VIBRATO_HZ


def test_a_pitch_drifts_as_far_as_it_does():
    phrases = moving(lambda t: 4 * np.sin(2 * np.pi * 0.7 * t), count=5)
    assert drift_cents(phrases) == pytest.approx(4 / np.sqrt(2), rel=0.2)
    assert drift_cents(moving(lambda t: 0 * t, count=5)) == pytest.approx(0.0, abs=0.05)


def test_vibrato_is_no_drift():
    phrases = moving(lambda t: 40 * np.sin(2 * np.pi * 6 * t), count=5, vibrato=1.0)
    assert drift_cents(phrases) == 0.0


def test_typical_controls_are_means_within_their_range():
    made = phrase()
    notes = tuple(
        ExpressiveNote(row.note, Expression(volume, 0.2, 0.5, vibrato, 0.3, -0.4))
        for row, volume, vibrato in zip(made.notes, (0.6, 0.8), (0.1, 9.0), strict=True)
    )
    asked = (0.7, 0.2, 0.5, 0.8, 0.3, 0.0)
    assert typical([dataclasses.replace(made, notes=notes)]) == pytest.approx(asked)


def test_each_row_is_of_its_instrument():
    model = StreamingModel(2, Widths(4, 8, 8, 8))
    loud, quiet = phrase("flute"), phrase("tuba")
    notes = tuple(
        ExpressiveNote(row.note, row.expression._replace(volume=0.2)) for row in quiet.notes
    )
    quiet = dataclasses.replace(quiet, notes=notes)
    held_out = dataclasses.replace(quiet, instrument="flute", is_held_out=True)
    fill_tables(model, ("flute", "tuba"), [loud, quiet, held_out], {"tuba": 0.125})
    volumes = model.get_buffer("typical")[:, 0].tolist()
    assert volumes == pytest.approx([typical([loud])[0], 0.2])
    assert model.get_buffer("style").tolist() == [[0.0, 0.0], [1.0, 0.125]]
