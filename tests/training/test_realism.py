import numpy as np
import pytest

from plugin_core.training import realism
from plugin_core.types import Expression, ExpressiveNote, Note

RATE = realism.SPECTRUM_RATE
NOTE = Note(0.2, 1.2, 69, 64)
PLAYED = [ExpressiveNote(NOTE, Expression(0.9, 0.0, 0.0, 0.0, 0.2, 0.2))]


def pitch(cents: float, *, vibrato_cents: float = 0.0, rate_hz: float = 6.0) -> np.ndarray:
    """Return 1.4 s of A4, so many cents sharp, with a sinusoidal vibrato."""
    times = np.arange(350) / 250
    moved = cents + vibrato_cents * np.sin(2 * np.pi * rate_hz * times)
    return (440 * 2 ** (moved / 1200)).astype(np.float32)


def test_a_sharp_note_is_off_by_its_cents() -> None:
    errors = realism.pitch_errors_cents(pitch(7.0), PLAYED)
    # 1 s is 250 frames; 80 ms at the beginning and 40 ms at the end are transitions.
    assert len(errors) == 220
    np.testing.assert_allclose(errors, 7.0, atol=0.05)
    in_tune = realism.pitch_errors_cents(pitch(7.0), PLAYED, tuning_semitones=0.07)
    np.testing.assert_allclose(in_tune, 0.0, atol=0.05)


def test_a_note_with_vibrato_does_not_count_for_pitch() -> None:
    assert len(realism.pitch_errors_cents(pitch(0.0, vibrato_cents=20.0), PLAYED)) == 0


def test_transitions_do_not_count_for_pitch() -> None:
    f0_hz = pitch(0.0)
    f0_hz[:70] = 400.0
    f0_hz[290:] = 500.0
    np.testing.assert_allclose(realism.pitch_errors_cents(f0_hz, PLAYED), 0.0, atol=0.05)


@pytest.mark.parametrize(("rate_hz", "share"), [(6.0, 1.0), (3.4, 0.0), (8.5, 0.0)])
def test_the_rate_of_a_vibrato_is_found(rate_hz: float, share: float) -> None:
    rates = realism.vibrato_rates_hz(pitch(0.0, vibrato_cents=20.0, rate_hz=rate_hz), PLAYED)
    assert rates == [pytest.approx(rate_hz, abs=0.15)]
    assert realism.share_in_range(rates) == share


def test_little_vibrato_has_no_rate() -> None:
    # 0.3 is 8 cents: DESIGN.md, section 5.
    assert realism.vibrato_rates_hz(pitch(0.0, vibrato_cents=6.0), PLAYED) == []
    assert np.isnan(realism.share_in_range([]))


def test_a_jump_at_an_onset_is_a_click_and_one_inside_the_note_is_not() -> None:
    times = np.arange(round(1.4 * RATE)) / RATE
    recording = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    places = realism.boundaries_s([NOTE])
    assert places == [0.2, 1.2]
    assert realism.middles_s([NOTE]) == pytest.approx([0.55, 0.85])
    for seconds, expected in ((0.2, 1), (1.2, 1), (0.7, 0)):
        jumping = recording.copy()
        jumping[round(seconds * RATE) :] += 0.5
        assert realism.clicks(jumping, recording, places, RATE) == expected


def test_loudness_makes_no_click() -> None:
    times = np.arange(round(1.4 * RATE)) / RATE
    # 99.99 % of the steps of the recording are smaller than its last, which is a jump.
    recording = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    recording[-2:] += 0.9
    smooth = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    places = realism.boundaries_s([NOTE])
    loud = realism.clicks(8 * smooth, recording, places, RATE)
    assert loud == realism.clicks(smooth, recording, places, RATE)


def test_the_spectrum_of_a_sine_is_in_its_third_octave() -> None:
    times = np.arange(2 * RATE) / RATE
    spectrum = realism.long_term_spectrum(np.sin(2 * np.pi * 1000 * times).astype(np.float32))
    assert len(spectrum) == 24
    # 1 kHz is the 16th band from 31 Hz.
    assert np.argmax(spectrum) == 15
    assert spectrum[15] > 0.999 * spectrum.sum()


def test_the_distance_of_spectra_is_that_of_their_shapes() -> None:
    recorded = np.ones(24)
    assert realism.log_spectral_distance_db(100 * recorded, recorded, 30.0) == pytest.approx(0.0)
    tilted = recorded.copy()
    tilted[::2] *= 10.0
    # Half the bands are 10 dB above the others: 5 dB off on both sides of the mean level; at equal
    # power that is +2.6 and -7.4 dB.
    assert realism.log_spectral_distance_db(tilted, recorded, 30.0) == pytest.approx(
        np.sqrt((2.596**2 + 7.404**2) / 2), abs=0.01
    )


def test_what_is_below_the_note_or_60_db_down_does_not_count() -> None:
    recorded = np.ones(24)
    recorded[20:] = 1e-7
    rendered = recorded.copy()
    rendered[:10] = 50.0
    rendered[20:] = 1.0
    # Band 10 is that of 315 Hz.
    assert realism.log_spectral_distance_db(rendered, recorded, 315.0) == pytest.approx(0.0)
