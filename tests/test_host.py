import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import plugin_core
from plugin_core import host


def installed(*targets: str):
    return lambda group: [EntryPoint(str(n), target, group) for n, target in enumerate(targets)]


def fake_host(session, out, **options):
    return session, out, options


def test_render_is_what_the_installed_host_does(monkeypatch):
    monkeypatch.setattr(host, "entry_points", installed("tests.test_host:fake_host"))
    assert plugin_core.render("session", "out", jobs=2) == ("session", "out", {"jobs": 2})


def test_without_a_host_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(host, "entry_points", installed())
    with pytest.raises(RuntimeError, match="install the distribution hexachord"):
        plugin_core.render("session", "out")


def test_our_host_is_registered():
    names = {entry.value for entry in host.entry_points(group=host.GROUP)}
    assert "bridge.graph:render_session" in names


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, plugin_core; print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("numpy", "numba", "mido", "bridge"):
        assert f"'{heavy}'" not in out.stdout


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'rendr'"):
        plugin_core.rendr  # noqa: B018
