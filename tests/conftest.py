"""What every test may use: the shared folder, hypothesis profiles, and the `full` marker."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]
FULL = os.environ.get("HEXACHORD_FULL") == "1"

# The same cases in every run, so that a red run is red again; `ci/test --full` searches further.
# A busy machine draws slowly: that is no fault of what is tested.
settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("full", settings.get_profile("quick"), max_examples=1000)
settings.load_profile("full" if FULL else "quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if FULL:
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="long: runs in ci/test --full"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of references and corpora beside the repository, which is not part of it."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no reference data: {folder} is not there")
    return folder


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A presets folder with the real voices and files in the place of the models."""
    from plugin_core import sounds

    presets = tmp_path / "presets"
    (presets / "instruments").mkdir(parents=True)
    (presets / "dx7").symlink_to(sounds.presets_folder() / "dx7")
    for name in ("synthesis.ts", "expression.ts"):
        (presets / "instruments" / name).write_bytes(b"")
    monkeypatch.setattr(sounds, "presets_folder", lambda: presets)
    return presets / "instruments"
