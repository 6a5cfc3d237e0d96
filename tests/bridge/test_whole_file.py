"""Files appear whole or not at all, and what cannot be written is told in one line."""

from pathlib import Path

import pytest

from bridge.cli import main
from bridge.whole_file import whole_file
from plugin_core.types import InputError


def test_a_failed_write_leaves_what_was_there(tmp_path: Path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"half of", "what"])  # type: ignore[list-item]
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_write_replaces_what_was_there(tmp_path: Path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with whole_file(path) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", [".", "missing/a.wav", "folder"])
def test_a_place_that_cannot_be_a_file_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(InputError, match=name), whole_file(Path(name)):
        pass


@pytest.mark.parametrize(
    "command",
    [["note", "dx7/hexachord-1.syx#1"], ["voices", "dx7/hexachord-1.syx#1", "--export=1"]],
)
def test_what_the_system_refuses_is_one_line(
    command: list[str], capsys: pytest.CaptureFixture[str]
):
    # Nobody, not even root, makes files in /proc.
    assert main([*command, "--out", "/proc/hexachord.out"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("hexachord: /proc/hexachord.out: expected a file that can be written")
    assert message.count("\n") == 1
