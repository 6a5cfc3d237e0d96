"""The audio of the facts sheet, sample by sample in float64: sections 1, 3, 4 and 5, nothing else.

Algorithms are written out here once more from section 5, not taken from the product.
"""

import math

import numpy as np
from numpy.typing import NDArray

# Carriers; modulations "source target"; feedback "source target" (algorithms 4 and 6: section 13).
_ALGORITHMS = {
    1: ("13", "21 43 54 65", "66"),
    2: ("13", "21 43 54 65", "22"),
    3: ("14", "21 32 54 65", "66"),
    4: ("14", "21 32 54 65", "46"),
    5: ("135", "21 43 65", "66"),
    6: ("135", "21 43 65", "56"),
    7: ("13", "21 43 53 65", "66"),
    8: ("13", "21 43 53 65", "44"),
    9: ("13", "21 43 53 65", "22"),
    10: ("14", "21 32 54 64", "33"),
    11: ("14", "21 32 54 64", "66"),
    12: ("13", "21 43 53 63", "22"),
    13: ("13", "21 43 53 63", "66"),
    14: ("13", "21 43 54 64", "66"),
    15: ("13", "21 43 54 64", "22"),
    16: ("1", "21 31 51 43 65", "66"),
    17: ("1", "21 31 51 43 65", "22"),
    18: ("1", "21 31 41 54 65", "33"),
    19: ("145", "21 32 64 65", "66"),
    20: ("124", "31 32 54 64", "33"),
    21: ("1245", "31 32 64 65", "33"),
    22: ("1345", "21 63 64 65", "66"),
    23: ("1245", "32 64 65", "66"),
    24: ("12345", "63 64 65", "66"),
    25: ("12345", "64 65", "66"),
    26: ("124", "32 54 64", "66"),
    27: ("124", "32 54 64", "33"),
    28: ("136", "21 43 54", "55"),
    29: ("1235", "43 65", "66"),
    30: ("1236", "43 54", "55"),
    31: ("12345", "65", "66"),
    32: ("123456", "", "66"),
}


SILENT = 1120 / 2**24
"""Operators below this gain at both ends of a block are skipped (section 3)."""


def render(
    algorithm: int,
    feedback: int,
    gains: NDArray[np.float64],
    cycles: NDArray[np.float64],
    *,
    block: int = 64,
) -> NDArray[np.float64]:
    """Return the audio of gains per block, shape (blocks, 6), and cycles per sample, shape (6,)."""
    carriers, modulations, (loop_from, loop_to) = _ALGORITHMS[algorithm]
    sources = {target: [] for target in range(6)}
    for source, target in modulations.split():
        sources[int(target) - 1].append(int(source) - 1)
    last, first = int(loop_from) - 1, int(loop_to) - 1
    strength = 2.0 ** (feedback - (10 if last != first else 8)) / 2 if feedback else 0.0
    sounding = [int(carrier) - 1 for carrier in carriers]
    phase, output, fed = [0.0] * 6, [0.0] * 6, (0.0, 0.0)
    before = np.zeros(6)
    audio = np.zeros(len(gains) * block)
    at = 0
    for gain in gains:
        skipped = (gain < SILENT) & (before < SILENT)
        for i in range(block):
            now = np.where(skipped, 0, before + (i + 1) * (gain - before) / block)
            for operator in range(5, -1, -1):
                moved = phase[operator] + sum(output[source] for source in sources[operator])
                if operator == first:
                    moved += strength * (fed[0] + fed[1])
                output[operator] = now[operator] * math.sin(2 * math.pi * (moved % 1.0))
                phase[operator] = (phase[operator] + cycles[operator]) % 1.0
            if not skipped[last]:
                fed = (output[last], fed[0])
            audio[at] = sum(output[carrier] for carrier in sounding) / 16
            at += 1
        before = gain
    return audio
