"""How much tones move is measured as it was made."""

import numpy as np
import pytest

from plugin_core.synthesis.flicker import flickering
from plugin_core.training.flicker_measurement import measure_flicker
from plugin_core.training.performed import Performed
from plugin_core.types import Expression, ExpressiveNote, Frames, Note

MADE = {
    "fast_db": [2.0, 2.0, 1.0, 0.5, 0.5],
    "slow_db": [0.0] * 5,
    "level_db": 0.5,
    "resonance_db": 0.0,
    "body": 0,
}


def performed(seed: int, instrument: str = "flute", *, held_out: bool = False) -> Performed:
    count = 600
    shares = np.full((count, 40), 10 ** (-35 / 20))
    shares[:, :3] = (0.5, 0.25, 10 ** (-25 / 20))
    shares[:, 5:] = 1e-4
    shares /= shares.sum(axis=1, keepdims=True)
    ones = np.ones(count, np.float32)
    frames = Frames(
        440 * ones, ones, ones, 0.05 * ones, shares.astype(np.float32), np.ones((count, 65))
    )
    frames = flickering(frames, MADE, pitch=69 * ones, seed=seed)
    note = ExpressiveNote(Note(0.0, 2.4, 69, 64), Expression(*[0.5] * 6))
    return Performed(
        f"{seed}", instrument, "made", "none", "note", held_out, frames, (note,), 0.0, None, 0.0,
        48000,
    )  # fmt: skip


def test_what_was_made_is_measured():
    found = measure_flicker([performed(seed) for seed in range(12)])
    assert list(found) == ["flute"]
    flute = found["flute"]
    # Windows of 0.1 s take a little of it; what generators move is taken off.
    assert flute["fast_db"][1] == pytest.approx(2.0, rel=0.25)
    assert flute["fast_db"][2] == pytest.approx(1.0, rel=0.25)
    assert flute["level_db"] == pytest.approx(0.42, rel=0.25)
    assert flute["resonance_db"] == 0


def test_what_is_held_out_and_what_is_rare_is_not_measured():
    rare = [performed(seed) for seed in range(3)]
    held_out = [performed(seed, "oboe", held_out=True) for seed in range(12)]
    assert measure_flicker([*rare, *held_out]) == {}


def test_strings_have_a_body():
    assert (
        measure_flicker([performed(seed, "cello") for seed in range(6)])["cello"]["resonance_db"]
        > 0
    )
