"""The autoregressive half of the Synthesis Generator: the pitch of every frame from notes.

In: conditioning of the frames (`note_conditioning`). Out: f0, 250 frames a second. A recurrent
network goes through the notes in steps of 16 ms, sees the pitches that it made, and says how likely
every bin of deviation from the note is (MIDI-DDSP, section 3.3: cross-entropy over bins); chance
that a seed decides draws one. The network is trained in PyTorch and steps through kernels.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.synthesis.note_conditioning import WIDTH, Conditioning
from plugin_core.synthesis.pitch_curve import (
    BINS,
    STEP_FRAMES,
    Course,
    bin_edges,
    course,
    curve_through,
    joined,
)
from plugin_core.synthesis.pitch_kernels import HISTORY, MEMORY, make_steps
from plugin_core.types import CONTROLS

FEATURES = WIDTH + 4
"""What a step knows of its note: the conditioning of its frame, and of vibrato more finely."""

_EMBEDDING, _WIDE, _CONTEXT, _STATE, _HIDDEN = 12, 128, 96, 192, 128
_DROPOUT = 0.1
_LARGEST_FEATURE = 4.0
_SHARPNESS = 0.85
"""Temperature of the odds at which it plays as players do: drawing adds to their unrest."""
_LEAST = 0.02
"""A bin must be this likely, relative to the likeliest: what is rarer is a slip of the player."""
_LOWEST_KEY, _HIGHEST_KEY = 0.0, 135.0

Table = NDArray[np.float32]
Curve = NDArray[np.float32]


class PitchGenerator(nn.Module):
    """How likely every bin of deviation is, for all steps of phrases whose pitches are known."""

    def __init__(self, instruments: int) -> None:
        super().__init__()
        self.instrument = nn.Embedding(instruments, _EMBEDDING)
        self.enter = nn.Sequential(
            nn.Linear(FEATURES + _EMBEDDING, _WIDE),
            nn.ReLU(),
            nn.Linear(_WIDE, _CONTEXT),
            nn.ReLU(),
            nn.Dropout(_DROPOUT),
        )
        self.recur = nn.GRU(_CONTEXT + HISTORY, _STATE, batch_first=True)
        self.hidden = nn.Linear(_CONTEXT + _STATE, _HIDDEN)
        self.bins = nn.Linear(_HIDDEN, BINS)

    def forward(self, features: Tensor, instrument: Tensor, history: Tensor) -> Tensor:
        """Return the odds (log likelihoods up to a constant) of all bins, shape (B, S, BINS).

        `features`: (B, S, FEATURES); `instrument`: (B,); `history`: (B, S, HISTORY).
        """
        context = self.context(features, instrument)
        state, _ = self.recur(torch.cat((context, history), -1))
        hidden = torch.relu(self.hidden(torch.cat((context, state), -1)))
        odds: Tensor = self.bins(hidden)
        return odds

    def context(self, features: Tensor, instrument: Tensor) -> Tensor:
        """Return what the network makes of the conditioning, shape (B, S, C)."""
        who = self.instrument(instrument).unsqueeze(1).expand(-1, features.shape[1], -1)
        context: Tensor = self.enter(torch.cat((features, who), -1))
        return context


def step_features(conditioning: Conditioning) -> Table:
    """Return what the steps know of their notes, shape (S, FEATURES)."""
    vibrato = conditioning.controls[::STEP_FRAMES, CONTROLS.index("vibrato")]
    vibrato = np.clip(vibrato, 0.0, 2.0)
    more = np.stack(
        (
            np.sqrt(vibrato),
            np.exp(-vibrato / 0.03),
            np.exp(-vibrato / 0.15),
            np.maximum(vibrato - 0.6, 0.0),
        ),
        axis=1,
    )
    table = np.concatenate((conditioning.features[::STEP_FRAMES], more), axis=1)
    return np.asarray(np.clip(table, -_LARGEST_FEATURE, _LARGEST_FEATURE), np.float32)


def step_history(pitch: Tensor, is_known: Tensor, reference: Tensor) -> Tensor:
    """Return what the network sees of the pitches before every step, shape (B, S, HISTORY).

    `pitch`: MIDI pitch of the steps, (B, S), `is_known`: whether it is there, `reference`: MIDI
    pitch of their notes. `pitch_kernels.look_back` is the same for one step.
    """
    known = [_later(is_known.to(pitch.dtype), k) for k in range(1, MEMORY + 1)]
    earlier = [_later(pitch, k) for k in range(1, MEMORY + 1)]
    away = [(each - reference) * flag for each, flag in zip(earlier, known, strict=True)]
    first = (earlier[0] - earlier[1]) * known[0] * known[1]
    second = (earlier[1] - earlier[2]) * known[1] * known[2]
    bend = (first - second) * known[0] * known[2]
    columns = [4.0 * each.clamp(-1.0, 1.0) for each in away]
    columns += [0.25 * away[k].clamp(-12.0, 12.0) for k in (0, 1, 3)]
    columns += [20.0 * each.clamp(-0.25, 0.25) for each in (first, bend)]
    columns += [known[k] for k in (0, 1, 3, MEMORY - 1)]
    return torch.stack(columns, -1)


def _later(values: Tensor, steps: int) -> Tensor:
    return nn.functional.pad(values, (steps, 0))[:, : values.shape[1]]


def generate(
    model: PitchGenerator,
    conditioning: Conditioning,
    *,
    seed: int = 0,
    temperature: float = 1.0,
    first: int = 0,
    f0_hz: Curve | None = None,
) -> Curve:
    """Return f0 in Hz of every frame, shape (T,).

    The same notes, instrument and seed give the same f0; frames that follow change at most the last
    LOOK_AHEAD. `temperature` is how freely it plays: 1 lively, 0 always the likeliest pitch.
    `first` is the number of the first frame, a multiple of 4: chance goes by it. `f0_hz`, shape
    (T,), is the pitch where it is given, NaN where it is to be made; what is given stays as it is.
    Raises ValueError for another `first` or shape.
    """
    if first % STEP_FRAMES:
        raise ValueError(f"expected a first frame that is a multiple of {STEP_FRAMES}: {first}")
    if f0_hz is not None and f0_hz.shape != (len(conditioning),):
        raise ValueError(f"expected f0 of {len(conditioning)} frames, found shape {f0_hz.shape}")
    steps = course(conditioning)
    given = np.full(len(conditioning), np.nan) if f0_hz is None else _keys(f0_hz)
    pitches, _ = run(
        model,
        conditioning,
        steps,
        known=given[::STEP_FRAMES].astype(np.float32),
        seed=seed,
        temperature=temperature,
        first=first // STEP_FRAMES,
    )
    keys = curve_through(pitches, steps, conditioning).astype(np.float64)
    keys = joined(np.clip(keys, _LOWEST_KEY, _HIGHEST_KEY), given)
    made = 440.0 * 2.0 ** ((keys - 69.0) / 12.0)
    if f0_hz is not None:
        made = np.where(np.isnan(given), made, f0_hz)
    return made.astype(np.float32)


def _keys(f0_hz: Curve) -> NDArray[np.float64]:
    """Return f0 as MIDI pitch, NaN where there is none, shape as given."""
    known = np.where(f0_hz > 0, f0_hz, np.nan).astype(np.float64)
    return np.asarray(69.0 + 12.0 * np.log2(known / 440.0))


def run(
    model: PitchGenerator,
    conditioning: Conditioning,
    steps: Course,
    *,
    known: Curve,
    seed: int = 0,
    temperature: float = 1.0,
    first: int = 0,
) -> tuple[Curve, Curve]:
    """Return the MIDI pitches of the steps, NaN where none is played, and their surprise, (S,).

    Surprise is minus the log likelihood of a pitch's bin. `known` (S,) are pitches that are given,
    NaN where one is to be made; `first` is the number of the first step.
    """
    layers = _layers(model, conditioning)
    pitches, surprise = np.empty_like(known), np.empty_like(known)
    make_steps(
        pitches,
        surprise,
        steps.reference,
        steps.is_played,
        steps.is_start,
        steps.lowest,
        steps.highest,
        known,
        layers.gates,
        layers.hidden,
        layers.from_history,
        layers.from_state,
        layers.state_bias,
        layers.state_to_hidden,
        layers.hidden_to_bins,
        layers.bins_bias,
        bin_edges().astype(np.float32),
        seed,
        first,
        _SHARPNESS * temperature,
        _LEAST,
    )
    return pitches, surprise


class _Layers(NamedTuple):
    """What the kernel takes: what the conditioning contributes, and the weights."""

    gates: Table
    hidden: Table
    from_history: Table
    from_state: Table
    state_bias: Table
    state_to_hidden: Table
    hidden_to_bins: Table
    bins_bias: Table


def _layers(model: PitchGenerator, conditioning: Conditioning) -> _Layers:
    features = torch.from_numpy(step_features(conditioning)).unsqueeze(0)
    recur: dict[str, Tensor] = dict(model.recur.named_parameters())
    with torch.inference_mode():
        context = model.eval().context(features, torch.tensor([conditioning.instrument]))[0]
        inward = recur["weight_ih_l0"]
        layers = (
            context @ inward[:, :_CONTEXT].T + recur["bias_ih_l0"],
            context @ model.hidden.weight[:, :_CONTEXT].T + model.hidden.bias,
            inward[:, _CONTEXT:],
            recur["weight_hh_l0"],
            recur["bias_hh_l0"],
            model.hidden.weight[:, _CONTEXT:],
            model.bins.weight,
            model.bins.bias,
        )
    return _Layers(*(np.ascontiguousarray(each.detach().numpy(), np.float32) for each in layers))
