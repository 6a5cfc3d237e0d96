"""`hexachord bench performer`: how fast instruments play, how soon, in how much memory."""

import re

import pytest

from bridge import performer_benchmarks
from bridge.benchmarks import CommandCost
from bridge.cli import main
from plugin_core.sounds import missing_for_instruments


@pytest.fixture
def briefly(monkeypatch):
    if missing_for_instruments():
        pytest.skip("no bundled instruments")
    monkeypatch.setattr(performer_benchmarks, "_SECONDS", 3)
    monkeypatch.setattr("bridge.hearing_benchmarks._SECONDS", 2)
    monkeypatch.setattr("bridge.hearing_benchmarks._RUNS", 1)


@pytest.mark.usefixtures("briefly")
def test_every_step_is_measured_beside_numpy(monkeypatch, capsys):
    monkeypatch.setattr(performer_benchmarks, "note_cost", lambda sound: CommandCost(2.5, 321.0))
    monkeypatch.setattr(performer_benchmarks, "_loaded_mib", lambda: 432.1)
    assert main(["bench", "performer"]) == 0
    told = capsys.readouterr().out
    for row in (
        "notes to sound, all of it",
        "notes to expression",
        "expression to synthesis parameters",
        "synthesis parameters to sound, and the room",
        "NumPy, 100 sines (baseline)",
        "hexachord note violin, warm",
        "all 13 instruments loaded and played",
    ):
        assert row in told, row
    assert " 2.50 " in told
    assert "432" in told


@pytest.mark.full
@pytest.mark.usefixtures("briefly")
def test_it_is_as_fast_soon_and_small_as_it_should_be():
    costs = performer_benchmarks.performer_costs()
    assert 1 / costs.steps[0].share >= 15
    assert costs.first_sound.seconds < 4
    assert costs.loaded_mib < 500


def test_models_that_are_not_there_are_one_line(monkeypatch, capsys):
    monkeypatch.setattr("plugin_core.sounds.find_spec", lambda name: None)
    assert main(["bench", "performer"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.match(r"hexachord: violin: expected .*, found none\n$", captured.err)
