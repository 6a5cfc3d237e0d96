"""The spectral distances of `analysis.spectral_distance` as losses, in torch, batched.

The definitions are imported, so that what is trained is what is judged.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from plugin_core.analysis.spectral_distance import ISSUE, WINDOWS, Definition, Ends


class Spectra(NamedTuple):
    """What a loss needs of its target: per window, magnitudes and their logarithms."""

    magnitudes: tuple[Tensor, ...]
    """Shape (batch, window // 2 + 1, frames) each."""
    logarithms: tuple[Tensor, ...]


class MultiScaleLoss(nn.Module):
    """The distance `definition` between batches of audio at 16 kHz."""

    def __init__(self, definition: Definition = ISSUE) -> None:
        super().__init__()
        self.definition = definition
        for window in WINDOWS:
            taper = torch.hann_window(window) * definition.scale[window]
            self.register_buffer(f"taper_{window}", taper, persistent=False)

    def spectra(self, audio: Tensor) -> Spectra:
        """Return the spectra of `audio`, shape (batch, samples): prepare a target once."""
        magnitudes = tuple(self._magnitude(audio, window) for window in WINDOWS)
        return Spectra(magnitudes, tuple(self._logarithm(each) for each in magnitudes))

    def forward(self, audio: Tensor, target: Tensor | Spectra) -> Tensor:
        """Return the distance of each item of `audio`, shape (batch, samples), shape (batch,).

        `target` is audio of the same shape, or its `spectra`. A signal shorter than the longest
        window is completed with zeros. Raises ValueError for shapes that differ.
        """
        if isinstance(target, Tensor):
            if target.shape != audio.shape or audio.ndim != 2:
                raise ValueError(
                    "a spectral loss is between two batches of shape (batch, samples), "
                    f"found {tuple(audio.shape)} and {tuple(target.shape)}"
                )
            target = self.spectra(target)
        distance = audio.new_zeros(len(audio))
        for window, there, log_there in zip(WINDOWS, *target, strict=True):
            here = self._magnitude(audio, window)
            linear = (here - there).abs().mean((1, 2))
            distance = distance + linear + (self._logarithm(here) - log_there).abs().mean((1, 2))
        return distance

    def _magnitude(self, audio: Tensor, window: int) -> Tensor:
        ends, samples, hop = self.definition.ends, audio.shape[-1], window // 4
        short = max(0, max(WINDOWS) - samples)
        if ends is Ends.ZEROS_AFTER:
            short = (-(-samples // hop) - 1) * hop + window - samples
        if short:
            audio = nn.functional.pad(audio, (0, short))
        return torch.stft(
            audio,
            window,
            hop,
            window=getattr(self, f"taper_{window}"),
            center=ends is Ends.MIRROR,
            pad_mode="reflect",
            return_complex=True,
        ).abs()

    def _logarithm(self, magnitude: Tensor) -> Tensor:
        least, added = self.definition.least, self.definition.added
        if least:
            magnitude = magnitude.clamp(min=least)
        return torch.log(magnitude + added)
