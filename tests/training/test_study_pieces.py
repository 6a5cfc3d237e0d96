"""Takes cut into pieces: how many, how loud, and that each is heard by itself."""

from dataclasses import replace

import numpy as np
import pytest

from plugin_core.training.ddx7_data import Take
from plugin_core.training.study_pieces import pieces
from tests.training.test_study import RATE, take_of


def recorded(*parts: tuple[float, float]) -> Take:
    """Sines of (Hz, seconds), at 0.2, one after the other."""
    audio = np.concatenate(
        [0.2 * np.sin(2 * np.pi * hz * np.arange(round(s * RATE)) / RATE) for hz, s in parts]
    )
    return take_of(audio.astype(np.float32))


def test_a_take_is_cut_every_four_seconds_and_its_rest_left_out():
    found = list(pieces(recorded((440.0, 4.0), (660.0, 5.0))))
    assert [each.name for each in found] == ["sine.wav from 0 s", "sine.wav from 4 s"]
    for each, hz in zip(found, (440.0, 660.0), strict=True):
        assert len(each.audio) == 64 * len(each)
        assert each.seconds == pytest.approx(4.0, abs=0.005)
        assert np.abs(each.audio).max() == pytest.approx(1.0)
        assert np.median(each.f0_hz) == pytest.approx(hz, rel=1e-3)
        assert each.sample_rate == RATE
        assert each.source == "user"


def test_a_piece_knows_nothing_of_what_was_before():
    alone = next(pieces(recorded((660.0, 4.0))))
    after = list(pieces(recorded((440.0, 4.0), (660.0, 4.0))))[1]
    for name in ("f0_hz", "confidence", "loudness_db", "lines", "noise", "audio"):
        np.testing.assert_allclose(getattr(after, name), getattr(alone, name), atol=1e-4)


def test_the_level_that_a_take_was_brought_to_is_nothing_to_a_piece():
    take = recorded((440.0, 4.0))
    (plain,), (louder,) = pieces(take), pieces(take.louder(12.0))
    np.testing.assert_allclose(louder.loudness_db, plain.loudness_db, atol=1e-3)
    assert louder.gain_db == 0.0


def test_what_is_short_is_a_piece_and_what_is_silent_is_none():
    (piece,) = pieces(recorded((440.0, 1.5)))
    assert piece.seconds == pytest.approx(1.5, abs=0.005)
    take = recorded((440.0, 1.5))
    assert list(pieces(replace(take, audio=np.zeros_like(take.audio)))) == []
