"""Attacks and decays get slower or faster; where notes begin and end stays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.hearing.retiming_of_levels import retimed
from plugin_core.types import FRAME_RATE


def envelope(rise_s: float, fall_s: float, frames: int = 750) -> np.ndarray:
    """A note from 0 to 2 s: up in a straight line, held, and down after its end."""
    time = np.arange(frames) / FRAME_RATE
    return np.minimum(np.clip(time / rise_s, 0, 1), np.clip(1 - (time - 2) / fall_s, 0, 1)).astype(
        np.float32
    )


SPANS = np.array([[0, 500]])


@pytest.mark.parametrize("factor", [0.5, 2.0, 3.0])
def test_rise_and_fall_last_so_many_times_longer(factor):
    """0.2 s to full level become 0.2 s times the factor, and so does the fall."""
    slow = retimed(envelope(0.2, 0.2), SPANS, np.array([factor]))
    np.testing.assert_allclose(slow, envelope(0.2 * factor, 0.2 * factor), atol=0.02)


def test_a_factor_of_one_changes_nothing():
    curve = np.random.default_rng(0).uniform(0, 1, 900).astype(np.float32)
    spans = np.array([[10, 200], [200, 410], [500, 850]])
    np.testing.assert_allclose(retimed(curve, spans, np.ones(3)), curve, atol=1e-6)


def test_without_notes_nothing_changes():
    curve = envelope(0.2, 0.2)
    np.testing.assert_array_equal(retimed(curve, np.zeros((0, 2), np.int64), np.ones(0)), curve)


@given(
    lengths=st.lists(st.integers(1, 60), min_size=2, max_size=20),
    factors=st.lists(st.floats(0.05, 20), min_size=20, max_size=20),
)
def test_time_goes_on_and_every_onset_stays(lengths, factors):
    """A curve that counts frames comes back as the path along which it was read."""
    edges = np.cumsum([0, *lengths])
    spans = np.stack([edges[:-1:2], edges[1::2][: len(edges[:-1:2])]], axis=1)
    frames = int(edges[-1]) + 1
    path = retimed(np.arange(frames, dtype=np.float32), spans, np.array(factors[: len(spans)]))
    assert (np.diff(path) >= -1e-3).all()
    np.testing.assert_allclose(path[spans[:, 0]], spans[:, 0], atol=1e-3)
    assert path[0] == 0
    assert path[-1] == pytest.approx(frames - 1, abs=1e-3)


def test_factors_must_be_as_many_as_notes():
    with pytest.raises(ValueError, match="1 notes take as many factors"):
        retimed(envelope(0.2, 0.2), SPANS, np.ones(2))
    with pytest.raises(ValueError, match="over 0"):
        retimed(envelope(0.2, 0.2), SPANS, np.zeros(1))
