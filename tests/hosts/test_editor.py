"""The editor as the screenshot program shows it under Xvfb: pictures, gestures, dropped files."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugin_core.synthesis.archive_members import read_description
from plugin_core.types import CONTROLS
from tests.hosts.editor_program import BASE_HEIGHT, BASE_WIDTH, REPOSITORY, Program, pixels


@pytest.mark.parametrize("percent", [60, 100, 200])
def test_the_picture_fills_every_size(editor: Program, percent: int) -> None:
    width = BASE_WIDTH * percent // 100
    image = pixels(editor(width))
    assert image.shape[:2] == (round(BASE_HEIGHT * percent / 100), width)
    # Nothing of the window is left blank: each ninth holds something drawn.
    for rows in np.array_split(image, 3, axis=0):
        for part in np.array_split(rows, 3, axis=1):
            assert part.std() > 0.02


@pytest.mark.parametrize(("width", "shown"), [(100, 672), (9999, 2240)])
def test_sizes_outside_60_to_200_percent_are_brought_into_range(
    editor: Program, width: int, shown: int
) -> None:
    assert pixels(editor(width)).shape[1] == shown


def test_pages_differ(editor: Program) -> None:
    pages = [pixels(editor(BASE_WIDTH, f"--page={page}")) for page in range(3)]
    assert np.abs(pages[0] - pages[1]).mean() > 0.003
    assert np.abs(pages[1] - pages[2]).mean() > 0.003


def test_a_value_set_by_the_host_moves_its_control(editor: Program) -> None:
    low = pixels(editor(BASE_WIDTH, "--set=vibrato:0.1"))
    high = pixels(editor(BASE_WIDTH, "--set=vibrato:0.9"))
    differs = np.argwhere(np.abs(low - high).max(axis=2) > 0.1)
    assert len(differs) > 100
    # Only in the row of knobs, in the fourth of seven columns.
    top, left = differs.min(axis=0)
    bottom, right = differs.max(axis=0)
    assert top >= 64
    assert bottom <= 216
    assert left >= 460
    assert right <= 640


def test_a_gesture_is_one_movement_that_the_host_can_record(editor: Program) -> None:
    facts = editor(BASE_WIDTH, "--drag=brightness")
    assert float(facts["value_after"]) > float(facts["value_before"])
    assert facts["action_gestures"] == "1 1"
    assert int(facts["action_host_changes"]) > 1


def test_undo_restores_the_state_and_writes_no_automation(editor: Program) -> None:
    facts = editor(BASE_WIDTH, "--drag=op1_coarse", "--undo")
    assert facts["state_after"] != facts["state_before"]
    assert facts["state_undone"] == facts["state_before"]
    assert facts["undone_host_changes"] == facts["action_host_changes"]


def test_loading_a_bank_writes_no_automation(editor: Program) -> None:
    facts = editor(BASE_WIDTH, f"--drop={REPOSITORY / 'presets/dx7/hexachord-2.syx'}", "--undo")
    assert facts["state_after"] != facts["state_before"]
    assert facts["state_undone"] == facts["state_before"]
    assert facts["action_host_changes"] == "0"
    assert "32 voices" in facts["status"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a voice at all",
        bytes.fromhex("f0430009200000"),
        bytes(range(256)) * 16,
    ],
    ids=["empty", "text", "cut off", "noise"],
)
def test_a_broken_file_changes_nothing_and_says_so_in_one_line(
    editor: Program, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "broken.syx"
    file.write_bytes(content)
    facts = editor(BASE_WIDTH, f"--drop={file}")
    assert facts["state_after"] == facts["state_before"]
    assert facts["status"].startswith("broken")
    assert "expected a DX7 voice or bank" in facts["status"]


@pytest.mark.parametrize("name", [".", "missing.syx"], ids=["a folder", "nothing"])
def test_what_is_no_file_changes_nothing(editor: Program, tmp_path: Path, name: str) -> None:
    facts = editor(BASE_WIDTH, f"--drop={tmp_path / name}")
    assert facts["state_after"] == facts["state_before"]
    assert "expected" in facts["status"] or "could not be read" in facts["status"]


LIVE = REPOSITORY / "presets" / "instruments" / "live.ts"


@pytest.fixture(scope="module")
def live_model() -> dict[str, Any]:
    """What the bundled live model says of its instruments."""
    if not LIVE.is_file():
        pytest.skip(f"{LIVE} is missing: the plug-in has no neural instruments")
    return read_description(LIVE)


@pytest.fixture
def own_model(live_model: dict[str, Any], tmp_path: Path) -> Path:
    """A model of the user's own, in a file."""
    return Path(shutil.copy(LIVE, tmp_path / "mine.ts"))


def test_choosing_an_instrument_is_one_step_that_writes_no_automation(
    editor: Program, live_model: dict[str, Any]
) -> None:
    facts = editor(BASE_WIDTH, "--voice=5", "--choose=horn", "--undo", "--play=53")
    assert facts["sound_after"] == "horn"
    assert facts["action_host_changes"] == "0"
    assert facts["sound_undone"] == facts["sound_before"]
    assert facts["state_undone"] == facts["state_before"]
    # Nor does the audio thread bring anything back.
    assert facts["state_played"] == facts["state_before"]


