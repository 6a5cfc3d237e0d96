"""What a user asks of `hexachord perform`: options, lanes as they are written; warnings told."""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugin_core.types import CONTROLS, ExpressiveNote, InputError, Lane, Part

if TYPE_CHECKING:
    from bridge.performing import Sounded
    from plugin_core.sounds import Sound

_MOST_WARNINGS = 20


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options; None is what was not said."""

    sound: str | None
    track: int | None
    channel: int | None
    lanes: tuple[str, ...]
    performer: float | None
    seed: int | None
    temperature: float | None
    rate: int | None
    strict: bool
    picture: bool


def read_lanes(words: Sequence[str], part: Part, tempo: object) -> tuple[dict[str, Lane], Part]:
    """Return the lanes written as CONTROL=LANE, and the part without the controllers they took.

    `tempo` is the score's `TempoMap`, None where there is none: then lanes are in seconds. Raises
    InputError for what is no lane of a control.
    """
    from plugin_core.score import LaneSetting, TempoMap, read_lane
    from plugin_core.score.lanes import controller_of
    from plugin_core.session.track import LANES

    lanes: dict[str, Lane] = {}
    used = set()
    for word in words:
        name, equals, text = word.partition("=")
        if name not in CONTROLS or not equals:
            expected = f"CONTROL=LANE, a control one of {', '.join(CONTROLS)}"
            raise InputError("--lane", "", expected, word)
        value = _value(text)
        if tempo is None:
            _require_seconds(name, text)
        setting = LaneSetting(
            source=f"--lane {name}",
            tempo=tempo if isinstance(tempo, TempoMap) else TempoMap(),
            part=part,
        )
        lanes[name] = read_lane(value, LANES[name], "", setting)
        used.add(controller_of(value))
    kept = tuple(each for each in part.controllers if (each.kind, each.index) not in used)
    return lanes, replace(part, controllers=kept)


def in_range(
    rows: Sequence[ExpressiveNote], instrument: str, source: Path
) -> tuple[tuple[ExpressiveNote, ...], tuple[str, ...]]:
    """Return the notes within the instrument's range, and a warning if some had to be moved."""
    from plugin_core.performing.ranges import into_range

    notes, moved = into_range([row.note for row in rows], instrument)
    warnings = [f"{source}: {moved} of {len(rows)} notes are beyond the range, moved by octaves"]
    placed = (replace(row, note=note) for row, note in zip(rows, notes, strict=True))
    return tuple(placed), tuple(warnings[: min(moved, 1)])


def plural(count: int, word: str) -> str:
    """Return so many of something in words."""
    return f"{count} {word}{'s' if count != 1 else ''}"


def length(sounded: "Sounded") -> str:
    """Return how long and how loud a sound is."""
    peak = f"{20 * math.log10(sounded.peak):.1f} dBFS" if sounded.peak > 0 else "silence"
    seconds = sounded.samples / sounded.sample_rate
    return f"{seconds:.1f} s at {sounded.sample_rate} Hz (peak {peak})"


def say_if_compiling(sound: "Sound") -> None:
    """Say why the first performance takes longer than all others."""
    from plugin_core.performance import is_compiled

    if not is_compiled(sound):
        print(
            "hexachord: compiling what plays for this machine, only this once: about a minute",
            file=sys.stderr,
        )


def warn(warnings: Sequence[str], *, strict: bool) -> None:
    """Tell warnings, `source: what is odd`; where `strict`, raise InputError for the first."""
    if strict and warnings:
        source, _, found = warnings[0].partition(": ")
        raise InputError(source, "", "nothing to warn about (--strict)", found)
    for warning in warnings[:_MOST_WARNINGS]:
        print(f"hexachord: warning: {warning}", file=sys.stderr)
    if len(warnings) > _MOST_WARNINGS:
        print(f"hexachord: {len(warnings) - _MOST_WARNINGS} more warnings", file=sys.stderr)


def _value(text: str) -> object:
    """Return a number or breakpoints, else the text as it is."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, int | float | list) else text


def _require_seconds(name: str, text: str) -> None:
    """Raise InputError for a file of lanes whose times are beats: their tempo is not known."""
    if not text.lower().endswith(".csv"):
        return
    try:
        with Path(text).open(encoding="utf-8-sig", errors="replace") as file:
            head = file.readline(100)
    except (OSError, ValueError):
        return  # read_lane tells
    if head.strip().lower().startswith("beat"):
        raise InputError(f"--lane {name}", text, "times in seconds, as there is no score", "beats")
