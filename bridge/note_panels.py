"""Panels of pictures that show notes: blocks over time, the pitch over its notes, names beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.page import INK, PAPER, mark_keys
from plugin_core.types import FRAME_RATE, ExpressiveNote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection

HUES = {
    "volume": "#d9480f",
    "volume_fluctuation": "#c2255c",
    "volume_peak_position": "#862e9c",
    "vibrato": "#364fc7",
    "brightness": "#e67700",
    "attack_noise": "#087f5b",
}
"""The colour of every control."""
NOTE = "#f08c4b"

BESIDE, BESIDE_SCALE = -0.012, -0.042
"""Where a panel's name ends, in widths of the panel: without a scale, and beside one."""

_GROUND = "#fafbfc"
_MOST_POINTS = 6000


@dataclass(frozen=True, slots=True)
class Breadth:
    """How much time a panel shows, and how wide it is."""

    duration_s: float
    inches: float


def name_panel(axes: "Axes", name: str, *, x: float = BESIDE) -> None:
    """Write a panel's name to its left."""
    axes.text(
        x, 0.5, name, transform=axes.transAxes, size=8.5, color=INK,
        ha="right", va="center", clip_on=False,
    )  # fmt: skip


def control_name(control: str) -> str:
    """Return a control's name as it stands beside a panel."""
    return control.replace("volume_", "").replace("_", " ")


def note_blocks(
    notes: Sequence[ExpressiveNote],
    heights: Sequence[tuple[float, float]],
    hue: str,
    fullness: Sequence[float],
    breadth: Breadth,
) -> "PolyCollection":
    """Return a block for each note, at least one, from paper (fullness 0) to `hue` (1)."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    begin, end = np.array([(each.note.onset_s, each.note.offset_s) for each in notes]).T
    low, high = np.array(heights).T
    corners = np.stack(
        [np.stack([begin, begin, end, end], axis=1), np.stack([low, high, high, low], axis=1)],
        axis=2,
    )
    share = np.array(fullness)[:, np.newaxis]
    colors = share * np.array(to_rgb(hue)) + (1 - share) * np.array(to_rgb(PAPER))
    points = (end - begin) * 72 * breadth.inches / breadth.duration_s
    edges = np.minimum(0.5, points / 12)
    return PolyCollection(list(corners), facecolors=colors, edgecolors=PAPER, linewidths=edges)


def draw_note_bars(
    axes: "Axes", notes: Sequence[ExpressiveNote], breadth: Breadth, *, fullest: float = 0.75
) -> None:
    """Draw notes as bars at their pitches, the louder the fuller."""
    if not notes:
        return
    strength = [fullest * (1 + 2 * each.note.velocity / 127) / 3 for each in notes]
    keys = [float(each.note.midi_pitch) for each in notes]
    bars = note_blocks(notes, [(key - 0.5, key + 0.5) for key in keys], NOTE, strength, breadth)
    bars.set_edgecolor(NOTE)
    axes.add_collection(bars)


def draw_pitch(
    axes: "Axes",
    f0_hz: NDArray[np.float32],
    is_sure: NDArray[np.bool_],
    notes: Sequence[ExpressiveNote],
    breadth: Breadth,
    *,
    fullest: float = 0.75,
) -> None:
    """Draw notes as bars and the pitch, shape (frames,), as a line over them, where it is sure."""
    axes.set_facecolor(_GROUND)
    step = max(-(-len(f0_hz) // _MOST_POINTS), 1)
    shown_hz, sure = f0_hz[::step], is_sure[::step] & (f0_hz[::step] > 0)
    keys = np.full(len(shown_hz), np.nan)
    keys[sure] = 69 + 12 * np.log2(shown_hz[sure] / 440)
    range_of_keys = np.nanpercentile(keys, [1, 99]) if sure.any() else [60.0]
    keys[1:][np.abs(np.diff(keys)) > 1] = np.nan
    mark_keys(
        axes, np.array([float(each.note.midi_pitch) for each in notes] or range_of_keys), margin=1.8
    )
    draw_note_bars(axes, notes, breadth, fullest=fullest)
    axes.plot(np.arange(len(shown_hz)) * step / FRAME_RATE, keys, color=INK, linewidth=1.0)
