"""A picture of a recording understood, `analysis.png`: what was heard above, how it sounds below.

From the top: the waveform, the pitch over the notes, the six controls of every note, and the
spectrograms of the recording and of its resynthesis, all over one time axis. However long the
recording is, the picture holds a few thousand points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.note_panels import (
    BESIDE_SCALE,
    HUES,
    Breadth,
    control_name,
    draw_pitch,
    name_panel,
    note_blocks,
)
from bridge.page import FAINT, INK, PAPER, QUIET, Page, draw_spectrogram, line, mark_time
from bridge.spectrogram import HIGHEST_HZ, LOWEST_HZ
from plugin_core.types import CONTROLS, ExpressiveNote, Mono

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WAVE = "#a5adba"

_WIDTH, _LEFT, _RIGHT = 15.0, 1.55, 0.35
_HEAD, _FOOT = 0.98, 0.5
_PANELS = ((0.75, 0.16), (2.7, 0.16), *[(0.29, 0.0)] * 5, (0.29, 0.16), (1.75, 0.16), (1.75, 0.0))
"""Height and the gap below, inches: waveform, pitch, six controls, two spectrograms."""
_FAINTEST = 0.05
_ROOM_FOR_A_NUMBER = 0.3
_VOICED = 0.5


class Waveform:
    """The outline of audio that comes piece by piece: least and largest sample per column."""

    def __init__(self, samples: int, *, columns: int = 1500) -> None:
        self._columns, self._samples = columns, samples
        self._low = np.full(columns, np.inf, np.float32)
        self._high = np.full(columns, -np.inf, np.float32)
        self._heard = 0

    def feed(self, audio: Mono) -> None:
        """Take the next samples, shape (samples,)."""
        if len(audio) == 0:
            return
        column = (self._heard + np.arange(len(audio))) * self._columns // self._samples
        starts = np.flatnonzero(np.diff(column, prepend=-1))
        places = np.minimum(column[starts], self._columns - 1)
        for outline, extreme in ((self._low, np.minimum), (self._high, np.maximum)):
            extreme.at(outline, places, extreme.reduceat(audio, starts))
        self._heard += len(audio)

    def outline(self) -> NDArray[np.float32]:
        """Return (least, largest), shape (2, columns); columns without a sample repeat the last."""
        outline = np.stack([self._low, self._high])
        filled = np.flatnonzero(np.isfinite(outline[0]))
        if len(filled) == 0:
            return np.zeros((2, self._columns), np.float32)
        nearest = np.maximum(np.searchsorted(filled, np.arange(self._columns), side="right") - 1, 0)
        return outline[:, filled[nearest]]


@dataclass(frozen=True)
class PerformancePicture:
    """All that stands in the picture."""

    title: str
    subtitle: str
    duration_s: float
    outline: NDArray[np.float32]
    """Least and largest samples, shape (2, columns)."""
    f0_hz: NDArray[np.float32]
    """Shape (frames,), 250 a second."""
    confidence: NDArray[np.float32]
    """Shape (frames,)."""
    notes: Sequence[ExpressiveNote]
    original: NDArray[np.float32]
    """Levels in dB, shape (rows, columns), as `bridge.spectrogram` gives them."""
    resynthesis: NDArray[np.float32]


def draw_performance(picture: PerformancePicture, path: Path) -> None:
    """Draw `picture` as a PNG file at `path`."""
    page = Page(_WIDTH, _HEAD + sum(height + gap for height, gap in _PANELS) + _FOOT)
    page.text(_LEFT, 0.42, line(picture.title, 70), size=19, weight="bold", color=INK)
    page.text(_LEFT, 0.68, line(picture.subtitle, 140), size=10, color=QUIET)
    ends = _HEAD + np.cumsum([height + gap for height, gap in _PANELS])
    wave, pitch, *rows, original, resynthesis = (
        page.axes(_LEFT, end - height - gap, _WIDTH - _LEFT - _RIGHT, height)
        for end, (height, gap) in zip(ends, _PANELS, strict=True)
    )
    _draw_wave(wave, picture)
    _draw_pitch(pitch, picture)
    for number, (row, control) in enumerate(zip(rows, CONTROLS, strict=True)):
        _draw_control(row, picture, number, control)
    loudest_db = float(picture.original.max())
    for axes, levels, name in (
        (original, picture.original, "recording"),
        (resynthesis, picture.resynthesis, "resynthesis"),
    ):
        draw_spectrogram(
            axes,
            levels,
            duration_s=picture.duration_s,
            low_hz=LOWEST_HZ,
            high_hz=HIGHEST_HZ,
            loudest_db=loudest_db,
        )
        name_panel(axes, name, x=BESIDE_SCALE)
    for axes in (wave, pitch, *rows, original, resynthesis):
        mark_time(axes, picture.duration_s, labels=axes is resynthesis)
    page.save(path)


def _draw_wave(axes: "Axes", picture: PerformancePicture) -> None:
    outline = picture.outline
    times = (np.arange(outline.shape[1]) + 0.5) * picture.duration_s / outline.shape[1]
    axes.fill_between(times, outline[0], outline[1], color=_WAVE, linewidth=0.3)
    peak = max(float(np.abs(outline).max()), 1e-6)
    axes.set_ylim(-peak, peak)
    axes.set_yticks([])
    name_panel(axes, "waveform")


def _draw_pitch(axes: "Axes", picture: PerformancePicture) -> None:
    is_sure = picture.confidence > _VOICED
    draw_pitch(axes, picture.f0_hz, is_sure, picture.notes, _breadth(picture))
    name_panel(axes, "pitch", x=BESIDE_SCALE)


def _draw_control(axes: "Axes", picture: PerformancePicture, number: int, control: str) -> None:
    """Draw a control's value of every note as a block, the larger the fuller its colour."""
    axes.set_ylim(-0.04, 1.04)
    axes.set_yticks([])
    name_panel(axes, control_name(control))
    values = [each.expression[number] for each in picture.notes]
    if not values:
        axes.axhline(0.5, color=FAINT, linewidth=0.7)
        return
    fullness = [_FAINTEST + (1 - _FAINTEST) * min(max(value, 0.0), 1.0) for value in values]
    heights = [(0.08, 0.92)] * len(values)
    axes.add_collection(
        note_blocks(picture.notes, heights, HUES[control], fullness, _breadth(picture))
    )
    inches = (_WIDTH - _LEFT - _RIGHT) / picture.duration_s
    for each, value, full in zip(picture.notes, values, fullness, strict=True):
        note = each.note
        if (note.offset_s - note.onset_s) * inches >= _ROOM_FOR_A_NUMBER:
            text = f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # and no minus zero
            axes.text(
                (note.onset_s + note.offset_s) / 2, 0.47, text,
                size=7, color=PAPER if full > 0.55 else INK, ha="center", va="center",
            )  # fmt: skip


def _breadth(picture: PerformancePicture) -> Breadth:
    return Breadth(picture.duration_s, _WIDTH - _LEFT - _RIGHT)
