"""The screenshot program, which shows the editor under Xvfb and tries it out."""

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


def screenshot_program() -> Path:
    """Return the path of the built program; skip the test if there is none, or no display."""
    path = REPOSITORY / "build" / "hexachord_screenshot"
    if not path.is_file():
        pytest.skip(f"{path} is not built: cmake --build build --target hexachord_screenshot")
    if shutil.which("xvfb-run") is None:
        pytest.skip("no xvfb-run: the editor needs a display, if only a virtual one")
    return path


def screenshots(program: Path, folder: Path) -> Program:
    """Return what opens the editor at a width, with options, and returns what it printed.

    Its picture goes to `folder`.
    """

    def run(width: int, *options: str) -> dict[str, str]:
        picture = folder / f"{width}.png"
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
            env={**os.environ, "HOME": str(folder)},
        )
        facts = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
        return {**facts, "picture": str(picture)}

    return run


def pixels(facts: dict[str, str]) -> np.ndarray:
    """Return the picture, shape (rows, columns, 3), 0..1."""
    return np.asarray(matplotlib.image.imread(facts["picture"]))[..., :3]
