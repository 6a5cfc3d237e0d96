"""A picture of a performance at its levels, `perf.png`: as in Figure 2 of MIDI-DDSP.

From the top: the notes; the six controls of every note; the synthesis parameters, that is pitch
over the notes, amplitude, harmonics and noise; the spectrogram of the sound. What was played anew
in the last edit is marked above the notes. However long the performance is, the picture holds a few
thousand points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.note_panels import (
    BESIDE,
    BESIDE_SCALE,
    HUES,
    Breadth,
    control_name,
    draw_note_bars,
    draw_pitch,
    name_panel,
    note_blocks,
)
from bridge.page import (
    ACCENT,
    FAINT,
    HEAT,
    INK,
    PAPER,
    QUIET,
    Page,
    draw_spectrogram,
    line,
    mark_keys,
    mark_time,
)
from bridge.spectrogram import HIGHEST_HZ, LOWEST_HZ
from plugin_core.types import CONTROLS, FRAME_RATE, ExpressiveNote, Frames

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _LEFT, _RIGHT = 15.0, 2.0, 0.35
_HEAD, _FOOT = 0.98, 0.5
_CONTROL, _GAP, _LEVEL_GAP = 0.4, 0.07, 0.3
_PANELS = (
    (1.35, _LEVEL_GAP),
    *[(_CONTROL, _GAP)] * 5,
    (_CONTROL, _LEVEL_GAP),
    *((2.3, 0.12), (0.85, 0.12), (1.1, 0.12), (0.8, _LEVEL_GAP)),
    (1.75, 0.0),
)
"""Height and the gap below, inches: notes, six controls, four synthesis parameters, sound."""
_LEVELS = (("notes", 0, 0), ("expression", 1, 6), ("synthesis", 7, 10), ("audio", 11, 11))
"""The levels: their first and last panels."""
_BAND = 0.42
_BAND_HUES = ("#e8effa", "#e6f4ea", "#fdf3d8", "#fdeee4")

_COLUMNS = 1200
_SHOWN_HARMONICS = 40
_IMAGE_DB = 60.0
_LEVEL_DB = 60.0
_AUDIBLE_DB = 55.0
_QUIETEST = 1e-9
_ROOM_FOR_A_NUMBER = 0.3


@dataclass(frozen=True)
class PerformerPicture:
    """All that stands in the picture."""

    title: str
    subtitle: str
    notes: Sequence[ExpressiveNote]
    frames: Frames
    spectrogram: NDArray[np.float32] = field(repr=False)
    """Levels in dB, shape (rows, columns), as `bridge.spectrogram` gives them."""
    share: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    """How much of every frame was played anew; of shape (0,) where that is not told."""

    @property
    def duration_s(self) -> float:
        """How much time the picture shows."""
        return max(len(self.frames) / FRAME_RATE, 0.01)


def draw_performer(picture: PerformerPicture, path: Path) -> None:
    """Draw `picture` as a PNG file at `path`."""
    page = Page(_WIDTH, _HEAD + sum(height + gap for height, gap in _PANELS) + _FOOT)
    page.text(_LEFT, 0.42, line(picture.title, 70), size=19, weight="bold", color=INK)
    page.text(_LEFT, 0.68, line(picture.subtitle, 140), size=10, color=QUIET)
    bottoms = _HEAD + np.cumsum([height + gap for height, gap in _PANELS])
    places = [
        (float(bottom - height - gap), height)
        for bottom, (height, gap) in zip(bottoms, _PANELS, strict=True)
    ]
    _draw_levels(page, places)
    panels = [page.axes(_LEFT, top, _WIDTH - _LEFT - _RIGHT, height) for top, height in places]
    notes, *controls, pitch, amplitude, harmonics, noise, sound = panels
    _draw_notes(notes, picture)
    for number, (axes, control) in enumerate(zip(controls, CONTROLS, strict=True)):
        _draw_control(axes, picture, number, control)
    draw_pitch(
        pitch, picture.frames.f0_hz, _audible(picture.frames), picture.notes, _breadth(picture),
        fullest=0.35,
    )  # fmt: skip
    name_panel(pitch, "pitch", x=BESIDE_SCALE)
    _draw_amplitude(amplitude, picture)
    partials = picture.frames.amplitude[:, None] * picture.frames.harmonics[:, :_SHOWN_HARMONICS]
    _draw_image(
        harmonics, partials, picture, top=float(_SHOWN_HARMONICS), marks=(1, 10, 20, 30, 40)
    )
    name_panel(harmonics, "harmonics", x=BESIDE_SCALE)
    _draw_image(noise, picture.frames.noise, picture, top=24.0, marks=(0, 8, 16, 24))
    name_panel(noise, "noise, kHz", x=BESIDE_SCALE)
    draw_spectrogram(
        sound, picture.spectrogram, duration_s=picture.duration_s,
        low_hz=LOWEST_HZ, high_hz=HIGHEST_HZ,
    )  # fmt: skip
    name_panel(sound, "spectrum", x=BESIDE_SCALE)
    for axes in panels:
        mark_time(axes, picture.duration_s, labels=axes is sound)
    page.save(path)


def _breadth(picture: PerformerPicture) -> Breadth:
    return Breadth(picture.duration_s, _WIDTH - _LEFT - _RIGHT)


def _draw_levels(page: Page, places: Sequence[tuple[float, float]]) -> None:
    """Draw a band beside the panels of each level, with its name."""
    for (name, first, last), hue in zip(_LEVELS, _BAND_HUES, strict=True):
        top, bottom = places[first][0], sum(places[last])
        band = page.axes(0.1, top, _BAND, bottom - top)
        band.set_facecolor(hue)
        band.set_xticks([])
        band.set_yticks([])
        band.text(
            0.5, 0.5, name, transform=band.transAxes, rotation=90, size=10, weight="bold",
            color=INK, ha="center", va="center",
        )  # fmt: skip


def _draw_notes(axes: "Axes", picture: PerformerPicture) -> None:
    keys = np.array([float(each.note.midi_pitch) for each in picture.notes] or [60.0])
    mark_keys(axes, keys, margin=1.8)
    draw_note_bars(axes, picture.notes, _breadth(picture))
    name_panel(axes, "notes", x=BESIDE_SCALE)
    if picture.share.any():
        times = np.arange(len(picture.share)) / FRAME_RATE
        high = axes.get_ylim()[1]
        axes.fill_between(
            times, high - 0.7, high, where=(picture.share > 0).tolist(), color=ACCENT, linewidth=0
        )
        axes.text(
            1.0, 1.04, "played anew", transform=axes.transAxes, size=7.5, color=ACCENT,
            ha="right", va="bottom", clip_on=False,
        )  # fmt: skip


def _draw_control(axes: "Axes", picture: PerformerPicture, number: int, control: str) -> None:
    """Draw a control's value of every note as a bar, 0 to 1, and as a number where it fits."""
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([])
    axes.set_facecolor("#fafbfc")
    axes.axhline(0.0, color=FAINT, linewidth=1.0)
    name_panel(axes, control_name(control), x=BESIDE)
    if not picture.notes:
        return
    values = [each.expression[number] for each in picture.notes]
    heights = [(0.0, min(max(value, 0.015), 1.0)) for value in values]
    fullness = [0.85] * len(values)
    axes.add_collection(
        note_blocks(picture.notes, heights, HUES[control], fullness, _breadth(picture))
    )
    inches = (_WIDTH - _LEFT - _RIGHT) / picture.duration_s
    for each, value in zip(picture.notes, values, strict=True):
        note = each.note
        if (note.offset_s - note.onset_s) * inches < _ROOM_FOR_A_NUMBER:
            continue
        is_tall = value > 0.5
        axes.text(
            (note.onset_s + note.offset_s) / 2,
            min(value, 1.0) - 0.06 if is_tall else max(value, 0.0) + 0.06,
            f"{round(value, 2) + 0.0:.2f}".replace("-", "−"),
            size=7,
            color=PAPER if is_tall else INK,
            ha="center",
            va="top" if is_tall else "bottom",
        )


