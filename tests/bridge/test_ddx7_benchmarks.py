"""`hexachord bench ddx7`: what DDX7 voices cost, beside NumPy, against what was asked."""

import re

import pytest

from bridge import ddx7_benchmarks, live_benchmarks
from bridge.cli import main
from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.engine.ddx7_layout import WEIGHTS, Ddx7Layer, ddx7_kind, ddx7_size
from plugin_core.engine.live_layout import LayerKind
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.instruments import DDX7_INSTRUMENTS
from tests.bridge.ddx7_archives import written

BUNDLED = [presets_folder() / "instruments" / f"{name}.ts" for name in DDX7_INSTRUMENTS]


@pytest.fixture
def models(monkeypatch, tmp_path):
    """The organ in the place of every bundled model, measured briefly."""
    for module in (live_benchmarks, ddx7_benchmarks):
        monkeypatch.setattr(module, "_FRAMES", 10)
    monkeypatch.setattr(live_benchmarks, "_SECONDS", 0.5)
    monkeypatch.setattr(live_benchmarks, "_RUNS", 1)
    (tmp_path / "dx7").mkdir()
    (tmp_path / "dx7" / "any.syx").touch()
    (tmp_path / "instruments").mkdir()
    monkeypatch.setattr("bridge.cli.bench.presets_folder", lambda: tmp_path)
    return [written(tmp_path / "instruments" / path.name) for path in BUNDLED]


@pytest.mark.usefixtures("models")
def test_everything_that_was_asked_is_measured_beside_numpy(capsys):
    assert main(["bench", "ddx7"]) == 0
    told = capsys.readouterr().out
    for row in (
        "an engine that is silent",
        *(f"one voice: {name}" for name in DDX7_INSTRUMENTS),
        *(f"8 voices: {name}" for name in DDX7_INSTRUMENTS),
        "NumPy, 6 sines (baseline)",
        "the network of a frame of one voice",
        "NumPy, its products (baseline)",
        "reading the archive",
        "the archive",
    ):
        assert row in told, row


def test_all_voices_that_are_counted_sound(models, monkeypatch):
    sounding = []
    engine = live_benchmarks.Engine

    class Watched(engine):
        def render(self, samples, events=None):
            out = super().render(samples, events)
            sounding.append(self.sounding)
            return out

    monkeypatch.setattr(live_benchmarks, "Engine", Watched)
    model = read_ddx7_model(models[0])
    for measure, voices in ((live_benchmarks.one_voice, 1), (live_benchmarks.chord, 8)):
        sounding.clear()
        measure(model, 0, ddx7_benchmarks.lowest_learnt(model))
        assert set(sounding[1:]) == {voices}


def test_the_baseline_multiplies_by_every_weight_of_the_network():
    tables = sum(ddx7_size(layer) for layer in Ddx7Layer if ddx7_kind(layer) == LayerKind.TABLE)
    shapes = ddx7_benchmarks.network_shapes()
    biases = sum(outputs for outputs, _ in shapes)
    assert sum(rows * columns for rows, columns in shapes) == WEIGHTS - tables - biases


@pytest.mark.full
def test_it_costs_no_more_than_was_asked():
    costs = ddx7_benchmarks.ddx7_costs(BUNDLED)
    assert max(cost.mean for cost in costs.one_voice) <= 0.03


def test_a_model_that_is_not_there_is_one_line(models, capsys):
    models[2].unlink()
    assert main(["bench", "ddx7"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.match(r"hexachord: .*ddx7-trumpet\.ts: expected .*\n$", captured.err)
    assert captured.err.count("\n") == 1
