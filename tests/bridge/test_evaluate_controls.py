"""`hexachord evaluate controls`: its tables."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bridge.cli.evaluate_controls import (
    correlation_table,
    evaluate_controls,
    figures,
    independence_table,
)
from plugin_core.training.control_evaluation import AUDIO, PARAMETERS, STEPS, Sweep
from plugin_core.types import CONTROLS, InputError


def sweeps(spoil: int | None = None) -> list[Sweep]:
    """Return perfect sweeps of two instruments; of the second, one control does not obey."""
    made = []
    for instrument in ("violin", "oboe"):
        for control in range(len(CONTROLS)):
            read = np.full((len(STEPS), 3, len(CONTROLS)), 0.4)
            read[..., control] = STEPS[:, None]
            if control == spoil and instrument == "oboe":
                read[..., control] = 0.4 + 0.2 * (-1.0) ** np.arange(len(STEPS))[:, None]
            made += [Sweep(instrument, control, source, read) for source in (PARAMETERS, AUDIO)]
    return made


def printed(table: object) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_tables_name_all_instruments_and_what_is_asked() -> None:
    text = printed(correlation_table(sweeps(), PARAMETERS))
    assert "violin" in text
    assert "oboe" in text
    assert "0.95" in text
    assert "6 held-out notes" in text
    assert "! 0" not in text


def test_what_does_not_obey_is_marked() -> None:
    text = printed(correlation_table(sweeps(spoil=3), PARAMETERS))
    assert "! " in text


def test_independence_is_a_matrix() -> None:
    text = printed(independence_table(sweeps(), AUDIO))
    for name in CONTROLS:
        assert name.split("_")[-1] in text


def test_figures_hold_every_source_instrument_and_control() -> None:
    found = figures(sweeps())
    assert set(found) == {PARAMETERS, AUDIO}
    assert set(found[AUDIO]) == {"all", "violin", "oboe"}
    assert found[AUDIO]["oboe"]["r"]["vibrato"] == pytest.approx(1.0)
    assert found[AUDIO]["oboe"]["rmse"]["vibrato"] == pytest.approx(0.0, abs=1e-9)


def test_without_models_it_says_which_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="trained model"):
        evaluate_controls(tmp_path, tmp_path, cache=None, jobs=1, as_json=False)
