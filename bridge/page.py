"""A page of pictures over time: colours, axes by inches, clocks, keys and spectrograms."""

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAPER, INK, QUIET, FAINT = "#ffffff", "#1f2430", "#7b8494", "#e7eaef"
ACCENT = "#d9480f"
HEAT = ("#ffffff", "#fdeee4", "#fbc9a6", "#f08c4b", ACCENT, "#8f2d0a", "#3a1206")

_DPI = 110
_RANGE_DB, _SILENT_DB = 75.0, -110.0


class Page:
    """A figure of `width` by `height` inches, measured from its top left corner."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self._width, self._height = width, height
        self._figure = Figure(figsize=(width, height), dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(self._figure)

    def axes(self, left: float, top: float, width: float, height: float) -> "Axes":
        """Return bare axes."""
        bottom = self._height - top - height
        axes = self._figure.add_axes(
            (left / self._width, bottom / self._height, width / self._width, height / self._height)
        )
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0, labelsize=8, labelcolor=QUIET, pad=4)
        return axes

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """Write a line whose baseline is at `top`."""
        self._figure.text(
            left / self._width,
            1 - top / self._height,
            text,
            va="baseline",
            parse_math=False,
            **style,
        )

    def save(self, path: Path) -> None:
        """Write the page as a PNG file."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph")  # names may be in any script
            self._figure.savefig(path, format="png", metadata={"Software": "Hexachord"})


def line(text: str, longest: int) -> str:
    """Return a text that fits in its place, whatever is in it, with true minus signs."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    printable = re.sub(r"(?<!\S)-(?=\d)", "−", printable)
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"


def mark_time(axes: "Axes", duration_s: float, *, labels: bool) -> None:
    """Let `axes` span the duration, with marks at round times."""
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


def mark_keys(axes: "Axes", keys: NDArray[np.float64], *, margin: float = 1.5) -> float:
    """Let the height of `axes` span the keys, at least ten; return half that span."""
    middle = (keys.min() + keys.max()) / 2
    reach: float = max(keys.max() - keys.min(), 10) / 2 + margin
    axes.set_ylim(middle - reach, middle + reach)
    octaves = [key for key in range(0, 128, 12) if abs(key - middle) <= reach]
    nearby_g = [key for key in range(7, 128, 12) if abs(key - middle) <= reach]
    lines = octaves if len(octaves) > 1 else [*octaves, *nearby_g]
    axes.set_yticks(lines, [key_name(key) for key in lines])
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    return reach


def key_name(key: int) -> str:
    """Return the key's name; middle C, 60, is C4."""
    names = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
    return f"{names[key % 12]}{key // 12 - 1}"


def draw_spectrogram(
    axes: "Axes",
    levels: NDArray[np.float32],
    *,
    duration_s: float,
    low_hz: float,
    high_hz: float,
    loudest_db: float | None = None,
) -> None:
    """Draw levels in dB, shape (rows, columns), lowest frequency first.

    The 75 dB under `loudest_db` are seen, by default under the largest level.
    """
    from matplotlib.colors import LinearSegmentedColormap

    rows = levels.shape[0]
    loudest = float(levels.max()) if loudest_db is None else loudest_db
    loudest = max(loudest, _SILENT_DB + _RANGE_DB)
    axes.imshow(
        levels,
        extent=(0, duration_s, 0, rows),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=LinearSegmentedColormap.from_list("heat", HEAT),
        vmin=loudest - _RANGE_DB,
        vmax=loudest,
    )
    marks = {100: "100", 300: "300", 1000: "1 k", 3000: "3 k", 10000: "10 k"}
    octaves = np.log(high_hz / low_hz)
    shown = [hz for hz in marks if low_hz < hz < high_hz]
    places = [rows * np.log(hz / low_hz) / octaves for hz in shown]
    axes.set_yticks(places, [marks[hz] for hz in shown])
