"""How well a candidate's harmonics match a spectrum: its teeth, and nothing half-way between.

After Camacho & Harris 2008, "A sawtooth waveform inspired pitch estimator" (SWIPE): the cosine
between the square root of the magnitudes and a comb of falling teeth with negative gaps. A
subharmonic has teeth that meet nothing, an octave too high has gaps that are filled; the root lets
many weak harmonics speak against one strong.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import entry_point

_TEETH = 10
_HIGHEST_HZ = 5000.0


@entry_point
def fit_combs(
    power: NDArray[np.float32],
    bin_hz: float,
    hop: int,
    f0_hz: NDArray[np.float32],
    fit: NDArray[np.float32],
) -> None:
    """Write into `fit` how well the candidates `f0_hz` match, -1..1, both (frames, candidates).

    Row i of `power`, (rows, bins of `bin_hz`), is the power spectrum of `hop` frames from hop i on.
    """
    last_bin = power.shape[1] - 1
    for row in range(len(power)):
        frame = row * hop
        for column in range(f0_hz.shape[1]):
            hz = f0_hz[frame, column]
            fit[frame, column] = 0.0
            if hz <= 0:
                continue
            teeth = max(1, min(_TEETH, int(_HIGHEST_HZ / hz)))
            match = 0.0
            heard = 1e-30
            comb = 0.0
            for half in range(1, 2 * teeth + 1):
                place = 0.5 * half * hz / bin_hz
                near = int(place + 0.5)
                level = power[row, min(near, last_bin)]
                weight = 1.0 / np.sqrt(0.5 * half)
                if half % 2 == 0:
                    other = near + 1 if place > near else near - 1
                    level = max(level, power[row, min(other, last_bin)])
                    comb += weight * weight
                else:
                    weight = -weight
                height = np.sqrt(np.sqrt(level))
                match += weight * height
                heard += height * height
            fit[frame, column] = match / np.sqrt(heard * comb)
        for copy in range(frame + 1, min(frame + hop, len(f0_hz))):
            fit[copy] = fit[frame]