def test_a_dropped_model_plays_and_leaves_bank_and_voice(
    editor: Program, live_model: dict[str, Any], own_model: Path
) -> None:
    facts = editor(BASE_WIDTH, "--voice=5", f"--drop={own_model}", "--undo")
    first = live_model["instruments"][0]
    assert facts["sound_after"] == f"{first} of mine.ts"
    assert facts["status"].startswith("Loaded mine.ts")
    assert facts["bank_after"] == facts["bank_before"]
    assert facts["action_host_changes"] == "0"
    assert facts["state_undone"] == facts["state_before"]


def test_a_bank_dropped_on_an_instrument_plays_and_undo_returns(
    editor: Program, live_model: dict[str, Any]
) -> None:
    bank = REPOSITORY / "presets/dx7/hexachord-2.syx"
    facts = editor(BASE_WIDTH, "--instrument=oboe", f"--drop={bank}", "--undo")
    assert facts["sound_before"] == facts["sound_undone"] == "oboe"
    assert facts["sound_after"] != "oboe"
    assert facts["state_undone"] == facts["state_before"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999], ids=["empty", "cut off", "last bytes lost"])
def test_a_damaged_model_changes_nothing_and_says_so_in_one_line(
    editor: Program, own_model: Path, share: float
) -> None:
    whole = own_model.read_bytes()
    own_model.write_bytes(whole[: int(len(whole) * share)])
    facts = editor(BASE_WIDTH, "--instrument=flute", f"--drop={own_model}")
    assert facts["sound_after"] == "flute"
    assert facts["state_after"] == facts["state_before"]
    assert facts["status"].startswith("mine.ts")
    assert "expected" in facts["status"]


def test_the_value_that_a_control_goes_back_to_is_the_instruments_typical_one(
    editor: Program, live_model: dict[str, Any]
) -> None:
    facts = editor(BASE_WIDTH, "--instrument=cello", "--set=vibrato:0.9", "--reset=vibrato")
    typical = live_model["typical"]["cello"][CONTROLS.index("vibrato")]
    assert float(facts["value_before"]) == pytest.approx(0.9)
    assert float(facts["value_after"]) == pytest.approx(typical, abs=1e-5)
    assert facts["action_gestures"] == "1 1"


def test_a_control_of_an_instrument_can_be_recorded_and_undone(
    editor: Program, live_model: dict[str, Any]
) -> None:
    facts = editor(BASE_WIDTH, "--instrument=violin", "--drag=brightness", "--undo")
    assert float(facts["value_after"]) > float(facts["value_before"])
    assert facts["action_gestures"] == "1 1"
    assert facts["state_undone"] == facts["state_before"]


@pytest.mark.parametrize(("key", "name", "hz"), [(57, "A3", 220.0), (69, "A4", 440.0)])
def test_the_live_spectrum_begins_at_the_fundamental_that_is_told(
    editor: Program, live_model: dict[str, Any], key: int, name: str, hz: float
) -> None:
    facts = editor(BASE_WIDTH, "--instrument=violin", f"--play={key}", "--set=performer:0")
    instrument, heard = facts["instrument_page"].split(": ")
    assert instrument == "Violin"
    assert heard.startswith(f"{name}, ")
    told = float(heard.split(", ")[1].removesuffix(" Hz"))
    assert abs(1200 * np.log2(told / hz)) < 30
    # Orange is leftmost where hz stands on the axis from 30 Hz to 18 kHz.
    left, right, top, bottom = 270, 1078, 330, 470
    picture = pixels(facts)[top:bottom, left:right]
    orange = np.abs(picture - np.array([217, 72, 15]) / 255).max(axis=2) < 0.1
    first = np.flatnonzero(orange.sum(axis=0) > 20)[0]
    expected = np.log(hz / 30) / np.log(18000 / 30) * (right - left)
    assert abs(first - expected) < 4


def test_it_is_told_what_style_does(editor: Program, live_model: dict[str, Any]) -> None:
    styles = live_model["styles"]
    with_style = next(name for name in styles if styles[name])
    without = next(name for name in styles if not styles[name])
    told = editor(BASE_WIDTH, f"--instrument={with_style}")["style_panel"]
    assert f"{styles[with_style]['shortest_s']:.2f} s" in told
    assert "does nothing here" in editor(BASE_WIDTH, f"--instrument={without}")["style_panel"]


def test_pages_of_a_voice_are_not_offered_for_an_instrument(
    editor: Program, live_model: dict[str, Any]
) -> None:
    pages = [pixels(editor(BASE_WIDTH, "--instrument=tuba", f"--page={page}")) for page in range(4)]
    assert np.array_equal(pages[0], pages[1])
    assert np.array_equal(pages[0], pages[3])
    assert np.abs(pages[0] - pages[2]).mean() > 0.003
