"""A picture of six operators that play a recording: their level curves before and after an edit.

From the top: the pitch, a row for each operator (6, the deepest modulator, first), and two
spectrograms: what sounds before the edit and after it, or the recording and what is played of it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.note_panels import Breadth, draw_pitch, name_panel
from bridge.page import ACCENT, FAINT, INK, QUIET, Page, draw_spectrogram, line, mark_time
from bridge.spectrogram import HIGHEST_HZ, LOWEST_HZ
from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.fields import OPERATORS
from plugin_core.types import FRAME_RATE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEFORE, AFTER = "#3b5bdb", ACCENT
_FILL = "#fbe3d3"
_WIDTH, _LEFT, _RIGHT = 15.0, 2.05, 0.75
_HEAD, _FOOT = 1.12, 0.5
_PITCH, _ROW, _SPECTRUM, _GAP = 1.2, 0.62, 1.6, 0.13
_COLUMNS = 1600
_AUDIBLE_DB = 45.0

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OperatorState:
    """What six operators do over the frames."""

    shares: Numbers = field(repr=False)
    """Levels over their highest, shape (frames, 6), operator 1 first."""
    ratios: NDArray[np.float64] = field(repr=False)
    """Shape (frames, 6)."""
    algorithm: NDArray[np.int64] = field(repr=False)
    """1..32, shape (frames,)."""


@dataclass(frozen=True, slots=True)
class LevelPicture:
    """All that stands in the picture."""

    title: str
    subtitle: str
    duration_s: float
    f0_hz: Numbers = field(repr=False)
    loudness_db: Numbers = field(repr=False)
    before: OperatorState
    after: OperatorState | None
    """None where nothing was edited."""
    i_max: float
    spectrograms: tuple[tuple[str, Numbers], ...] = field(repr=False)
    """(name, levels in dB as `bridge.spectrogram` gives them), one or two."""


def draw_levels(picture: LevelPicture, path: Path) -> None:
    """Draw `picture` as a PNG file at `path`."""
    heights = (_PITCH, *[_ROW] * OPERATORS, *[_SPECTRUM] * len(picture.spectrograms))
    page = Page(_WIDTH, _HEAD + sum(heights) + _GAP * len(heights) + _FOOT)
    page.text(_LEFT, 0.42, line(picture.title, 80), size=19, weight="bold", color=INK)
    page.text(_LEFT, 0.68, line(picture.subtitle, 150), size=10, color=QUIET)
    if picture.after is not None:
        page.text(_LEFT, 0.94, "before the edit", size=10, color=BEFORE, weight="bold")
        page.text(_LEFT + 1.35, 0.94, "after it", size=10, color=AFTER, weight="bold")
    top, panels = _HEAD, []
    for height in heights:
        panels.append(page.axes(_LEFT, top, _WIDTH - _LEFT - _RIGHT, height))
        top += height + _GAP
    pitch, *rest = panels
    sure = picture.loudness_db > float(picture.loudness_db.max(initial=-200.0)) - _AUDIBLE_DB
    breadth = Breadth(picture.duration_s, _WIDTH - _LEFT - _RIGHT)
    draw_pitch(pitch, picture.f0_hz, sure, (), breadth)
    name_panel(pitch, "pitch", x=-0.05)
    for axes, op in zip(rest, range(OPERATORS, 0, -1), strict=False):
        _draw_operator(axes, picture, op)
    loudest_db = float(picture.spectrograms[0][1].max())
    for axes, (name, levels) in zip(rest[OPERATORS:], picture.spectrograms, strict=True):
        draw_spectrogram(
            axes, levels, duration_s=picture.duration_s,
            low_hz=LOWEST_HZ, high_hz=HIGHEST_HZ, loudest_db=loudest_db,
        )  # fmt: skip
        name_panel(axes, name, x=-0.05)
    for axes in panels:
        mark_time(axes, picture.duration_s, labels=axes is panels[-1])
    page.save(path)


def _draw_operator(axes: "Axes", picture: LevelPicture, op: int) -> None:
    last = picture.before if picture.after is None else picture.after
    curves = [state.shares[:, op - 1] for state in (picture.before, last)]
    # In silence a network may do with modulators what it likes: that shall not set the scale.
    heard = picture.loudness_db > float(picture.loudness_db.max(initial=-200.0)) - _AUDIBLE_DB
    peak = max(*(float(np.percentile(curve[heard], 99.5)) for curve in curves), 1e-4)
    if picture.after is not None and not np.array_equal(curves[0], curves[1]):
        _draw_curve(axes, curves[0], picture.duration_s, BEFORE, width=1.6)
    times, high = _draw_curve(axes, curves[1], picture.duration_s, AFTER, width=1.1)
    axes.fill_between(times, 0, high, color=_FILL, linewidth=0, zorder=0)
    axes.set_ylim(0, 1.15 * peak)
    axes.yaxis.tick_right()
    axes.set_yticks([0, peak], ["0", _level(peak, _is_carrier(last, op), picture.i_max)])
    axes.axhline(0, color=FAINT, linewidth=0.8)
    name_panel(axes, f"operator {op}", x=-0.1)
    before, after = _doing(picture.before, op), _doing(last, op)
    shown = [(before, QUIET if before == after else BEFORE)]
    if before != after:
        shown.append((after, AFTER))
    for number, (text, color) in enumerate(shown):
        axes.text(
            -0.012, 0.5 + 0.24 * (len(shown) - 1) - 0.48 * number, text,
            transform=axes.transAxes, size=7.5, color=color,
            ha="right", va="center", clip_on=False,
        )  # fmt: skip


def _draw_curve(
    axes: "Axes", curve: Numbers, duration_s: float, color: str, *, width: float
) -> tuple[NDArray[np.float64], Numbers]:
    """Draw a curve of shares; return the points of its line."""
    columns = min(len(curve), _COLUMNS)
    edges = np.linspace(0, len(curve), columns + 1).astype(np.int64)
    means = (np.add.reduceat(curve, edges[:-1]) / np.diff(edges)).astype(np.float32)
    times = np.minimum((edges[:-1] + edges[1:] - 1) / 2 / FRAME_RATE, duration_s)
    axes.plot(times, means, color=color, linewidth=width)
    return times, means


def _is_carrier(state: OperatorState, op: int) -> bool:
    return op in ALGORITHMS[int(state.algorithm[-1]) - 1].carriers


def _level(share: float, is_carrier: bool, i_max: float) -> str:
    """Return the level of a share as people read it."""
    return f"{share:.2g}" if is_carrier else f"{share * i_max:.2g} rad"


def _doing(state: OperatorState, op: int) -> str:
    """Return the ratio of an operator, and into whom it goes."""
    ratios = state.ratios[:, op - 1]
    low, high = float(ratios.min()), float(ratios.max())
    ratio = f"× {low:.4g}" if high - low < 1e-6 else f"× {low:.3g} to {high:.3g}"
    algorithm = ALGORITHMS[int(state.algorithm[-1]) - 1]
    targets = [f"{target}" for source, target in algorithm.modulations if source == op]
    return f"{ratio}, {'into ' + ' '.join(targets) if targets else 'heard'}"
