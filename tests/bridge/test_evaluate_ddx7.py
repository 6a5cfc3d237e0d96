"""`hexachord evaluate ddx7-model`: whose recording is whose, what was published, the tables."""

import json
import math

import numpy as np
import pytest
import soundfile

from bridge.cli import main
from bridge.cli.evaluate_ddx7_model import player_of, study_models
from bridge.cli.evaluate_ddx7_tables import published_mss
from plugin_core.synthesis.study_archive import StudyModel, write_study_model
from plugin_core.training.study import Candidate, read_candidate
from tests.bridge.ddx7_archives import written

DESCRIPTION = {
    "instrument": "violin",
    "operators": [1, 2, 3, 4, 5, 6],
    "ratios": [1.0] * 6,
    "algorithm": 32,
    "i_max": 2.0,
    "noise": False,
}


@pytest.mark.parametrize(
    ("name", "player"),
    [
        ("violin/take1.wav", "violin"),
        ("AuSep_1_vn_01_Jupiter.wav", "violin"),
        ("AuSep_1_fl_32_Fugue.wav", "flute"),
        ("Trumpet 3.flac", "trumpet"),
        ("tpt_02.wav", "trumpet"),
        ("cello/take1.wav", None),
        ("flute_and_violin.wav", None),
        ("flat.wav", None),
    ],
)
def test_names_tell_who_plays(name, player):
    assert player_of(name) == player


@pytest.mark.parametrize(
    ("instrument", "operators", "i_max", "noise", "figure"),
    [
        ("violin", 6, 4 * math.pi, False, 6.14),
        ("trumpet", 6, 2 * math.pi, False, 6.31),
        ("flute", 2, 2.0, False, 6.49),
        ("flute", 4, 2.0, False, None),
        ("flute", 6, 2.0, True, None),
    ],
)
def test_published_figures_stand_beside_models_of_their_shape(
    instrument, operators, i_max, noise, figure
):
    told = {"operators": list(range(1, operators + 1)), "i_max": i_max, "noise": noise}
    nothing = np.zeros(0, np.float32)
    own = StudyModel(told, nothing, np.zeros((0, 5), np.int32), nothing)
    assert published_mss(Candidate("x", "ddx7", instrument, own)) == figure


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    written(folder / "ddx7-violin.ts", **DESCRIPTION)
    return folder


@pytest.fixture
def takes(tmp_path):
    folder = tmp_path / "takes"
    folder.mkdir()
    at = np.arange(16000) / 16000
    sound = sum(0.1 / k * np.sin(2 * np.pi * 440 * k * at) for k in range(1, 6))
    soundfile.write(folder / "vn_1.wav", sound.astype(np.float32), 16000)
    soundfile.write(folder / "oboe.wav", sound.astype(np.float32), 16000)
    return folder


def test_a_folder_of_takes_is_compared(models, takes, tmp_path, capsys):
    command = ["evaluate", "ddx7-model", "--models", str(models), "--recordings", str(takes)]
    assert main([*command, "--work", str(tmp_path / "work"), "--json"]) == 0
    printed = capsys.readouterr()
    figures = json.loads(printed.out)["violin"]
    assert "oboe.wav" in printed.err
    assert [each["name"] for each in figures["models"]] == ["ddx7-violin"]
    assert {row["take"] for row in figures["recordings"]} == {"vn_1.wav"}
    mss = {row["candidate"]: row["mss"] for row in figures["recordings"]}
    assert 0 < mss["as analysed"] < mss["ddx7-violin"]
    # Shorter than a piece, it is one, at full scale: here five partials of 0.1/k together.
    (piece,) = {row["take"] for row in figures["pieces"]}
    assert piece == "vn_1.wav from 0 s"
    assert figures["models"][0]["mss_of_pieces"] > mss["ddx7-violin"]
    assert main([*command, "--work", str(tmp_path / "work")]) == 0
    table = capsys.readouterr().out
    assert "Violin: 1 s of 1 recording" in table
    assert "in 4 s" in table
    assert "FAD" in table


def test_takes_that_nobody_is_told_to_play_are_refused(models, takes, tmp_path, capsys):
    (takes / "vn_1.wav").unlink()
    command = ["evaluate", "ddx7-model", "--models", str(models), "--recordings", str(takes)]
    assert main([*command, "--work", str(tmp_path / "work")]) == 2
    assert "--instrument" in capsys.readouterr().err


def test_of_models_of_one_shape_the_longest_trained_counts(models):
    study = models / "ddx7-study"
    study.mkdir()

    def cell(name, **changes):
        own = read_candidate(models / "ddx7-violin.ts").model
        told = {**own.description, **changes}
        model = StudyModel(told, own.weights, own.layout, own.room)
        write_study_model(study / f"{name}.study", model)

    written(models / "ddx7-violin-no-noise.ts", **{**DESCRIPTION, "steps": 600})
    cell("short", steps=300)
    cell("equal", steps=600)
    cell("long", steps=900, i_max=6.28319)
    cell("longer", steps=1000, i_max=6.283185307)
    cell("two", steps=300, operators=[1, 2])
    (models / "ddx7-violin.ts").unlink()
    names = [each.name for each in study_models(models)["violin"]]
    assert names == ["ddx7-violin-no-noise", "longer", "two"]
