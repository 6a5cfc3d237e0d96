"""A live model's file: read without PyTorch, and refused in one line where it is wrong."""

import contextlib
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import safetensors.numpy

from plugin_core.engine.live_faults import LIVE_FAULTS
from plugin_core.engine.live_layout import LIVE_INSTRUMENTS, Layer, LayoutColumn, Widths
from plugin_core.engine.live_model import LiveModel, model_record, read_live_model
from plugin_core.engine.live_records import LAYERS, MODEL_SLOTS, WEIGHTS_CAPACITY
from plugin_core.types import InputError

from .live_organ import TYPICAL, live_engine, organ


def written(path, model, *, compression=zipfile.ZIP_STORED, weights=None, **changes):
    """Write an archive as a file of another name would hold it; return its path."""
    description = {
        "schema": 1,
        "kind": "live",
        "instruments": list(model.instruments),
        "styles": {model.instruments[0]: {"low": "short", "high": "long"}},
        **changes,
    }
    arrays = {"weights": model.weights, "layout": model.layout} if weights is None else weights
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("another/data.pkl", b"not read")
        archive.writestr("another/extra/hexachord.json", json.dumps(description))
        archive.writestr("another/extra/weights.safetensors", safetensors.numpy.save(arrays))
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_was_written_is_read(tmp_path, compression):
    model = organ(shortest_s=0.125)
    read = read_live_model(written(tmp_path / "organ.ts", model, compression=compression))
    assert read.instruments == ("organ 1", "organ 2")
    assert read.typical["organ 1"] == pytest.approx(TYPICAL)
    assert read.styles["organ 1"] == {"low": "short", "high": "long", "shortest_s": 0.125}
    assert read.styles["organ 2"] == {"shortest_s": 0.125}
    np.testing.assert_array_equal(read.weights, model.weights)
    np.testing.assert_array_equal(read.layout, model.layout)
    assert read.row("organ 2") == 1
    with pytest.raises(ValueError, match="organ 1, organ 2, found 'kazoo'"):
        read.row("kazoo")


def test_without_recordings_style_does_nothing(tmp_path):
    assert read_live_model(written(tmp_path / "a.ts", organ())).styles["organ 1"] is None


def test_the_bundled_model_has_the_instruments():
    from plugin_core.engine.library import _BUILD

    path = _BUILD.parent / "presets/instruments/live.ts"
    if not path.is_file():
        pytest.skip("no bundled live model")
    model = read_live_model(path)
    assert model.instruments == LIVE_INSTRUMENTS
    assert path.stat().st_size <= 8e6
    for name in LIVE_INSTRUMENTS:
        assert all(0 <= value <= 1 for value in model.typical[name]), name


def test_no_torch_is_needed(tmp_path):
    path = written(tmp_path / "organ.ts", organ())
    program = (
        "import sys; from pathlib import Path; from plugin_core.engine.live_model import *;"
        f"read_live_model(Path({str(path)!r})); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"schema": 2}, "expected schema 1, found 2"),
        ({"kind": "phrase"}, "expected kind live, found phrase"),
        ({"instruments": ["one"]}, "expected 2 instruments, found 1"),
        ({"instruments": ["one", "one"]}, "expected names, each once"),
        ({"instruments": [1, 2]}, "expected names, each once"),
        ({"instruments": None}, "expected names, each once"),
    ],
)
def test_a_foreign_description(tmp_path, changes, line):
    path = written(tmp_path / "organ.ts", organ(), **changes)
    with pytest.raises(InputError, match=line):
        read_live_model(path)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "a Hexachord instrument"),
        (b"PK\x03\x04 and then nothing", "a Hexachord instrument"),
    ],
)
def test_what_is_no_archive(tmp_path, content, line):
    path = tmp_path / "a.ts"
    path.write_bytes(content)
    with pytest.raises(InputError, match=line):
        read_live_model(path)
    with pytest.raises(InputError, match=line):
        read_live_model(tmp_path / "missing.ts")


def test_cut_and_damaged_files_are_refused_or_whole(tmp_path):
    whole = written(tmp_path / "a.ts", organ(), compression=zipfile.ZIP_DEFLATED).read_bytes()
    chance = np.random.default_rng(1)
    damaged = tmp_path / "b.ts"
    for index in range(60):
        data = bytearray(whole)
        if index % 2:
            data = data[: int(chance.integers(0, len(data)))]
        else:
            data[int(chance.integers(0, len(data)))] ^= 0xFF
        damaged.write_bytes(data)
        with contextlib.suppress(InputError):
            read_live_model(damaged)


