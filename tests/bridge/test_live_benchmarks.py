"""`hexachord bench live`: what neural voices cost, beside NumPy, against what was asked."""

import re

import pytest

from bridge import live_benchmarks
from bridge.cli import main
from plugin_core.sounds import presets_folder

LIVE = presets_folder() / "instruments" / "live.ts"


@pytest.fixture
def briefly(monkeypatch):
    if not LIVE.is_file():
        pytest.skip("no bundled live model")
    monkeypatch.setattr(live_benchmarks, "_SECONDS", 0.5)
    monkeypatch.setattr(live_benchmarks, "_RUNS", 1)


@pytest.mark.usefixtures("briefly")
def test_everything_that_was_asked_is_measured_beside_numpy(capsys):
    assert main(["bench", "live"]) == 0
    told = capsys.readouterr().out
    for row in (
        "an engine that is silent",
        "one voice, median instrument",
        "one voice, dearest",
        "8 voices, median instrument",
        "8 voices, dearest",
        "NumPy, 100 sines (baseline)",
        "the networks of a frame of one voice",
        "NumPy, their products (baseline)",
        "reading the archive",
        "the archive",
    ):
        assert row in told, row


@pytest.mark.usefixtures("briefly")
def test_all_voices_that_are_counted_sound(monkeypatch):
    """Eight are held to the end of the measurement, and a line is one voice at a time."""
    sounding = []
    engine = live_benchmarks.Engine

    class Watched(engine):
        def render(self, samples, events=None):
            out = super().render(samples, events)
            sounding.append(self.sounding)
            return out

    monkeypatch.setattr(live_benchmarks, "Engine", Watched)
    model = live_benchmarks.read_live_model(LIVE)
    for measure, voices in ((live_benchmarks.one_voice, 1), (live_benchmarks.chord, 8)):
        for row in range(len(model.instruments)):
            sounding.clear()
            measure(model, row, live_benchmarks.lowest_key(model, row))
            assert set(sounding[1:]) == {voices}, (model.instruments[row], measure)


@pytest.mark.full
def test_it_costs_no_more_than_was_asked():
    if not LIVE.is_file():
        pytest.skip("no bundled live model")
    costs = live_benchmarks.live_costs(LIVE)
    assert max(cost.mean for cost in costs.one_voice) <= 0.02
    assert max(cost.slowest for cost in costs.one_voice) <= 0.2
    assert max(cost.mean for cost in costs.chord) <= 0.16
    assert costs.frame_us <= 60
    assert costs.load_ms <= 30
    assert costs.archive_mb <= 8


def test_a_model_that_is_not_there_is_one_line(monkeypatch, tmp_path, capsys):
    (tmp_path / "dx7").mkdir()
    (tmp_path / "dx7" / "any.syx").touch()
    monkeypatch.setattr("bridge.cli.bench.presets_folder", lambda: tmp_path)
    assert main(["bench", "live"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.match(r"hexachord: .*live\.ts: expected .*\n$", captured.err)
    assert captured.err.count("\n") == 1
