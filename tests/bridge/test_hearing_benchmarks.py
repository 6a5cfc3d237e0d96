"""`hexachord bench synthesis analysis inference`: every table has figures and its baseline."""

import pytest

from bridge import hearing_benchmarks
from bridge.cli import main


@pytest.fixture(autouse=True)
def briefly(monkeypatch):
    monkeypatch.setattr(hearing_benchmarks, "_SECONDS", 2)
    monkeypatch.setattr(hearing_benchmarks, "_RUNS", 1)


def test_hearing_is_measured_beside_numpy(capsys):
    assert main(["bench", "synthesis", "analysis"]) == 0
    told = capsys.readouterr().out
    for row in (
        "harmonics and noise",
        "NumPy, 100 sines (baseline)",
        "analyze, all of it",
        "pitch",
    ):
        assert f" {row} " in told
    assert told.count("(baseline)") == 2


def test_a_model_that_is_not_there_is_one_line(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("plugin_core.hearing.models.presets_folder", lambda: tmp_path)
    assert main(["bench", "inference"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "--model: inference: expected" in captured.err
    assert captured.err.count("\n") == 1
