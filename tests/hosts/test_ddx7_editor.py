"""The editor with DDX7 instruments: choosing, the pages of the DX7 voice, levels that are drawn."""

import re
from pathlib import Path

import numpy as np
import pytest

from plugin_core.engine.ddx7_file import read_ddx7_model
from plugin_core.sounds import presets_folder
from tests.bridge.ddx7_archives import written
from tests.engine.ddx7_organ import ddx7_organ
from tests.hosts.editor_program import BASE_WIDTH, Program, pixels

VIOLIN = presets_folder() / "instruments" / "ddx7-violin.ts"
OPERATORS, MODULATION, PLAYING, INSTRUMENT = range(4)
KEY = 69


def levels_db(facts: dict[str, str]) -> list[float]:
    """Return the six levels that are told to screen readers."""
    found = re.findall(r"(\d) at (-?[\d.]+) dB", facts["level_trace"])
    assert [int(number) for number, _ in found] == [1, 2, 3, 4, 5, 6]
    return [float(level) for _, level in found]


def test_choosing_one_is_one_step_that_writes_no_automation(editor: Program) -> None:
    facts = editor(BASE_WIDTH, "--voice=5", "--choose=ddx7-violin", "--undo", f"--play={KEY}")
    assert facts["status"] == "Instrument: DDX7 violin"
    assert facts["sound_after"] == "ddx7-violin"
    assert facts["action_host_changes"] == "0"
    assert facts["sound_undone"] == facts["sound_before"]
    assert facts["state_undone"] == facts["state_before"]
    # Nor does the audio thread bring anything back.
    assert facts["state_played"] == facts["state_before"]


def test_it_has_the_page_of_its_operators_but_no_lfo(editor: Program) -> None:
    pages = [
        pixels(editor(BASE_WIDTH, "--instrument=ddx7-violin", f"--page={n}")) for n in range(4)
    ]
    for one, other in ((OPERATORS, PLAYING), (OPERATORS, INSTRUMENT), (PLAYING, INSTRUMENT)):
        assert np.abs(pages[one] - pages[other]).mean() > 0.003
    # What is not offered is the first page that is.
    assert np.array_equal(pages[MODULATION], pages[INSTRUMENT])


@pytest.mark.parametrize("page", [OPERATORS, INSTRUMENT])
def test_six_levels_are_drawn_while_a_note_sounds(editor: Program, page: int) -> None:
    options = ("--instrument=ddx7-violin", f"--page={page}")
    silent = editor(BASE_WIDTH, *options)
    assert silent["level_trace"] == ""
    before = pixels(silent)
    sounding = editor(BASE_WIDTH, *options, f"--play={KEY}")
    levels = levels_db(sounding)
    assert max(levels) <= 0
    assert max(levels) > -30
    assert np.abs(before - pixels(sounding)).mean() > 0.001


def test_an_operator_that_is_switched_off_or_turned_down_shows_it(editor: Program) -> None:
    options = (
        "--instrument=ddx7-violin",
        f"--page={OPERATORS}",
        f"--play={KEY}",
        "--set=vibrato:0",
    )
    plain = levels_db(editor(BASE_WIDTH, *options))
    edits = "--set=vibrato:0,op1_on:0,op2_level:87"
    edited = levels_db(editor(BASE_WIDTH, *options[:-1], edits))
    assert edited[0] == -60
    # 12 steps of 0.75 dB.
    assert edited[1] == pytest.approx(plain[1] - 9, abs=1)
    assert edited[2:] == pytest.approx(plain[2:], abs=1)


def test_levels_of_a_model_whose_numbers_are_known_are_those(
    editor: Program, tmp_path: Path
) -> None:
    model = ddx7_organ((0.5, 0.1, 0.05, 0.01, 0.9, 1e-9))
    path = written(tmp_path / "ddx7-known.ts", model=model)
    facts = editor(BASE_WIDTH, f"--page={INSTRUMENT}", f"--drop={path}", f"--play={KEY}")
    assert facts["status"].startswith("Loaded ddx7-known.ts: DDX7 known")
    assert facts["action_host_changes"] == "0"
    # Shares of full level, nothing below -60 dB.
    assert levels_db(facts) == pytest.approx([-6.0, -20.0, -26.0, -40.0, -0.9, -60.0], abs=0.1)


def test_a_voice_parameter_goes_back_to_what_the_model_says(editor: Program) -> None:
    stored = read_ddx7_model(VIOLIN).voice[134] + 1
    options = ("--instrument=ddx7-violin", "--set=algorithm:20", "--reset=algorithm")
    facts = editor(BASE_WIDTH, f"--page={OPERATORS}", *options)
    assert float(facts["value_before"]) == 20
    assert float(facts["value_after"]) == stored
    assert facts["action_gestures"] == "1 1"


def test_a_ratio_can_be_pulled_recorded_and_undone(editor: Program) -> None:
    facts = editor(BASE_WIDTH, "--instrument=ddx7-violin", "--drag=op1_coarse", "--undo")
    assert float(facts["value_after"]) > float(facts["value_before"])
    assert facts["action_gestures"] == "1 1"
    assert facts["state_undone"] == facts["state_before"]


def test_a_damaged_model_changes_nothing_and_says_so_in_one_line(
    editor: Program, tmp_path: Path
) -> None:
    path = tmp_path / "ddx7-cut.ts"
    path.write_bytes(VIOLIN.read_bytes()[:100_000])
    facts = editor(BASE_WIDTH, "--instrument=ddx7-flute", f"--drop={path}")
    assert facts["sound_after"] == "ddx7-flute"
    assert facts["state_after"] == facts["state_before"]
    assert facts["status"].startswith("ddx7-cut.ts: expected")
