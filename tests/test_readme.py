"""README.md says what is so: its tables, its session, its Python, its links."""

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


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[1]


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
    path.write_text(block("toml").replace('"presets/', f'"{TOP.as_posix()}/presets/'))
    session = Session.load(path)
    assert [len(track.lanes) for track in session.tracks] == [4, 1]


def test_the_python_compiles():
    compile(block("python"), "README.md", "exec")


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))
def test_links_lead_somewhere(target: str):
    assert (TOP / target).exists()


@pytest.mark.parametrize("line", re.findall(r"^    \$ hexachord (.*)$", TEXT, re.MULTILINE))
def test_commands_and_options_exist(line: str):
    command, *words = shlex.split(line, comments=True)
    source = (TOP / Path(*COMMANDS[command].target.split(":")[0].split("."))).with_suffix(".py")
    options = [word for word in words if word.startswith("--")]
    parameters = [option.removeprefix("--").replace("-", "_") for option in options]
    assert [name for name in parameters if f" {name}: Annotated" not in source.read_text()] == []
