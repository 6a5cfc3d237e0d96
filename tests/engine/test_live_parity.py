"""The engine's networks frame by frame against the TorchScript in the same archive."""

from typing import NamedTuple

import numpy as np
import pytest
import torch

from plugin_core.engine.live_features import NEVER_S, octaves_from, write_features
from plugin_core.engine.live_layout import FEATURES
from plugin_core.engine.live_model import read_live_model
from plugin_core.engine.live_network import GLIDE_DECAY_S
from plugin_core.synthesis.streaming import WIDTHS, StreamingModel, save_streaming_model

from .live_organ import live_engine, load
from .playing import events, off, on, parameter

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")

FRAME = 192
"""Samples of a frame at 48 kHz."""

CONTROLS = (0.7, 0.2, 0.4, 0.0, 0.5, 0.3)
NAMES = ("volume", "volume_fluctuation", "volume_peak_position", "vibrato", "brightness")
LENGTH_S = 1.0
STYLE = np.float64(np.float32(64)) / 127
ROW = 1


class Heard(NamedTuple):
    """What the engine made of a frame."""

    raw: np.ndarray
    pitch: float


class Asked(NamedTuple):
    """A note as the networks hear of it, and its frames from the first to the last."""

    key: int
    previous: float
    gap_s: float
    velocity: int
    frames: int
    off_frame: int


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Return a model with weights by chance, as large as in life, in its file."""
    torch.manual_seed(3)
    model = StreamingModel(3)
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.orthogonal_(weight, 1.5)
        else:
            torch.nn.init.normal_(weight, 0.0, 0.3)
    torch.nn.init.ones_(model.enter_norm.weight)
    torch.nn.init.ones_(model.leave_norm.weight)
    # Style does something, but ends no note of these.
    model.get_buffer("style").copy_(torch.tensor([1.0, 20.0]))
    path = tmp_path_factory.mktemp("live") / "chance.ts"
    save_streaming_model(path, model, ("one", "two", "three"), {})
    return path


def played(engine, frames, *table):
    """Return what the engine made of so many frames, one for each block."""
    heard = []
    for index in range(frames):
        engine.render(FRAME, events(*table) if index == 0 else None)
        pitch = float(engine._memory.players["pitch"][0])
        heard.append(Heard(engine._memory.lives["raw"][0].copy(), pitch))
    return heard


def told(note: Asked, frame: int):
    """Return the features of a frame."""
    features = np.zeros(FEATURES, np.float32)
    since_off_s = (frame - note.off_frame) * 0.004
    write_features(
        features,
        float(note.key),
        note.previous,
        float(note.velocity),
        frame * 0.004,
        since_off_s if since_off_s > 1e-9 else -1.0,
        LENGTH_S,
        note.gap_s,
        np.array(CONTROLS),
        STYLE,
    )
    return torch.from_numpy(features)[None, None]


def scripted(path, notes):
    """Return what TorchScript makes of the frames of notes, frame 0 of each included."""
    module = torch.jit.load(str(path))
    row = torch.tensor([ROW])
    hidden = torch.zeros(1, 1, WIDTHS.hidden)
    before = None
    heard = []
    with torch.no_grad():
        for note in notes:
            octaves = octaves_from(float(note.key), note.previous)
            nearness = np.exp(-note.gap_s / GLIDE_DECAY_S)
            for frame in range(note.frames):
                features = told(note, frame)
                left, own = (float(value) for value in module.pitch(features, row)[0, 0])
                deviation = own - 12 * octaves * nearness * left
                pitch = note.key + deviation
                step = 0.0 if before is None else pitch - before
                before = pitch
                moved = torch.tensor([[[deviation, step]]], dtype=torch.float32)
                raw, hidden = module(features, moved, row, hidden)
                heard.append(Heard(raw[0, 0].numpy(), pitch))
    return heard


def test_ten_seconds_frame_by_frame(archive):
    """2500 frames: a note, a slur from it, its release, and a new attack in its tail."""
    engine = live_engine(read_live_model(archive))
    lanes = [parameter(0, name, value) for name, value in zip(NAMES, CONTROLS, strict=False)]
    lanes += [parameter(0, "attack_noise", CONTROLS[5]), parameter(0, "performer", 0)]
    engine.render(FRAME, events(load(0, ROW), *lanes))
    heard = [
        played(engine, 1000, on(0, 60, 90)),
        played(engine, 800, on(0, 64, 70), off(96, 60)),
        played(engine, 100, off(0, 64)),
        played(engine, 600, on(0, 57, 110)),
    ]
    never = 10**9
    notes = [
        Asked(60, -1.0, NEVER_S, 90, 1001, never),
        Asked(64, 60.0, 0.0, 70, 901, 800),
        Asked(57, 64.0, 100 * 0.004, 110, 601, never),
    ]
    wanted = scripted(archive, notes)
    # A block shows the second frame of a note first, and never the first.
    shown = [*wanted[1:1001], *wanted[1002:1902], *wanted[1903:]]
    made = [frame for part in heard for frame in part]
    assert len(made) == len(shown) == 2500
    levels = np.array([frame.raw[: len(shown[0].raw)] for frame in made])
    np.testing.assert_allclose(levels, np.array([frame.raw for frame in shown]), atol=1e-4)
    pitches = np.array([frame.pitch for frame in made])
    np.testing.assert_allclose(pitches, [frame.pitch for frame in shown], atol=1e-4)
    # By chance, weights like these make every frame another one.
    assert levels.std(axis=0).mean() > 0.1


def test_the_performer_note_by_note(archive):
    engine = live_engine(read_live_model(archive))
    engine.render(FRAME, events(load(0, ROW)))
    module = torch.jit.load(str(archive))
    typical = module.typical[ROW].numpy()
    for index, key in enumerate((60, 64, 57, 72, 71)):
        engine.render(9600, events(on(0, key, 40 + 10 * index), off(4800 + 900 * index, key)))
        question = torch.from_numpy(engine._memory.voices["question"][0].copy())[None]
        with torch.no_grad():
            predicted = module.perform(question, torch.tensor([ROW]))[0].numpy()
        added = engine._memory.players["phrased"][0]
        np.testing.assert_allclose(added, predicted - typical, atol=1e-5)