def _audible(frames: Frames) -> NDArray[np.bool_]:
    """Return which frames are within 55 dB of the loudest, shape (frames,)."""
    loudest = float(frames.amplitude.max()) if len(frames) else 0.0
    return np.asarray(frames.amplitude > loudest * 10 ** (-_AUDIBLE_DB / 20))


def _draw_amplitude(axes: "Axes", picture: PerformerPicture) -> None:
    levels = 20 * np.log10(np.maximum(_columns(picture.frames.amplitude[:, None])[0], _QUIETEST))
    loudest = max(float(levels.max()), -120.0)
    low, high = loudest - _LEVEL_DB, loudest + 4
    times = (np.arange(len(levels)) + 0.5) * picture.duration_s / len(levels)
    axes.fill_between(times, low, np.maximum(levels, low), color="#f2d9b8", linewidth=0)
    axes.plot(times, np.maximum(levels, low), color="#b35c00", linewidth=0.9)
    for each in picture.notes:
        axes.axvline(each.note.onset_s, color=FAINT, linewidth=0.7, zorder=0)
    axes.set_ylim(low, high)
    marks = [mark for mark in range(-200, 60, 20) if low <= mark <= high]
    axes.set_yticks(marks, [f"{mark}".replace("-", "−") for mark in marks])
    name_panel(axes, "amplitude, dB", x=BESIDE_SCALE)


def _draw_image(
    axes: "Axes",
    rows: NDArray[np.float32],
    picture: PerformerPicture,
    *,
    top: float,
    marks: Sequence[int],
) -> None:
    """Draw magnitudes, shape (frames, columns), as levels over time, the first column lowest."""
    from matplotlib.colors import LinearSegmentedColormap

    levels = 20 * np.log10(np.maximum(_columns(rows), _QUIETEST))
    loudest = float(np.percentile(levels.max(axis=0), 99))
    axes.imshow(
        levels,
        extent=(0, picture.duration_s, 0, top),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=LinearSegmentedColormap.from_list("heat", HEAT),
        vmin=loudest - _IMAGE_DB,
        vmax=loudest,
    )
    shift = 0.5 if marks[0] else 0.0
    axes.set_yticks([mark - shift for mark in marks], [f"{mark}" for mark in marks])


def _columns(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest of each group of frames, at most _COLUMNS of them: (rows, columns)."""
    count = max(len(rows), 1)
    if len(rows) == 0:
        return np.zeros((rows.shape[1], 1), np.float32)
    width = min(count, _COLUMNS)
    starts = np.arange(width) * count // width
    return np.asarray(np.maximum.reduceat(rows, starts, axis=0).T)
