"""Harmonic amplitudes per frame: the bins of the harmonics on the phase grid.

On the phase grid the harmonics are orthogonal over whole periods, so that reading their bins is the
least-squares fit of all of them at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.phase_grid import Grids
from plugin_core.analysis.phase_spectra import phase_spectra

_PERIODS = 4
_WINDOW_S = 0.010


class HarmonicPower(NamedTuple):
    """What stands at the harmonics, noise included."""

    power: NDArray[np.float32]
    """Squared peak amplitudes, shape (frames, harmonics); 0 above Nyquist."""
    noise_gain: NDArray[np.float32]
    """What noise of magnitude 1 adds to them, shape (frames,)."""


def harmonic_power(grids: Grids, first: int, count: int, harmonics: int) -> HarmonicPower:
    """Return the power at the harmonics of frames `first` .. `first + count - 1`."""
    power = np.zeros((count, harmonics), np.float32)
    noise_gain = np.zeros(count, np.float32)
    for spectra in phase_spectra(
        grids,
        first,
        count,
        harmonics=harmonics,
        least_periods=_PERIODS,
        least_s=_WINDOW_S,
    ):
        lines = spectra.power[:, spectra.periods :: spectra.periods][:, :harmonics]
        power[spectra.frames, : lines.shape[1]] = lines
        noise_gain[spectra.frames] = spectra.noise_gain
    return HarmonicPower(power, noise_gain)
