"""Values as they stand in a file that a person wrote: shown in errors, checked against ranges."""

import math
from dataclasses import dataclass

from plugin_core.types import InputError


@dataclass(frozen=True, slots=True)
class LaneRange:
    """What a lane may drive: its smallest and largest value, and the names of values, if any.

    The name `labels[i]` stands for `low + i`.
    """

    low: float
    high: float
    labels: tuple[str, ...] = ()


def shown(value: object) -> str:
    """Return a value found in a file as a short line for an error."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # Numbers of thousands of digits have no repr, tables can be nested endlessly.
        return f"a {type(value).__name__} too long to show"
    return text if len(text) <= 80 else text[:77] + "..."


def finite_number(value: object) -> float | None:
    """Return a value as a number, None if it is none or is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def number_in_text(text: str) -> float | None:
    """Return the number that a text spells, None if it spells none or one that is not finite."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def in_range(value: object, allowed: LaneRange, place: str, source: str) -> float:
    """Return a value as a number in `low`..`high`; raises InputError for any other."""
    number = finite_number(value)
    if number is None or not allowed.low <= number <= allowed.high:
        expected = f"a value in {allowed.low:g}..{allowed.high:g}"
        raise InputError(source, place, expected, shown(value))
    return number
