"""Envelopes fitted to curves: those of an instrument are found again, others come near."""

import numpy as np
import pytest

from plugin_core.dx7.envelopes import EnvelopeSpan, operator_envelope_db, tick_times_s
from plugin_core.dx7.voice import Voice
from plugin_core.flattening.envelope_fitting import fit_envelope

SPAN = EnvelopeSpan(2.0, 3.0)


@pytest.mark.parametrize(
    "fields",
    [
        {"level": 99, "eg_rate1": 70, "eg_rate4": 60},
        {"level": 80, "eg_rate1": 45, "eg_rate2": 35, "eg_level2": 80, "eg_level3": 70,
         "eg_rate3": 25, "eg_rate4": 52},
        {"level": 90, "eg_rate1": 90, "eg_rate2": 40, "eg_level2": 50, "eg_level3": 50,
         "eg_rate4": 70},
    ],
)  # fmt: skip
def test_an_envelope_of_the_instrument_is_told_again(fields):
    voice = Voice.initial().edited(**{f"op1_{name}": value for name, value in fields.items()})
    curve = operator_envelope_db(voice, 1, SPAN)
    fitted = fit_envelope(tick_times_s(SPAN), curve, SPAN)
    assert fitted.error_db < 1.0


def test_the_fields_make_the_curve_that_is_told():
    time = np.arange(751) / 250
    curve = -10 - 30 * np.exp(-time / 0.1) - 60 * np.maximum(time - 2, 0)
    fitted = fit_envelope(time, curve, SPAN)
    voice = Voice.initial().edited(
        **{f"op1_{name}": value for name, value in fitted.fields.items()}
    )
    np.testing.assert_allclose(operator_envelope_db(voice, 1, SPAN), fitted.curve_db, atol=1e-6)
    assert fitted.error_db < 1.5


def test_what_counts_little_may_be_otherwise():
    """The curve leaps up in the last half second, where no weight is."""
    time = np.arange(751) / 250
    curve = np.where(time < 2.5, -20.0 - 20 * np.maximum(time - 2, 0), 0.0)
    weights = np.where(time < 2.5, 1.0, 1e-3)
    assert fit_envelope(time, curve, SPAN, weights=weights).error_db < 1.0


def test_silence_is_an_operator_that_is_off():
    time = np.arange(751) / 250
    fitted = fit_envelope(time, np.full(751, -110.0), SPAN)
    assert fitted.fields["level"] == 0
    assert fitted.error_db == 0


def test_curves_must_be_finite_and_of_one_shape():
    time = np.arange(10) / 250
    with pytest.raises(ValueError, match="finite curves of one shape"):
        fit_envelope(time, np.full(10, np.nan), SPAN)
    with pytest.raises(ValueError, match="finite curves of one shape"):
        fit_envelope(time, np.zeros(9), SPAN)
