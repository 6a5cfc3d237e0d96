"""A trained model of hearing: a network for the levels, a room for every instrument, its card.

`infer` is DDSP Inference as a user has it: the frames that the analysis measured, in; the frames
that sound most like the recording, out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.audio.differentiable.reverb import Reverb
from plugin_core.audio.reverb import Room, response_at_rate
from plugin_core.synthesis.archive import read_archive, write_archive
from plugin_core.synthesis.inference import DdspAutoencoder, DdspInference, Heard, Levels
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.levels import NEPER_PER_DB, SILENT, log_levels, reference_gain
from plugin_core.synthesis.log_mel import log_mel
from plugin_core.types import HARMONICS, Frames, InputError, Mono

ROOM_RATE = 16000
"""The sample rate at which rooms are learnt."""

KINDS = {"inference": DdspInference, "autoencoder": DdspAutoencoder}
_BLOCK, _CONTEXT = 5000, 500
"""Frames that are inferred at once, and how many around them the recurrent layer hears."""


class HearingModel(nn.Module):
    """A network of one of `KINDS` and a room for every instrument; the last one is unknown."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.hears_relative_levels = kind == "inference"
        """Whether a recording's gain is taken out first. The autoencoder has nothing but loudness
        to tell soft playing from loud, so it hears the level as it is."""
        self.description: dict[str, Any] = {}
        self.network = KINDS[kind](len(INSTRUMENTS))
        self.reverb = Reverb(ROOM_RATE, instruments=len(INSTRUMENTS) + 1)

    def forward(self, heard: Heard, instrument: Tensor) -> Levels:
        """Return the levels of excerpts: see `inference`."""
        levels: Levels = self.network(heard, instrument)
        return levels

    def gain(self, loudness_db: NDArray[np.float32]) -> float:
        """Return the gain in nepers at which it hears a recording of this loudness, (frames,)."""
        return reference_gain(loudness_db) if self.hears_relative_levels else 0.0

    def room(self, instrument: str | None, sample_rate: int) -> Room:
        """Return the room of an instrument, that of unknown ones for None, at a sample rate.

        Raises InputError for an unknown name.
        """
        index = instrument_index(instrument)
        with torch.inference_mode():
            mix = float(self.reverb.mix()[index])
            response = self.reverb.responses()[index].numpy()
        return Room(response_at_rate(response, ROOM_RATE, sample_rate), mix)


def load_model(path: Path) -> HearingModel:
    """Return the model of an archive, its description as `model.description`.

    Raises InputError for a file that is no archive of a hearing model.
    """
    description, weights = read_archive(path)
    kind = description.get("kind")
    if kind not in KINDS:
        raise InputError(path, "kind", " or ".join(KINDS), kind)
    model = HearingModel(kind)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(path, "weights", f"those of the kind {kind}", error) from error
    model.description = description
    return model.eval()


def save_model(path: Path, model: HearingModel, description: Mapping[str, Any]) -> None:
    """Write a model as an archive with its card."""
    card = {"kind": model.kind, "instruments": list(INSTRUMENTS), **description}
    write_archive(path, model.network, model.state_dict(), card)


def instrument_index(instrument: str | None) -> int:
    """Return the index of an instrument by name, that of an unknown one for None.

    Raises InputError for a name that is none of the 13.
    """
    if instrument is None:
        return len(INSTRUMENTS)
    if instrument not in INSTRUMENTS:
        raise InputError("instrument", "", f"one of {', '.join(INSTRUMENTS)}", instrument)
    return INSTRUMENTS.index(instrument)


def heard_frames(audio: Mono, sample_rate: float, frames: Frames, gain: float) -> Heard:
    """Return what a model hears of a recording, one excerpt, with a gain in nepers.

    `audio` has shape (samples,); `frames` are those measured in it.
    """
    mel = log_mel(audio, sample_rate, len(frames), gain=float(np.exp(gain)))
    columns = (
        frames.f0_hz,
        frames.confidence,
        frames.loudness_db + gain / NEPER_PER_DB,
        mel,
        log_levels(frames.amplitude[:, None] * frames.harmonics) + gain,
        log_levels(frames.noise) + gain,
    )
    tensors = (torch.from_numpy(np.asarray(column, np.float32)) for column in columns)
    return Heard(*(tensor.unsqueeze(0) for tensor in tensors))


def infer(
    model: HearingModel,
    audio: Mono,
    sample_rate: float,
    frames: Frames,
    *,
    instrument: str | None = None,
    gain: float | None = None,
) -> Frames:
    """Return frames that sound more like `audio` than the measured `frames`.

    `audio` has shape (samples,) at `sample_rate`; f0, confidence and loudness stay as they are.
    `gain`, in nepers, is `model.gain` of the whole recording where these are a part of it.
    Harmonics above half the sample rate are silent. Raises InputError for an unknown instrument.
    """
    index = torch.tensor([instrument_index(instrument)])
    gain = model.gain(frames.loudness_db) if gain is None else gain
    heard = heard_frames(audio, sample_rate, frames, gain)
    count = len(frames)
    partials = np.empty((count, HARMONICS), np.float32)
    noise = np.empty((count, frames.noise.shape[1]), np.float32)
    with torch.inference_mode():
        for first in range(0, count, _BLOCK):
            last = min(count, first + _BLOCK)
            before, after = max(0, first - _CONTEXT), min(count, last + _CONTEXT)
            levels = model(Heard(*(tensor[:, before:after] for tensor in heard)), index)
            inner = slice(first - before, last - before)
            partials[first:last] = torch.exp(levels.harmonics[0, inner] - gain).numpy()
            noise[first:last] = torch.exp(levels.noise[0, inner] - gain).numpy()
    return _as_frames(frames, partials, noise, sample_rate)


def _as_frames(
    frames: Frames, partials: np.ndarray[Any, Any], noise: np.ndarray[Any, Any], sample_rate: float
) -> Frames:
    hz = frames.f0_hz[:, None] * np.arange(1, HARMONICS + 1, dtype=np.float32)
    partials[(hz <= 0) | (hz >= sample_rate / 2) | (partials < 2 * np.exp(SILENT))] = 0.0
    noise[noise < 2 * np.exp(SILENT)] = 0.0
    amplitude = partials.sum(axis=1)
    shares = partials / np.maximum(amplitude, 1e-12)[:, None]
    shares[amplitude <= 0, 0] = 1.0
    return Frames(frames.f0_hz, frames.confidence, frames.loudness_db, amplitude, shares, noise)
