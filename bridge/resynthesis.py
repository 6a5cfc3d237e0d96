"""A heard recording written as sound again: by whom, with which edits, how like it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from bridge.comparison import DistanceMeter
from plugin_core.hearing.hear import Heard, Progress
from plugin_core.hearing.models import MEASURED, Inferrer
from plugin_core.hearing.resynthesis import resynthesize
from plugin_core.types import ExpressiveNote


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to be otherwise: the notes (None: as heard), then semitones up, then the length."""

    notes: Sequence[ExpressiveNote] | None = None
    transpose: float = 0.0
    stretch: float = 1.0

    @property
    def are_none(self) -> bool:
        """Whether everything stays as it was heard."""
        return self.notes is None and self.transpose == 0 and self.stretch == 1


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a resynthesis."""

    samples: int
    sample_rate: int
    model: str
    edited: int
    """How many notes are otherwise than heard, added or removed."""
    distance: float | None
    """Multi-scale spectral distance from the recording, None where edits or rate keep from it."""


def write_resynthesis(
    file: BinaryIO,
    heard: Heard,
    *,
    model: Inferrer | None,
    edits: Edits,
    sample_rate: int,
    seed: int,
    progress: Progress,
) -> Written:
    """Write a mono WAV file of 32-bit floats; return what it holds."""
    import soundfile

    recording = heard.recording
    samples = round(recording.samples * edits.stretch * sample_rate / recording.sample_rate)
    blocks = heard.frames.blocks() if model is None else model.blocks(recording, heard.frames)
    room = None if model is None else model.room()
    compared = None
    if edits.are_none and sample_rate == recording.sample_rate:
        compared = DistanceMeter(sample_rate)
    done = 0
    with soundfile.SoundFile(file, "w", sample_rate, 1, "FLOAT", format="WAV") as wav:
        for piece in resynthesize(blocks, sample_rate, samples, room=room, seed=seed):
            wav.write(piece)
            if compared is not None:
                compared.feed(recording.read(done, done + len(piece)), piece)
            done += len(piece)
            progress(done / samples, "synthesizing")
    return Written(
        samples=done,
        sample_rate=sample_rate,
        model=MEASURED if model is None else model.name,
        edited=0,
        distance=None if compared is None else compared.distance(),
    )
