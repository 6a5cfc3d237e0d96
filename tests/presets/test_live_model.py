"""The bundled live model: what its file and its card say."""

import json
import zipfile

import numpy as np
import pytest

from plugin_core.engine.live_layout import LIVE_INSTRUMENTS
from plugin_core.engine.live_model import LiveModel, read_live_model
from plugin_core.performance import perform
from plugin_core.sounds import load_sound, presets_folder
from plugin_core.types import CONTROLS, Lane, Note, Part

FOLDER = presets_folder() / "instruments"
PATH = FOLDER / "live.ts"
WITH_STYLE = {
    "cello", "double_bass", "flute", "oboe", "clarinet", "saxophone", "bassoon", "horn", "trombone",
}  # fmt: skip
"""The nine whose phrases were recorded in several articulations (the corpus's manifest)."""


@pytest.fixture(scope="module")
def model() -> LiveModel:
    return read_live_model(PATH)


def test_it_plays_all_instruments_within_eight_megabytes(model: LiveModel) -> None:
    assert model.instruments == LIVE_INSTRUMENTS
    assert PATH.stat().st_size <= 8_000_000


def test_usual_controls_are_within_reach_of_the_lanes(model: LiveModel) -> None:
    for instrument, typical in model.typical.items():
        assert all(0.0 <= value <= 1.0 for value in typical), instrument
        assert 0.6 <= typical.volume <= 0.9, instrument


def test_style_does_something_where_it_was_recorded(model: LiveModel) -> None:
    assert {name for name, style in model.styles.items() if style is not None} == WITH_STYLE
    for style in model.styles.values():
        assert style is None or 0.05 <= style["shortest_s"] <= 0.4


def test_the_card_tells_data_terms_and_quality() -> None:
    with zipfile.ZipFile(PATH) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("/extra/hexachord.json")]
        card = json.loads(archive.read(name))
    text = PATH.with_suffix(".md").read_text()
    assert card["made_by"].startswith("hexachord train live")
    assert card["made_by"] in text
    for source in card["sources"]:
        assert source["licence"], source["source"]
        assert source["source"] in text
    assert "fcaspe_web" not in {source["source"] for source in card["sources"]}
    errors = card["figures"]["held_out_control_rmse"]
    assert set(errors) == set(CONTROLS) - {"vibrato"}
    assert max(errors.values()) <= 0.1


@pytest.mark.parametrize("instrument", sorted(set(LIVE_INSTRUMENTS) - WITH_STYLE))
def test_style_does_nothing_where_it_was_not_recorded(instrument: str) -> None:
    sound = load_sound(instrument, model="live")
    part = Part("", (Note(0.0, 0.3, 57, 80), Note(0.35, 0.5, 60, 90)))
    short, middle, long = (
        perform(
            sound, part, lanes={"style": Lane.constant(style)}, sample_rate=48000, samples=36000
        )
        for style in (0.0, 63.5, 127.0)
    )
    assert np.abs(middle).max() > 1e-3
    assert np.array_equal(short, middle)
    assert np.array_equal(long, middle)
