import json

import pytest

from bridge.cli import doctor as module
from bridge.cli import main
from bridge.cli.doctor import Finding, examine
from bridge.versions import HEARING_PACKAGES, MODEL_PACKAGES, PACKAGES

pytestmark = pytest.mark.usefixtures("healthy_engine")


@pytest.fixture
def healthy_engine(monkeypatch):
    """Let the engine say that it plays: whether it does is for its own tests."""
    monkeypatch.setattr(module, "_engine", lambda: "a note")
    monkeypatch.setattr(module, "_live_instruments", lambda: "a note of the violin")
    monkeypatch.setattr(module, "_ddx7_instruments", lambda: "a note of the ddx7-violin")


def test_hearing_is_tried():
    finding = by_name()["pitch is heard"]
    assert finding.ok, finding.found
    assert not finding.essential


def test_rendering_needs_nothing_that_hears(monkeypatch, capsys):
    names = (*HEARING_PACKAGES, *MODEL_PACKAGES)
    real = module.version_of
    monkeypatch.setattr(
        module, "version_of", lambda package: None if package in names else real(package)
    )
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for package in names:
        assert any(line.split()[:2] == ["-", package] for line in lines)


def by_name() -> dict[str, Finding]:
    return {finding.name: finding for finding in examine()}


def test_everything_essential_works_here(capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for package in PACKAGES:
        assert any(line.split()[:2] == ["ok", package] for line in lines)


def test_json_has_every_finding(capsys):
    assert main(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert [finding["name"] for finding in findings] == list(by_name())


def test_a_missing_package_is_status_1(monkeypatch, capsys):
    monkeypatch.setattr(module, "version_of", lambda package: None if package == "mido" else "1.0")
    assert main(["doctor"]) == 1
    assert any("missing" in line for line in capsys.readouterr().out.splitlines() if "mido" in line)


def test_a_broken_dawdreamer_is_told_not_raised(monkeypatch, capsys):
    def broken(*_):
        raise ImportError("libfreetype.so.6: cannot open\nmore")

    monkeypatch.setattr("bridge.mixing.MixingDesk", broken)
    assert main(["doctor"]) == 1
    assert "libfreetype.so.6" in capsys.readouterr().out


def test_a_damaged_bank_is_told(monkeypatch, tmp_path):
    (tmp_path / "dx7").mkdir()
    (tmp_path / "dx7" / "broken.syx").write_bytes(b"\xf0\x43\x00")
    monkeypatch.setattr("plugin_core.sounds.presets_folder", lambda: tmp_path)
    assert not by_name()["presets broken.syx"].ok
