"""The causal model of live voices, in PyTorch: trained here, played by `engine.live_network`.

Grechin and Groves (style-aware neural MIDI synthesis) let a DDSP decoder hear MIDI, style and
temporal channels directly. Here a frame's features (`engine.live_features`) and the instrument
become its pitch, by a small network without memory, and then its levels, by a GRU that hears the
pitch too. A third network, the performer, expects the six controls of a note that begins.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.audio.nn import pack_dense, pack_gru, pack_norm
from plugin_core.engine.live_layout import KINDS, Layer, Widths, layer_shapes, layer_size
from plugin_core.synthesis.archive import write_archive
from plugin_core.types import CONTROLS

KIND = "live"
WIDTHS = Widths(embedding=12, pitch=48, hidden=160, performer=64)
"""Of the bundled model."""


class StreamingModel(nn.Module):
    """Pitch, levels and performer of several instruments, frame after frame.

    `instruments` is how many there are. The tables `typical` (instruments, 6), `style`
    (instruments, 2) and `life` (instruments, 4) are measured, not trained; see `live_layout.Layer`.
    """

    def __init__(self, instruments: int, widths: Widths = WIDTHS) -> None:
        super().__init__()
        self.widths = widths
        shapes = layer_shapes(instruments, widths)

        def dense(layer: Layer) -> nn.Linear:
            return nn.Linear(*shapes[layer])

        self.embedding = nn.Embedding(instruments, widths.embedding)
        self.pitch_in = dense(Layer.PITCH_IN)
        self.pitch_mid = dense(Layer.PITCH_MID)
        self.pitch_out = dense(Layer.PITCH_OUT)
        self.enter = dense(Layer.ENTER)
        self.enter_norm = nn.LayerNorm(widths.hidden)
        self.gru = nn.GRU(widths.hidden, widths.hidden, batch_first=True)
        self.leave = dense(Layer.LEAVE)
        self.leave_norm = nn.LayerNorm(widths.hidden)
        self.out = dense(Layer.OUT)
        self.performer_in = dense(Layer.PERFORMER_IN)
        self.performer_mid = dense(Layer.PERFORMER_MID)
        self.performer_out = dense(Layer.PERFORMER_OUT)
        self.typical: Tensor
        self.register_buffer("typical", torch.full((instruments, len(CONTROLS)), 0.5))
        self.register_buffer("style", torch.zeros(shapes[Layer.STYLE]))
        self.register_buffer("life", torch.zeros(shapes[Layer.LIFE]))

    def forward(
        self, features: Tensor, deviation: Tensor, instrument: Tensor, hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the raw levels of frames, shape (B, T, LEVEL_OUTPUTS), and the memory after them.

        `features` (B, T, FEATURES); `deviation` (B, T, 2): semitones from the note's pitch, and its
        step from the frame before; `instrument` (B,); `hidden` (1, B, hidden), zeros at first.
        """
        seen = torch.stack(
            (
                deviation[..., 0].clamp(-2.0, 2.0),
                (deviation[..., 1] * 5.0).clamp(-1.0, 1.0),
            ),
            dim=-1,
        )
        who = self.embedding(instrument).unsqueeze(1).expand(-1, features.shape[1], -1)
        entered = self.enter(torch.cat((features, seen, who), dim=-1))
        entered = nn.functional.leaky_relu(self.enter_norm(entered), 0.01)
        moved, after = self.gru(entered, hidden)
        left = self.leave_norm(self.leave(moved) + entered)
        return self.out(nn.functional.leaky_relu(left, 0.01)), after

    @torch.jit.export
    def pitch(self, features: Tensor, instrument: Tensor) -> Tensor:
        """Return (share of the glide that is left, own deviation in semitones), (B, T, 2)."""
        who = self.embedding(instrument).unsqueeze(1).expand(-1, features.shape[1], -1)
        x = torch.cat((features, who), dim=-1)
        x = nn.functional.leaky_relu(self.pitch_in(x), 0.01)
        x = self.pitch_out(nn.functional.leaky_relu(self.pitch_mid(x), 0.01))
        return torch.stack((torch.sigmoid(x[..., 0]), torch.tanh(x[..., 1])), dim=-1)

    @torch.jit.export
    def perform(self, note_features: Tensor, instrument: Tensor) -> Tensor:
        """Return the six controls expected of notes, raw scale, shape (N, 6).

        `note_features` (N, NOTE_FEATURES), `instrument` (N,).
        """
        x = torch.cat((note_features, self.embedding(instrument)), dim=-1)
        x = torch.relu(self.performer_mid(torch.relu(self.performer_in(x))))
        controls: Tensor = self.typical[instrument] + self.performer_out(x)
        return controls

    def start(self, batch: int) -> Tensor:
        """Return the memory of voices that have not played yet."""
        return torch.zeros(1, batch, self.widths.hidden)


