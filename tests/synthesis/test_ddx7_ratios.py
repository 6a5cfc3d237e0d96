"""One law of ratios: training, the model's file and the engine round the same way, all 3200."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from plugin_core.dx7.fields import FIELD_INDEX, FIELDS
from plugin_core.engine import ddx7_voice
from plugin_core.engine.patch import OPERATOR_BASE
from plugin_core.synthesis.ddx7_voices import patch_of, voice_ratios
from tests.engine.ddx7_organ import ddx7_organ

SETTINGS = [(coarse, fine) for coarse in range(32) for fine in range(100)]


def exact(coarse: int, fine: int) -> float:
    """Of coarse 0 a half, fine in hundredths of it; half a tenth goes up."""
    ratio = (Fraction(1, 2) if coarse == 0 else coarse) * (1 + Fraction(fine, 100))
    return floor(10 * ratio + Fraction(1, 2)) / 10


def test_a_half_of_a_tenth_goes_up():
    assert [exact(1, 15), exact(3, 65), exact(0, 10), exact(1, 14)] == [1.2, 5.0, 0.6, 1.1]


def test_training_and_the_engine_round_as_fractions_do():
    weights = np.zeros(len(FIELDS), np.float32)
    base = OPERATOR_BASE[0]
    for first in range(0, len(SETTINGS), 6):
        six = (*SETTINGS[first : first + 6], *[(1, 0)] * 6)[:6]
        patch = patch_of(1, six)
        expected = tuple(exact(*each) for each in six)
        assert voice_ratios(patch) == expected
        for (coarse, fine), ratio in zip(six, expected, strict=True):
            weights[FIELD_INDEX["op1_coarse"]], weights[FIELD_INDEX["op1_fine"]] = coarse, fine
            played = ddx7_voice.ratio(weights, base, weights, 0)
            assert played == pytest.approx(ratio, rel=1e-12)


def test_so_does_the_model_that_is_read():
    for coarse, fine in SETTINGS[::7]:
        fields = {"op3_coarse": coarse, "op3_fine": fine}
        assert ddx7_organ(fields=fields).ratios[2] == exact(coarse, fine)
