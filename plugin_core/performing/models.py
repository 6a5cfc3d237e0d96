"""The two models behind an instrument, loaded once: who phrases, and who makes the sound."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from plugin_core.audio.reverb import Room
from plugin_core.sounds import PhraseSound
from plugin_core.types import Expression, ExpressiveNote, Frames, Note


class ExpressionPerformer(Protocol):
    """The Expression Generator as it is used here: `expression.performer.Performer`."""

    def predict(
        self,
        notes: Sequence[Note],
        instrument: str,
        *,
        seed: int | None = None,
        temperature: float = 1.0,
    ) -> tuple[Expression, ...]:
        """Return how each of the notes, monophonic and by onset, would be played."""

    def typical(self, instrument: str) -> Expression:
        """Return the instrument's mean controls."""


class SynthesisPlayer(Protocol):
    """The Synthesis Generator as it is used here: `synthesis.synthesis_model.SynthesisModel`."""

    def perform(
        self,
        notes: Sequence[ExpressiveNote],
        instrument: str,
        *,
        seed: int = 0,
        first: int = 0,
        frames: int | None = None,
        f0_hz: NDArray[np.float32] | None = None,
        temperature: float = 1.0,
        fit: bool = True,
    ) -> Frames:
        """Return `frames` frames of the notes from `first` on, on the normalised scale.

        Notes are monophonic and by onset; where `f0_hz` is NaN the pitch is to be found.
        """

    def room(self, instrument: str, sample_rate: int) -> Room:
        """Return the room in which the instrument was recorded."""


class Models(NamedTuple):
    """Who phrases and who plays."""

    performer: ExpressionPerformer
    synthesis: SynthesisPlayer


def load_models(sound: PhraseSound) -> Models:
    """Return the models of an instrument, opened once in a process.

    Raises InputError for a file that is not what it should be.
    """
    return Models(_performer(sound.expression), _synthesis(sound.synthesis))


@lru_cache(maxsize=4)
def _performer(path: Path) -> ExpressionPerformer:
    from plugin_core.expression.performer import load_performer

    return load_performer(path)


@lru_cache(maxsize=4)
def _synthesis(path: Path) -> SynthesisPlayer:
    import torch

    from plugin_core.synthesis.synthesis_model import load_synthesis_model

    torch.set_num_threads(1)  # more are slower (DESIGN.md, section 7)
    return load_synthesis_model(path)
