"""analysis.png: everything heard is drawn, whatever it is and however long."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from bridge.performance_picture import PerformancePicture, Waveform, draw_performance
from plugin_core.types import Expression, ExpressiveNote, Note

VIOLET = "#862e9c"
SILENT = np.full((180, 1200), -140, np.float32)


def picture(
    *notes: ExpressiveNote, duration_s: float = 10.0, title: str = "take"
) -> PerformancePicture:
    frames = int(duration_s * 250) + 1
    return PerformancePicture(
        title=title,
        subtitle="",
        duration_s=duration_s,
        outline=np.zeros((2, 1500), np.float32),
        f0_hz=np.full(frames, 440, np.float32),
        confidence=np.zeros(frames, np.float32),
        notes=notes,
        original=SILENT,
        resynthesis=SILENT,
    )


def note(onset_s: float, offset_s: float, **controls: float) -> ExpressiveNote:
    values = dict.fromkeys(Expression._fields, 0.5) | controls
    return ExpressiveNote(Note(onset_s, offset_s, 69, 100), Expression(**values))


def drawn(tmp_path: Path, what: PerformancePicture) -> np.ndarray:
    draw_performance(what, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        return np.asarray(image.convert("RGB")).astype(int)


def pixels(image: np.ndarray, color: str) -> int:
    wanted = np.round(255 * np.array(to_rgb(color)))
    return int((np.abs(image - wanted).max(axis=2) <= 2).sum())


def test_a_control_is_a_block_as_long_as_its_note(tmp_path):
    short = pixels(drawn(tmp_path, picture(note(1, 2, volume_peak_position=1))), VIOLET)
    long = pixels(drawn(tmp_path, picture(note(1, 9, volume_peak_position=1))), VIOLET)
    assert short > 500
    assert long == pytest.approx(8 * short, rel=0.1)


def test_a_small_control_is_paler(tmp_path):
    assert pixels(drawn(tmp_path, picture(note(1, 9, volume_peak_position=0))), VIOLET) == 0


@pytest.mark.parametrize("value", [-3.0, 7.5])
def test_values_outside_the_usual_range_are_drawn(tmp_path, value):
    drawn(tmp_path, picture(note(1, 9, volume=value, attack_noise=value)))


@pytest.mark.parametrize("duration_s", [1 / 44100, 0.3, 3600.0])
def test_every_length_is_drawn(tmp_path, duration_s):
    notes = [note(0, duration_s)] if duration_s > 0.1 else []
    assert drawn(tmp_path, picture(*notes, duration_s=duration_s)).shape[1] > 1200


def test_thousands_of_notes_are_drawn(tmp_path):
    drawn(tmp_path, picture(*(note(n / 4, n / 4 + 0.2) for n in range(8000)), duration_s=2000.0))


@pytest.mark.parametrize("title", ["$x^2$ 日本\n", "x" * 300])
def test_any_name_can_be_drawn(tmp_path, title):
    drawn(tmp_path, picture(note(1, 2), title=title))


@pytest.mark.parametrize("samples", [1, 10, 1499, 1500, 1501, 100_000])
def test_the_outline_holds_every_peak_however_it_comes(samples):
    audio = np.random.default_rng(0).uniform(-1, 1, samples).astype(np.float32)
    whole, parts = Waveform(samples), Waveform(samples)
    whole.feed(audio)
    for piece in np.array_split(audio, 7):
        parts.feed(piece)
    np.testing.assert_array_equal(whole.outline(), parts.outline())
    assert whole.outline().shape == (2, 1500)
    assert whole.outline()[0].min() == audio.min()
    assert whole.outline()[1].max() == audio.max()


def test_an_outline_of_nothing_is_flat():
    assert not Waveform(10).outline().any()
