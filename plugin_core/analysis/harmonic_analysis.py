"""Harmonic amplitudes per frame: the bins of the harmonics on the phase grid.

On the phase grid the harmonics are orthogonal over whole periods, so that reading their bins is the
least-squares fit of all of them at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.phase_spectra import PhaseSpectra, Window

HARMONIC_WINDOW = Window(
    periods=(4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40),
    least_s=0.010,
    bins_per_harmonic=(1,) * 14,
)
"""Four periods are the shortest that keep harmonics apart; longer than 10 ms would blur attacks."""


class HarmonicPower(NamedTuple):
    """What stands at the harmonics, noise included."""

    power: NDArray[np.float32]
    """Squared peak amplitudes, shape (frames, harmonics); 0 above Nyquist."""
    noise_gain: NDArray[np.float32]
    """What noise of magnitude 1 adds to them, shape (frames,)."""

    @classmethod
    def unmeasured(cls, frames: int, harmonics: int) -> "HarmonicPower":
        """Return the power of silence."""
        return cls(np.zeros((frames, harmonics), np.float32), np.zeros(frames, np.float32))

    def measure(self, spectra: PhaseSpectra) -> None:
        """Enter the harmonics of the frames of `spectra`, seen through HARMONIC_WINDOW."""
        lines = spectra.power[:, 1 : self.power.shape[1] + 1]
        self.power[spectra.frames, : lines.shape[1]] = lines
        self.noise_gain[spectra.frames] = spectra.noise_gain
