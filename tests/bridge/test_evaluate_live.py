"""`hexachord evaluate live`: its tables and figures."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bridge.cli.evaluate_live import Measured, evaluate_live, figures
from bridge.cli.evaluate_live_tables import (
    control_table,
    latency_figures,
    latency_table,
    performer_figures,
    performer_table,
    style_figures,
    style_table,
    timbre_figures,
    timbre_table,
)
from plugin_core.training.control_evaluation import Sweep
from plugin_core.training.expression_evaluation import EXPRESSION, MEAN, Row
from plugin_core.training.live_evaluation import Latency, Timbre
from plugin_core.training.style_evaluation import StyleResult
from plugin_core.types import CONTROLS, InputError

STEPS = np.linspace(0, 1, 6)


def sweeps(spoil: int | None = None) -> list[Sweep]:
    """Return perfect sweeps of two instruments; of the second, one control does not obey."""
    made = []
    for instrument in ("violin", "oboe"):
        for control in range(len(CONTROLS)):
            read = np.full((len(STEPS), 3, len(CONTROLS)), 0.4)
            read[..., control] = STEPS[:, None]
            if control == spoil and instrument == "oboe":
                read[..., control] = 0.4 + 0.2 * (-1.0) ** np.arange(len(STEPS))[:, None]
            made.append(Sweep(instrument, control, "plug-in", read))
    return made


def timbre(instrument: str, distance: float, *, is_note: bool = True) -> Timbre:
    spectrum = np.full(24, 1 / 24)
    cents = np.array([2.0, 4.0])
    return Timbre("", instrument, is_note, distance, 100.0, spectrum, spectrum, cents, cents + 1)


def printed(table: object) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_controls_are_shown_by_instrument_beside_what_is_asked() -> None:
    text = printed(control_table(sweeps(), "plug-in"))
    for expected in ("violin", "oboe", "0.90", "0.80", "6 notes", "plug-in"):
        assert expected in text
    assert "! " not in text.replace("! is less", "")


def test_what_does_not_obey_is_marked() -> None:
    text = printed(control_table(sweeps(spoil=3), "plug-in"))
    assert "! " in text.replace("! is less", "")


def test_timbre_is_the_mean_of_the_instruments() -> None:
    timbres = [timbre("oboe", 2.0), timbre("oboe", 4.0, is_note=False), timbre("flute", 5.0)]
    text = printed(timbre_table(timbres))
    assert "4.00" in text
    assert "3.0 / 4.0" in text
    assert "! " not in text
    assert "! 5.00" in printed(timbre_table([timbre("flute", 5.0)]))
    figures = timbre_figures(timbres)
    assert figures["all"]["distance_db"] == 4.0
    assert figures["flute"]["distance_of_phrases_db"] is None
    assert figures["oboe"]["pooled_distance_db"] == 0.0


def test_the_performer_stands_beside_the_means() -> None:
    squares = {MEAN: np.full((4, 6), 0.04), EXPRESSION: np.full((4, 6), 0.01)}
    rows = [Row("a", "oboe", "made", "performance", squares)]
    text = printed(performer_table(rows))
    for expected in ("0.200", "0.100", "50% better"):
        assert expected in text
    assert performer_figures(rows)["oboe"][EXPRESSION] == 0.1


def test_the_slowest_instrument_tells_the_latency() -> None:
    found = {"plug-in": [Latency("oboe", 0.001), Latency("flute", 0.005)]}
    text = printed(latency_table(found))
    assert "! 5.00" in text
    assert "flute" in text
    assert latency_figures(found)["plug-in"]["oboe"] == 0.001
    silent = {"engine": [Latency("oboe", np.nan), Latency("flute", 0.001)]}
    assert "! nan" in printed(latency_table(silent))


def style(instrument: str, played: int, right: tuple[float, float]) -> StyleResult:
    features = (np.zeros((4, 3)), np.ones((4, 3)))
    return StyleResult(
        instrument, "staccato", "legato", (40, 30), (0.9, 1.0), played, right, features, features
    )


def test_notes_on_the_right_side_are_counted_over_all_instruments() -> None:
    styles = [style("oboe", 10, (0.8, 0.6)), style("flute", 30, (1.0, 1.0))]
    text = printed(style_table(styles))
    for expected in ("staccato .. legato", "! 70.0%", "92.5%", "90%"):
        assert expected in text
    assert style_figures(styles)["all"]["right"] == pytest.approx(0.925)
    assert style_figures([]) == {}


def test_figures_are_json() -> None:
    latencies = {"plug-in": [Latency("oboe", np.nan)]}
    found = figures(Measured(sweeps(), [timbre("oboe", np.nan)], [], [], latencies))
    assert found["control"]["plug-in"]["all"]["r"]["vibrato"] == pytest.approx(1.0)
    assert set(found["control"]["plug-in"]) == {"all", "violin", "oboe"}
    assert found["latency_s"]["plug-in"]["oboe"] is None
    json.dumps(found, allow_nan=False)


def test_without_a_model_it_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"live\.ts"):
        evaluate_live(tmp_path, tmp_path, cache=None, jobs=1, as_json=False)
