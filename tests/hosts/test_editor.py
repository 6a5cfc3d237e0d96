"""The editor as the screenshot program shows it under Xvfb: pictures, gestures, dropped files."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BASE_WIDTH, BASE_HEIGHT = 1120, 752

Program = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def program() -> Path:
    """The built screenshot program."""
    path = REPOSITORY / "build" / "hexachord_screenshot"
    if not path.is_file():
        pytest.skip(f"{path} is not built: cmake --build build --target hexachord_screenshot")
    if shutil.which("xvfb-run") is None:
        pytest.skip("no xvfb-run: the editor needs a display, if only a virtual one")
    return path


@pytest.fixture
def editor(program: Path, tmp_path: Path) -> Program:
    """Open the editor at a width, with options, and return the facts that it printed."""

    def run(width: int, *options: str) -> dict[str, str]:
        picture = tmp_path / f"{width}.png"
        done = subprocess.run(
            [
                "xvfb-run",
                "-a",
                "-s",
                "-screen 0 2400x1700x24",
                program,
                picture,
                str(width),
                *options,
            ],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "HOME": str(tmp_path)},
        )
        facts = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
        return {**facts, "picture": str(picture)}

    return run


def pixels(facts: dict[str, str]) -> np.ndarray:
    return np.asarray(matplotlib.image.imread(facts["picture"]))[..., :3]


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
