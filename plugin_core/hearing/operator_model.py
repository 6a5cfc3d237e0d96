"""A DDX7 model as resynthesis takes it: recorded pitch and loudness in, operator levels out.

Caspe, McPherson and Sandler 2022, section 3. The network is `engine.ddx7_network`; what stays fixed
(routing, ratios, the highest levels) is in the tables of its file (`engine.ddx7_file`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_core.analysis.sounding import loud_level_db, silence_gate
from plugin_core.dx7.fields import OPERATORS
from plugin_core.engine.ddx7_file import KIND, Ddx7Model, read_ddx7_model
from plugin_core.engine.ddx7_layout import Playing
from plugin_core.engine.ddx7_network import Ddx7Run
from plugin_core.hearing.believed_pitch import followed
from plugin_core.hearing.doubts import SILENT_DB
from plugin_core.hearing.lead_in import lead_in_frames, with_lead_in
from plugin_core.hearing.operator_curves import (
    NO_SOUND_DB,
    OperatorCurves,
    heard_curves,
    with_table,
)
from plugin_core.score.columns import Columns
from plugin_core.sounds import presets_folder
from plugin_core.synthesis.archive_members import read_description
from plugin_core.synthesis.instruments import NO_NOISE
from plugin_core.types import NOISE_BANDS, InputError

ROOM_RATE = 16_000
"""Sample rate of a model's room, Hz."""

PREFIX = "ddx7-"
"""How the names of bundled models begin."""

_BLOCK = 1000
_LEAST_HZ = 1.0


