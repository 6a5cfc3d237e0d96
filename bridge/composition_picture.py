"""A picture of a composed piece: velocity and duration of every note, expressive against flat.

As figure 2 of Simoes, Machado and Rodrigues 2019: a curve each over the notes, and here also over
what the flat twin would be.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.page import ACCENT, INK, PAPER, QUIET
from bridge.whole_file import whole_file
from plugin_core.types import Note, Part

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _ROW, _DPI = 11.0, 2.1, 110
_MOST_PARTS = 8


def draw_composition(
    path: Path, title: str, parts: Sequence[Part], flat_parts: Sequence[Part]
) -> None:
    """Draw the parts and their flat twins to a PNG, two rows per part."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    shown = list(zip(parts, flat_parts, strict=True))[:_MOST_PARTS]
    figure = Figure(
        figsize=(_WIDTH, 0.6 + _ROW * len(shown)), dpi=_DPI, facecolor=PAPER, layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(shown), 2, squeeze=False)
    for (part, plain), (left, right) in zip(shown, axes, strict=True):
        played, written = _ordered(part.notes), _ordered(plain.notes)
        _curve(left, [n.velocity for n in written], [n.velocity for n in played])
        lengths = [[n.offset_s - n.onset_s for n in notes] for notes in (written, played)]
        _curve(right, *lengths)
        left.set_ylabel(part.name, color=INK, fontsize=9)
        right.set_yscale("log")
        right.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        right.yaxis.set_major_formatter("{x:g}")
        right.yaxis.set_minor_formatter(NullFormatter())
    axes[0][0].set_title("velocity", color=QUIET, fontsize=9, loc="left")
    axes[0][1].set_title("duration in s", color=QUIET, fontsize=9, loc="left")
    axes[-1][0].set_xlabel("note", color=QUIET, fontsize=9)
    axes[-1][1].set_xlabel("note", color=QUIET, fontsize=9)
    axes[0][0].legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.98), fontsize=8, frameon=False, ncols=2
    )
    figure.suptitle(title, color=INK, fontsize=11, x=0.01, ha="left")
    with whole_file(path) as file:
        figure.savefig(file, format="png")


def _ordered(notes: Sequence[Note]) -> list[Note]:
    return sorted(notes, key=lambda note: (note.onset_s, -note.midi_pitch))


def _curve(axes: "Axes", flat: Sequence[float], expressive: Sequence[float]) -> None:
    places = range(1, len(flat) + 1)
    axes.step(places, flat, where="mid", color=QUIET, linewidth=1.0, label="flat")
    axes.plot(
        range(1, len(expressive) + 1), expressive, color=ACCENT, linewidth=1.1, label="expressive"
    )
    axes.tick_params(colors=QUIET, labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
