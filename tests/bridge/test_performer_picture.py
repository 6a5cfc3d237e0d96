"""perf.png and the pages of phrases: what is played is drawn, at every level and length."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from bridge.note_panels import HUES
from bridge.page import ACCENT
from bridge.performer_picture import PerformerPicture, draw_performer
from bridge.phrase_pictures import Half, PhrasePicture, draw_phrases
from plugin_core.types import Expression, ExpressiveNote, Frames, Note

SILENT = np.full((180, 1200), -140, np.float32)
PLAYED = Expression(0.8, 0.1, 0.3, 0.5, 0.4, 0.3)


def notes(*spans: tuple[float, float], **controls: float) -> list[ExpressiveNote]:
    return [ExpressiveNote(Note(a, b, 69, 80), PLAYED._replace(**controls)) for a, b in spans]


def frames(seconds: float) -> Frames:
    count = round(seconds * 250)
    shares = np.zeros((count, 100), np.float32)
    shares[:, 0] = 1
    curve = np.ones(count, np.float32)
    noise = np.full((count, 65), 1e-4, np.float32)
    return Frames(440 * curve, curve, -20 * curve, 0.1 * curve, shares, noise)


def drawn(folder: Path, rows: list[ExpressiveNote], seconds: float, **others) -> np.ndarray:
    picture = PerformerPicture("take", "", rows, frames(seconds), SILENT, **others)
    draw_performer(picture, folder / "perf.png")
    with Image.open(folder / "perf.png") as image:
        return np.asarray(image.convert("RGB")).astype(int)


def pixels(image: np.ndarray, color: str, fullness: float = 1.0) -> int:
    wanted = np.round(255 * (fullness * np.array(to_rgb(color)) + 1 - fullness))
    return int((np.abs(image - wanted).max(axis=2) <= 2).sum())


def test_a_control_is_a_bar_as_high_as_its_value(tmp_path):
    low = drawn(tmp_path, notes((1, 9), vibrato=0.3), 10.0)
    high = drawn(tmp_path, notes((1, 9), vibrato=0.9), 10.0)
    small, large = (pixels(image, HUES["vibrato"], 0.85) for image in (low, high))
    assert small > 500
    assert large == pytest.approx(3 * small, rel=0.2)


def test_what_was_played_anew_is_marked(tmp_path):
    share = np.zeros(2500)
    share[500:1000] = 1
    assert pixels(drawn(tmp_path, notes((1, 9)), 10.0, share=share), ACCENT) > 500


@pytest.mark.parametrize("seconds", [0.004, 300.0])
def test_every_length_is_drawn(tmp_path, seconds):
    rows = notes(*((t, t + 0.5) for t in range(int(seconds))), volume=7.5, brightness=-3.0)
    assert drawn(tmp_path, rows, seconds).shape[1] > 1200


def test_phrases_stand_beside_each_other(tmp_path):
    curve = np.full(500, 440, np.float32)
    half = Half(curve, np.full(500, 0.1, np.float32), SILENT)
    mute = Half(0 * curve, 0 * curve, SILENT)
    phrase = PhrasePicture("a phrase", notes((0, 1), (1, 2)), half, mute)
    draw_phrases("Violin", [phrase] * 3, tmp_path / "violin.png")
    draw_phrases("Violin", [phrase], tmp_path / "one.png")
    with Image.open(tmp_path / "violin.png") as three, Image.open(tmp_path / "one.png") as one:
        assert three.size[0] == one.size[0] > 1500
        assert three.size[1] > 2 * one.size[1]
