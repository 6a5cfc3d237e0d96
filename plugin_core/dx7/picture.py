"""A voice as a picture: its algorithm, the six operator envelopes and the pitch envelope.

In goes a voice, out comes a matplotlib figure. Carriers are in the one accent colour.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from plugin_core.dx7.algorithms import ALGORITHMS, Algorithm
from plugin_core.dx7.description import frequency_text, lfo_text, shown_text
from plugin_core.dx7.drawing import operator_places
from plugin_core.dx7.envelopes import (
    EnvelopeSpan,
    operator_envelope_db,
    pitch_envelope_octaves,
    telling_span,
    tick_times_s,
)
from plugin_core.dx7.fields import FIELD_INDEX, FIELDS, OPERATORS
from plugin_core.dx7.voice import Voice

_ACCENT = "#c8451b"
_INK = "#20242a"
_GREY = "#868d96"
_PALE = "#e3e6ea"
_PAPER = "#ffffff"
_LOWEST_DB = -72.0
_BOX_WIDTH, _BOX_HEIGHT = 0.74, 0.56
_LEAST_COLUMNS = 3.4
_LINE: dict[str, Any] = {"linewidth": 1.6, "solid_joinstyle": "round", "zorder": 1}


def voice_figure(voice: Voice, *, title: str | None = None) -> Figure:
    """Return the picture of `voice`, 13.6 x 7.8 inches, headed by `title` or the voice's name."""
    figure = Figure(figsize=(13.6, 7.8), dpi=140, facecolor=_PAPER)
    algorithm = ALGORITHMS[voice.stored("algorithm")]
    _head(figure, voice, title or voice.name or "no name")
    _draw_algorithm(figure.add_axes((0.03, 0.07, 0.35, 0.75)), voice, algorithm)
    span = telling_span(voice)
    grid = figure.add_gridspec(
        4, 2, left=0.435, right=0.975, top=0.855, bottom=0.075, hspace=0.62, wspace=0.13,
        height_ratios=(1, 1, 1, 0.8),
    )  # fmt: skip
    for operator in range(1, OPERATORS + 1):
        axes = figure.add_subplot(grid[(operator - 1) // 2, (operator - 1) % 2])
        _draw_envelope(axes, voice, operator, span, is_carrier=operator in algorithm.carriers)
    _draw_pitch(figure.add_subplot(grid[3, :]), voice, span)
    return figure


def _head(figure: Figure, voice: Voice, title: str) -> None:
    facts = [
        f"algorithm {voice.shown('algorithm')}",
        f"feedback {voice.shown('feedback')}",
        f"transpose {shown_text(voice, FIELDS[FIELD_INDEX['transpose']])}",
        f"LFO {lfo_text(voice)}",
        f"oscillator sync {'on' if voice.stored('oscillator_sync') else 'off'}",
    ]
    figure.text(0.03, 0.925, title, fontsize=23, fontweight="bold", color=_INK)
    figure.text(0.975, 0.933, "   ·   ".join(facts), fontsize=11, color=_GREY, ha="right")
    figure.add_artist(
        FancyBboxPatch((0.03, 0.9), 0.945, 0, boxstyle="square,pad=0", color=_PALE, linewidth=1)
    )


def _draw_algorithm(axes: Axes, voice: Voice, algorithm: Algorithm) -> None:
    places = operator_places(algorithm)
    at = {op: (place.column, float(place.row)) for op, place in places.items()}
    _frame(axes, at)
    for source, target in algorithm.modulations:
        (x0, y0), (x1, y1) = at[source], at[target]
        axes.plot([x0, x0, x1, x1], [y0, y1 + 0.5, y1 + 0.5, y1], color=_INK, **_LINE)
    carriers = [at[carrier][0] for carrier in algorithm.carriers]
    for x in carriers:
        axes.plot([x, x], [0, -0.5], color=_ACCENT, **_LINE)
    ends = min(carriers), max(carriers)
    axes.plot(ends, [-0.5, -0.5], color=_ACCENT, **_LINE)
    axes.plot(sum(ends) / 2, -0.58, marker="v", markersize=8, color=_ACCENT, zorder=3)
    _draw_feedback(axes, voice, at[algorithm.feedback[0]], at[algorithm.feedback[1]])
    for operator, place in at.items():
        _draw_operator(axes, voice, operator, place, is_carrier=operator in algorithm.carriers)


def _frame(axes: Axes, at: dict[int, tuple[float, float]]) -> None:
    """Centre the drawing; the scale is that of the largest algorithms unless it is wider."""
    columns, rows = [x for x, _ in at.values()], [y for _, y in at.values()]
    width, height = max(_LEAST_COLUMNS, max(columns) + 1.0), 4.7
    middle_x, middle_y = max(columns) / 2, max(rows) / 2
    axes.set_xlim(middle_x - width / 2, middle_x + width / 2)
    axes.set_ylim(middle_y - height / 2 - 0.15, middle_y + height / 2 - 0.15)
    axes.axis("off")


def _draw_operator(
    axes: Axes, voice: Voice, operator: int, place: tuple[float, float], *, is_carrier: bool
) -> None:
    """Draw a box with number and frequency, dashed and empty if its output level is 0."""
    x, y = place
    is_off = voice.stored(f"op{operator}_level") == 0
    axes.add_patch(
        FancyBboxPatch(
            (x - _BOX_WIDTH / 2, y - _BOX_HEIGHT / 2),
            _BOX_WIDTH,
            _BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.07",
            facecolor=_ACCENT if is_carrier and not is_off else _PAPER,
            edgecolor=_ACCENT if is_carrier else _INK,
            linestyle=(0, (3, 2)) if is_off else "solid",
            linewidth=1.6,
            zorder=2,
        )
    )
    left, right = axes.get_xlim()
    scale = min(1.0, 4.6 / (right - left))
    text: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "color": _GREY if is_off else _PAPER if is_carrier else _INK,
        "zorder": 3,
    }
    axes.text(x, y + 0.09, str(operator), fontsize=17 * scale, fontweight="bold", **text)
    axes.text(x, y - 0.155, frequency_text(voice, operator), fontsize=9.5 * scale, **text)


def _draw_feedback(
    axes: Axes,
    voice: Voice,
    source: tuple[float, float],
    target: tuple[float, float],
) -> None:
    amount = voice.shown("feedback")
    side, above = target[0] + _BOX_WIDTH / 2 + 0.1, target[1] + _BOX_HEIGHT / 2 + 0.14
    axes.plot(
        [source[0], side, side, target[0], target[0]],
        [source[1], source[1], above, above, target[1]],
        color=_INK if amount else _PALE,
        **_LINE,
    )
    axes.text(side, above + 0.06, f"feedback {amount}", fontsize=9.5, color=_GREY, ha="right")


def _draw_envelope(
    axes: Axes, voice: Voice, operator: int, span: EnvelopeSpan, *, is_carrier: bool
) -> None:
    colour = _ACCENT if is_carrier else _INK
    times = np.concatenate([[0.0], tick_times_s(span)])
    level = operator_envelope_db(voice, operator, span)
    level = np.concatenate([[_LOWEST_DB], np.maximum(level, _LOWEST_DB)])
    axes.fill_between(times, level, _LOWEST_DB, color=colour, alpha=0.13, linewidth=0)
    axes.plot(times, level, color=colour, linewidth=1.7, solid_joinstyle="round")
    axes.set_ylim(_LOWEST_DB, 4)
    axes.set_yticks([0, -24, -48, -72])
    role = "carrier" if is_carrier else "modulator"
    detune = voice.shown(f"op{operator}_detune")
    tuning = frequency_text(voice, operator) + (f"  detune {detune:+d}" if detune else "")
    _finish(
        axes,
        span,
        f"{operator}",
        colour,
        f"{role}   level {voice.shown(f'op{operator}_level')}",
        tuning,
    )
    if operator % 2:
        axes.set_ylabel("dB", color=_GREY, fontsize=9, labelpad=2)
    else:
        axes.tick_params(labelleft=False)


def _draw_pitch(axes: Axes, voice: Voice, span: EnvelopeSpan) -> None:
    times = np.concatenate([[0.0], tick_times_s(span)])
    curve = pitch_envelope_octaves(voice, span) * 12
    curve = np.concatenate([curve[:1], curve])
    reach = max(1.0, float(np.abs(curve).max()) * 1.15)
    axes.axhline(0, color=_PALE, linewidth=1)
    axes.plot(times, curve, color=_INK, linewidth=1.7)
    axes.set_ylim(-reach, reach)
    is_flat = bool(np.all(curve == 0))
    _finish(axes, span, "Pitch", _INK, "no movement" if is_flat else "semitones", "")
    axes.annotate(
        "key up",
        (span.on_s, 1),
        (4, -9),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        fontsize=8.5,
        color=_GREY,
    )
    axes.set_xlabel("seconds", color=_GREY, fontsize=9, labelpad=2)


def _finish(axes: Axes, span: EnvelopeSpan, name: str, colour: str, role: str, right: str) -> None:
    """Give a curve its heading, the moment of key-up and quiet axes."""
    axes.set_xlim(0, span.total_s)
    axes.axvline(span.on_s, color=_GREY, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    axes.set_title(name, loc="left", fontsize=12, fontweight="bold", color=colour, pad=5)
    indent = 16 if len(name) == 1 else 46
    axes.annotate(
        role, (0, 1), (indent, 6), xycoords="axes fraction", textcoords="offset points",
        fontsize=9.5, color=_GREY,
    )  # fmt: skip
    axes.set_title(right, loc="right", fontsize=9.5, color=_INK, pad=6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_PALE)
    axes.tick_params(colors=_GREY, labelsize=8.5, length=0)
    axes.grid(axis="y", color=_PALE, linewidth=0.7)
    axes.set_axisbelow(True)
