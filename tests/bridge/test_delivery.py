import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.delivery import delivery, recorded_files, stem_file
from plugin_core.types import InputError


def deliver(target: Path, *names: str, content: str = "new") -> None:
    with delivery(target) as open_delivery:
        for name in names:
            open_delivery.file(name).write_text(content)
        open_delivery.file("render.json").write_text(
            json.dumps({"tracks": [{"file": name} for name in names]})
        )
        open_delivery.finish()


def interrupted(target: Path, *names: str) -> None:
    with delivery(target) as open_delivery:
        for name in names:
            open_delivery.file(name).write_text("new")
        raise KeyboardInterrupt


def listing(target: Path) -> set[str]:
    return {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}


def test_all_files_are_in_place_and_nothing_else(tmp_path):
    deliver(tmp_path / "a" / "b", "stems/01-x.wav", "mix.wav")
    assert listing(tmp_path) == {"a/b/stems/01-x.wav", "a/b/mix.wav", "a/b/render.json"}


def test_a_failure_leaves_what_was_there(tmp_path):
    deliver(tmp_path, "stems/01-x.wav", content="old")
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path, "stems/01-x.wav", "mix.wav")
    assert listing(tmp_path) == {"stems/01-x.wav", "render.json"}
    assert (tmp_path / "stems/01-x.wav").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_a_failure_leaves_no_new_folders(tmp_path):
    with pytest.raises(RuntimeError), delivery(tmp_path / "a" / "b"):
        raise RuntimeError
    assert not (tmp_path / "a").exists()


def test_stems_of_the_last_render_that_are_no_more_go(tmp_path):
    deliver(tmp_path, "stems/01-x.wav", "stems/02-y.wav")
    (tmp_path / "stems" / "mine.wav").write_text("keep")
    deliver(tmp_path, "stems/01-z.wav")
    assert listing(tmp_path) == {"stems/01-z.wav", "stems/mine.wav", "render.json"}


@pytest.mark.parametrize(
    "name", ["../mine.wav", "stems/../../mine.wav", "/mine.wav", "stems/deep/x.wav", "mine.wav", 7]
)
def test_a_record_cannot_name_other_files(tmp_path, name):
    folder = tmp_path / "out"
    (folder / "stems" / "deep").mkdir(parents=True)
    for path in (tmp_path / "mine.wav", folder / "mine.wav", folder / "stems/deep/x.wav"):
        path.write_text("keep")
    (folder / "render.json").write_text(json.dumps({"tracks": [{"file": name}]}))
    assert recorded_files(folder) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"tracks": 3}', '{"tracks": [{}]}', "[" * 100_000]
)
def test_a_broken_record_names_nothing(tmp_path, text):
    (tmp_path / "render.json").write_text(text)
    assert not recorded_files(tmp_path)


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="a folder that can be written to, found"):
        deliver(tmp_path / "out", "mix.wav")


def test_a_full_disk_is_told_and_nothing_stays(tmp_path):
    with pytest.raises(InputError, match="No space left on device"), delivery(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        deliver(tmp_path / "out", "mix.wav")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Soprano", "stems/03-Soprano.wav"),
        ("E.PIANO 1", "stems/03-E-PIANO-1.wav"),
        ("../../etc/passwd", "stems/03-etc-passwd.wav"),
        ("a/b\\c:d*e", "stems/03-a-b-c-d-e.wav"),
        ("", "stems/03-track.wav"),
        ("...", "stems/03-track.wav"),
        ("Flöte 笛", "stems/03-Flöte-笛.wav"),
        ("x" * 300, f"stems/03-{'x' * 48}.wav"),
    ],
)
def test_a_stem_is_named_after_its_track(name, file):
    assert stem_file(3, name) == file


@given(st.text())
def test_any_name_makes_a_plain_file_name(name):
    folder, _, plain = stem_file(1, name).partition("/")
    assert folder == "stems"
    assert "/" not in plain
    assert "\\" not in plain
    assert plain.startswith("01-")
    assert plain.isprintable()
    assert len(plain.encode()) <= 255
