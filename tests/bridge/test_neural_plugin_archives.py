"""The plug-in's reader of model files: what it plays, and what it says of what it cannot play."""

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.harness import HARNESS
from plugin_core.engine.live_layout import Layer
from tests.bridge.live_archives import (
    archive,
    described,
    header_only,
    model,
    patched,
    relaid,
    reweighed,
    tensors,
    written,
)

ENTRY, END = b"PK\x01\x02", b"PK\x05\x06"
WHOLE = archive()
DEEP = b'{"schema": 1, "a": ' + b"[" * 500_000 + b"]" * 500_000 + b"}"

WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "found an empty file"),
    "text": (b"not a model at all", "found another kind of file"),
    "cut off": (WHOLE[:-1000], "found another kind of file, or a part"),
    "end alone": (WHOLE[-22:], "found"),
    "damaged list": (patched(WHOLE, ENTRY, 0, b"QK"), "a damaged list of its files"),
    "list beyond": (patched(WHOLE, END, 16, b"\xff\xff\xff\x7f"), "found another kind of file"),
    "no description": (WHOLE.replace(b"hexachord.json", b"somewhere.json"), "one hexachord.json"),
    "two descriptions": (
        archive(others={"b/extra/hexachord.json": b"{}"}),
        "one hexachord.json, found 2",
    ),
    "no weights": (WHOLE.replace(b"weights.safe", b"weights.lost"), "one weights.safetensors"),
    "one bit": (WHOLE.replace(b"F32", b"F33"), "its checksum does not fit"),
    "encrypted": (patched(WHOLE, ENTRY, 8, b"\x01\x00"), "stored or deflated"),
    "other packing": (patched(WHOLE, ENTRY, 10, b"\x0e\x00"), "packed by method 14"),
    "huge": (patched(WHOLE, ENTRY, 24, b"\xff\xff\xff\x7f"), "of at most"),
    "no JSON": (archive(b"{schema: one"), "in JSON"),
    "no UTF-8": (archive(b'{"schema": 1, "kind": "\xff\xfe"}'), "in JSON"),
    "a list": (archive(b"[1, 2]"), "in JSON"),
    "nested": (archive(DEEP), "in JSON"),
    "no schema": (archive(described(schema=None)), "expected schema 1, found none"),
    "schema 2": (archive(described(schema=2)), "expected schema 1, found 2"),
    "schema text": (archive(described(schema="1")), "expected schema 1"),
    "other kind": (archive(described(kind="synthesis")), 'found "synthesis"'),
    "kind of two lines": (archive(described(kind="a\nb")), 'found "a b"'),
    "no names": (archive(described(instruments=None)), "names of 2 instruments, found none"),
    "three names": (archive(described(instruments=["a", "b", "c"])), "2 instruments, found 3"),
    "same names": (archive(described(instruments=["a", "a"])), 'different names, found "a"'),
    "no text": (archive(described(instruments=["a", 5])), "different names"),
    "no header": (archive(weights=b"abc"), "a header"),
    "long header": (archive(weights=b"\xff" * 64), "a header"),
    "bad header": (archive(weights=header_only(b"[" * 64)), "a header"),
    "no tensors": (archive(weights=header_only({})), "weights, found none"),
    "beyond": (
        archive(
            weights=header_only(
                {"weights": {"dtype": "F32", "shape": [99], "data_offsets": [0, 396]}}
            )
        ),
        "all of weights, found a part",
    ),
    "backwards": (
        archive(
            weights=header_only({"weights": {"dtype": "F32", "shape": [1], "data_offsets": [8, 4]}})
        ),
        "all of weights, found a part",
    ),
    "no layout": (archive(weights=tensors(layout=None)), "layout, found none"),
    "doubles": (archive(weights=tensors(weights=model().weights.astype(np.float64))), "F64"),
    "two dimensions": (archive(weights=tensors(weights=model().weights[np.newaxis])), "F32 (1, "),
    "no weights in it": (archive(weights=tensors(weights=np.zeros(0, np.float32))), "found 0"),
    "too many": (archive(weights=tensors(weights=np.zeros((1 << 19) + 1, np.float32))), "at most"),
    "few layers": (archive(weights=tensors(layout=model().layout[:5])), "another number of layers"),
    "other layer": (archive(weights=relaid((Layer.GRU, 0), 0)), "of another kind"),
    "wide layer": (archive(weights=relaid((Layer.GRU, 2), 1 << 30)), "can be played"),
    "negative": (archive(weights=relaid((Layer.OUT, 1), -5)), "can be played"),
    "outside": (archive(weights=relaid((Layer.OUT, 4), 1 << 30)), "outside the weights"),
    "NaN": (archive(weights=reweighed(float("nan"))), "NaN or infinite"),
    "infinite": (archive(weights=reweighed(float("inf"))), "NaN or infinite"),
}


def tried(paths: list[Path]) -> list[dict[str, Any]]:
    """Return what the plug-in makes of files, one after the other."""
    if not HARNESS.is_file():
        pytest.skip("ci/build makes the harness")
    done = subprocess.run([HARNESS, "--models", *paths], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def wrong(tmp_path_factory) -> dict[str, dict[str, Any]]:
    """What the plug-in makes of everything in `WRONG`."""
    folder = tmp_path_factory.mktemp("models")
    paths = written(folder, {name: content for name, (content, _) in WRONG.items()})
    return dict(zip(WRONG, tried(paths), strict=True))


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_clear_line_and_the_sound_stays(wrong, name) -> None:
    found = wrong[name]
    assert found["line"].startswith(f"{name}.ts: expected ")
    assert WRONG[name][1] in found["line"]
    assert "\n" not in found["line"]
    assert len(found["line"]) < 200
    assert found["unchanged"]
    assert found["peak"] > 0


@pytest.mark.parametrize(
    "content",
    [
        archive(),
        archive(compression=zipfile.ZIP_DEFLATED),
        archive(folder="a/long/way/down"),
        archive(described(invented_later={"a": [1]}, typical={"kazoo": "?"}, styles=5, ranges=[])),
        archive()[:-2] + b"\x07\x00comment",
    ],
    ids=["stored", "deflated", "deep", "described otherwise", "with a comment"],
)
def test_a_whole_archive_plays_its_first_instrument(tmp_path, content) -> None:
    (found,) = tried(written(tmp_path, {"mine": content}))
    assert found["line"] == ""
    assert found["plays"] == "kazoo"
    assert found["peak"] > 1e-4


def test_what_is_no_file_is_said_so(tmp_path) -> None:
    (tmp_path / "folder.ts").mkdir()
    folder, missing = tried([tmp_path / "folder.ts", tmp_path / "missing.ts"])
    assert folder["line"] == "folder.ts: expected a Hexachord instrument (.ts), found a folder"
    assert missing["line"] == (
        "missing.ts: expected a Hexachord instrument (.ts), found no file of that name"
    )


def test_every_byte_of_a_small_archive_may_be_damaged(tmp_path) -> None:
    rng = np.random.default_rng(7)
    files = {}
    for index in range(120):
        damaged = bytearray(WHOLE)
        for place in rng.integers(len(WHOLE), size=1 + index % 4):
            damaged[place] = rng.integers(256)
        # The list of members and the header lie at the ends: look there more closely.
        if index % 2:
            damaged[-1 - int(rng.integers(300))] ^= 1 << int(rng.integers(8))
        files[f"damaged {index}"] = bytes(damaged)
    for found in tried(written(tmp_path, files)):
        refused = found["unchanged"] and found["line"].count(": expected ") == 1
        assert refused or found["plays"] in ("kazoo", "saw")
        assert np.isfinite(found["peak"])
