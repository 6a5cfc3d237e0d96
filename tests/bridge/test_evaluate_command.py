"""`hexachord evaluate dx7`: the table, the figures as JSON, and a reference that is not there."""

import json
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.conformance import read_cases
from plugin_core.types import InputError


@pytest.fixture
def few(shared: Path, tmp_path: Path) -> Path:
    """A reference folder of five renders, one of each kind that is judged its own way."""
    folder = shared / "reference" / "dx7"
    manifest = json.loads((folder / "manifest.json").read_text())
    wanted = ("s200_SINE_n069_v100.", "s302_FB7_n045_v100.", "s103_ALG04_n057_v100.")
    kept = [
        record
        for record in manifest["renders"]
        if any(name in record["file"] for name in wanted)
        or record["file"].endswith(("n069_v100_ctl-bend2.flac", "ALG04_n057_v100_mark1.flac"))
    ]
    assert len(kept) == 5
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "renders": kept}))
    for name in ("voices.syx", "renders"):
        (tmp_path / name).symlink_to(folder / name)
    return tmp_path


def test_the_table_names_every_group(few, capsys):
    assert main(["evaluate", "dx7", "--reference", str(few)]) == 0
    out = capsys.readouterr().out
    for group in ("stable", "controller", "long loops, mark1", "long loops, modern", "unstable"):
        assert group in out
    assert "s200_SINE_n069_v100" in out


def test_json_has_every_figure(few, capsys):
    assert main(["evaluate", "dx7", "--reference", str(few), "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert [result["group"] for result in results].count("stable") == 1
    for result in results:
        assert {"file", "group", "distance", "average_spectrum_db"} <= set(result)
        assert all(isinstance(value, float) for value in result["distance"].values())


def test_groups_are_those_of_the_issue(few):
    groups = {case.record["file"]: case.group for case in read_cases(few)}
    assert groups["renders/s200_SINE_n069_v100.flac"] == "stable"
    assert groups["renders/s302_FB7_n045_v100.flac"] == "unstable"
    assert groups["renders/s103_ALG04_n057_v100_mark1.flac"] == "long loops, mark1"
    assert groups["renders/s103_ALG04_n057_v100.flac"] == "long loops, modern"


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "{}", '{"renders": [{"bank": 9, "voice": 1}]}']
)
def test_a_reference_that_is_not_one_is_one_line(shared: Path, tmp_path, text, capsys):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
        (tmp_path / "voices.syx").symlink_to(shared / "reference" / "dx7" / "voices.syx")
    assert main(["evaluate", "dx7", "--reference", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    with pytest.raises(InputError):
        read_cases(tmp_path)


def test_a_render_that_is_missing_is_one_line(few, capsys):
    (few / "renders").unlink()
    assert main(["evaluate", "dx7", "--reference", str(few)]) == 2
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_nothing_else_can_be_evaluated(capsys):
    assert main(["evaluate", "dx9"]) == 2
    assert "dx9" in capsys.readouterr().err