def packed(model: StreamingModel) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return a model as the kernels take it: the flat weights (N,) and the layer table (L, 5)."""

    def array(tensor: Tensor) -> NDArray[np.float32]:
        values: NDArray[np.float32] = tensor.detach().cpu().numpy().astype(np.float32)
        return values

    linear = {
        Layer.PITCH_IN: model.pitch_in,
        Layer.PITCH_MID: model.pitch_mid,
        Layer.PITCH_OUT: model.pitch_out,
        Layer.ENTER: model.enter,
        Layer.LEAVE: model.leave,
        Layer.OUT: model.out,
        Layer.PERFORMER_IN: model.performer_in,
        Layer.PERFORMER_MID: model.performer_mid,
        Layer.PERFORMER_OUT: model.performer_out,
    }
    gru: Any = model.gru
    norms = {Layer.ENTER_NORM: model.enter_norm, Layer.LEAVE_NORM: model.leave_norm}
    tables = {
        Layer.EMBEDDING: model.embedding.weight,
        Layer.TYPICAL: model.get_buffer("typical"),
        Layer.STYLE: model.get_buffer("style"),
        Layer.LIFE: model.get_buffer("life"),
    }
    numbers: dict[Layer, NDArray[np.float32]] = {
        **{key: pack_dense(array(each.weight), array(each.bias)) for key, each in linear.items()},
        **{key: pack_norm(array(each.weight), array(each.bias)) for key, each in norms.items()},
        **{key: array(each).ravel() for key, each in tables.items()},
        Layer.GRU: pack_gru(
            array(gru.weight_ih_l0),
            array(gru.weight_hh_l0),
            array(gru.bias_ih_l0),
            array(gru.bias_hh_l0),
        ),
    }
    rows, offset = [], 0
    shapes = layer_shapes(model.embedding.num_embeddings, model.widths)
    for layer in Layer:
        kind, (inputs, outputs) = KINDS[layer], shapes[layer]
        if len(numbers[layer]) != layer_size(kind, inputs, outputs):
            raise ValueError(f"{layer.name} has {len(numbers[layer])} numbers")
        rows.append((int(kind), inputs, outputs, 0, offset))
        offset += len(numbers[layer])
    flat = np.concatenate([numbers[layer] for layer in Layer])
    return flat.astype(np.float32), np.array(rows, np.int32)


def save_streaming_model(
    path: Path, model: StreamingModel, instruments: Sequence[str], description: Mapping[str, Any]
) -> None:
    """Write a model as an archive of kind "live" (DESIGN.md, section 3).

    `instruments` are the names of its rows; `description` is the rest of its card. Raises
    InputError where the file cannot be written.
    """
    flat, table = packed(model)
    weights = {"weights": torch.from_numpy(flat), "layout": torch.from_numpy(table)}
    typical = model.get_buffer("typical").tolist()
    known = {
        "kind": KIND,
        "instruments": list(instruments),
        "widths": model.widths._asdict(),
        "typical": dict(zip(instruments, typical, strict=True)),
        **description,
    }
    write_archive(path, model, weights, known)
