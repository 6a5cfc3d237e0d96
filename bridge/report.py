"""A picture of a render: per track the piano roll, the lanes that sounded and the spectrogram."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.page import (
    ACCENT,
    INK,
    PAPER,
    QUIET,
    Page,
    draw_spectrogram,
    line,
    mark_keys,
    mark_time,
)
from plugin_core.types import Lane, Note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 15.0
_LEFT, _GAP, _RIGHT = 1.25, 1.05, 0.35
_ROLL_SHARE = 0.58
_HEAD, _FOOT = 0.95, 0.55
_TITLE = 0.34
_LANE = 0.30
_MOST_LANES = 8
_MOST_TRACKS = 32
_BETWEEN = 0.30


@dataclass(frozen=True)
class LanePicture:
    """A lane as drawn: its name, its breakpoints, and the values of floor and ceiling."""

    name: str
    lane: Lane
    low: float
    high: float
    unit: str = ""
    steps: bool = False
    """Whether values hold until the next breakpoint, as a MIDI controller's do."""


@dataclass(frozen=True)
class TrackPicture:
    """What the report shows of one track."""

    name: str
    details: str
    settings: str
    notes: Sequence[Note]
    spectrogram: NDArray[np.float32]
    """Levels in dB, shape (rows, columns), lowest frequency first."""
    lanes: Sequence[LanePicture] = field(default=())


@dataclass(frozen=True)
class Report:
    """All that stands in the picture."""

    title: str
    subtitle: str
    duration_s: float
    low_hz: float
    high_hz: float
    tracks: Sequence[TrackPicture]


def draw_report(report: Report, path: Path) -> None:
    """Draw `report` as a PNG file at `path`."""
    tracks = report.tracks[:_MOST_TRACKS]
    subtitle = report.subtitle
    if len(tracks) < len(report.tracks):
        subtitle += f" · the first {len(tracks)} of {len(report.tracks)} tracks"
    panel = float(np.clip(13.0 / max(len(tracks), 1), 1.15, 2.3))
    heights = [_TITLE + panel + _LANE * _shown(track) for track in tracks]
    height = _HEAD + sum(heights) + _BETWEEN * (len(heights) - 1) + _FOOT
    page = Page(_WIDTH, height)

    page.text(_LEFT, 0.42, line(report.title, 70), size=19, weight="bold", color=INK)
    page.text(_LEFT, 0.68, subtitle, size=10, color=QUIET)
    top = _HEAD
    for index, (track, tall) in enumerate(zip(tracks, heights, strict=True)):
        last = index == len(heights) - 1
        _draw_track(page, report, track, top=top, panel=panel, last=last)
        top += tall + _BETWEEN
    page.save(path)


def _shown(track: TrackPicture) -> int:
    return min(len(track.lanes), _MOST_LANES)


def _draw_track(
    page: Page, report: Report, track: TrackPicture, *, top: float, panel: float, last: bool
) -> None:
    inner = _WIDTH - _LEFT - _GAP - _RIGHT
    roll_width = inner * _ROLL_SHARE
    right = _LEFT + roll_width + _GAP
    page.text(_LEFT, top + 0.17, line(track.name, 60), size=12, weight="bold", color=INK)
    settings = line(track.settings, 60)
    page.text(_LEFT + roll_width, top + 0.17, settings, size=8, color=QUIET, ha="right")
    page.text(right, top + 0.17, line(track.details, 70), size=9, color=QUIET)
    top += _TITLE
    shown = track.lanes[:_MOST_LANES]

    roll = page.axes(_LEFT, top, roll_width, panel)
    _draw_roll(roll, track.notes)
    below: list[Axes] = [roll]
    for number, picture in enumerate(shown):
        row = page.axes(_LEFT, top + panel + _LANE * number, roll_width, _LANE)
        _draw_lane(row, picture, report.duration_s)
        below.append(row)
    spectrum = page.axes(right, top, inner - roll_width, panel + _LANE * len(shown))
    draw_spectrogram(
        spectrum,
        track.spectrogram,
        duration_s=report.duration_s,
        low_hz=report.low_hz,
        high_hz=report.high_hz,
    )
    for axes in (*below, spectrum):
        mark_time(axes, report.duration_s, labels=last and axes in (below[-1], spectrum))


def _draw_roll(axes: "Axes", notes: Sequence[Note]) -> None:
    """Draw notes as bars, the louder the darker."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    axes.set_facecolor("#fafbfc")
    keys = np.array([note.midi_pitch for note in notes] or [60], np.float64)
    reach = mark_keys(axes, keys)
    if not notes:
        return
    begin = np.array([note.onset_s for note in notes])
    end = np.array([note.offset_s for note in notes])
    half = min(0.42, 0.42 * max(1.0, reach / 20))
    corners = np.stack(
        [
            np.stack([begin, keys - half], axis=1),
            np.stack([begin, keys + half], axis=1),
            np.stack([end, keys + half], axis=1),
            np.stack([end, keys - half], axis=1),
        ],
        axis=1,
    )
    strength = np.array([0.35 + 0.65 * note.velocity / 127 for note in notes])[:, np.newaxis]
    colors = strength * np.array(to_rgb(ACCENT)) + (1 - strength) * np.array(to_rgb(PAPER))
    axes.add_collection(
        PolyCollection(list(corners), facecolors=colors, edgecolors=PAPER, linewidths=0.4)
    )


def _draw_lane(axes: "Axes", picture: LanePicture, duration_s: float) -> None:
    span = max(picture.high - picture.low, 1e-9)
    axes.set_ylim(picture.low - 0.22 * span, picture.high + 0.22 * span)
    axes.set_yticks([])
    times = np.concatenate([[0.0], picture.lane.times_s, [duration_s]])
    values = np.concatenate(
        [picture.lane.values[:1], picture.lane.values, picture.lane.values[-1:]]
    )
    if picture.steps:
        times, values = np.repeat(times, 2)[1:], np.repeat(values, 2)[:-1]
    axes.fill_between(times, picture.low, values, color=ACCENT, alpha=0.10, linewidth=0)
    axes.plot(times, values, color=ACCENT, linewidth=1.2, solid_joinstyle="round")
    axes.text(
        -0.012, 0.5, picture.name, transform=axes.transAxes, size=8, color=INK,
        ha="right", va="center", clip_on=False,
    )  # fmt: skip
    low, high = picture.lane.values.min(), picture.lane.values.max()
    axes.text(
        1.008, 0.5, _range(low, high, picture.unit), transform=axes.transAxes, size=7, color=QUIET,
        ha="left", va="center", clip_on=False,
    )  # fmt: skip


def _range(low: float, high: float, unit: str) -> str:
    return f"{low:.3g} – {high:.3g}{unit}".replace("-", "−")
