"""Any patch on any note: envelopes, scaling, LFO and pitch by the facts sheet, tick by tick."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plugin_core.dx7.fields import STORED_FIELDS
from plugin_core.dx7.voice import Voice
from tests.conftest import FULL
from tests.engine import facts
from tests.engine.playing import RATE, TICK, engine, events, off, on

SILENT = 1120 / 2**24
NO_SHRINKING = (Phase.explicit, Phase.generate)


@st.composite
def patches(draw) -> Voice:
    values = [draw(st.integers(0, field.maximum)) for field in STORED_FIELDS]
    return Voice(bytes(values) + b"RANDOM    ")


def engine_control(
    voice: Voice, key: int, velocity: int, *, down: int, blocks: int
) -> facts.Control:
    """Return what the engine works out for each tick of a note, from its memory."""
    instrument = engine(voice)
    gains, frequencies = np.zeros((blocks, 6)), np.zeros((blocks, 6))
    record = instrument._memory.voices[0]
    for block in range(blocks):
        table = [on(0, key, velocity)] if block == 0 else [off(0, key)] if block == down else []
        instrument.render(TICK, events(*table))
        if record["status"] == 0:
            gains[block:] = np.nan  # the voice has ended
            frequencies[block:] = np.nan
            break
        gains[block] = record["next_gain"]
        frequencies[block] = record["increment"].astype(np.float64) / 2**32 * RATE
    return facts.Control(gains, frequencies)


def compare(voice: Voice, key: int, velocity: int, *, down: int, blocks: int) -> None:
    expected = facts.control(voice, key, velocity, down=down, blocks=blocks)
    found = engine_control(voice, key, velocity, down=down, blocks=blocks)
    alive = ~np.isnan(found.gains[:, 0])
    np.testing.assert_allclose(found.gains[alive], expected.gains[alive], rtol=1e-4, atol=1e-9)
    # One cycle counts 2^24: a count is 0.0026 Hz. What is above the sample rate wraps.
    difference = (found.frequencies_hz - expected.frequencies_hz)[alive]
    wrapped = difference - np.round(difference / RATE) * RATE
    tolerance = 0.0055 + expected.frequencies_hz[alive] * 3e-6
    assert (np.abs(wrapped) < tolerance).all()
    # A voice may end only where all that is heard has ended.
    assert (expected.gains[~alive][:, 0] <= SILENT).all() or alive.all()


@settings(max_examples=1000 if FULL else 40, phases=NO_SHRINKING)
@given(patches(), st.integers(0, 127), st.integers(1, 127))
def test_any_patch_on_any_note(voice, key, velocity):
    compare(voice, key, velocity, down=120, blocks=200)


@pytest.mark.full
@settings(max_examples=100, phases=NO_SHRINKING)
@given(patches(), st.integers(0, 127), st.integers(1, 127), st.integers(1, 2000))
def test_any_patch_on_any_long_note(voice, key, velocity, down):
    compare(voice, key, velocity, down=down, blocks=down + 800)
