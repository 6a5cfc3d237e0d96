"""A heard recording written as sound again: by whom, with which edits, how like it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bridge.comparison import DistanceMeter
from plugin_core.hearing.edits import Edits, count_edited, moved, with_edited_notes
from plugin_core.hearing.frames_file import FrameStore
from plugin_core.hearing.hear import Heard, Progress
from plugin_core.hearing.models import MEASURED, Inferrer
from plugin_core.hearing.resynthesis import resynthesize
from plugin_core.types import FRAME_RATE


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


def frames_to_play(heard: Heard, model: Inferrer | None, edits: Edits, work: Path) -> FrameStore:
    """Return the frames of the model, or as measured, with the edited notes; new ones in `work`.

    Raises ValueError for notes that cannot be played.
    """
    frames = heard.frames
    if model is not None:
        frames = FrameStore.at(work / "inferred", frames.harmonics)
        for block in model.blocks(heard.recording, heard.frames):
            frames.append(block)
    if edits.notes is not None and count_edited(heard.notes, edits.notes):
        frames = with_edited_notes(heard, frames, edits.notes, work / "edited")
    return frames


def write_resynthesis(
    file: BinaryIO,
    heard: Heard,
    frames: FrameStore,
    *,
    model: Inferrer | None,
    edits: Edits,
    sample_rate: int,
    seed: int,
    progress: Progress,
) -> Written:
    """Write a mono WAV file of 32-bit floats; return what it holds.

    `frames` are those of `frames_to_play`, transposed and stretched here.
    """
    # soundfile would write the time of day into the file.
    from pedalboard.io import AudioFile

    recording = heard.recording
    added_s = (len(frames) - len(heard.frames)) / FRAME_RATE
    samples = round((recording.seconds + added_s) * edits.stretch * sample_rate)
    notes = heard.notes if edits.notes is None else edits.notes
    room = None if model is None else model.room(sample_rate)
    meter = None
    if edits.are_none and sample_rate == recording.sample_rate:
        meter = DistanceMeter(sample_rate)
    done = 0
    with AudioFile(file, "w", sample_rate, num_channels=1, bit_depth=32, format="wav") as wav:
        blocks = moved(frames, notes, edits)
        for piece in resynthesize(blocks, sample_rate, samples, room=room, seed=seed):
            wav.write(piece[np.newaxis])
            if meter is not None:
                meter.feed(recording.read(done, done + len(piece)), piece)
            done += len(piece)
            progress(done / samples, "synthesizing")
    return Written(
        samples=done,
        sample_rate=sample_rate,
        model=MEASURED if model is None else model.name,
        edited=0 if edits.notes is None else count_edited(heard.notes, edits.notes),
        distance=None if meter is None else meter.distance(),
    )
