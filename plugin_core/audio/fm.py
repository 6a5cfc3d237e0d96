"""Six-operator FM at audio rate: single operators over time, feedback loops over voices.

Phases count 2^32 to the cycle. A modulator's output is added to the phase in cycles, kept to 2^-24
cycle. Amplitudes move in straight lines: sample i of a stretch has gain + slope * (offset + i).
Operators without feedback run along time, which vectorises; a loop is serial in time, so the loops
of several voices run side by side, sample by sample, in LANES columns.

Kernels get slices and count from 0: Numba then knows that no index is negative, without which LLVM
gathers and scatters instead of loading and storing (measured: 1.3 against 0.34 ns a sample). Every
sample is worked out from its own index, so that no way of cutting time shows, not even in one bit:
chaotic voices would make it audible.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel
from plugin_core.audio.layout import LANES
from plugin_core.audio.sine import sine

_CYCLE = np.float32(2.0**24)
_FRACTION_BITS = np.uint32(8)

Samples = NDArray[np.float32]


@kernel
def operator(
    row: Samples,
    phase: np.uint32,
    increment: np.uint32,
    gain: np.float32,
    slope: np.float32,
    offset: int,
) -> None:
    """Write an unmodulated operator into `row`."""
    for i in range(len(row)):
        at = np.uint32(phase + np.uint32(np.uint32(i) * increment))
        row[i] = (gain + slope * np.float32(np.int32(offset + i))) * sine(at)


@kernel
def modulated_operator(
    row: Samples,
    phase: np.uint32,
    increment: np.uint32,
    gain: np.float32,
    slope: np.float32,
    offset: int,
    modulation: Samples,
) -> None:
    """Write an operator whose phase is moved by `modulation`, in cycles, into `row`."""
    for i in range(len(row)):
        moved = np.uint32(np.uint32(np.int32(modulation[i] * _CYCLE)) << _FRACTION_BITS)
        at = np.uint32(phase + np.uint32(np.uint32(i) * increment))
        row[i] = (gain + slope * np.float32(np.int32(offset + i))) * sine(np.uint32(at + moved))


@kernel
def ramp(row: Samples, source: Samples, gain: np.float32, slope: np.float32, offset: int) -> None:
    """Add `source` times a ramp to `row`, both of one length."""
    for i in range(len(row)):
        row[i] += source[i] * (gain + slope * np.float32(np.int32(offset + i)))


@kernel
def add(row: Samples, source: Samples) -> None:
    """Add `source` to `row`, both of one length."""
    for i in range(len(row)):
        row[i] += source[i]


@kernel
def fill_lane(
    phases: NDArray[np.uint32],
    gains: Samples,
    strengths: Samples,
    samples: int,
    phase: np.uint32,
    increment: np.uint32,
    gain: np.float32,
    slope: np.float32,
    offset: int,
    strength: np.float32,
) -> None:
    """Lay out an operator's phase, gain and feedback strength in a lane, from each first element.

    The lane's elements are LANES apart.
    """
    for i in range(samples):
        phases[i * LANES] = np.uint32(phase + np.uint32(np.uint32(i) * increment))
        gains[i * LANES] = gain + slope * np.float32(np.int32(offset + i))
        strengths[i * LANES] = strength


@kernel
def feedback_loop(
    outputs: Samples,
    phases: NDArray[np.uint32],
    gains: Samples,
    strengths: Samples,
    samples: int,
    lanes: int,
) -> None:
    """Run operators that feed back on themselves.

    Row n of `outputs` is sample n - 2: rows 0 and 1 hold the two samples before. A strength is
    cycles per unit of the sum of the last two outputs, times 2^24.
    """
    for i in range(samples):
        row = i * LANES
        before = outputs[row : row + lanes]
        last = outputs[row + LANES : row + LANES + lanes]
        now = outputs[row + 2 * LANES : row + 2 * LANES + lanes]
        phase = phases[row : row + lanes]
        gain = gains[row : row + lanes]
        strength = strengths[row : row + lanes]
        for lane in range(lanes):
            fed = np.uint32(np.int32((last[lane] + before[lane]) * strength[lane]))
            moved = np.uint32(fed << _FRACTION_BITS)
            now[lane] = gain[lane] * sine(np.uint32(phase[lane] + moved))


@kernel
def feedback_chain(
    outputs: Samples,
    phases: NDArray[np.uint32],
    gains: Samples,
    strengths: Samples,
    inner: Samples,
    three: bool,
    samples: int,
    lanes: int,
) -> None:
    """Run loops through two or three operators (algorithms 6 and 4).

    The last operator's last two outputs move the phase of the first one, the first moves the middle
    one (if `three`), and that moves the last. `phases` and `gains` have a row of lanes for each
    operator in the order of computation, `inner` takes the outputs of all but the last one.
    Otherwise as `feedback_loop`.
    """
    final = 2 if three else 1
    for i in range(samples):
        row = i * LANES
        end = row + lanes
        before = outputs[row:end]
        last = outputs[row + LANES : end + LANES]
        now = outputs[row + 2 * LANES : end + 2 * LANES]
        strength = strengths[row:end]
        chained(inner[0, row:end], last, before, strength, phases[0, row:end], gains[0, row:end])
        if three:
            driven(inner[1, row:end], inner[0, row:end], phases[1, row:end], gains[1, row:end])
        driven(now, inner[final - 1, row:end], phases[final, row:end], gains[final, row:end])


@kernel
def chained(
    now: Samples,
    last: Samples,
    before: Samples,
    strength: Samples,
    phase: NDArray[np.uint32],
    gain: Samples,
) -> None:
    """Write one sample of the lanes' operators that the end of a loop feeds."""
    for lane in range(len(now)):
        fed = np.uint32(np.int32((last[lane] + before[lane]) * strength[lane]))
        moved = np.uint32(fed << _FRACTION_BITS)
        now[lane] = gain[lane] * sine(np.uint32(phase[lane] + moved))


@kernel
def driven(now: Samples, modulation: Samples, phase: NDArray[np.uint32], gain: Samples) -> None:
    """Write one sample of the lanes' operators that another operator moves."""
    for lane in range(len(now)):
        fed = np.uint32(np.int32(modulation[lane] * _CYCLE))
        moved = np.uint32(fed << _FRACTION_BITS)
        now[lane] = gain[lane] * sine(np.uint32(phase[lane] + moved))
