"""Six-operator FM at audio rate: single operators over time, feedback loops over voices.

Phases count 2^32 to the cycle. A modulator's output is added to the phase in cycles, kept to 2^-24
cycle. Amplitudes move in straight lines: sample i of a stretch has gain + slope * (offset + i).
Operators without feedback run along time, which vectorises; a loop is serial in time, so the loops
of several voices run side by side, sample by sample, in LANES columns.
"""

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.jit import kernel
from plugin_core.audio.sine import sine

LANES = 16
"""How many voices' feedback loops run side by side."""

_CYCLE = np.float32(2.0**24)
_FRACTION_BITS = np.uint32(8)

Samples = NDArray[np.float32]


@kernel
def operator(
    out: Samples,
    start: int,
    stop: int,
    phase: np.uint32,
    increment: np.uint32,
    gain: np.float32,
    slope: np.float32,
    offset: int,
) -> None:
    """Write an unmodulated operator into out[start:stop]."""
    for i in range(stop - start):
        at = np.uint32(phase + np.uint32(np.uint32(i) * increment))
        out[start + i] = (gain + slope * np.float32(np.int32(offset + i))) * sine(at)


@kernel
def modulated_operator(
    out: Samples,
    start: int,
    stop: int,
    phase: np.uint32,
    increment: np.uint32,
    gain: np.float32,
    slope: np.float32,
    offset: int,
    modulation: Samples,
) -> None:
    """Write an operator whose phase is moved by modulation[start:stop] cycles."""
    for i in range(stop - start):
        moved = np.uint32(np.int32(modulation[start + i] * _CYCLE)) << _FRACTION_BITS
        at = np.uint32(np.uint32(phase + np.uint32(np.uint32(i) * increment)) + np.uint32(moved))
        out[start + i] = (gain + slope * np.float32(np.int32(offset + i))) * sine(at)


@kernel
def fill_lane(
    phases: NDArray[np.uint32],
    gains: Samples,
    strengths: Samples,
    lane: int,
    start: int,
    stop: int,
    phase: np.uint32,
    increment: np.uint32,
    gain: np.float32,
    slope: np.float32,
    offset: int,
    strength: np.float32,
) -> None:
    """Lay out one operator's phase, gain and feedback strength in a column of a loop's lanes."""
    for i in range(stop - start):
        at = (start + i) * LANES + lane
        phases[at] = np.uint32(phase + np.uint32(np.uint32(i) * increment))
        gains[at] = gain + slope * np.float32(np.int32(offset + i))
        strengths[at] = strength


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
        for lane in range(lanes):
            at = row + lane
            fed = (outputs[at + LANES] + outputs[at]) * strengths[at]
            moved = np.uint32(np.uint32(np.int32(fed)) << _FRACTION_BITS)
            outputs[at + 2 * LANES] = gains[at] * sine(np.uint32(phases[at] + moved))


@kernel
def feedback_chain(
    outputs: Samples,
    phases: NDArray[np.uint32],
    gains: Samples,
    strengths: Samples,
    first: Samples,
    first_phases: NDArray[np.uint32],
    first_gains: Samples,
    middle: Samples,
    middle_phases: NDArray[np.uint32],
    middle_gains: Samples,
    three: bool,
    samples: int,
    lanes: int,
) -> None:
    """Run loops through two or three operators (algorithms 6 and 4).

    The last operator's last two outputs move the phase of the first, the first moves the middle
    one (if three), and that moves the last. Layout as in `feedback_loop`.
    """
    for i in range(samples):
        row = i * LANES
        for lane in range(lanes):
            at = row + lane
            fed = (outputs[at + LANES] + outputs[at]) * strengths[at]
            moved = np.uint32(np.uint32(np.int32(fed)) << _FRACTION_BITS)
            y = first_gains[at] * sine(np.uint32(first_phases[at] + moved))
            first[at] = y
            if three:
                moved = np.uint32(np.uint32(np.int32(y * _CYCLE)) << _FRACTION_BITS)
                y = middle_gains[at] * sine(np.uint32(middle_phases[at] + moved))
                middle[at] = y
            moved = np.uint32(np.uint32(np.int32(y * _CYCLE)) << _FRACTION_BITS)
            outputs[at + 2 * LANES] = gains[at] * sine(np.uint32(phases[at] + moved))
