import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.lane_pictures import constants, lane_pictures
from bridge.page import ACCENT
from bridge.report import LanePicture, Report, TrackPicture, draw_report
from plugin_core.session import Track
from plugin_core.types import Controller, ControllerKind, Lane, Note, Part


def control(time_s: float, index: int, value: int) -> Controller:
    return Controller(time_s, ControllerKind.CONTROL, index, value)


def track(**others) -> Track:
    return Track("Lead", Part("Lead", controllers=others.pop("controllers", ())), **others)


def names(track: Track) -> list[str]:
    return [picture.name for picture in lane_pictures(track)]


def drawn(tmp_path: Path, *tracks: TrackPicture, title: str = "Song") -> np.ndarray:
    path = tmp_path / "report.png"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_report(
            Report(title, "1:00", duration_s=60, low_hz=40, high_hz=16000, tracks=tracks), path
        )
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def picture(*notes: Note, lanes=(), name: str = "Lead", level: float = -140) -> TrackPicture:
    return TrackPicture(
        name, "a sound", "gain +2 dB", notes, np.full((180, 900), level, np.float32), lanes
    )


def accent_pixels(image: np.ndarray) -> int:
    accent = np.array([int(ACCENT[n : n + 2], 16) for n in (1, 3, 5)])
    return int((np.abs(image - accent).sum(axis=2) < 30).sum())


def test_lanes_that_move_are_shown_and_others_told():
    moving = Lane.of([(0, 0.2), (4, 0.8)])
    lead = track(lanes={"brightness": moving, "vibrato": Lane.constant(0.3)}, gain_db=moving)
    assert names(lead) == ["brightness", "gain"]
    assert constants(lead) == ["vibrato 0.3"]


@pytest.mark.parametrize(
    ("lane", "points", "window"),
    [
        ("brightness", [0.1, 0.9], (0.1, 0.9)),
        ("brightness", [0.5, 0.54], (0.395, 0.645)),  # a quarter of what is possible
        ("brightness", [0.98, 1.0], (0.75, 1.0)),
        ("vibrato", [0.0, 0.05], (0.0, 0.25)),
        ("algorithm", [3, 4], (2.5, 4.5)),
        ("op2_level", [66, 82], (61.625, 86.375)),
    ],
)
def test_small_movements_are_seen_and_tiny_ones_not_blown_up(lane, points, window):
    moving = Lane.of(list(enumerate(points)))
    (shown,) = lane_pictures(track(lanes={lane: moving}))
    assert (shown.low, shown.high) == pytest.approx(window)


def test_controllers_that_move_are_shown():
    moves = (control(0, 1, 0), control(1, 1, 90), control(0, 11, 100), control(0, 91, 3))
    assert names(track(controllers=moves)) == ["vibrato (CC1)"]


def test_a_lane_takes_the_place_of_its_controller():
    moves = (control(0, 74, 0), control(1, 74, 90))
    lane = {"brightness": Lane.of([(0, 0.2), (4, 0.8)])}
    assert names(track(controllers=moves, lanes=lane)) == ["brightness"]


def test_pan_is_shown_from_lane_or_controller():
    assert names(track(pan=Lane.of([(0, -1), (1, 1)]))) == ["pan"]
    assert names(track(controllers=(control(0, 10, 0), control(1, 10, 127)))) == ["pan"]
    assert constants(track(pan=Lane.constant(-0.5))) == ["pan 50% left"]


def test_notes_are_drawn(tmp_path):
    empty = accent_pixels(drawn(tmp_path, picture()))
    assert accent_pixels(drawn(tmp_path, picture(Note(10, 40, 60, 127)))) > empty + 1000


def test_a_spectrum_is_drawn(tmp_path):
    silent = drawn(tmp_path, picture())
    loud = picture()
    loud.spectrogram[60:80] = -10
    assert (drawn(tmp_path, loud) != silent).any()


@pytest.mark.parametrize("count", [1, 4, 12])
def test_every_number_of_tracks_has_room(tmp_path, count):
    lane = LanePicture("brightness", Lane.of([(0, 0), (60, 1)]), 0, 1)
    tracks = [picture(Note(0, 1, 40 + n, 90), lanes=[lane] * (n % 4)) for n in range(count)]
    height, width, _ = drawn(tmp_path, *tracks).shape
    assert width == 1650
    assert height > 150 * count


@pytest.mark.parametrize("name", ["$x^2$", "笛 🎵", "a\nb", "\x00\x07", "", "x" * 500])
def test_any_name_can_be_drawn(tmp_path, name):
    drawn(tmp_path, picture(Note(0, 1, 60, 90), name=name), title=name)


def test_more_tracks_than_fit_are_cut(tmp_path):
    few, many = ([picture()] * count for count in (32, 300))
    assert drawn(tmp_path, *few).shape == drawn(tmp_path, *many).shape


def test_more_lanes_than_fit_are_cut(tmp_path):
    lane = LanePicture("lane", Lane.of([(0, 0), (60, 1)]), 0, 1)
    few, many = ([lane] * count for count in (8, 40))
    assert drawn(tmp_path, picture(lanes=few)).shape == drawn(tmp_path, picture(lanes=many)).shape
