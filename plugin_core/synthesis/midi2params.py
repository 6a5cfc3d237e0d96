"""MIDI2Params: notes straight to frames, without expression (Castellon et al. 2020).

The baseline of MIDI-DDSP's tables 1b and 1c: an autoregressive network gives pitch and loudness,
the DDSP autoencoder gives the levels that an instrument has at that pitch and loudness. In: notes
of one player. Out: `Frames` on the normalised scale, gain 0 dB. Known of it, here as in the paper
(section 4.3): nothing but its own past holds a note together, so a note may swell, break off, or
sound on into a long rest.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from plugin_core.audio.reverb import Room
from plugin_core.synthesis.archive import read_archive, write_archive
from plugin_core.synthesis.hearing_model import HearingModel, instrument_index, load_model
from plugin_core.synthesis.inference import Heard
from plugin_core.synthesis.instruments import INSTRUMENTS
from plugin_core.synthesis.levels import NEPER_PER_DB, SILENT
from plugin_core.synthesis.midi2params_network import (
    PITCH_BINS,
    STEP_FRAMES,
    Midi2ParamsNetwork,
    loudness_values,
    note_features,
    pitch_values,
)
from plugin_core.types import FRAME_RATE, HARMONICS, NOISE_BANDS, Frames, InputError, Note

KIND = "midi2params"
AUTOENCODER = "autoencoder.ts"
"""The model beside it that it drives."""

NO_PITCH = PITCH_BINS // 2
NO_LOUDNESS = 0
"""The classes before the first step: on the note, silent."""

_NYQUIST_HZ = 24000.0
_AFTER_S = 1.0
Curve = NDArray[np.float64]


class Midi2Params(nn.Module):
    """The network, the autoencoder that it drives, and the gain between their scales."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Midi2ParamsNetwork(len(INSTRUMENTS))
        self.register_buffer("gain_db", torch.zeros(len(INSTRUMENTS)))
        self.autoencoder: HearingModel | None = None
        self.description: dict[str, Any] = {}

    gain_db: Tensor
    """What the recordings of an instrument were lifted by to the normalised scale, (instruments,):
    the autoencoder hears recordings at their own level."""

    @property
    def instruments(self) -> tuple[str, ...]:
        """The instruments it plays."""
        return INSTRUMENTS

    def perform(
        self,
        notes: Sequence[Note],
        instrument: str,
        *,
        seed: int = 0,
        frames: int | None = None,
        temperature: float = 1.0,
    ) -> Frames:
        """Return the frames of notes sorted by onset, at gain 0 dB; by default 1 s more than they.

        A temperature of 0 takes the mean of every distribution. Raises ValueError for no notes
        and notes that are not sorted, InputError for an unknown instrument.
        """
        if frames is None:
            latest = max((note.offset_s for note in notes), default=0.0)
            frames = round((latest + _AFTER_S) * FRAME_RATE)
        steps = -(-frames // STEP_FRAMES)
        features, pitches = note_features(notes, steps)
        deviation, loudness = self.generate(
            features[None], instrument, self.network.silence(1), seed=seed, temperature=temperature
        )
        f0_hz, loudness_db = as_curves(pitches + deviation[0], loudness[0], frames)
        return self.levels(f0_hz, loudness_db, instrument)

    def room(self, instrument: str, sample_rate: int) -> Room:
        """Return the autoencoder's room of an instrument at a sample rate."""
        return self._autoencoder().room(instrument, sample_rate)

    def generate(
        self,
        features: NDArray[np.float32],
        instrument: str,
        state: Tensor,
        *,
        before: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
        seed: int = 0,
        temperature: float = 1.0,
    ) -> tuple[Curve, Curve]:
        """Return pitch deviations in semitones and loudnesses in dB of B excerpts, (B, steps).

        `features`: (B, steps, WIDTH); `state`, (B, H), and the classes `before`, (B,) each, are
        those of the step before the first; by default nothing sounded.
        """
        count, steps, _ = features.shape
        index = torch.full((count,), _known(instrument))
        if before is None:
            before = np.full(count, NO_PITCH), np.full(count, NO_LOUDNESS)
        pitch, loudness = (torch.from_numpy(classes)[:, None] for classes in before)
        tables = torch.from_numpy(pitch_values()), torch.from_numpy(loudness_values())
        random = torch.Generator().manual_seed(seed)
        told = torch.from_numpy(features)
        values: tuple[list[Tensor], list[Tensor]] = [], []
        with torch.inference_mode():
            for step in range(steps):
                *logits, states = self.network(
                    told[:, step : step + 1], index, pitch, loudness, state
                )
                state = states[:, -1]
                drawn = []
                for each, table, kept in zip(logits, tables, values, strict=True):
                    classes = _draw(each[:, 0], table, temperature, random)
                    kept.append(table[classes])
                    drawn.append(classes[:, None])
                pitch, loudness = drawn
        deviation, loudness_db = (torch.stack(kept, dim=1).numpy() for kept in values)
        return deviation, loudness_db

    def levels(
        self, f0_hz: NDArray[np.float32], loudness_db: NDArray[np.float32], instrument: str
    ) -> Frames:
        """Return the autoencoder's frames at a pitch and a loudness, each of shape (frames,)."""
        (frames,) = self.levels_of([(f0_hz, loudness_db)], instrument)
        return frames

    def levels_of(
        self, curves: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]], instrument: str
    ) -> list[Frames]:
        """Return the frames of several curves at once; all must have the same length."""
        index = _known(instrument)
        gain = float(self.gain_db[index]) * NEPER_PER_DB
        f0_hz = torch.from_numpy(np.stack([curve[0] for curve in curves]))
        own_level_db = torch.from_numpy(np.stack([curve[1] for curve in curves]))
        nothing = torch.zeros(0)
        heard = Heard(f0_hz, nothing, own_level_db - gain / NEPER_PER_DB, nothing, nothing, nothing)
        with torch.inference_mode():
            levels = self._autoencoder()(heard, torch.full((len(curves),), index))
            partials = torch.exp(levels.harmonics + gain).numpy()
            noise = torch.exp(levels.noise + gain).numpy()
        return [_as_frames(*curve, partials[row], noise[row]) for row, curve in enumerate(curves)]

    def _autoencoder(self) -> HearingModel:
        if self.autoencoder is None:
            raise ValueError("MIDI2Params has no autoencoder to drive")
        return self.autoencoder


