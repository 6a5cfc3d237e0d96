"""DDSP Inference and the DDSP autoencoder: a recording's frames to better synthesis parameters.

DDSP Inference (MIDI-DDSP, section 3.1) reads a log-mel spectrogram through a convolutional network
beside pitch and loudness; here it also reads what the analysis measured, and its output corrects
that, so that a recording unlike all it was trained on is hardly worse than measured. The DDSP
autoencoder (Engel et al. 2020) knows pitch and loudness only: it is the baseline. Both share the
recurrent decoder. All levels are natural logarithms.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from plugin_core.synthesis.levels import NEPER_PER_DB
from plugin_core.synthesis.log_mel import MELS
from plugin_core.types import HARMONICS, NOISE_BANDS

_WIDTH = 288
_HIDDEN = 144
_EMBEDDING = 16
_PITCHES = 24
_LOWEST_KEY, _HIGHEST_KEY = 21.0, 105.0


class Levels(NamedTuple):
    """Synthesis parameters as natural logarithms, for batches of B excerpts of F frames."""

    harmonics: Tensor
    """Peak amplitude of every harmonic, shape (B, F, 100)."""
    noise: Tensor
    """Noise magnitudes, shape (B, F, 65)."""


class Heard(NamedTuple):
    """What the analysis knows of a recording, levels after `reference_gain` is added."""

    f0_hz: Tensor
    """Shape (B, F)."""
    confidence: Tensor
    """Shape (B, F)."""
    loudness_db: Tensor
    """Shape (B, F)."""
    mel: Tensor
    """Log-mel spectrogram, shape (B, F, 128)."""
    harmonics: Tensor
    """Measured levels of the harmonics, shape (B, F, 100)."""
    noise: Tensor
    """Measured noise levels, shape (B, F, 65)."""


class Decoder(nn.Module):
    """Features of shape (B, F, width) to values of shape (B, F, outputs), knowing both ways."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(width, _WIDTH), nn.LayerNorm(_WIDTH), nn.GELU())
        self.recurrent = nn.GRU(_WIDTH, _HIDDEN, batch_first=True, bidirectional=True)
        self.leave = nn.Sequential(
            nn.Linear(2 * _HIDDEN + _WIDTH, _WIDTH), nn.LayerNorm(_WIDTH), nn.GELU()
        )
        self.output = nn.Linear(_WIDTH, outputs)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Return the values; zero before any training."""
        entered = self.enter(features)
        context, _ = self.recurrent(entered)
        values: Tensor = self.output(self.leave(torch.cat((context, entered), dim=-1)))
        return values


class Pitch(nn.Module):
    """A pitch as 24 bells over the keys 21 to 105, 3.65 keys apart, and its height."""

    centres: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centres", torch.linspace(_LOWEST_KEY, _HIGHEST_KEY, _PITCHES))

    def forward(self, f0_hz: Tensor) -> Tensor:
        """Return features of shape (B, F, 25) for f0 of shape (B, F)."""
        key = 69.0 + 12.0 * torch.log2(f0_hz.clamp(min=8.0) / 440.0)
        bells = torch.exp(-0.5 * ((key.unsqueeze(-1) - self.centres) / 3.0) ** 2)
        return torch.cat((bells, (key.unsqueeze(-1) - 63.0) / 24.0), dim=-1)


class MelEncoder(nn.Module):
    """The convolutional network over the log-mel spectrogram: (B, F, 128) to (B, F, 96)."""

    width = 96

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=(1, 2), padding=1),
            nn.GELU(),
            nn.Conv2d(8, 16, 3, stride=(1, 2), padding=1),
            nn.GELU(),
            nn.Conv2d(16, 24, 3, stride=(1, 2), padding=1),
            nn.GELU(),
        )
        self.leave = nn.Linear(24 * (MELS // 8), self.width)

    def forward(self, mel: Tensor) -> Tensor:
        """Return features of a spectrogram."""
        scaled = (mel.unsqueeze(1) + 7.0) / 3.0
        maps = self.layers(scaled).permute(0, 2, 1, 3)
        encoded: Tensor = self.leave(maps.flatten(2))
        return encoded


class DdspInference(nn.Module):
    """The levels of a recording, as measured and then corrected by all that is heard."""

    def __init__(self, instruments: int) -> None:
        super().__init__()
        self.pitch = Pitch()
        self.mel = MelEncoder()
        self.instrument = nn.Embedding(instruments + 1, _EMBEDDING)
        width = _PITCHES + 1 + 2 + MelEncoder.width + HARMONICS + NOISE_BANDS + _EMBEDDING
        self.parts = [HARMONICS, NOISE_BANDS]
        self.decoder = Decoder(width, sum(self.parts))

    def forward(self, heard: Heard, instrument: Tensor) -> Levels:
        """Return the levels; `instrument` has shape (B,), the last index is an unknown one."""
        features = torch.cat(
            (
                self.pitch(heard.f0_hz),
                heard.loudness_db.unsqueeze(-1) / 20.0 + 2.0,
                heard.confidence.unsqueeze(-1),
                self.mel(heard.mel),
                heard.harmonics / 3.0 + 3.0,
                heard.noise / 3.0 + 3.0,
                _spread(self.instrument(instrument), heard.f0_hz),
            ),
            dim=-1,
        )
        harmonics, noise = torch.split(self.decoder(features), self.parts, dim=-1)
        return Levels(heard.harmonics + harmonics, heard.noise + noise)


class DdspAutoencoder(nn.Module):
    """The levels that an instrument has at a pitch and a loudness (Engel et al. 2020)."""

    def __init__(self, instruments: int) -> None:
        super().__init__()
        self.pitch = Pitch()
        self.instrument = nn.Embedding(instruments + 1, _EMBEDDING)
        self.parts = [HARMONICS, NOISE_BANDS]
        self.neper_per_db = NEPER_PER_DB
        self.decoder = Decoder(_PITCHES + 1 + 1 + _EMBEDDING, sum(self.parts))

    def forward(self, heard: Heard, instrument: Tensor) -> Levels:
        """Return the levels; `instrument` has shape (B,), the last index is an unknown one."""
        features = torch.cat(
            (
                self.pitch(heard.f0_hz),
                heard.loudness_db.unsqueeze(-1) / 20.0 + 2.0,
                _spread(self.instrument(instrument), heard.f0_hz),
            ),
            dim=-1,
        )
        harmonics, noise = torch.split(self.decoder(features), self.parts, dim=-1)
        loudness = (heard.loudness_db * self.neper_per_db).unsqueeze(-1)
        return Levels(loudness - 5.0 + 3.0 * harmonics, loudness - 7.0 + 3.0 * noise)


def _spread(embedding: Tensor, frames: Tensor) -> Tensor:
    return embedding.unsqueeze(1).expand(-1, frames.shape[1], -1)
