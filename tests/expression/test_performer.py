"""The performer: an archive that plays."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.expression.generator import ExpressionGenerator, Sizes
from plugin_core.expression.note_features import note_features
from plugin_core.expression.performer import (
    KIND,
    Performer,
    load_performer,
    possible,
    save_performer,
    usual,
)
from plugin_core.synthesis.archive import write_archive
from plugin_core.types import CONTROLS, InputError, Note

TYPICAL = {"violin": [0.7, 0.1, 0.4, 0.3, 0.3, 0.2], "tuba": [0.8, 0.2, 0.2, 0.0, 0.2, -0.1]}
NOTES = [
    Note(0.0, 0.5, 60, 60),
    Note(0.5, 0.6, 62, 80),
    Note(0.75, 2.0, 67, 70),
    Note(3.0, 3.5, 48, 90),
]
VIBRATO = CONTROLS.index("vibrato")


@pytest.fixture
def performer() -> Performer:
    torch.manual_seed(8)
    generator = ExpressionGenerator(Sizes(instruments=2, members=2))
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, std=0.15)
    return Performer(generator, {"instruments": ["violin", "tuba"], "typical": TYPICAL})


def test_the_expected_performance_is_the_same_every_time(performer: Performer) -> None:
    played = performer.predict(NOTES, "violin")
    assert len(played) == len(NOTES)
    assert played == performer.predict(NOTES, "violin")
    assert played == performer.predict(NOTES, "violin", seed=3, temperature=0.0)
    assert played != performer.predict(NOTES, "tuba")


def test_a_seed_decides_what_is_drawn(performer: Performer) -> None:
    drawn = performer.predict(NOTES, "violin", seed=3)
    assert drawn == performer.predict(NOTES, "violin", seed=3)
    assert drawn != performer.predict(NOTES, "violin", seed=4)
    assert drawn != performer.predict(NOTES, "violin")


def test_hotter_draws_are_farther_from_what_is_expected(performer: Performer) -> None:
    expected = np.array(performer.predict(NOTES[:1], "violin"))
    distances = [
        np.abs(np.array(performer.predict(NOTES[:1], "violin", seed=1, temperature=t)) - expected)
        for t in (0.1, 0.2)
    ]
    np.testing.assert_allclose(2 * distances[0], distances[1], atol=1e-6)


def test_equal_velocities_tell_nothing(performer: Performer) -> None:
    soft, loud = ([replace(n, velocity=v) for n in NOTES] for v in (30, 100))
    assert performer.predict(soft, "violin") == performer.predict(loud, "violin")
    assert performer.predict(soft, "violin") != performer.predict(NOTES, "violin")


def test_notes_too_short_for_vibrato_have_none(performer: Performer) -> None:
    controls = np.full((len(NOTES), 6), 0.5)
    assert possible(controls, NOTES)[:, VIBRATO].tolist() == [0.5, 0.0, 0.5, 0.5]
    assert performer.predict(NOTES, "violin")[1].vibrato == 0.0
    assert performer.foresee(NOTES, "violin", controls)[1, VIBRATO] == 0.0


def test_readings_of_a_wrong_pitch_are_brought_back() -> None:
    wild = np.array([[2.0, -1.0, 1.3, 46.0, np.nan, -3.0]])
    assert usual(wild)[0, [0, 1, 2, 3, 5]].tolist() == [1.5, 0.0, 1.0, 1.5, -0.5]
    assert np.isnan(usual(wild)[0, 4])


def test_foreseeing_does_not_need_all_controls_of_the_past(performer: Performer) -> None:
    contour = np.full((len(NOTES), 6), 0.4)
    contour[:, 4:] = np.nan
    assert np.isfinite(performer.foresee(NOTES, "violin", contour)).all()
    assert performer.foresee([], "violin", contour[:0]).shape == (0, 6)
    assert performer.predict([], "violin") == ()


def test_unknown_instruments_are_told(performer: Performer) -> None:
    assert performer.instruments == ("violin", "tuba")
    assert performer.typical("tuba").attack_noise == -0.1
    for ask in (performer.typical, lambda name: performer.predict(NOTES, name)):
        with pytest.raises(InputError, match="instrument: expected one of violin, tuba, found"):
            ask("kazoo")


def test_an_archive_is_the_whole_performer(performer: Performer, tmp_path: Path) -> None:
    path = tmp_path / "expression.ts"
    save_performer(path, performer, {"name": "expression"})
    loaded = load_performer(path)
    assert loaded.description["name"] == "expression"
    assert loaded.typical("violin") == performer.typical("violin")
    assert loaded.predict(NOTES, "tuba", seed=2) == performer.predict(NOTES, "tuba", seed=2)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_any_program_plays_from_the_archive(performer: Performer, tmp_path: Path) -> None:
    path = tmp_path / "expression.ts"
    save_performer(path, performer, {})
    network = torch.jit.load(io.BytesIO(path.read_bytes()))
    features = torch.from_numpy(note_features(NOTES, is_velocity_known=True)).unsqueeze(0)
    with torch.inference_mode():
        played = network.play(features, torch.tensor([1]), torch.zeros(1, len(NOTES), 6))
    expected = performer.predict(NOTES, "tuba")
    np.testing.assert_allclose(possible(played[0].numpy(), NOTES), np.array(expected), atol=1e-5)


def test_archives_of_something_else_are_refused(performer: Performer, tmp_path: Path) -> None:
    path = tmp_path / "expression.ts"
    path.write_text("no archive")
    with pytest.raises(InputError, match="expected a Hexachord instrument"):
        load_performer(path)
    weights = performer.generator.state_dict()
    whole = {"kind": KIND, "sizes": {"instruments": 2, "members": 2}, **performer.description}
    write_archive(path, torch.nn.Identity(), weights, whole)
    assert load_performer(path).instruments == performer.instruments
    for flaw in ({"kind": "synthesis"}, {"typical": {}}, {"sizes": {"instruments": 3}}):
        write_archive(path, torch.nn.Identity(), weights, {**whole, **flaw})
        with pytest.raises(InputError, match=r"expected (expression|a whole expression model)"):
            load_performer(path)
