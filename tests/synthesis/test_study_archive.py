"""Archives of a few bits: how exact they are, how small, and what a broken one says."""

import numpy as np
import pytest

from plugin_core.engine.ddx7_layout import WEIGHTS, Ddx7Layer, ddx7_layout
from plugin_core.engine.live_layout import LayoutColumn
from plugin_core.synthesis.study_archive import (
    StudyModel,
    quantized,
    read_study_model,
    write_study_model,
)
from plugin_core.types import InputError


@pytest.fixture
def model():
    chance = np.random.default_rng(5)
    weights = chance.normal(0, 0.1, WEIGHTS).astype(np.float32)
    room = (0.01 * chance.normal(0, 1, 4000) * np.exp(-np.arange(4000) / 800)).astype(np.float32)
    return StudyModel({"kind": "ddx7", "instrument": "violin"}, weights, ddx7_layout(), room)


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_an_error_is_that_of_steps_of_so_many_bits(bits):
    """Of uniform numbers in +-1 it is spread evenly over a step: its RMS is step / sqrt(12)."""
    matrix = np.random.default_rng(2).uniform(-1, 1, (5000, 3)).astype(np.float32)
    most = 2 ** (bits - 1) - 1
    codes, scales = quantized(matrix, most)
    error = codes * scales.astype(np.float32) - matrix
    assert np.abs(codes).max() == most
    assert np.sqrt(np.mean(error**2)) == pytest.approx(1 / most / np.sqrt(12), rel=0.1)


def test_each_output_has_a_scale_of_its_own():
    matrix = np.array([[1.0, 0.001], [-0.5, 0.0005]], np.float32)
    codes, scales = quantized(matrix, 127)
    np.testing.assert_allclose(codes * scales.astype(np.float32), matrix, rtol=0.01)


def test_what_is_written_is_read_and_tables_are_exact(tmp_path, model):
    path = tmp_path / "violin-2.study"
    write_study_model(path, model)
    read = read_study_model(path)
    assert read.description["instrument"] == "violin"
    np.testing.assert_array_equal(read.layout, model.layout)
    tables = model.layout[Ddx7Layer.TYPICAL, LayoutColumn.OFFSET]
    np.testing.assert_array_equal(read.weights[tables:], model.weights[tables:])
    error = read.weights[:tables] - model.weights[:tables]
    assert np.sqrt(np.mean(error**2)) < 0.01 * 0.1
    assert read.room.shape == model.room.shape
    for part in (slice(0, 400), slice(3600, 4000)):  # the end is 35 dB softer
        error = read.room[part] - model.room[part]
        assert np.sqrt(np.mean(error**2)) < 0.01 * np.sqrt(np.mean(model.room[part] ** 2))
    assert path.stat().st_size < 1.05 * WEIGHTS


def test_the_same_model_makes_the_same_file(tmp_path, model):
    paths = [tmp_path / name / "violin-2.study" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        write_study_model(path, model, bits=6)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_broken_file_is_told_by_name(tmp_path, model):
    path = tmp_path / "violin-2.study"
    write_study_model(path, model)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(InputError, match=r"violin-2\.study"):
        read_study_model(path)


def test_weights_of_nine_bits_are_refused(tmp_path, model):
    with pytest.raises(ValueError, match="3 to 8 bits"):
        write_study_model(tmp_path / "x.study", model, bits=9)
