"""The live model in PyTorch, as TorchScript and as kernels: one model, three ways to run it."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point
from plugin_core.engine.live_features import NEVER_S, octaves_from, tent, write_features
from plugin_core.engine.live_layout import (
    FEATURES,
    LEVEL_OUTPUTS,
    NOTE_FEATURES,
    WIDEST,
    Layer,
    Widths,
)
from plugin_core.engine.live_network import (
    GLIDE_DECAY_S,
    NETWORK_SCRATCH,
    finish_levels,
    predict_controls,
    predict_levels,
    predict_pitch,
)
from plugin_core.synthesis.streaming import StreamingModel, packed
from plugin_core.training.live_losses import finished
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS

TEN_SECONDS = 10 * FRAME_RATE
INSTRUMENT, INSTRUMENTS = 2, 3


@entry_point
def play(
    weights: NDArray[np.float32],
    layout: NDArray[np.int32],
    instrument: int,
    features: NDArray[np.float32],
    deviation: NDArray[np.float32],
    joins: NDArray[np.float64],
    hidden: NDArray[np.float32],
    scratch: NDArray[np.float32],
    pitch: NDArray[np.float64],
    raw: NDArray[np.float32],
) -> None:
    for t in range(len(features)):
        pitch[t] = predict_pitch(
            weights, layout, instrument, features[t], joins[t, 0], joins[t, 1], scratch
        )
        predict_levels(
            weights,
            layout,
            instrument,
            features[t],
            deviation[t, 0],
            deviation[t, 1],
            hidden,
            scratch,
            raw[t],
        )


@entry_point
def expect(
    weights: NDArray[np.float32],
    layout: NDArray[np.int32],
    instrument: int,
    note_features: NDArray[np.float32],
    scratch: NDArray[np.float32],
    controls: NDArray[np.float64],
) -> None:
    predict_controls(weights, layout, instrument, note_features, scratch, controls)


@pytest.fixture(scope="module", params=[Widths(12, 48, 160, 64), Widths(5, 7, 33, 9)], ids=str)
def model(request: pytest.FixtureRequest) -> StreamingModel:
    torch.manual_seed(1)
    made = StreamingModel(INSTRUMENTS, request.param)
    made.get_buffer("typical").uniform_(0.0, 1.0)
    return made.eval()


@pytest.fixture(scope="module")
def script(model: StreamingModel) -> Any:
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(model), buffer)
    buffer.seek(0)
    return torch.jit.load(buffer)  # type: ignore[no-untyped-call]


def test_ten_seconds_of_frames_are_those_of_torchscript(model: StreamingModel, script: Any) -> None:
    random = np.random.default_rng(3)
    features = random.normal(size=(TEN_SECONDS, FEATURES)).astype(np.float32)
    deviation = random.normal(scale=(1.0, 0.1), size=(TEN_SECONDS, 2)).astype(np.float32)
    joins = np.stack(
        (random.uniform(-2, 2, TEN_SECONDS), random.exponential(0.05, TEN_SECONDS)), axis=1
    )
    weights, layout = packed(model)
    pitch, raw = np.zeros(TEN_SECONDS), np.zeros((TEN_SECONDS, LEVEL_OUTPUTS), np.float32)
    hidden, scratch = np.zeros(WIDEST, np.float32), np.zeros(NETWORK_SCRATCH, np.float32)
    play(weights, layout, INSTRUMENT, features, deviation, joins, hidden, scratch, pitch, raw)
    who = torch.tensor([INSTRUMENT])
    with torch.no_grad():
        frames = torch.from_numpy(features)[None]
        levels, after = script(frames, torch.from_numpy(deviation)[None], who, model.start(1))
        left, own = script.pitch(frames, who)[0].double().unbind(-1)
    glide = 12.0 * joins[:, 0] * np.exp(-joins[:, 1] / GLIDE_DECAY_S) * left.numpy()
    assert np.abs(levels[0].numpy() - raw).max() < 1e-5
    assert np.abs(after[0, 0].numpy() - hidden[: after.shape[2]]).max() < 1e-5
    assert np.abs(own.numpy() - glide - pitch).max() < 1e-5


def test_expected_controls_are_those_of_torchscript(model: StreamingModel, script: Any) -> None:
    note_features = np.random.default_rng(4).normal(size=NOTE_FEATURES).astype(np.float32)
    weights, layout = packed(model)
    controls, scratch = np.zeros(6), np.zeros(NETWORK_SCRATCH, np.float32)
    expect(weights, layout, INSTRUMENT, note_features, scratch, controls)
    with torch.no_grad():
        asked = script.perform(torch.from_numpy(note_features)[None], torch.tensor([INSTRUMENT]))
    assert np.abs(asked[0].numpy() - controls).max() < 1e-5


def test_frames_mean_the_same_to_training_and_engine() -> None:
    random = np.random.default_rng(5)
    raw = random.normal(scale=2.0, size=(20, LEVEL_OUTPUTS)).astype(np.float32)
    controls = random.uniform(-0.2, 1.2, size=(20, 6)).astype(np.float32)
    levels = finished(torch.from_numpy(raw), torch.from_numpy(controls))
    still = np.zeros(HARMONICS, np.float32)
    for frame, asked in enumerate(controls):
        harmonics, noise = np.zeros(HARMONICS, np.float32), np.zeros(NOISE_BANDS, np.float32)
        volume, brightness = float(asked[0]), float(asked[4])
        amplitude = finish_levels(raw[frame], volume, brightness, still, harmonics, noise)
        assert np.log(amplitude) == pytest.approx(float(levels.amplitude[frame]), abs=1e-4)
        assert np.abs(harmonics - levels.harmonics[frame].exp().numpy()).max() < 1e-5
        assert np.abs(np.log(noise) - levels.noise[frame].numpy()).max() < 1e-4


def test_without_training_levels_are_what_controls_alone_say() -> None:
    raw, still = np.zeros(LEVEL_OUTPUTS, np.float32), np.zeros(HARMONICS, np.float32)
    harmonics, noise = np.zeros(HARMONICS, np.float32), np.zeros(NOISE_BANDS, np.float32)
    amplitude = finish_levels(raw, 0.5, 0.5, still, harmonics, noise)
    assert 20 * np.log10(amplitude) == pytest.approx(-60.0, abs=0.01)
    # A geometric spectrum whose centroid is harmonic 12 * 0.5.
    assert float(harmonics @ np.arange(1, HARMONICS + 1)) == pytest.approx(6.0, abs=0.01)
    assert harmonics.sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("peak", [0.0, 0.3, 0.5, 1.0])
def test_the_level_shape_has_no_mean_and_unit_deviation(peak: float) -> None:
    shape = np.array([tent(position, peak) for position in np.linspace(0, 1, 20001)])
    assert shape.mean() == pytest.approx(0.0, abs=1e-3)
    assert shape.std() == pytest.approx(1.0, abs=1e-3)
    assert np.linspace(0, 1, 20001)[shape.argmax()] == pytest.approx(peak, abs=1e-4)


def test_features_fill_their_row_and_stay_bounded() -> None:
    random = np.random.default_rng(6)
    for _ in range(300):
        row = np.full(FEATURES + 1, np.nan, np.float32)
        since_on = float(random.exponential(1.0))
        is_on = random.random() < 0.5
        write_features(
            row,
            float(random.uniform(0, 127)),
            float(random.choice([-1.0, 30.0, 60.0])),
            float(random.uniform(1, 127)),
            since_on,
            -1.0 if is_on else float(random.uniform(0, since_on)),
            float(random.choice([0.0, 0.05, 1.0, 1e3])),
            float(random.choice([0.0, 0.03, 1.0, NEVER_S])),
            random.uniform(-5, 5, 6),
            float(random.uniform(-1, 2)),
        )
        assert np.isnan(row[-1])
        assert np.isfinite(row[:-1]).all()
        assert np.abs(row[:-1]).max() <= 5.0


def test_an_interval_needs_a_note_before() -> None:
    assert octaves_from(60.0, -1.0) == 0.0
    assert octaves_from(60.0, 48.0) == 1.0
    assert octaves_from(100.0, 20.0) == 2.0


def test_layers_lie_one_behind_the_other(model: StreamingModel) -> None:
    weights, layout = packed(model)
    assert layout.shape == (len(Layer), 5)
    ends = np.append(layout[1:, 4], len(weights))
    assert (ends > layout[:, 4]).all()
    row = layout[Layer.TYPICAL]
    typical = weights[row[4] : row[4] + row[1] * row[2]].reshape(row[1], row[2])
    assert np.array_equal(typical, model.get_buffer("typical").numpy())
