"""A picture of a render: per track the piano roll, the lanes that sounded and the spectrogram."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugin_core.types import Lane, Note

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER, INK, QUIET, FAINT = "#ffffff", "#1f2430", "#7b8494", "#e7eaef"
ACCENT = "#d9480f"
_HEAT = ("#ffffff", "#fdeee4", "#fbc9a6", "#f08c4b", ACCENT, "#8f2d0a", "#3a1206")

_WIDTH, _DPI = 15.0, 110
_LEFT, _GAP, _RIGHT = 1.25, 1.05, 0.35
_ROLL_SHARE = 0.58
_HEAD, _FOOT = 0.95, 0.55
_TITLE = 0.34
_LANE = 0.30
_MOST_LANES = 8
_MOST_TRACKS = 32
_BETWEEN = 0.30
_RANGE_DB, _SILENT_DB = 75.0, -110.0


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
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    tracks = report.tracks[:_MOST_TRACKS]
    subtitle = report.subtitle
    if len(tracks) < len(report.tracks):
        subtitle += f" · the first {len(tracks)} of {len(report.tracks)} tracks"
    panel = float(np.clip(13.0 / max(len(tracks), 1), 1.15, 2.3))
    heights = [_TITLE + panel + _LANE * _shown(track) for track in tracks]
    height = _HEAD + sum(heights) + _BETWEEN * (len(heights) - 1) + _FOOT
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    page = _Page(figure, height)

    page.text(_LEFT, 0.42, _line(report.title, 70), size=19, weight="bold", color=INK)
    page.text(_LEFT, 0.68, subtitle, size=10, color=QUIET)
    top = _HEAD
    for index, (track, tall) in enumerate(zip(tracks, heights, strict=True)):
        last = index == len(heights) - 1
        _draw_track(page, report, track, top=top, panel=panel, last=last)
        top += tall + _BETWEEN
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # names may be in any script
        figure.savefig(path, format="png", metadata={"Software": "Hexachord"})


def _line(text: str, longest: int) -> str:
    """Return a text that fits in its place, whatever is in it, with true minus signs."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    printable = re.sub(r"(?<!\S)-(?=\d)", "−", printable)
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"


def _shown(track: TrackPicture) -> int:
    return min(len(track.lanes), _MOST_LANES)


class _Page:
    """A figure measured in inches from its top left corner."""

    def __init__(self, figure: "Figure", height: float) -> None:
        self._figure, self._height = figure, height

    def axes(self, left: float, top: float, width: float, height: float) -> "Axes":
        bottom = self._height - top - height
        axes = self._figure.add_axes(
            (left / _WIDTH, bottom / self._height, width / _WIDTH, height / self._height)
        )
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0, labelsize=8, labelcolor=QUIET, pad=4)
        return axes

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        self._figure.text(
            left / _WIDTH, 1 - top / self._height, text, va="baseline", parse_math=False, **style
        )


def _draw_track(
    page: _Page, report: Report, track: TrackPicture, *, top: float, panel: float, last: bool
) -> None:
    inner = _WIDTH - _LEFT - _GAP - _RIGHT
    roll_width = inner * _ROLL_SHARE
    right = _LEFT + roll_width + _GAP
    page.text(_LEFT, top + 0.17, _line(track.name, 60), size=12, weight="bold", color=INK)
    settings = _line(track.settings, 60)
    page.text(_LEFT + roll_width, top + 0.17, settings, size=8, color=QUIET, ha="right")
    page.text(right, top + 0.17, _line(track.details, 70), size=9, color=QUIET)
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
    _draw_spectrogram(spectrum, track.spectrogram, report)
    for axes in (*below, spectrum):
        _mark_time(axes, report.duration_s, labels=last and axes in (below[-1], spectrum))


def _mark_time(axes: "Axes", duration_s: float, *, labels: bool) -> None:
    step = _time_step(duration_s)
    ticks = np.arange(0, duration_s + step / 1000, step)
    axes.set_xlim(0, duration_s)
    axes.set_xticks(ticks, [_clock(tick, step) for tick in ticks] if labels else [""] * len(ticks))
    if not axes.images:
        axes.grid(axis="x", color=FAINT, linewidth=0.7)
        axes.set_axisbelow(True)


def _time_step(duration_s: float) -> float:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
    return next((step for step in steps if duration_s / step <= 9), 7200)


def _clock(time_s: float, step: float) -> str:
    if step < 1:
        return f"{time_s:.1f}"
    return f"{int(time_s) // 60}:{int(time_s) % 60:02d}"


def _draw_roll(axes: "Axes", notes: Sequence[Note]) -> None:
    """Draw notes as bars, the louder the darker."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    axes.set_facecolor("#fafbfc")
    keys = np.array([note.midi_pitch for note in notes] or [60], np.float64)
    middle, reach = (keys.min() + keys.max()) / 2, max(keys.max() - keys.min(), 10) / 2 + 1.5
    axes.set_ylim(middle - reach, middle + reach)
    octaves = [key for key in range(0, 128, 12) if abs(key - middle) <= reach]
    lines = octaves if len(octaves) > 1 else [*octaves, *_nearby_g(middle, reach)]
    axes.set_yticks(lines, [_key_name(key) for key in lines])
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
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


def _nearby_g(middle: float, reach: float) -> list[int]:
    return [key for key in range(7, 128, 12) if abs(key - middle) <= reach]


def _key_name(key: int) -> str:
    """Return the key's name; middle C, 60, is C4."""
    names = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
    return f"{names[key % 12]}{key // 12 - 1}"


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


def _draw_spectrogram(axes: "Axes", levels: NDArray[np.float32], report: Report) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    rows = levels.shape[0]
    loudest = max(float(levels.max()), _SILENT_DB + _RANGE_DB)
    axes.imshow(
        levels,
        extent=(0, report.duration_s, 0, rows),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=LinearSegmentedColormap.from_list("heat", _HEAT),
        vmin=loudest - _RANGE_DB,
        vmax=loudest,
    )
    marks = {100: "100", 300: "300", 1000: "1 k", 3000: "3 k", 10000: "10 k"}
    octaves = np.log(report.high_hz / report.low_hz)
    shown = [hz for hz in marks if report.low_hz < hz < report.high_hz]
    places = [rows * np.log(hz / report.low_hz) / octaves for hz in shown]
    axes.set_yticks(places, [marks[hz] for hz in shown])
