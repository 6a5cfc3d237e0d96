"""A rough f0 becomes a fine one."""

import numpy as np
import pytest

from plugin_core.analysis.pitch.autocorrelation import HOP, REACH, TRACKING_RATE
from plugin_core.analysis.pitch.refinement import refine
from tests.analysis.pitch.tones import cents, tone


@pytest.mark.parametrize("f0_hz", [55.0, 200.0, 900.0, 2700.0])
@pytest.mark.parametrize("off_cents", [-15, 0, 15])
def test_f0_that_is_a_little_off_is_corrected(f0_hz: float, off_cents: float) -> None:
    frames = 100
    samples = (frames - 1) * HOP + 2 * REACH
    audio = tone(np.full(samples, f0_hz), [1, 0.5, 0.3, 0.2], TRACKING_RATE)
    rough = np.full(frames, f0_hz * 2 ** (off_cents / 1200))
    refined, harmonics = refine(audio, rough)
    assert np.abs(cents(refined, f0_hz)).max() < 0.3
    audible = [level for k, level in enumerate([1, 0.5, 0.3, 0.2], 1) if k * f0_hz < 7200]
    share = np.array(audible) ** 2 / np.sum(np.square(audible))
    if 4 * f0_hz < 7200:
        assert harmonics[50, : len(share)] == pytest.approx(share, abs=0.02)


def test_unvoiced_frames_stay_so() -> None:
    frames = 60
    rough = np.where(np.arange(frames) % 20 < 10, 300.0, 0.0)
    audio = tone(np.full((frames - 1) * HOP + 2 * REACH, 300.0), [1, 0.5], TRACKING_RATE)
    refined, harmonics = refine(audio, rough)
    assert np.array_equal(refined > 0, rough > 0)
    assert (harmonics[rough == 0] == 0).all()
    assert np.abs(cents(refined[rough > 0], 300.0)).max() < 1


def test_next_note_does_not_bend_the_last() -> None:
    frames = 80
    change = REACH + HOP * 40 - HOP // 2
    true = np.full((frames - 1) * HOP + 2 * REACH, 220.0)
    true[change:] = 247.0
    audio = tone(true, [1, 0.5, 0.3], TRACKING_RATE)
    refined, _ = refine(audio, np.where(np.arange(frames) < 40, 220.0, 247.0))
    # The last window before the change is cut in half.
    assert np.abs(cents(refined[:40], 220.0)).max() < 20
    assert np.abs(cents(refined[40:], 247.0)).max() < 20
    assert np.abs(cents(refined[:36], 220.0)).max() < 3
    assert np.abs(cents(refined[44:], 247.0)).max() < 3