def test_other_weights(tmp_path):
    model = organ()
    for arrays, line in (
        ({"weights": model.weights}, "layout: expected int32"),
        ({"layout": model.layout}, "weights: expected float32"),
        ({"weights": model.weights.astype(np.float64), "layout": model.layout}, "found float64"),
        ({"weights": model.weights, "layout": model.layout[:, :4].copy()}, r"\(16, 4\)"),
    ):
        path = written(tmp_path / "a.ts", model, weights=arrays)
        with pytest.raises(InputError, match=line):
            read_live_model(path)


def changed(layer, column, value):
    model = organ()
    layout = model.layout.copy()
    layout[layer, column] = value
    return model.weights, layout


def with_nan():
    weights = organ().weights.copy()
    weights[99] = np.nan
    return weights, organ().layout


FAULTS = {
    "nothing": (organ().weights, organ().layout),
    "no weights": (np.zeros(0, np.float32), organ().layout),
    "too many weights": (np.zeros(WEIGHTS_CAPACITY + 1, np.float32), organ().layout),
    "a layer less": (organ().weights, organ().layout[:-1]),
    "a layer more": (organ().weights, np.vstack([organ().layout, organ().layout[:1]])),
    "another kind": changed(Layer.GRU, LayoutColumn.KIND, 0),
    "a wider layer": changed(Layer.LEAVE, LayoutColumn.OUTPUTS, 5),
    "other features": changed(Layer.PITCH_IN, LayoutColumn.INPUTS, 3),
    "no width": changed(Layer.ENTER, LayoutColumn.OUTPUTS, 0),
    "a negative width": changed(Layer.EMBEDDING, LayoutColumn.OUTPUTS, -1),
    "a huge width": changed(Layer.ENTER, LayoutColumn.OUTPUTS, 2**31 - 1),
    "before the weights": changed(Layer.OUT, LayoutColumn.OFFSET, -1),
    "behind the weights": changed(Layer.OUT, LayoutColumn.OFFSET, 2**31 - 1),
    "no instruments": changed(Layer.EMBEDDING, LayoutColumn.INPUTS, 0),
    "65 instruments": (organ(65).weights, organ(65).layout),
    "not a number": with_nan(),
}
WANTED = dict.fromkeys(FAULTS, "a layer has another size than those that it connects") | {
    "nothing": "",
    "no weights": "it has no weights, or more than there is room for",
    "too many weights": "it has no weights, or more than there is room for",
    "a layer less": "it has another number of layers than a live model",
    "a layer more": "it has another number of layers than a live model",
    "another kind": "a layer is of another kind than in a live model",
    "before the weights": "a layer lies outside the weights",
    "behind the weights": "a layer lies outside the weights",
    "no instruments": "it has no instruments, or more than 64",
    "65 instruments": "it has no instruments, or more than 64",
    "not a number": "a weight is NaN or infinite",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(fault):
    weights, layout = FAULTS[fault]
    record = model_record(weights.astype(np.float32), layout)[0]
    assert LIVE_FAULTS[record["fault"]] == WANTED[fault]
    assert record["instruments"] == (2 if fault == "nothing" else 0)


def test_any_layout_is_judged_without_a_crash():
    model = organ()
    chance = np.random.default_rng(2)
    for _ in range(2000):
        layout = model.layout.copy()
        for _ in range(int(chance.integers(1, 6))):
            value = chance.choice([-(2**31), -1, 0, 1, 2, 5, 300, 2**16, 2**31 - 1])
            layout[chance.integers(0, LAYERS), chance.integers(0, 5)] = value
        record = model_record(model.weights, layout)[0]
        used = layout[:, [0, 1, 2, 4]]
        same = np.array_equal(used, model.layout[:, [0, 1, 2, 4]])
        assert record["fault"] != 0 or same or _inside(layout, model)


def _inside(layout, model: LiveModel) -> bool:
    """Other offsets are allowed as long as nothing lies outside."""
    return bool((layout[:, 4] >= 0).all() and (layout[:, 4] <= len(model.weights)).all())


def test_the_widest_model_plays():
    model = organ(widths=Widths(embedding=64, pitch=64, hidden=200, performer=64))
    assert len(model.weights) < WEIGHTS_CAPACITY
    assert model_record(model.weights, model.layout)["fault"][0] == 0


def test_an_engine_takes_as_many_models_as_it_has_slots():
    live_engine(*[organ()] * MODEL_SLOTS)
    with pytest.raises(ValueError, match="room for 16 models, found 17"):
        live_engine(*[organ()] * (MODEL_SLOTS + 1))
    bad = organ()
    bad.weights[7] = np.inf
    with pytest.raises(ValueError, match="model 0: a weight is NaN or infinite"):
        live_engine(bad)
