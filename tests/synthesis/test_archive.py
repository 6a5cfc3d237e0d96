import json
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from plugin_core.synthesis.archive import DESCRIPTION, WEIGHTS, read_archive, write_archive
from plugin_core.types import InputError


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    network = nn.Linear(3, 2)
    write_archive(tmp_path / "net.ts", network, network.state_dict(), {"kind": "test"})
    return tmp_path / "net.ts"


def rewritten(path: Path, changes: dict[str, bytes | None]) -> Path:
    """Return a copy of an archive with some extra files replaced or left out."""
    other = path.with_name("other.ts")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for member in old.infolist():
            name = member.filename.rpartition("/")[2]
            content = changes.get(name, old.read(member))
            if content is not None:
                new.writestr(member.filename, content)
    return other


def test_an_archive_gives_back_its_card_and_weights(archive: Path) -> None:
    description, weights = read_archive(archive)
    assert description == {"schema": 1, "kind": "test"}
    assert {name: tuple(each.shape) for name, each in weights.items()} == {
        "weight": (2, 3),
        "bias": (2,),
    }


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_any_program_can_load_the_network_with_torchscript(archive: Path) -> None:
    _, weights = read_archive(archive)
    loaded = torch.jit.load(str(archive))
    x = torch.randn(5, 3)
    torch.testing.assert_close(loaded(x), x @ weights["weight"].T + weights["bias"])


def test_the_two_extra_files_are_stored_uncompressed(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        extra = [each for each in opened.infolist() if "/extra/" in each.filename]
    assert sorted(each.filename.rpartition("/")[2] for each in extra) == [DESCRIPTION, WEIGHTS]
    assert all(each.compress_type == zipfile.ZIP_STORED for each in extra)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({DESCRIPTION: None}, "one hexachord.json"),
        ({WEIGHTS: None}, "one weights.safetensors"),
        ({DESCRIPTION: b"{"}, "JSON"),
        ({DESCRIPTION: b"[]"}, "schema 1, found None"),
        ({DESCRIPTION: json.dumps({"schema": 2}).encode()}, "schema 1, found 2"),
        ({WEIGHTS: b"\x00" * 9}, "safetensors"),
    ],
)
def test_a_damaged_archive_is_one_line(
    archive: Path, changes: dict[str, bytes | None], expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_archive(rewritten(archive, changes))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    network = nn.Linear(3, 2)
    weights = {"bias": torch.tensor([1.0, float("nan")])}
    write_archive(tmp_path / "net.ts", network, weights, {})
    with pytest.raises(InputError, match="bias"):
        read_archive(tmp_path / "net.ts")


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"PK\x03\x04" + b"\xff" * 60])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.ts").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.ts"):
        read_archive(tmp_path / "x.ts")


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_archive(tmp_path / "none" / "net.ts", nn.Linear(1, 1), {}, {})
    assert list(tmp_path.iterdir()) == []
