"""Files of DDX7 models: what the engine reads, and what it refuses in one line."""

import json
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save

from plugin_core.dx7.fields import FIELD_INDEX
from plugin_core.engine.ddx7_file import Ddx7Model, read_ddx7_model
from plugin_core.engine.ddx7_layout import (
    WEIGHTS,
    Ddx7Layer,
    Playing,
    ddx7_layout,
    playing_voice,
)
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.engine.live_model import model_record, read_live_model
from plugin_core.engine.live_records import ModelKind
from plugin_core.types import InputError

from .ddx7_organ import TYPICAL, ddx7_organ
from .live_organ import live_engine, organ
from .playing import SINE

DESCRIPTION = {"schema": 1, "kind": "ddx7", "instruments": ["ddx7-organ"]}
ORGAN = {"op1_coarse": 1, "op2_coarse": 3, "op2_fine": 7, "op3_coarse": 0, "op4_coarse": 8}


def archive(path, *, description=None, **arrays):
    """Write an archive as `torch.jit.save` lays it out; a None leaves the organ's array out."""
    model = ddx7_organ(fields=ORGAN)
    given = {"weights": model.weights, "layout": model.layout, "room": np.ones(3, np.float32)}
    given = {name: array for name, array in {**given, **arrays}.items() if array is not None}
    with zipfile.ZipFile(path, "w") as written:
        written.writestr(
            "organ/extra/hexachord.json", json.dumps({**DESCRIPTION, **(description or {})})
        )
        written.writestr("organ/extra/weights.safetensors", save(given))
    return path


def with_number(layer: Ddx7Layer, column: int, value: float) -> np.ndarray:
    weights = ddx7_organ().weights
    weights[ddx7_layout()[layer, LayoutColumn.OFFSET] + column] = value
    return weights


def with_layout(layer: Ddx7Layer, column: LayoutColumn, value: int) -> np.ndarray:
    layout = ddx7_layout()
    layout[layer, column] = value
    return layout


def test_a_file_is_read_as_it_was_written(tmp_path):
    model = read_ddx7_model(archive(tmp_path / "organ.ts"))
    assert model.instruments == ("ddx7-organ",)
    assert tuple(model.typical["ddx7-organ"]) == TYPICAL
    assert model.styles == {"ddx7-organ": None}
    assert model.ratios == (1.0, 3.2, 0.5, 8.0, 1.0, 1.0)
    assert model.playing(Playing.REFERENCE_DB) == -40.0
    np.testing.assert_array_equal(model.room, np.ones(3))


def test_a_file_needs_no_room(tmp_path):
    assert read_ddx7_model(archive(tmp_path / "organ.ts", room=None)).room.shape == (0,)