@dataclass(frozen=True, slots=True)
class OperatorModel:
    """A model that plays six operators from pitch and loudness."""

    name: str
    model: Ddx7Model = field(repr=False)

    @property
    def player(self) -> str:
        """Whose recordings it learnt from: `violin` of `ddx7-violin` and `ddx7-violin-no-noise`."""
        return self.model.instruments[0].removeprefix(PREFIX).removesuffix(NO_NOISE)

    @property
    def algorithm(self) -> int:
        """The routing that it was trained with, 1..32."""
        return int(self.model.playing(Playing.ALGORITHM))

    @property
    def i_max(self) -> float:
        """Modulation index in radians at share 1."""
        return self.model.playing(Playing.I_MAX)

    @property
    def feedback(self) -> float:
        """The feedback that it was trained with, 0..7."""
        return self.model.playing(Playing.FEEDBACK)

    @property
    def has_noise(self) -> bool:
        """Whether it makes noise beside the operators."""
        return self.model.playing(Playing.NOISE) >= 0.5

    @property
    def present(self) -> tuple[int, ...]:
        """The operators, 1..6, that it plays."""
        mask = int(self.model.playing(Playing.OPERATORS))
        return tuple(op for op in range(1, OPERATORS + 1) if mask & 1 << (op - 1))

    @property
    def ratios(self) -> tuple[float, ...]:
        """The operators' frequencies over the pitch, to one decimal, operator 1 first."""
        return self.model.ratios

    def shift_db(self, loudness_db: NDArray[np.float32]) -> float:
        """Return how much louder a recording must be to have the level that the model learnt on.

        `loudness_db`, shape (frames,), is the recording's, A-weighted; silence is not made louder
        than what is hardly heard.
        """
        return self.model.playing(Playing.REFERENCE_DB) - max(loud_level_db(loudness_db), SILENT_DB)

    def heard_pitch(self, f0_hz: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the MIDI pitches that the network is told, shape as given, in its range."""
        low, high = (
            self.model.playing(Playing.LOWEST_PITCH),
            self.model.playing(Playing.HIGHEST_PITCH),
        )
        pitch = 69 + 12 * np.log2(np.maximum(f0_hz, _LEAST_HZ).astype(np.float64) / 440)
        pitch[f0_hz < _LEAST_HZ] = self.model.playing(Playing.MIDDLE_PITCH)
        return np.clip(pitch, low, high) if low < high else pitch


def choose_operator_model(reference: str | None, *, noise: bool = True) -> OperatorModel | None:
    """Return the DDX7 model that `reference` names, None if it names no such model.

    `ddx7-violin` is a bundled one, `path/model.ts` one of the user's. Without `noise` it is the one
    that was trained without, `model-no-noise.ts` beside it, where there is one. Raises InputError
    for a bundled one that is not there, and for a file of that kind that cannot be played.
    """
    if reference is None:
        return None
    name = reference.strip().lower().replace(" ", "-").replace("_", "-")
    if name.startswith(PREFIX) and not name.endswith(".ts"):
        path = bundled_models().get(name)
        if path is None:
            known = ", ".join(bundled_models()) or "none is bundled"
            raise InputError(reference, "", f"a DDX7 model ({known})", "no such model")
    else:
        path = Path(reference)
        if path.suffix.lower() != ".ts" or not path.is_file():
            return None
        if read_description(path).get("kind") != KIND:
            return None
    if not noise:
        path = _without_noise(path)
    return OperatorModel(path.stem, read_ddx7_model(path))


def _without_noise(path: Path) -> Path:
    """Return the model beside a model that was trained without noise, itself if there is none."""
    beside = path.with_name(f"{path.stem.removesuffix(NO_NOISE)}{NO_NOISE}{path.suffix}")
    return beside if beside.is_file() else path


def bundled_models() -> dict[str, Path]:
    """Return the bundled DDX7 models by name."""
    paths = sorted((presets_folder() / "instruments").glob(f"{PREFIX}*.ts"))
    return {path.stem: path for path in paths}


def asked_curves(
    model: OperatorModel,
    f0_hz: NDArray[np.float32],
    confidence: NDArray[np.float32],
    loudness_db: NDArray[np.float32],
    note: NDArray[np.int32],
    *,
    shift_db: float,
    in_range: bool = True,
) -> OperatorCurves:
    """Return what a recording asks of a model, its levels not played yet.

    All of shape (frames,), as heard; `shift_db` brings the loudness to the model's scale
    (`OperatorModel.shift_db`). Pitches that cannot be meant are not followed, those out of the
    instrument's range only if `in_range`.
    """
    player = model.player if in_range else ""
    return heard_curves(
        followed(f0_hz, confidence, loudness_db, player),
        (loudness_db + shift_db).astype(np.float32),
        note,
        gain_db=np.where(silence_gate(loudness_db) > 0, -shift_db, NO_SOUND_DB).astype(np.float32),
    )


class NoiseFile:
    """Noise magnitudes on disk, (frames, 65): of an hour they would not fit in memory."""

    def __init__(self, path: Path) -> None:
        """Begin an empty file."""
        self._path = path
        path.write_bytes(b"")

    def append(self, noise: NDArray[np.float32]) -> None:
        """Add frames, shape (frames, 65). Raises OSError if the disk is full."""
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(noise, np.float32).tobytes())

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return frames `start` .. `stop` - 1, the last one held on behind the end."""
        count = self._path.stat().st_size // (4 * NOISE_BANDS)
        first, last = min(start, count - 1), min(stop, count)
        flat = np.fromfile(
            self._path, np.float32, NOISE_BANDS * (last - first), offset=4 * NOISE_BANDS * first
        )
        places = np.minimum(np.arange(start, stop), count - 1) - first
        rows: NDArray[np.float32] = flat.reshape(-1, NOISE_BANDS)[places]
        return rows


def operator_levels(
    model: OperatorModel,
    f0_hz: NDArray[np.float32],
    loudness_db: NDArray[np.float32],
    noise: NoiseFile | None,
    progress: Callable[[float], None] = lambda _: None,
) -> NDArray[np.float32]:
    """Return the levels that the model plays, shape (frames, 6), and add its noise to a file.

    `f0_hz` and `loudness_db`, shape (frames,), are at 250 frames a second, loudness in the model's
    scale. Carriers are linear, modulators in radians, operator 1 first. A recording that begins in
    the middle of sound is led in (`lead_in`), which is not returned.
    """
    run = Ddx7Run(model.model.weights, model.model.layout)
    pitch = model.heard_pitch(f0_hz)
    before = lead_in_places(loudness_db)
    run.process(loudness_db[before], pitch[before])
    levels = np.zeros((len(f0_hz), OPERATORS), np.float32)
    for block in _blocks(len(f0_hz)):
        levels[block], magnitudes = run.process(loudness_db[block], pitch[block])
        if noise is not None:
            noise.append(magnitudes)
        progress(block.stop / len(f0_hz))
    return levels


def lead_in_places(loudness_db: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return which frames are played before the first one, shape (lead-in,), none at silence.

    `loudness_db`, shape (frames,), is in the model's scale.
    """
    frames = lead_in_frames(loudness_db)
    return with_lead_in(np.arange(min(len(loudness_db), frames + 1)), frames)[:frames]


def _blocks(frames: int) -> Iterator[slice]:
    return (slice(at, min(at + _BLOCK, frames)) for at in range(0, frames, _BLOCK))


def curves_of(
    model: OperatorModel,
    heard: OperatorCurves,
    table: Columns | None,
    noise: NoiseFile | None,
    progress: Callable[[float], None] = lambda _: None,
) -> OperatorCurves:
    """Return all that the six operators play, and add the noise beside them to a file.

    `heard` says pitch, loudness, gain and notes; its levels are not looked at. What `table` says
    counts instead (`operator_curves.read_curve_table`): of pitch and loudness before the network
    hears them, of levels after.
    """
    asked = heard if table is None else with_table(heard, table)
    levels = operator_levels(model, asked.f0_hz, asked.loudness_db, noise, progress)
    played = replace(asked, levels=levels)
    return played if table is None else with_table(played, table)
