"""The file of a DDX7 model as the engine takes it: read without PyTorch, and without running code.

`NAME.ts` is a zip file as a live model's is (`live_model`); its kind is "ddx7", and beside the flat
array and the table of layers of `ddx7_layout` it may hold the room that was learnt with it.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.dx7.fields import FIELD_INDEX, OPERATORS
from plugin_core.engine.ddx7_layout import Ddx7Layer, Playing, rounded_ratio
from plugin_core.engine.live_model import WEIGHTS, LiveModel, playable, read_archive, table
from plugin_core.types import Expression, InputError

KIND = "ddx7"


@dataclass(frozen=True, slots=True)
class Ddx7Model(LiveModel):
    """A model of one instrument that plays a DX7 voice; the engine takes it as a live one."""

    room: NDArray[np.float32] = field(repr=False)
    """Impulse response at 16 kHz without its direct part, its first value a sample late; shape
    (samples,), maybe none."""

    @property
    def voice(self) -> NDArray[np.float32]:
        """The DX7 voice that the model plays: stored values in the order of `dx7.fields.FIELDS`."""
        return table(self.layout, self.weights, Ddx7Layer.VOICE)[0]

    @property
    def ratios(self) -> tuple[float, ...]:
        """The operators' multiples of f0, in tenths, as the model was trained; operator 1 first."""
        coarse, fine = (
            [float(self.voice[FIELD_INDEX[f"op{op}_{name}"]]) for op in range(1, OPERATORS + 1)]
            for name in ("coarse", "fine")
        )
        return tuple(map(rounded_ratio, coarse, fine))

    def playing(self, column: Playing) -> float:
        """Return a number of the table PLAYING."""
        return float(table(self.layout, self.weights, Ddx7Layer.PLAYING)[0, column])


def read_ddx7_model(path: Path) -> Ddx7Model:
    """Return the DDX7 model in an archive.

    Raises InputError for what is no archive, has another schema or kind, or does not fit together.
    """
    description, arrays = read_archive(path, KIND)
    weights, layout = playable(path, arrays)
    if len(layout) != len(Ddx7Layer):
        raise InputError(path, f"{WEIGHTS}: layout", f"{len(Ddx7Layer)} layers", len(layout))
    names = description["instruments"]
    if len(names) != 1:
        raise InputError(path, "instruments", "one name", len(names))
    room = arrays.get("room", np.zeros(0, np.float32))
    if room.dtype != np.float32 or room.ndim != 1 or not np.isfinite(room).all():
        expected = "finite float32 in one dimension"
        raise InputError(path, f"{WEIGHTS}: room", expected, f"{room.dtype} {room.shape}")
    usual = table(layout, weights, Ddx7Layer.TYPICAL)[0]
    return Ddx7Model(
        instruments=tuple(names),
        typical={names[0]: Expression(*(min(1.0, max(0.0, float(value))) for value in usual))},
        styles={names[0]: None},
        description=description,
        layout=layout,
        weights=weights,
        room=room,
    )