BAD = {
    "live kind": ({"description": {"kind": "live"}}, "expected kind ddx7, found live"),
    "two instruments": ({"description": {"instruments": ["a", "b"]}}, "expected one name, found 2"),
    "no weights": ({"weights": None}, "float32 in one dimension"),
    "few weights": ({"weights": np.zeros(100, np.float32)}, "a layer lies outside the weights"),
    "a live model": (
        {"weights": organ().weights, "layout": organ().layout},
        "expected 19 layers, found 16",
    ),
    "one layer less": ({"layout": ddx7_layout()[:-1]}, "another number of layers than a DDX7"),
    "a wider layer": (
        {"layout": with_layout(Ddx7Layer.B3_A, LayoutColumn.OUTPUTS, 129)},
        "of another kind or size",
    ),
    "another dilation": (
        {"layout": with_layout(Ddx7Layer.B3_A, LayoutColumn.EXTRA, 3 * 65536 + 3)},
        "of another kind or size",
    ),
    "outside": (
        {"layout": with_layout(Ddx7Layer.RELEASE, LayoutColumn.OFFSET, WEIGHTS - 74)},
        "outside the weights",
    ),
    "before": (
        {"layout": with_layout(Ddx7Layer.RELEASE, LayoutColumn.OFFSET, -1)},
        "outside the weights",
    ),
    "not finite": ({"weights": with_number(Ddx7Layer.B2_B, 5, np.nan)}, "NaN or infinite"),
    "algorithm 33": (
        {"weights": with_number(Ddx7Layer.PLAYING, Playing.ALGORITHM, 33)},
        "PLAYING is out of range",
    ),
    "coarse 32": (
        {"weights": with_number(Ddx7Layer.VOICE, FIELD_INDEX["op3_coarse"], 32)},
        "none that a DX7 can store",
    ),
    "half a step": (
        {"weights": with_number(Ddx7Layer.VOICE, FIELD_INDEX["op3_fine"], 7.5)},
        "none that a DX7 can store",
    ),
    "a room of NaN": ({"room": np.full(3, np.nan, np.float32)}, "room: expected finite float32"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_played_is_refused_in_one_line(tmp_path, case):
    options, expected = BAD[case]
    path = archive(tmp_path / "bad.ts", **options)
    with pytest.raises(InputError) as refused:
        read_ddx7_model(path)
    assert expected in str(refused.value)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_the_live_reader_refuses_a_ddx7_model(tmp_path):
    with pytest.raises(InputError, match="expected kind live, found ddx7"):
        read_live_model(archive(tmp_path / "organ.ts"))


def test_the_engine_tells_the_kinds_apart():
    for model, kind in ((organ(), ModelKind.LIVE), (ddx7_organ(), ModelKind.DDX7)):
        record = model_record(model.weights, model.layout)[0]
        assert (record["kind"], record["fault"]) == (kind, 0)
    assert record["instruments"] == 1


def test_any_layout_is_judged_without_a_crash():
    weights = ddx7_organ().weights
    chance = np.random.default_rng(2)
    for _ in range(500):
        layout = ddx7_layout()
        for _ in range(int(chance.integers(1, 6))):
            value = chance.choice([-(2**31), -1, 0, 1, 2, 5, 300, 2**16, 2**31 - 1])
            layout[chance.integers(0, len(layout)), chance.integers(0, 5)] = value
        fault = model_record(weights, layout)[0]["fault"]
        offsets = layout[:, LayoutColumn.OFFSET]
        inside = (offsets >= 0).all() and (offsets <= len(weights)).all()
        same = np.array_equal(layout[:, :4], ddx7_layout()[:, :4])
        assert fault != 0 or (same and inside)


def test_an_engine_takes_both_kinds_and_refuses_a_bad_one():
    live_engine(organ(), ddx7_organ())
    bad = ddx7_organ()
    bad.weights[7] = np.inf
    with pytest.raises(ValueError, match="model 0: a weight is NaN or infinite"):
        live_engine(bad)


def test_a_playing_voice_keeps_routing_and_frequencies_alone():
    patch = SINE.patch()
    patch[FIELD_INDEX["algorithm"]] = 4
    patch[FIELD_INDEX["feedback"]] = 6
    patch[FIELD_INDEX["op2_coarse"]] = 5
    patch[FIELD_INDEX["op2_level"]] = 30
    patch[FIELD_INDEX["op1_eg_rate1"]] = 12
    voice = playing_voice(patch, feedback=0.0, operators=(1, 2))[0]
    kept = {"algorithm": 4, "feedback": 0, "op2_coarse": 5, "op2_level": 99, "op1_eg_rate1": 99}
    assert {name: voice[FIELD_INDEX[name]] for name in kept} == kept
    assert [voice[FIELD_INDEX[f"op{op}_on"]] for op in range(1, 7)] == [1, 1, 0, 0, 0, 0]
    with pytest.raises(ValueError, match="found"):
        playing_voice(patch[:-1], feedback=0.0, operators=(1,))


def test_a_ddx7_model_is_a_live_one_to_whoever_plays_it():
    assert issubclass(Ddx7Model, type(organ()))
    assert ddx7_organ().row("organ") == 0
