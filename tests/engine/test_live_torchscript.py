"""What a neural voice plays, frame by frame, against TorchScript given the same notes.

At 48 kHz a frame is 192 samples. The reference is independent of the engine's voices: it writes the
features of each frame for itself, asks the exported network, and makes f0 and partials of that.
"""

import io
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from plugin_core.dx7.voice import Voice
from plugin_core.engine.instrument import Engine
from plugin_core.engine.live_features import NEVER_S, octaves_from, write_features
from plugin_core.engine.live_layout import FEATURES
from plugin_core.engine.live_model import LiveModel, read_live_model
from plugin_core.engine.live_network import GLIDE_DECAY_S
from plugin_core.engine.parameters import PARAMETER_INDEX
from plugin_core.engine.records import EVENT, EventType
from plugin_core.synthesis.streaming import StreamingModel, save_streaming_model
from plugin_core.training.live_losses import finished
from plugin_core.types import FRAME_RATE, HARMONICS

RATE, FRAME = 48000, 192
GAIN = 10 ** (24 / 20)
CONTROLS = (0.8, 0.3, 0.4, 0.0, 0.35, 0.5)
LENGTH_S, STYLE = 0.8, 0.75
FIRST, SECOND, OFF, END = 0, 60, 120, 160
"""Frames at which a note begins, is slurred to the next, is let go, and where we stop listening."""
KEYS, VELOCITY = (60, 67), 90


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[StreamingModel, LiveModel]:
    """Return a model with weights as random as wide, and the same as an archive."""
    torch.manual_seed(2)
    model = StreamingModel(2)
    with torch.no_grad():
        for weights in (model.out.weight, model.pitch_out.weight):
            weights.mul_(3.0)
        model.get_buffer("typical").fill_(0.5)
        model.get_buffer("style").copy_(torch.tensor([1.0, 0.1]))
    path = tmp_path_factory.mktemp("models") / "random.ts"
    save_streaming_model(path, model, ("one", "other"), {"styles": {"one": None, "other": None}})
    return model.eval(), read_live_model(path)


def played(model: LiveModel) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return f0 and partials of the engine's frames 1 to END."""
    settings = {
        "performer": 0.0,
        "style": 127 * STYLE,
        "note_length": LENGTH_S,
        **dict(
            zip(("volume", "volume_fluctuation", "volume_peak_position"), CONTROLS[:3], strict=True)
        ),
        "vibrato": CONTROLS[3],
        "brightness": CONTROLS[4],
        "attack_noise": CONTROLS[5],
    }
    rows: list[tuple[float, ...]] = [(0, EventType.MODEL, 0, 0, -1, 0, 1)]
    rows += [
        (0, EventType.PARAMETER, 0, 0, -1, PARAMETER_INDEX[name], value)
        for name, value in settings.items()
    ]
    rows += [
        (FIRST * FRAME, EventType.NOTE_ON, 0, KEYS[0], -1, 0, VELOCITY),
        (SECOND * FRAME, EventType.NOTE_ON, 0, KEYS[1], -1, 0, VELOCITY),
        (SECOND * FRAME, EventType.NOTE_OFF, 0, KEYS[0], -1, 0, 0),
        (OFF * FRAME, EventType.NOTE_OFF, 0, KEYS[1], -1, 0, 0),
    ]
    events = np.array(sorted(rows, key=lambda row: row[0]), EVENT)
    engine = Engine(RATE, [Voice.initial().patch()], models=[model])
    memory = engine._memory
    f0_hz, partials = np.zeros(END), np.zeros((END, HARMONICS), np.float32)
    for block in range(END):
        mine = events[(events["offset"] // FRAME) == block].copy()
        mine["offset"] -= block * FRAME
        engine.render(FRAME, mine)
        player = memory.players[int(memory.voices["player"][memory.voices["status"] != 0][0])]
        f0_hz[block], partials[block] = player["f0_hz"][1], player["partials"][1]
    return f0_hz, partials


def expected(model: StreamingModel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return f0 and partials of the same frames by TorchScript."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(model), buffer)
    buffer.seek(0)
    script: Any = torch.jit.load(buffer)  # type: ignore[no-untyped-call]
    controls, hidden, who = np.array(CONTROLS), model.start(1), torch.tensor([1])
    before: float | None = None

    def frame(key: int, previous: float, gap_s: float, on_s: float, off_s: float) -> Any:
        nonlocal hidden, before
        row = np.zeros(FEATURES, np.float32)
        write_features(
            row, key, previous, VELOCITY, on_s, off_s, LENGTH_S, gap_s, controls, STYLE
        )  # fmt: skip
        seen = torch.from_numpy(row).reshape(1, 1, -1)
        left, own = script.pitch(seen, who)[0, 0].tolist()
        glide = 12.0 * octaves_from(key, previous) * np.exp(-gap_s / GLIDE_DECAY_S) * left
        pitch = key + own - glide
        step = 0.0 if before is None else pitch - before
        before = pitch
        moved = torch.tensor([[[pitch - key, step]]], dtype=torch.float32)
        raw, hidden = script(seen, moved, who, hidden)
        levels = finished(raw, torch.tensor(controls, dtype=torch.float32).expand(1, 1, 6))
        f0_hz = 440.0 * 2 ** ((pitch - 69) / 12)
        loud = torch.exp(levels.amplitude.unsqueeze(-1) + levels.harmonics)[0, 0].numpy() * GAIN
        heard = np.clip((0.5 - f0_hz * np.arange(1, HARMONICS + 1) / RATE) / 0.05, 0, 1)
        return f0_hz, loud * heard

    frames = []
    with torch.no_grad():
        for number in range(END + 1):
            if number <= SECOND:
                made = frame(KEYS[0], -1.0, NEVER_S, number / FRAME_RATE, -1.0)
            else:
                on_s = (number - SECOND) / FRAME_RATE
                off_s = (number - OFF) / FRAME_RATE if number > OFF else -1.0
                made = frame(KEYS[1], KEYS[0], 0.0, on_s, off_s)
            if number == SECOND:
                # The clock begins anew with the slurred note: its frame 0 is only remembered.
                frame(KEYS[1], KEYS[0], 0.0, 0.0, -1.0)
            frames.append(made)
    return np.array([hz for hz, _ in frames[1:]]), np.array([loud for _, loud in frames[1:]])


def test_frames_are_those_of_torchscript(trained: tuple[StreamingModel, LiveModel]) -> None:
    model, archived = trained
    f0_hz, partials = played(archived)
    asked_hz, asked = expected(model)
    assert np.abs(f0_hz / asked_hz - 1).max() < 1e-5
    assert np.abs(partials - asked).max() < 1e-4 * asked.max()
