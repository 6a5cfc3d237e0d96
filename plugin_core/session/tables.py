"""Checked reading of TOML: a file to tables, a table's keys to values of the wanted kind.

Every error names the file, the key's path and what was found; an unknown key is an error that names
the nearest known one.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plugin_core.score.user_file import read_user_file
from plugin_core.score.values import LaneRange, finite_number, in_range, shown
from plugin_core.types import InputError

LARGEST_TOML = 2**20
MOST_KEY_PARTS = 32
_LONG_KEY = re.compile(
    rb"""(?:\.[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+){%d}""" % MOST_KEY_PARTS
)
"""tomllib keeps all prefixes of a dotted key: a long one would fill the memory."""


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML table: `place` is its path in the file `source`, empty for the whole file."""

    source: str
    place: str
    values: Mapping[str, object]

    def at(self, key: str) -> str:
        """Return the path of a key for errors."""
        return f"{self.place}.{key}" if self.place else key

    def error(self, key: str, expected: str) -> InputError:
        """Return the error for the value of a key."""
        found = shown(self.values[key]) if key in self.values else "nothing"
        return InputError(self.source, self.at(key), expected, found)

    def check_keys(self, known: Iterable[str]) -> None:
        """Raise InputError for a key that is not known."""
        known = tuple(known)
        for key in self.values:
            if key not in known:
                raise InputError(
                    self.source, self.place, nearest(key, known), f"the unknown key {shown(key)}"
                )

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a text that is not empty."""
        value = self.values.get(key, default)
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise self.error(key, "a text")
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        """Return a number in low..high."""
        if key not in self.values:
            return None
        return in_range(self.values[key], LaneRange(low, high), self.at(key), self.source)

    def integer(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number in low..high."""
        value = self.values.get(key)
        if value is None:
            return None
        number = finite_number(value)
        if number is None or number != int(number) or not low <= number <= high:
            raise self.error(key, f"a whole number in {low}..{high}")
        return int(number)

    def switch(self, key: str) -> bool:
        """Return true or false, false if the key is absent."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def table(self, key: str) -> "Table":
        """Return the table under a key, an empty one if the key is absent."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"a table [{key}]")
        return Table(self.source, self.at(key), value)

    def tables(self, key: str) -> list["Table"]:
        """Return the tables of a list, numbered from 1 in their places."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"a list of tables [[{key}]]")
        return [
            Table(self.source, f"{self.at(key)} {number}", item)
            for number, item in enumerate(value, start=1)
        ]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return what was expected instead of a name: the nearest known one, else all of them."""
    known = tuple(known)
    close = difflib.get_close_matches(name[:100], known, n=1)
    if close:
        return close[0]
    return f"one of {', '.join(known[:30])}" + (", ..." if len(known) > 30 else "")


def read_toml(path: Path) -> Table:
    """Return a TOML file as a table; raises InputError, with line and column if TOML is broken."""
    return parse_toml(read_user_file(path, LARGEST_TOML, "a session file"), source=str(path))


def parse_toml(data: bytes, *, source: str) -> Table:
    """Return TOML bytes as a table; `source` names them in errors."""
    if len(data) > LARGEST_TOML:
        raise InputError(source, "", f"at most {LARGEST_TOML} bytes", "more")
    long_key = _LONG_KEY.search(data)
    if long_key:
        line = data.count(b"\n", 0, long_key.start()) + 1
        raise InputError(source, f"line {line}", f"keys of at most {MOST_KEY_PARTS} parts", "more")
    try:
        return Table(source, "", tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(source, f"line {line}", "UTF-8 text", "other bytes") from error
    except (ValueError, RecursionError) as error:
        # Besides TOMLDecodeError: numbers of thousands of digits, endless nesting.
        found = "tables nested too deep" if isinstance(error, RecursionError) else str(error)[:200]
        raise InputError(source, "", "valid TOML", found) from error
