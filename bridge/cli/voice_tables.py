"""DX7 voices as tables for the terminal: a list of many, a sheet of one.

The rows follow the field table, so that a parameter is named here as everywhere.
"""

from collections.abc import Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from plugin_core.dx7.algorithms import ALGORITHMS
from plugin_core.dx7.description import frequency_text, lfo_rate_text, lfo_text, shown_text
from plugin_core.dx7.drawing import algorithm_text
from plugin_core.dx7.dumps import VOICES_PER_BANK
from plugin_core.dx7.fields import OPERATORS, STORED_FIELDS, Field
from plugin_core.dx7.sysex import VoiceFile
from plugin_core.dx7.voice import Voice

_ACCENT = "bold dark_orange3"
_QUIET = "dim"


def bank_table(file: VoiceFile) -> Table:
    """Return the list of all voices of a file, a line after each bank."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    for heading in ("#", "Name", "Algorithm", "Feedback", "Transpose", "Carriers", "LFO"):
        is_number = heading in ("#", "Algorithm", "Feedback", "Transpose")
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for number, voice in enumerate(file.voices, 1):
        table.add_row(
            str(number),
            Text(voice.name, style="bold"),
            *(_shown(voice, field_id) for field_id in ("algorithm", "feedback", "transpose")),
            " ".join(map(str, ALGORITHMS[voice.stored("algorithm")].carriers)),
            lfo_text(voice),
            end_section=number % VOICES_PER_BANK == 0,
        )
    return table


def voice_sheet(voice: Voice, number: int) -> Group:
    """Return all of one voice: the algorithm drawn, its settings and its six operators."""
    drawing = Text(algorithm_text(voice.shown("algorithm")), no_wrap=True)
    carriers = ALGORITHMS[voice.stored("algorithm")].carriers
    drawing.highlight_regex(f"[{''.join(map(str, carriers))}]", _ACCENT)
    return Group(
        Text.assemble((f"{number}  ", _QUIET), (voice.name, "bold")),
        "",
        _side_by_side(drawing, _settings(voice, "Voice")),
        _side_by_side(_settings(voice, "LFO"), _settings(voice, "Pitch EG")),
        _operator_table(voice),
    )


def _side_by_side(*items: RenderableType) -> Table:
    grid = Table.grid(padding=(0, 5))
    grid.add_row(*items)
    return grid


def _settings(voice: Voice, group: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(group)
    table.add_column("", justify="right", no_wrap=True)
    for field in STORED_FIELDS:
        if field.group == group:
            name = field.name.removeprefix(f"{group} ")
            table.add_row(name[0].upper() + name[1:], shown_text(voice, field))
    if group == "LFO":
        table.add_row("Rate", lfo_rate_text(voice))
    return table


def _operator_table(voice: Voice) -> Table:
    """Return the operators as columns, their parameters as rows."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("Operator", max_width=20)
    carriers = ALGORITHMS[voice.stored("algorithm")].carriers
    for operator in range(1, OPERATORS + 1):
        style = _ACCENT if operator in carriers else ""
        table.add_column(Text(str(operator), style=style), justify="right", min_width=8)
    operators = range(1, OPERATORS + 1)
    table.add_row("", *("carrier" if op in carriers else "" for op in operators), style=_QUIET)
    table.add_row("Frequency", *(frequency_text(voice, op) for op in operators), style="bold")
    for fields in _rows():
        name = fields[0].name.removeprefix("OP1 ")
        table.add_row(name, *(shown_text(voice, field) for field in fields))
    return table


def _rows() -> Iterable[tuple[Field, ...]]:
    """Return the fields of the operators 1 to 6, side by side, row by row."""
    columns = [
        [field for field in STORED_FIELDS if field.group == f"Operator {operator}"]
        for operator in range(1, OPERATORS + 1)
    ]
    return zip(*columns, strict=True)


def _shown(voice: Voice, field_id: str) -> str:
    return shown_text(voice, next(field for field in STORED_FIELDS if field.id == field_id))