def load_midi2params(path: Path, *, autoencoder: Path | None = None) -> Midi2Params:
    """Return the model of an archive; it drives `autoencoder`, by default the one beside it.

    Raises InputError for a file that is no archive of such a model.
    """
    description, weights = read_archive(path)
    if description.get("kind") != KIND:
        raise InputError(path, "kind", KIND, description.get("kind"))
    model = Midi2Params()
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(path, "weights", f"those of the kind {KIND}", error) from error
    model.description = description
    model.autoencoder = load_model(autoencoder or path.with_name(AUTOENCODER))
    return model.eval()


def save_midi2params(path: Path, model: Midi2Params, description: Mapping[str, Any]) -> None:
    """Write a model as an archive with its card, without the autoencoder that it drives."""
    own = {
        name: tensor
        for name, tensor in model.state_dict().items()
        if not name.startswith("autoencoder.")
    }
    card = {"kind": KIND, "instruments": list(INSTRUMENTS), **description}
    write_archive(path, model.network, own, card)


def as_curves(
    semitones: Curve, loudness_db: Curve, frames: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return f0 in Hz and loudness in dB by frame, linear between the middles of the steps.

    `semitones` are MIDI pitches with their fractions, `loudness_db` dB, both of shape (steps,).
    """
    middles = np.arange(len(semitones)) * STEP_FRAMES + (STEP_FRAMES - 1) / 2
    at = np.arange(frames)
    f0_hz = 440.0 * 2.0 ** ((np.interp(at, middles, semitones) - 69.0) / 12.0)
    return f0_hz.astype(np.float32), np.interp(at, middles, loudness_db).astype(np.float32)


def _known(instrument: str | None) -> int:
    if instrument is None:
        raise InputError("instrument", "", f"one of {', '.join(INSTRUMENTS)}", instrument)
    return instrument_index(instrument)


def _draw(logits: Tensor, values: Tensor, temperature: float, random: torch.Generator) -> Tensor:
    """Return a class of each distribution, (B, classes) to (B,): drawn, or nearest to its mean."""
    if temperature <= 0.0:
        mean = (torch.softmax(logits.double(), dim=-1) * values).sum(-1, keepdim=True)
        return (values - mean).abs().argmin(-1)
    return torch.multinomial(
        torch.softmax(logits / temperature, dim=-1), 1, generator=random
    ).squeeze(-1)


def _as_frames(
    f0_hz: NDArray[np.float32],
    loudness_db: NDArray[np.float32],
    partials: NDArray[np.float32],
    noise: NDArray[np.float32],
) -> Frames:
    hz = f0_hz[:, None] * np.arange(1, HARMONICS + 1, dtype=np.float32)
    partials = np.where((hz >= _NYQUIST_HZ) | (partials < 2 * np.exp(SILENT)), 0.0, partials)
    noise = np.where(noise < 2 * np.exp(SILENT), 0.0, noise).reshape(-1, NOISE_BANDS)
    amplitude = partials.sum(axis=1)
    shares = partials / np.maximum(amplitude, 1e-12)[:, None]
    shares[amplitude <= 0, 0] = 1.0
    single = np.float32
    return Frames(
        f0_hz,
        np.ones_like(f0_hz),
        loudness_db,
        amplitude.astype(single),
        shares.astype(single),
        noise.astype(single),
    )
