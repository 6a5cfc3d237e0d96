"""The picture of a voice: all of it is there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_core.dx7.picture import voice_figure
from plugin_core.dx7.voice import Voice


@pytest.mark.parametrize("algorithm", [1, 4, 32])
def test_the_picture_has_the_algorithm_six_envelopes_and_the_pitch(algorithm: int):
    figure = voice_figure(Voice.initial("PICTURED").edited(algorithm=algorithm))
    diagram, *curves = figure.axes
    numbers = [text.get_text() for text in diagram.texts if text.get_text().isdigit()]
    assert sorted(numbers) == list("123456")
    headings = [axes.get_title(loc="left") for axes in curves]
    assert headings == ["1", "2", "3", "4", "5", "6", "Pitch"]
    assert "PICTURED" in [text.get_text() for text in figure.texts]


@settings(max_examples=20, deadline=None)
@given(st.from_type(Voice))
def test_any_voice_can_be_drawn(voice: Voice):
    voice_figure(voice).draw_without_rendering()
