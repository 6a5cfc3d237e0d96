from pathlib import Path

import numpy as np
import pytest
import torch

from plugin_core.synthesis import hearing_model
from plugin_core.synthesis.hearing_model import (
    HearingModel,
    heard_frames,
    infer,
    load_model,
    save_model,
)
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.types import HARMONICS, NOISE_BANDS, Frames, InputError

FRAMES = 700
RATE = 16000


def some_frames(frames: int = FRAMES, level: float = 1.0) -> Frames:
    random = np.random.default_rng(1)
    shares = random.uniform(0.1, 1.0, (frames, HARMONICS)).astype(np.float32)
    shares /= shares.sum(axis=1, keepdims=True)
    ramp = np.linspace(0, 1, frames, dtype=np.float32)
    return Frames(
        f0_hz=(200 + 300 * ramp).astype(np.float32),
        confidence=np.ones(frames, np.float32),
        loudness_db=(-30 + 10 * ramp + 20 * np.log10(level)).astype(np.float32),
        amplitude=(level * (0.05 + 0.2 * ramp)).astype(np.float32),
        harmonics=shares,
        noise=(level * 10 ** random.uniform(-3, -2, (frames, NOISE_BANDS))).astype(np.float32),
    )


def some_audio(frames: int = FRAMES) -> np.ndarray:
    samples = frames * RATE // 250
    return (0.1 * np.sin(np.arange(samples) * 0.1)).astype(np.float32)


def trained(kind: str, seed: int = 0) -> HearingModel:
    """Return a model whose every weight does something."""
    torch.manual_seed(seed)
    model = HearingModel(kind).eval()
    with torch.no_grad():
        model.network.decoder.output.weight.normal_(0, 0.02)
    return model


@pytest.fixture(params=["inference", "autoencoder"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_an_untrained_inference_is_what_was_measured() -> None:
    frames = some_frames()
    inferred = infer(HearingModel("inference").eval(), some_audio(), RATE, frames)
    measured = frames.amplitude[:, None] * frames.harmonics
    audible = frames.f0_hz[:, None] * np.arange(1, HARMONICS + 1) < RATE / 2
    audible &= measured > 1e-6
    np.testing.assert_allclose(
        (inferred.amplitude[:, None] * inferred.harmonics)[audible], measured[audible], rtol=1e-4
    )
    np.testing.assert_allclose(inferred.noise, frames.noise, rtol=1e-4)


def test_the_recordings_level_changes_the_levels_and_nothing_else() -> None:
    model = trained("inference")
    loud = infer(model, some_audio(), RATE, some_frames())
    quiet = infer(model, some_audio() / 16, RATE, some_frames(level=1 / 16))
    np.testing.assert_allclose(16 * quiet.amplitude, loud.amplitude, rtol=2e-3)
    np.testing.assert_allclose(quiet.harmonics, loud.harmonics, atol=2e-3)


def test_the_autoencoder_hears_how_loud_a_recording_is() -> None:
    model = trained("autoencoder")
    loud = infer(model, some_audio(), RATE, some_frames())
    quiet = infer(model, some_audio() / 16, RATE, some_frames(level=1 / 16))
    assert np.abs(quiet.harmonics - loud.harmonics).max() > 1e-3


def test_long_recordings_are_inferred_as_short_ones(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained(kind)
    whole = infer(model, some_audio(), RATE, some_frames())
    monkeypatch.setattr(hearing_model, "_BLOCK", 200)
    monkeypatch.setattr(hearing_model, "_CONTEXT", 150)
    parts = infer(model, some_audio(), RATE, some_frames())
    np.testing.assert_allclose(parts.amplitude, whole.amplitude, rtol=1e-3)
    np.testing.assert_allclose(parts.noise, whole.noise, rtol=1e-3)


def test_shares_sum_to_one_and_nothing_is_above_nyquist(kind: str) -> None:
    frames = infer(trained(kind), some_audio(), RATE, some_frames(), instrument="oboe")
    np.testing.assert_allclose(frames.harmonics.sum(axis=1), 1, rtol=1e-5)
    hz = frames.f0_hz[:, None] * np.arange(1, HARMONICS + 1)
    assert not frames.harmonics[hz >= RATE / 2].any()
    assert np.isfinite(frames.noise).all()


def test_silence_stays_silent() -> None:
    zeros = np.zeros(20, np.float32)
    silence = Frames(
        zeros,
        zeros,
        zeros - 120,
        zeros,
        np.eye(1, HARMONICS, dtype=np.float32).repeat(20, axis=0),
        np.zeros((20, NOISE_BANDS), np.float32),
    )
    frames = infer(HearingModel("inference").eval(), np.zeros(1280, np.float32), RATE, silence)
    assert not frames.amplitude.any()
    assert not frames.noise.any()


def test_the_file_gives_back_the_model_and_a_room_for_every_instrument(
    kind: str, tmp_path: Path
) -> None:
    model = trained(kind)
    save_model(tmp_path / "m.ts", model, {"seed": 3})
    loaded = load_model(tmp_path / "m.ts")
    assert loaded.description["seed"] == 3
    assert loaded.description["instruments"] == list(INSTRUMENTS)
    for first, second in zip(model.parameters(), loaded.parameters(), strict=True):
        assert torch.equal(first, second)
    click = np.eye(1, 200, dtype=np.float32)[0]
    violin, tuba = (loaded.room(name, RATE).process(click) for name in ("violin", "tuba"))
    assert np.abs(violin - tuba).max() > 1e-4


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_torchscript_computes_the_same_levels(kind: str, tmp_path: Path) -> None:
    model = trained(kind)
    save_model(tmp_path / "m.ts", model, {})
    heard = heard_frames(some_audio(), RATE, some_frames(), gain=-0.5)
    index = torch.tensor([2])
    theirs = torch.jit.load(str(tmp_path / "m.ts"))(heard, index)
    for ours, other in zip(model(heard, index), theirs, strict=True):
        torch.testing.assert_close(ours, other, atol=1e-5, rtol=1e-5)


def test_a_room_is_the_reverb_that_was_trained() -> None:
    model = trained("inference")
    sound = np.random.default_rng(0).standard_normal(9000).astype(np.float32)
    with torch.inference_mode():
        expected = model.reverb(torch.from_numpy(sound)[None], torch.tensor([4]))[0].numpy()
    placed = model.room(INSTRUMENTS[4], RATE).process(sound)
    np.testing.assert_allclose(placed, expected, atol=1e-5)


def test_an_unknown_instrument_is_one_line() -> None:
    with pytest.raises(InputError, match="kazoo"):
        infer(HearingModel("inference"), some_audio(), RATE, some_frames(), instrument="kazoo")


def test_another_kind_of_archive_is_refused(tmp_path: Path) -> None:
    model = HearingModel("autoencoder")
    save_model(tmp_path / "m.ts", model, {"kind": "soup"})
    with pytest.raises(InputError, match="soup"):
        load_model(tmp_path / "m.ts")
    save_model(tmp_path / "m.ts", model, {"kind": "inference"})
    with pytest.raises(InputError, match="weights"):
        load_model(tmp_path / "m.ts")
