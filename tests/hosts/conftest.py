"""The built plug-in in both hosts. Without it these tests are skipped: ci/build makes it."""

from pathlib import Path
from typing import Any

import pytest

from bridge.hosting import open_instrument
from bridge.plugin_bundle import plugin_path
from plugin_core.types import InputError
from tests.hosts.editor_program import Program, screenshot_program, screenshots
from tests.hosts.playing import Players


@pytest.fixture(scope="session")
def plugin() -> Path:
    """The path of the built plug-in."""
    try:
        return plugin_path()
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def shared_instrument(plugin: Path) -> Any:
    """One open instance for tests that give it a state before they use it."""
    return open_instrument(plugin)


@pytest.fixture
def instrument(plugin: Path) -> Any:
    """A new instance."""
    return open_instrument(plugin)


@pytest.fixture(scope="session")
def players(plugin: Path, shared_instrument: Any) -> Players:
    """The plug-in, to be played in either host."""
    return Players(plugin, shared_instrument)


@pytest.fixture(scope="session")
def program() -> Path:
    """The built screenshot program."""
    return screenshot_program()


@pytest.fixture
def editor(program: Path, tmp_path: Path) -> Program:
    """Open the editor at a width, with options, and return the facts that it printed."""
    return screenshots(program, tmp_path)
