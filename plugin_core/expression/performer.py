"""The performer: notes in, how each is played out.

An `ExpressionGenerator` from its archive, on plain values. In: the notes of one player, monophonic
and by onset. Out: the six controls of every note on the raw scale; the same every time, or drawn
from a seed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from plugin_core.expression.extraction import note_frames
from plugin_core.expression.generator import ExpressionGenerator, Sizes
from plugin_core.expression.note_features import has_velocities, note_features
from plugin_core.expression.scales import VIBRATO_MINIMUM_FRAMES
from plugin_core.synthesis.archive import read_archive, write_archive
from plugin_core.types import CONTROLS, FRAME_RATE, Expression, InputError, Note

KIND = "expression"

Table = NDArray[np.float64]
"""The six controls of notes, raw scale, shape (notes, 6); NaN where unknown."""

_LOWEST = np.array([-0.5, 0.0, 0.0, 0.0, 0.0, -0.5])
_HIGHEST = np.array([1.5, 1.5, 1.0, 1.5, 1.5, 1.5])
_VIBRATO = CONTROLS.index("vibrato")


class Performer:
    """A trained Expression Generator."""

    def __init__(self, generator: ExpressionGenerator, description: Mapping[str, Any]) -> None:
        """Play with `generator`; the `description` of its archive has what is typical."""
        self.generator = generator.eval()
        self.description = description

    @property
    def instruments(self) -> tuple[str, ...]:
        """The instruments that it plays."""
        return tuple(self.description["instruments"])

    def typical(self, instrument: str) -> Expression:
        """Return the mean controls of an instrument's training notes, raw scale.

        Raises InputError for an unknown instrument.
        """
        self._index(instrument)
        return Expression(*map(float, self.description["typical"][instrument]))

    def mean(self, instrument: str) -> NDArray[np.float64]:
        """Return what is expected of an instrument before any note is known, shape (6,).

        It is the mean of its training performances where there were some. Raises as `typical`.
        """
        return self.generator.mean[self._index(instrument)].numpy().astype(np.float64)

    def predict(
        self,
        notes: Sequence[Note],
        instrument: str,
        *,
        seed: int | None = None,
        temperature: float = 1.0,
    ) -> tuple[Expression, ...]:
        """Return how each of the notes is played, raw scale.

        `notes`: of one player, by onset; equal velocities of all count as unknown. Without a `seed`
        it is the expected performance; with one it is drawn, `temperature` times as far from what
        is expected as players are. Raises ValueError for notes that are not sorted, InputError for
        an unknown instrument.
        """
        index = self._index(instrument)
        if not notes:
            return ()
        features = note_features(notes, is_velocity_known=has_velocities(notes))
        chance = np.zeros((len(notes), len(CONTROLS)), np.float32)
        if seed is not None:
            drawn = np.random.default_rng(seed).standard_normal(chance.shape)
            chance[:] = temperature * drawn
        with torch.inference_mode():
            played = self.generator.play(
                torch.from_numpy(features).unsqueeze(0),
                torch.tensor([index]),
                torch.from_numpy(chance).unsqueeze(0),
            )
        table = possible(played[0].numpy().astype(np.float64), notes)
        return tuple(Expression(*map(float, row)) for row in table)

    def foresee(
        self,
        notes: Sequence[Note],
        instrument: str,
        played: Table,
        *,
        is_velocity_known: bool = False,
    ) -> Table:
        """Return what is expected of every note, told how those before it were `played`.

        This is teacher forcing: the measure of Table 1c. Shape (notes, 6), raw scale. Raises as
        `predict` does.
        """
        index = self._index(instrument)
        if not notes:
            return np.zeros((0, len(CONTROLS)))
        features = note_features(notes, is_velocity_known=is_velocity_known)
        with torch.inference_mode():
            expected, _ = self.generator(
                torch.from_numpy(features).unsqueeze(0),
                torch.tensor([index]),
                torch.from_numpy(usual(played).astype(np.float32)).unsqueeze(0),
                torch.tensor([len(notes)]),
            )
        return possible(expected[0].numpy().astype(np.float64), notes)

    def _index(self, instrument: str) -> int:
        if instrument not in self.instruments:
            known = ", ".join(self.instruments)
            raise InputError("instrument", "", f"one of {known}", instrument)
        return self.instruments.index(instrument)


def usual(controls: Table) -> Table:
    """Return controls within what players do: a reading far outside is one of a wrong pitch."""
    return np.clip(controls, _LOWEST, _HIGHEST)


def possible(controls: Table, notes: Sequence[Note]) -> Table:
    """Return controls that notes can have: `usual`, and no vibrato in what is too short for it."""
    able = usual(controls)
    for row, note in zip(able, notes, strict=True):
        frames = note_frames(note, round(note.offset_s * FRAME_RATE) + 1)
        if frames.stop - frames.start <= VIBRATO_MINIMUM_FRAMES:
            row[_VIBRATO] = 0.0
    return able


def load_performer(path: Path) -> Performer:
    """Return the performer of an archive.

    Raises InputError for a file that is no archive of an Expression Generator.
    """
    description, weights = read_archive(path)
    if description.get("kind") != KIND:
        raise InputError(path, "kind", KIND, description.get("kind"))
    try:
        if list(description["typical"]) != list(description["instruments"]):
            raise ValueError("typical controls of other instruments")
        generator = ExpressionGenerator(Sizes(**description["sizes"]))
        generator.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(path, "", "a whole expression model", error) from error
    return Performer(generator, description)


def save_performer(path: Path, performer: Performer, description: Mapping[str, Any]) -> None:
    """Write a performer as an archive with its card, `description`."""
    generator = performer.generator
    card = {"kind": KIND, "sizes": generator.sizes._asdict(), **performer.description}
    write_archive(path, generator, generator.state_dict(), {**card, **description})
