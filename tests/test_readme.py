"""README.md says what is so: its tables, its session, its Python, its links."""

import importlib
import inspect
import re
import shlex
from pathlib import Path

import pytest

from bridge.cli import COMMANDS
from bridge.reference_tables import README, family, with_tables
from plugin_core import Session
from plugin_core.engine.parameters import PARAMETERS

TOP = README.parent
TEXT = README.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_tables_are_current():
    assert with_tables(TEXT) == TEXT, "run python -m bridge.reference_tables"


def test_every_parameter_is_in_the_tables():
    ids = {family(parameter.id) for parameter in PARAMETERS}
    assert [name for name in ids if f"| `{name}` |" not in TEXT] == []


def test_what_shares_a_row_shares_a_range():
    ranges: dict[str, set[object]] = {}
    for parameter in PARAMETERS:
        limits = (parameter.low, parameter.high, parameter.unit, parameter.labels)
        ranges.setdefault(family(parameter.id), set()).add(limits)
    assert [name for name, limits in ranges.items() if len(limits) > 1] == []


def test_the_session_can_be_played(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(blocks("toml")[0].replace('"presets/', f'"{TOP.as_posix()}/presets/'))
    session = Session.load(path)
    assert [len(track.lanes) for track in session.tracks] == [4, 1]


@pytest.mark.parametrize("source", blocks("python"))
def test_the_python_compiles(source: str):
    compile(source, "README.md", "exec")


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))
def test_links_lead_somewhere(target: str):
    assert (TOP / target).exists()


@pytest.mark.parametrize("line", re.findall(r"^    \$ hexachord (.*)$", TEXT, re.MULTILINE))
def test_commands_and_options_exist(line: str):
    command, *words = shlex.split(line, comments=True)
    module, _, function = COMMANDS[command].target.partition(":")
    known = inspect.signature(getattr(importlib.import_module(module), function)).parameters
    options = [word for word in words if word.startswith("--")]
    parameters = [option.removeprefix("--").replace("-", "_") for option in options]
    # Of a keyword, as `--from`, the parameter has a stroke behind it; `--no-noise` is of `noise`.
    names = ({name, f"{name}_", name.removeprefix("no_")} for name in parameters)
    assert [each for each in names if not each & set(known)] == []
