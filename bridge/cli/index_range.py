"""The option `--i-max`."""

import math
from enum import StrEnum


class IndexRange(StrEnum):
    """The greatest modulation index in radians, as the paper's table 1 has it."""

    TWO = "2"
    TWO_PI = "2pi"
    FOUR_PI = "4pi"

    @property
    def radians(self) -> float:
        """The number."""
        return {"2": 2.0, "2pi": 2 * math.pi, "4pi": 4 * math.pi}[self.value]
