"""The bundled DX7 banks: from the patch sheets in `sheets/` to hexachord-1.syx, -2.syx and a list.

A sheet is TOML with one `[[voice]]` per voice: name, family, what it is, algorithm, and one row per
operator from 1 to 6 in `operators`:

    frequency | output level | EG rates | EG levels | the rest

The frequency is a ratio (`1`, `3.5`), a fixed one (`180Hz`), or `-` for an operator that is off.
The rest may have vel, rate, amp (sensitivities to velocity, key and LFO), detune, and scaling of
the level over the keyboard: left=, right= (a curve and its depth, `-LIN40`) from the MIDI key at=.
What a sheet leaves out is as in the instrument's initial voice.
"""

import itertools
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin_core.dx7.dumps import VOICES_PER_BANK
from plugin_core.dx7.fields import CURVES, LFO_WAVES
from plugin_core.dx7.sysex import bank_dump
from plugin_core.dx7.voice import Voice

HERE = Path(__file__).resolve().parent
SHEETS = ("keys", "mallets", "plucked", "basses", "winds", "strings", "organs", "synths", "drums")
"""In the order of the banks."""

_LOWEST_BREAK_POINT = 17
"""The MIDI key of break point 0 (facts sheet, section 7)."""

_FINE_STEPS = 100
_FIXED_DECADES = 4

_VOICE_KEYS = {"feedback": "feedback", "transpose": "transpose", "sync": "oscillator_sync"}
_LFO_KEYS = {
    "speed": "lfo_speed",
    "delay": "lfo_delay",
    "pitch": "lfo_pitch_depth",
    "amp": "lfo_amp_depth",
    "sync": "lfo_sync",
    "wave": "lfo_wave",
    "pitch_sensitivity": "pitch_mod_sensitivity",
}
_OPERATOR_KEYS = {
    "vel": "velocity_sensitivity",
    "rate": "rate_scaling",
    "amp": "amp_mod_sensitivity",
    "detune": "detune",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One voice of the banks and what the list says of it."""

    voice: Voice
    family: str
    about: str


def entries() -> tuple[Entry, ...]:
    """Return the voices of all sheets in the order of the banks."""
    return tuple(
        entry for sheet in SHEETS for entry in read_sheet(HERE / "sheets" / f"{sheet}.toml")
    )


def read_sheet(path: Path) -> Iterator[Entry]:
    """Yield the voices of a patch sheet.

    Raises ValueError or KeyError, with a note of the voice, for a sheet that makes no sense.
    """
    for table in tomllib.loads(path.read_text())["voice"]:
        try:
            voice = Voice.initial().edited(name=table["name"], **_fields(table))
        except (KeyError, ValueError) as error:
            error.add_note(f"in {path.name}, voice {table.get('name')!r}")
            raise
        yield Entry(voice, table["family"], table["about"])


def _fields(table: Mapping[str, Any]) -> dict[str, int]:
    fields = {"algorithm": table["algorithm"]}
    fields |= {_VOICE_KEYS[key]: int(table[key]) for key in _VOICE_KEYS if key in table}
    for key, value in table.get("lfo", {}).items():
        fields[_LFO_KEYS[key]] = LFO_WAVES.index(value) if key == "wave" else int(value)
    if "pitch_eg" in table:
        fields |= _envelope("pitch_eg", *table["pitch_eg"].split("|"))
    for number, row in enumerate(table["operators"].strip().splitlines(), 1):
        operator = _operator(*(cell.strip() for cell in row.split("|")))
        fields |= {f"op{number}_{key}": value for key, value in operator.items()}
    return fields


def _operator(
    frequency: str, level: str = "0", rates: str = "", levels: str = "", rest: str = ""
) -> dict[str, int]:
    if frequency == "-":
        return {"level": 0}
    fields = {**_frequency(frequency), "level": int(level), **_envelope("eg", rates, levels)}
    for key, _, value in (setting.partition("=") for setting in rest.split()):
        if key in ("left", "right"):
            fields[f"{key}_curve"] = CURVES.index(value[:4])
            fields[f"{key}_depth"] = int(value[4:])
        elif key == "at":
            fields["break_point"] = int(value) - _LOWEST_BREAK_POINT
        else:
            fields[_OPERATOR_KEYS[key]] = int(value)
    return fields


def _envelope(prefix: str, rates: str, levels: str) -> dict[str, int]:
    fields = {}
    for what, numbers in (("rate", rates), ("level", levels)):
        for stage, value in zip((1, 2, 3, 4), numbers.split(), strict=True):
            fields[f"{prefix}_{what}{stage}"] = int(value)
    return fields


def _frequency(text: str) -> dict[str, int]:
    """Return the coarse and fine setting nearest to a ratio or a fixed frequency."""
    if text.endswith("Hz"):
        exponent = math.log10(float(text.removesuffix("Hz")))
        coarse, fine = divmod(round(exponent * _FINE_STEPS), _FINE_STEPS)
        if not 0 <= coarse < _FIXED_DECADES:
            raise ValueError(f"a fixed frequency is 1..9772 Hz, found {text}")
        return {"mode": 1, "coarse": coarse, "fine": fine}
    ratio = float(text)
    settings = itertools.product(range(32), range(_FINE_STEPS))
    # Of equal settings the one with the smallest fine part.
    coarse, fine = min(settings, key=lambda s: (round(abs(_ratio(*s) - ratio), 9), s[1]))
    return {"mode": 0, "coarse": coarse, "fine": fine}


def _ratio(coarse: int, fine: int) -> float:
    return (coarse or 0.5) * (1 + fine / _FINE_STEPS)


def write(folder: Path) -> None:
    """Write the banks and their list into `folder`."""
    listed = entries()
    lines = ["# The bundled DX7 voices", "", "Made by `make_banks.py` from the patch sheets.", ""]
    for number, start in enumerate(range(0, len(listed), VOICES_PER_BANK), 1):
        bank = listed[start : start + VOICES_PER_BANK]
        name = f"hexachord-{number}.syx"
        (folder / name).write_bytes(bank_dump([entry.voice for entry in bank]))
        lines += [f"## {name}", "", "| # | voice | family | what it is |", "|---|---|---|---|"]
        lines += [
            f"| {place} | {entry.voice.name} | {entry.family} | {entry.about} |"
            for place, entry in enumerate(bank, 1)
        ]
        lines.append("")
    (folder / "README.md").write_text("\n".join(lines[:-1]) + "\n")


if __name__ == "__main__":
    write(HERE)
