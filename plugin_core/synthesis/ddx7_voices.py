"""The DX7 voices that DDX7 models play: which routing, which ratios, and what of a bank fits.

The three of the paper are known by the facts of its figure 3 (STRINGS 1, FLUTE 1, BRASS 3), their
ablations by figure 4; every ablation is one of the 32 algorithms without some operators.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.fields import FIELD_INDEX, FIELDS, OPERATORS
from plugin_core.engine.ddx7_layout import rounded_ratio

Patch = NDArray[np.float32]
"""Stored values of a DX7 voice in the order of `dx7.fields.FIELDS`, shape (FIELDS,)."""

ALL = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class PaperVoice:
    """A voice of the paper: an algorithm, (coarse, fine) of operators 1 to 6, who is present."""

    name: str
    algorithm: int
    frequencies: tuple[tuple[int, int], ...]
    operators: tuple[int, ...] = ALL

    @property
    def patch(self) -> Patch:
        """The voice as the engine stores it."""
        return patch_of(self.algorithm, self.frequencies)


_ONE = (1, 0)
_STRINGS = (_ONE, _ONE, _ONE, _ONE, (3, 0), (14, 0))
_FLUTE = (_ONE, _ONE, _ONE, (2, 0), (2, 0), (1, 50))
_BRASS = (_ONE, _ONE, _ONE, _ONE, (3, 7), (8, 6))
_BRASS_Y = (_ONE, _ONE, _ONE, (3, 7), _ONE, _ONE)

PAPER_VOICES: dict[str, dict[str, PaperVoice]] = {
    "violin": {
        "6": PaperVoice("STRINGS 1", 2, _STRINGS),
        "4x1": PaperVoice("STRINGS 1, 4x1", 2, _STRINGS, (3, 4, 5, 6)),
        "2x2": PaperVoice("STRINGS 1, 2x2", 5, (_ONE,) * OPERATORS, (1, 2, 3, 4)),
        "2": PaperVoice("STRINGS 1, 2 operators", 2, _STRINGS, (1, 2)),
    },
    "flute": {
        "6": PaperVoice("FLUTE 1", 16, _FLUTE),
        "4": PaperVoice('FLUTE 1, 4 "Y"', 16, _FLUTE, (1, 2, 3, 4)),
        "2": PaperVoice("FLUTE 1, 2 operators", 16, _FLUTE, (1, 2)),
    },
    "trumpet": {
        "6": PaperVoice("BRASS 3", 18, _BRASS),
        "4": PaperVoice('BRASS 3, 4 "Y"', 16, _BRASS_Y, (1, 2, 3, 4)),
        "2": PaperVoice("BRASS 3, 2 operators", 18, _BRASS, (1, 2)),
    },
}
"""Instrument -> number of operators, as the paper's table 2 calls it -> voice."""


def voice_ratios(patch: Patch) -> tuple[float, ...]:
    """Return the frequency ratios of a DX7 voice, rounded to one decimal as in section 4.3.

    Detune is left out. An operator of a fixed frequency has no ratio: what is told of it, its
    coarse and fine settings as if it had, means nothing.
    """
    return tuple(
        rounded_ratio(*(float(patch[FIELD_INDEX[f"op{op}_{name}"]]) for name in ("coarse", "fine")))
        for op in ALL
    )


def patch_of(algorithm: int, frequencies: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """Return a DX7 voice of which only the routing and the ratios are told, shape (FIELDS,).

    `frequencies` are (coarse, fine) of operators 1 to 6 as a voice stores them.
    """
    patch = np.array([field.default for field in FIELDS], dtype=np.float32)
    patch[FIELD_INDEX["algorithm"]] = algorithm - 1
    for op, (coarse, fine) in enumerate(frequencies, start=1):
        patch[FIELD_INDEX[f"op{op}_coarse"]] = coarse
        patch[FIELD_INDEX[f"op{op}_fine"]] = fine
    return patch
