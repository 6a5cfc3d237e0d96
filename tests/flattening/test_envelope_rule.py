"""Whole stages at once give what the instrument's rule gives tick by tick."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plugin_core.dx7.envelopes import (
    DB_PER_UNIT,
    FULL_LEVEL,
    TICK_S,
    EnvelopeSpan,
    operator_envelope_db,
)
from plugin_core.dx7.voice import Voice
from plugin_core.flattening.envelope_rule import envelope_units

NAMES = ("level", *(f"eg_{kind}{stage}" for kind in ("rate", "level") for stage in (1, 2, 3, 4)))
FIELDS = st.fixed_dictionaries(
    {name: st.integers(0, 99) | st.sampled_from([0, 50, 98, 99]) for name in NAMES}
)


@given(fields=FIELDS, on=st.integers(0, 300), rest=st.integers(1, 200))
def test_stages_are_those_of_the_rule_by_ticks(fields, on, rest):
    span = EnvelopeSpan(on * TICK_S, (on + rest) * TICK_S)
    voice = Voice.initial().edited(**{f"op1_{name}": value for name, value in fields.items()})
    units = operator_envelope_db(voice, 1, span) / DB_PER_UNIT + FULL_LEVEL
    np.testing.assert_allclose(envelope_units(fields, on, on + rest), units, atol=1e-6)
