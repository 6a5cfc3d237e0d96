"""Phrases as they were recorded beside how we play them: one page for each instrument.

A phrase is a row of two halves over the same time: its pitch over the notes, how far that is from
the note in cents, the level of its harmonics, its spectrogram. Straight pitch, vibratos that are
all alike, flat levels and harmonics like metal are to be seen there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.note_panels import Breadth, draw_pitch, name_panel
from bridge.page import FAINT, INK, QUIET, Page, draw_spectrogram, line, mark_time
from plugin_core.types import FRAME_RATE, ExpressiveNote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWEST_HZ, HIGHEST_HZ = 40.0, 8000.0
"""The frequencies that are shown: recordings are compared at 16 kHz."""

_WIDTH, _LEFT, _MIDDLE, _RIGHT = 17.0, 1.3, 0.55, 0.3
_HEAD, _NAME, _GAP = 0.95, 0.34, 0.35
_PANELS = ((1.35, 0.08), (0.75, 0.08), (0.8, 0.08), (1.45, 0.0))
"""Height and the gap below, inches: pitch, cents, amplitude, spectrogram."""
_CENTS = 70.0
_LEVEL_DB = 50.0
_AUDIBLE_DB = 45.0
_QUIETEST = 1e-9


@dataclass(frozen=True)
class Half:
    """A phrase as it sounds once."""

    f0_hz: NDArray[np.float32] = field(repr=False)
    """Pitch in the tuning of the notes, shape (frames,)."""
    amplitude: NDArray[np.float32] = field(repr=False)
    """Shape (frames,)."""
    spectrogram: NDArray[np.float32] = field(repr=False)
    """Levels in dB, shape (rows, columns), from LOWEST_HZ to HIGHEST_HZ."""


@dataclass(frozen=True)
class PhrasePicture:
    """A phrase beside itself."""

    name: str
    notes: Sequence[ExpressiveNote]
    """In the time of the halves."""
    recorded: Half
    played: Half


def draw_phrases(title: str, phrases: Sequence[PhrasePicture], path: Path) -> None:
    """Draw phrases, one below the other, as a PNG file at `path`."""
    block = _NAME + sum(height + gap for height, gap in _PANELS) + _GAP
    page = Page(_WIDTH, _HEAD + block * len(phrases) + 0.25)
    page.text(_LEFT, 0.42, line(title, 90), size=18, weight="bold", color=INK)
    wide = (_WIDTH - _LEFT - _MIDDLE - _RIGHT) / 2
    for place, told in ((_LEFT, "recorded"), (_LEFT + wide + _MIDDLE, "played by Hexachord")):
        page.text(place, 0.78, told, size=11, color=QUIET)
    for number, phrase in enumerate(phrases):
        top = _HEAD + number * block
        page.text(_LEFT, top + 0.2, line(phrase.name, 150), size=9, color=QUIET)
        loudest = float(phrase.recorded.amplitude.max(initial=_QUIETEST))
        loudest_db = float(phrase.recorded.spectrogram.max())
        for place, half in (
            (_LEFT, phrase.recorded),
            (_LEFT + wide + _MIDDLE, phrase.played),
        ):
            _draw_half(page, (place, top + _NAME, wide), phrase, half, (loudest, loudest_db))
    page.save(path)


def _draw_half(
    page: Page,
    place: tuple[float, float, float],
    phrase: PhrasePicture,
    half: Half,
    loudest: tuple[float, float],
) -> None:
    left, top, wide = place
    panels = []
    for height, gap in _PANELS:
        panels.append(page.axes(left, top, wide, height))
        top += height + gap
    pitch, cents, amplitude, spectrum = panels
    duration_s = len(half.f0_hz) / FRAME_RATE
    audible = half.amplitude > loudest[0] * 10 ** (-_AUDIBLE_DB / 20)
    breadth = Breadth(duration_s, wide)
    draw_pitch(pitch, half.f0_hz, audible, phrase.notes, breadth, fullest=0.35)
    _draw_cents(cents, phrase.notes, half.f0_hz, audible)
    _draw_level(amplitude, phrase.notes, half.amplitude, loudest[0])
    draw_spectrogram(
        spectrum, half.spectrogram, duration_s=duration_s,
        low_hz=LOWEST_HZ, high_hz=HIGHEST_HZ, loudest_db=loudest[1],
    )  # fmt: skip
    if half is phrase.recorded:
        for axes, name in zip(panels, ("pitch", "cents", "level, dB", "spectrum"), strict=True):
            name_panel(axes, name, x=-0.055)
    for axes in panels:
        mark_time(axes, duration_s, labels=axes is spectrum)


def _draw_cents(
    axes: "Axes",
    notes: Sequence[ExpressiveNote],
    f0_hz: NDArray[np.float32],
    audible: NDArray[np.bool_],
) -> None:
    """Draw how far the pitch is from the note that sounds."""
    keys = 69 + 12 * np.log2(np.maximum(f0_hz, 1e-3) / 440)
    for each in notes:
        note = each.note
        first, last = (round(time_s * FRAME_RATE) for time_s in (note.onset_s, note.offset_s))
        where = slice(max(first, 0), min(last, len(keys)))
        away = 100 * (keys[where] - note.midi_pitch)
        away = np.where(audible[where], away, np.nan)
        axes.plot(np.arange(where.start, where.stop) / FRAME_RATE, away, color=INK, linewidth=0.9)
        axes.axvline(note.onset_s, color=FAINT, linewidth=0.7, zorder=0)
    axes.set_ylim(-_CENTS, _CENTS)
    axes.set_yticks([-50, 0, 50], ["−50", "0", "50"])
    axes.grid(axis="y", color=FAINT, linewidth=0.7)


def _draw_level(
    axes: "Axes",
    notes: Sequence[ExpressiveNote],
    amplitude: NDArray[np.float32],
    loudest: float,
) -> None:
    high = 20 * np.log10(loudest)
    levels = 20 * np.log10(np.maximum(amplitude, _QUIETEST))
    times = np.arange(len(levels)) / FRAME_RATE
    low = high - _LEVEL_DB
    axes.fill_between(times, low, np.maximum(levels, low), color="#f2d9b8", linewidth=0)
    axes.plot(times, np.maximum(levels, low), color="#b35c00", linewidth=0.9)
    for each in notes:
        axes.axvline(each.note.onset_s, color=FAINT, linewidth=0.7, zorder=0)
    axes.set_ylim(low, high + 4)
    marks = [mark for mark in range(-200, 60, 20) if low <= mark <= high]
    axes.set_yticks(marks, [f"{mark}".replace("-", "−") for mark in marks])
